// SPDX-License-Identifier: Apache-2.0
// Credential theft: tools, and command lines that advisories quote, in scripts, histories and logs.

rule credential_ntds_copy_command
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "command line that makes a copy of Active Directory's database"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "critical"
		score = 85
		attack = "T1003.003"
	strings:
		$ifm = /ntdsutil(\.exe)?\b[^\n\x00]{0,80}(ac(tivate)?\s{1,4}i(nstance)?\s{1,4}ntds)[^\n\x00]{0,60}\bifm\b/ nocase
		$ifm_wide = /n\x00t\x00d\x00s\x00u\x00t\x00i\x00l\x00[^\n]{0,160}a\x00c\x00(t\x00i\x00v\x00a\x00t\x00e\x00)? \x00i\x00[^\n]{0,120}i\x00f\x00m\x00/ nocase
		$shadow = /HarddiskVolumeShadowCopy[0-9*]{1,3}\\Windows\\NTDS\\ntds\.dit/ nocase ascii wide
		$esentutl = /esentutl(\.exe)?\s[^\n\x00]{0,80}\/[pry]\s[^\n\x00]{0,80}ntds\.dit/ nocase ascii
	condition:
		filesize < 256MB and any of them
}

rule credential_wmic_remote_process
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "wmic that starts a program on another host, or ntdsutil on this one"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "high"
		score = 75
		attack = "T1047"
	strings:
		$remote = /wmic(\.exe)?"?\s[^\n\x00]{0,40}\/node:[^\n\x00]{1,120}process\s{1,4}call\s{1,4}create/ nocase ascii
		$ntdsutil = /wmic(\.exe)?"?\s[^\n\x00]{0,80}process\s{1,4}call\s{1,4}create\s[^\n\x00]{0,160}ntdsutil/ nocase ascii
		$remote_wide = { 70 00 72 00 6f 00 63 00 65 00 73 00 73 00 20 00 63 00 61 00 6c 00 6c 00 20 00 63 00 72 00 65 00 61 00 74 00 65 00 }
		$node_wide = { 2f 00 6e 00 6f 00 64 00 65 00 3a 00 }
	condition:
		filesize < 256MB and (any of ($remote, $ntdsutil) or
		for any i in (1..#node_wide) : ($remote_wide in (@node_wide[i]..@node_wide[i] + 300)))
}

rule credential_lsass_dump_command
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "command line that dumps the memory of LSASS"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "critical"
		score = 85
		attack = "T1003.001"
	strings:
		$comsvcs = /rundll32(\.exe)?"?\s[^\n\x00]{0,60}comsvcs(\.dll)?"?\s{0,2},?\s{0,4}(MiniDump|#\+?0{0,4}24)\b/ nocase ascii wide
		$procdump = /procdump(64)?(\.exe)?"?\s[^\n\x00]{0,60}-ma\s[^\n\x00]{0,40}lsass(\.exe)?\b/ nocase ascii
		$mini = /MiniDump\s{1,4}[0-9]{1,6}\s{1,4}[^\s]{1,120}\s{1,4}full\b/ nocase ascii
	condition:
		filesize < 256MB and any of them
}

rule credential_registry_hives_command
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "command line that saves the registry's password hives"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "high"
		score = 80
		attack = "T1003.002"
	strings:
		$sam = /reg(\.exe)?"?\s{1,8}save\s{1,8}"?hk(lm|ey_local_machine)\\(sam|security|system)"?\s{1,4}[^\s]/ nocase ascii wide
	condition:
		filesize < 256MB and $sam
}

rule credential_mimikatz
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "Mimikatz: the program, its scripts or its commands"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "critical"
		score = 90
		attack = "T1003.001, T1003"
	strings:
		$c1 = "sekurlsa::logonpasswords" nocase ascii wide
		$c2 = "lsadump::dcsync" nocase ascii wide
		$c3 = "lsadump::sam" nocase ascii wide
		$c4 = "kerberos::golden" nocase ascii wide
		$c5 = "sekurlsa::minidump" nocase ascii wide
		$p1 = "gentilkiwi" ascii wide
		$p2 = "mimikatz_doLocal" ascii wide
		$p3 = "kuhl_m_sekurlsa" ascii wide
		$p4 = "kuhl_m_lsadump" ascii wide
		$p5 = "mimidrv.sys" ascii wide
	condition:
		filesize < 256MB and (any of ($c*) or ((uint16(0) == 0x5a4d or uint32(0) == 0x464c457f) and 2 of ($p*)))
}

rule credential_impacket_program
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "Impacket's remote execution and secrets tools, as scripts or bundled into one file"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "high"
		score = 75
		attack = "T1047, T1003.003, T1021.002"
	strings:
		$import = /from impacket\.(dcerpc\.v5|examples\.secretsdump|smbconnection|krb5)/
		$bundled = "impacket.examples.secretsdump"
		$bundled2 = "impacket.dcerpc.v5.dcom.wmi"
		$t1 = "wmiexec" nocase
		$t2 = "secretsdump" nocase
		$t3 = "smbexec" nocase
		$t4 = "atexec" nocase
		$t5 = "RemoteOperations"
		$t6 = "NTDSHashes"
	condition:
		filesize < 40MB and (($import and 2 of ($t*)) or ((uint32(0) == 0x464c457f or uint16(0) == 0x5a4d) and any of ($bundled, $bundled2)))
}

rule credential_impacket_trace
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "trace of Impacket's wmiexec or smbexec in a script or log: output sent to a hidden share file"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "critical"
		score = 85
		attack = "T1047, T1021.002"
	strings:
		$wmiexec = /cmd\.exe\s{1,2}\/Q\s{1,2}\/c\s[^\n\x00]{1,240}1>\s{0,2}\\\\127\.0\.0\.1\\(ADMIN|C)\$\\__/ nocase ascii
		$smbexec = /\/Q\s{1,2}\/c\s{1,2}echo\s[^\n\x00]{1,240}\^?>\s{0,2}\\\\[^\s\x00]{1,40}\\C\$\\__output/ nocase ascii
		$wide = { 5c 00 5c 00 31 00 32 00 37 00 2e 00 30 00 2e 00 30 00 2e 00 31 00 5c 00 41 00 44 00 4d 00 49 00 4e 00 24 00 5c 00 5f 00 5f 00 }
	condition:
		filesize < 256MB and any of them
}

rule credential_psexec_service
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "PsExec's service or its traces on a host"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "medium"
		score = 60
		attack = "T1569.002, T1021.002"
	strings:
		$service = "PSEXESVC" ascii wide
		$pipe = "\\\\.\\pipe\\PSEXESVC" ascii wide nocase
		$eula = "Software\\Sysinternals\\PsExec" ascii wide nocase
		$key = /PSEXEC-[A-Z0-9_-]{1,40}-[0-9A-F]{8}\.key/ ascii wide
	condition:
		filesize < 256MB and ((uint16(0) == 0x5a4d and $service and any of ($pipe, $eula)) or $key)
}

rule credential_shadow_copy_out
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "script that packs or sends the password files of a Linux host"
		reference = "https://attack.mitre.org/techniques/T1003/008/"
		severity = "high"
		score = 75
		attack = "T1003.008"
	strings:
		$unshadow = /\bunshadow\s{1,4}\S{1,80}passwd\S{0,20}\s{1,4}\S{1,80}shadow/
		$send = /\/etc\/shadow\b[^\n]{0,120}\|\s{0,4}[^\n]{0,60}\b(curl|wget|nc|ncat|base64|openssl|ssh|scp)\b/
		$post = /\b(curl|wget)\s[^\n]{0,160}(@|--post-file[= ]|-T\s{0,2})\s{0,2}\/etc\/shadow\b/
		$pack = /\b(tar|zip|7z|7za|rar)\s[^\n]{0,120}\/etc\/shadow\b/
	condition:
		filesize < 1MB and any of them
}

rule credential_linux_memory_tool
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "tool that takes passwords from the memory of Linux processes or from browsers (mimipenguin, LaZagne, 3snake)"
		reference = "https://attack.mitre.org/techniques/T1003/007/"
		severity = "high"
		score = 75
		attack = "T1003.007, T1555"
	strings:
		$mimipenguin1 = "mimipenguin" nocase
		$mimipenguin2 = "gnome-keyring-daemon"
		$mimipenguin3 = "/proc/%d/maps"
		$mimipenguin4 = "_pammodutil_getpwnam_root_1"
		$lazagne1 = "lazagne.config.write_output"
		$lazagne2 = "lazagne.softwares."
		$snake = "3snake" fullword
		$snake2 = "PTRACE_O_TRACESYSGOOD"
		$snake3 = "extract_write_string"
	condition:
		filesize < 40MB and (($mimipenguin1 and any of ($mimipenguin2, $mimipenguin3)) or $mimipenguin4 or any of ($lazagne*) or ($snake and any of ($snake2, $snake3)))
}

rule credential_ntlm_dump
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "password hashes of Windows accounts as tools print them"
		reference = "https://attack.mitre.org/techniques/T1003/002/"
		severity = "high"
		score = 80
		attack = "T1003.002, T1003.003"
	strings:
		$a = /[\w.\\$-]{1,60}:\d{3,7}:[0-9a-f]{32}:[0-9a-f]{32}:::/ nocase
	condition:
		filesize < 64MB and #a > 1
}

rule credential_kerberoast_output
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "tickets taken from a domain to guess their passwords"
		reference = "https://attack.mitre.org/techniques/T1558/003/"
		severity = "high"
		score = 80
		attack = "T1558.003, T1558.004"
	strings:
		$a = /\$krb5(tgs|asrep)\$(17|18|23)\$[^\n]{0,120}\$[0-9a-f]{32}\$[0-9a-f]{64}/ nocase
	condition:
		uint32(0) != 0x464c457f and filesize < 64MB and $a
}

rule credential_rubeus_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "Rubeus or a like tool on a command line"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-207a"
		severity = "high"
		score = 80
		attack = "T1558"
	strings:
		$a = /\b(asktgt|asktgs|kerberoast|asreproast|s4u|ptt|golden|tgtdeleg)\s[^\n\x00]{0,120}\/(user|outfile|rc4|aes256|ticket|domain|dc|nowrap|ptt|impersonateuser)\b[:\s]/ nocase ascii wide
		$b = "Rubeus.exe" nocase ascii wide
	condition:
		filesize < 256MB and ($a and $b)
}

rule credential_wdigest_on
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "registry change that makes Windows keep passwords in clear"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "high"
		score = 80
		attack = "T1112, T1003.001"
	strings:
		$a = /reg(\.exe)?"?\s{1,4}add\s[^\n\x00]{0,80}securityproviders\\wdigest"?\s[^\n\x00]{0,60}uselogoncredential[^\n\x00]{0,60}\/d\s{1,4}"?1\b/ nocase ascii wide
		$b = /set-itemproperty\s[^\n\x00]{0,120}\\wdigest[^\n\x00]{0,80}uselogoncredential[^\n\x00]{0,40}\b1\b/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule credential_shadow_elsewhere
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "password hashes of a Unix host outside the files where they belong"
		reference = "https://attack.mitre.org/techniques/T1003/008/"
		severity = "medium"
		score = 60
		attack = "T1003.008"
	strings:
		$a = /(^|\n)root:\$(1|5|6|y|2[aby])\$[.\/A-Za-z0-9$=,]{8,130}:\d{4,6}:\d{0,6}:\d{0,6}:/
	condition:
		filesize < 1MB and $a and not filename matches /^(g?shadow(-|\.bak|\.org)?)$/
}

rule credential_key_harvest_script
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "script that collects private keys and passwords from all homes and packs or sends them"
		reference = "https://attack.mitre.org/techniques/T1552/001/"
		severity = "high"
		score = 75
		attack = "T1552.001, T1552.004"
	strings:
		$f1 = /find\s{1,4}\/(home|root|\s)[^\n]{0,120}(id_rsa|id_ed25519|\.pem|\.ppk|\.kdbx|\.ovpn)/
		$f2 = /(cat|cp|tar\s[^\n]{0,60})\s{1,4}\/(home\/\*|root)\/\.ssh\/(id_\w{2,10}|\*)/
		$f3 = /grep\s[^\n]{0,60}(password|passwd|secret|aws_access_key)[^\n]{0,60}\/(home|etc|var\/www|opt)/ nocase
		$s1 = /\b(curl|wget)\s[^\n]{0,120}(-d|--data|--data-binary|-F|-T|--upload-file|--post-file)[= ]/
		$s2 = /\b(scp|rsync|nc |ncat)[^\n]{1,160}\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}/
		$s3 = "/dev/tcp/"
	condition:
		uint32(0) != 0x464c457f and filesize < 1MB and (2 of ($f*) or $f2) and any of ($s*)
}
