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
		$ifm = /ntdsutil(\.exe)?[^\n\x00]{0,80}(ac(tivate)?\s{1,4}i(nstance)?\s{1,4}ntds)[^\n\x00]{0,60}\bifm\b/ nocase ascii wide
		$snapshot = /ntdsutil(\.exe)?[^\n\x00]{0,40}snapshot[^\n\x00]{0,40}(ac(tivate)?\s{1,4}i(nstance)?\s{1,4}ntds)[^\n\x00]{0,60}\b(create|mount)\b/ nocase ascii wide
		$shadow = /HarddiskVolumeShadowCopy[0-9*%$a-z_]{1,6}\\Windows\\NTDS\\ntds\.dit/ nocase ascii wide
		$esentutl = /esentutl(\.exe)?\s[^\n\x00]{0,80}\/[pry]\s[^\n\x00]{0,80}ntds\.dit/ nocase ascii wide
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
		$remote = /wmic(\.exe)?"?\s[^\n\x00]{0,40}\/node:[^\n\x00]{1,120}process\s{1,4}call\s{1,4}create/ nocase ascii wide
		$ntdsutil = /wmic(\.exe)?"?\s[^\n\x00]{0,80}process\s{1,4}call\s{1,4}create\s[^\n\x00]{0,160}ntdsutil/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
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
		$procdump = /procdump(64)?(\.exe)?"?\s[^\n\x00]{0,60}-m[amp]\s[^\n\x00]{0,40}lsass(\.exe)?\b/ nocase ascii wide
		$mini = /MiniDump\s{1,4}[0-9]{1,6}\s{1,4}[^\s]{1,120}\s{1,4}full\b/ nocase ascii wide
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
		$sam = /reg(\.exe)?"?\s{1,8}(save|export)\s{1,8}"?hk(lm|ey_local_machine)\\(sam|security|system)"?\s{1,4}[^\s]/ nocase ascii wide
		$vss = /esentutl(\.exe)?"?\s[^\n\x00]{0,40}\/vss\s[^\n\x00]{0,80}[\/\\]config[\/\\](sam|security|system)\b/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
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
		$c6 = "lsadump::secrets" nocase ascii wide
		$c7 = "sekurlsa::pth" nocase ascii wide
		$c8 = "privilege::debug" nocase ascii wide
		$c9 = "lsadump::lsa" nocase ascii wide
		$p1 = "gentilkiwi" ascii wide
		$p2 = "mimikatz_doLocal" ascii wide
		$p3 = "kuhl_m_sekurlsa" ascii wide
		$p4 = "kuhl_m_lsadump" ascii wide
		$p5 = "mimidrv.sys" ascii wide
	condition:
		filesize < 256MB and ((uint32(0) != 0x464c457f and any of ($c*)) or 2 of ($c*) or
		((uint16(0) == 0x5a4d or uint32(0) == 0x464c457f) and 2 of ($p*)))
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
		date = "2026-11-26"
		description = "trace of Impacket's wmiexec or smbexec in a script or log: output sent to a hidden share file"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "critical"
		score = 85
		attack = "T1047, T1021.002"
	strings:
		$wmiexec = /cmd\.exe\s{1,2}\/Q\s{1,2}\/c\s[^\n\x00]{1,240}1(>|&gt;)\s{0,2}\\\\127\.0\.0\.1\\(ADMIN|C)\$\\__/ nocase ascii
		$smbexec = /\/Q\s{1,2}\/c\s{1,2}echo\s[^\n\x00]{1,240}\^?(>|&gt;)\s{0,2}\\\\[^\s\x00]{1,40}\\C\$\\__output/ nocase ascii
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
		$copy = /\b(cat|cp)\s[^\n]{0,60}\/etc\/shadow\b[^\n]{0,40}\s(>\s{0,2})?\/(tmp|var\/tmp|dev\/shm|var\/www|home)\/[^\n]{1,60}/
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
		$mimipenguin2 = "libgck\\-1"
		$mimipenguin3 = "parse_pass"
		$mimipenguin5 = "_needles"
		$mimipenguin4 = "_pammodutil_getpwnam_root_1"
		$lazagne1 = "lazagne.config.write_output"
		$lazagne2 = "lazagne.softwares."
		$snake = "3snake" fullword
		$snake2 = "PTRACE_O_TRACESYSGOOD"
		$snake3 = "extract_write_string"
	condition:
		filesize < 40MB and (($mimipenguin1 and any of ($mimipenguin2, $mimipenguin3, $mimipenguin5)) or $mimipenguin4 or any of ($lazagne*) or ($snake and any of ($snake2, $snake3)))
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
		description = "tickets asked for in order to guess passwords, by Rubeus, setspn or PowerShell"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-207a"
		severity = "high"
		score = 80
		attack = "T1558"
	strings:
		$a = /(asktgt|asktgs|kerberoast|asreproast|s4u|ptt|golden|tgtdeleg)\s[^\n\x00]{0,120}\/(user|outfile|rc4|aes256|ticket|domain|dc|nowrap|ptt|impersonateuser)\b[:\s]/ nocase ascii wide
		$b = "Rubeus.exe" nocase ascii wide
		$spn = /setspn(\.exe)?"?\s[^\n\x00]{0,60}-q\s{1,4}"?\*\/\*/ nocase ascii wide
		$token = /new-object\s{1,4}system\.identitymodel\.tokens\.kerberosrequestorsecuritytoken/ nocase ascii wide
	condition:
		filesize < 256MB and (($a and $b) or $token or $spn)
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

rule credential_impacket_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line of one of Impacket's programs against an account"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "high"
		score = 85
		attack = "T1021.002, T1003.003, T1558.003"
	strings:
		$a = /(impacket-)?(secretsdump|wmiexec|psexec|smbexec|atexec|dcomexec|GetUserSPNs|GetNPUsers|GetADUsers|lookupsid|ticketer|getTGT|getST|rpcdump|samrdump)(\.py)?["']?\s{1,4}([^\s\x00]{1,60}\s{1,4}){0,8}["']?[\w.-]{1,40}\/[\w.$-]{1,40}(:[^\s@\x00]{0,60})?(@[\w.:-]{3,60}|\s)/ ascii wide
		$b = /(impacket-)?ntlmrelayx(\.py)?\s{1,4}[^\n\x00]{0,80}-(t|tf|smb2support|socks)\b/ ascii wide
		$c = /(impacket-)?secretsdump(\.py)?\s{1,4}[^\n\x00]{0,80}-(ntds|sam|just-dc)\b/ ascii wide
	condition:
		filesize < 256MB and any of them
}

rule credential_domain_attack_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line of a tool that attacks a Windows domain (NetExec, Certipy, Kerbrute, Evil-WinRM, Responder, BloodHound's collectors)"
		reference = "https://attack.mitre.org/techniques/T1087/002/"
		severity = "high"
		score = 80
		attack = "T1087.002, T1557.001, T1649, T1110.003"
	strings:
		$a1 = /(crackmapexec|netexec|cme|nxc)(\.py|\.exe)?\s{1,4}(smb|ldap|winrm|mssql|wmi|rdp|ssh)\s{1,4}\S{3,60}\s[^\n\x00]{0,120}-(u|p|H|k|id)\s/ ascii wide
		$a2 = /certipy(-ad)?\s{1,4}(find|req|auth|shadow|forge|relay|account)\s{1,4}-/ ascii wide
		$a3 = /Certify(\.exe)?"?\s{1,4}(find|request|cas)\s{1,4}\/\w{2,20}/ ascii wide
		$a4 = /kerbrute\S{0,20}\s{1,4}(userenum|passwordspray|bruteuser|bruteforce)\s/ ascii wide
		$a5 = /evil-winrm\s{1,4}[^\n\x00]{0,40}-i\s{1,4}\S/ ascii wide
		$a6 = /Responder(\.py)?\s{1,4}[^\n\x00]{0,40}-I\s{0,4}\S/ ascii wide
		$a7 = /bloodhound-python\s{1,4}[^\n\x00]{0,120}-(u|d|c|ns)\s/ ascii wide
		$a8 = /(SharpHound(\.exe|\.ps1)?|Invoke-BloodHound)"?\s{1,4}[^\n\x00]{0,40}-?-c(ollectionmethods?)?\s/ nocase ascii wide
		$a9 = /mitm6(\.py)?\s{1,4}[^\n\x00]{0,40}-d\s{1,4}\S/ ascii wide
	condition:
		filesize < 256MB and any of them
}

rule credential_bloodhound_output
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "what BloodHound's collector leaves: archives and files of a domain's accounts, or the collector"
		reference = "https://attack.mitre.org/techniques/T1087/002/"
		severity = "high"
		score = 80
		attack = "T1087.002, T1069.002, T1482"
	strings:
		$n = /20[0-9]{12}_(BloodHound\.zip|computers\.json|domains\.json|ous\.json|gpos\.json)/ ascii wide
		$p1 = "SharpHound" ascii wide
		$p2 = "CollectionMethods" ascii wide
		$p3 = "LdapFilter" ascii wide
		$p4 = "BloodHoundLoopResults" ascii wide
	condition:
		filesize < 256MB and ($n or (uint16(0) == 0x5a4d and 2 of ($p*)))
}

rule credential_shadow_copy_made
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that makes a shadow copy of a volume, the first step to copying password databases"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "medium"
		score = 60
		attack = "T1003.003, T1003.002"
	strings:
		$vss = /vssadmin(\.exe)?"?\s{1,4}create\s{1,4}shadow\s{1,4}\/for=/ nocase ascii wide
		$wmic = /wmic(\.exe)?"?\s[^\n\x00]{0,80}shadowcopy\s{1,4}call\s{1,4}create\s/ nocase ascii wide
		$ps = /win32_shadowcopy["']?\)?\.create\s{0,2}\(/ nocase ascii wide
		$disk = /diskshadow(\.exe)?"?\s{1,4}[\/-]s\s{1,4}\S{2,160}/ nocase ascii wide
		$script = /\badd\s{1,4}volume\s{1,4}c:\s{1,4}alias\s[^\x00]{0,120}\bcreate\b[^\x00]{0,80}\bexpose\s/ nocase ascii
	condition:
		filesize < 256MB and any of them
}

rule credential_hives_from_shadow_copy
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that copies the registry's password hives out of a shadow copy"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "critical"
		score = 90
		attack = "T1003.002"
	strings:
		$a = /HarddiskVolumeShadowCopy[0-9*%$a-z_]{1,6}\\Windows\\System32\\config\\(sam|system|security)\b/ nocase ascii wide
	condition:
		filesize < 256MB and $a
}

rule credential_stored_session_query
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that reads the sessions and passwords that remote access programs keep in the registry"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "high"
		score = 80
		attack = "T1012, T1552.002"
	strings:
		$a = /reg(\.exe)?"?\s{1,4}(query|export|save)\s{1,4}"?(hkcu|hklm|hku|hkey_\w{6,16})\\[^\n\x00]{0,80}software\\(wow6432node\\)?(simontatham\\putty|realvnc|tightvnc|orl\\winvnc|openssh\\agent|openssh"?(\s|\x00|<|$)|martin prikryl\\winscp|[^\s\\]{1,20}\\putty\\session)/ nocase ascii wide
	condition:
		filesize < 256MB and $a
}

rule credential_powershell_tool
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PowerShell tool that takes passwords or tickets"
		reference = "https://attack.mitre.org/techniques/T1059/001/"
		severity = "high"
		score = 80
		attack = "T1003, T1558.003, T1059.001"
	strings:
		$a1 = "Invoke-Mimikatz" nocase ascii wide
		$a2 = "Invoke-Kerberoast" nocase ascii wide
		$a3 = "Out-Minidump" nocase ascii wide
		$a4 = "Get-GPPPassword" nocase ascii wide
		$a5 = "Invoke-NinjaCopy" nocase ascii wide
		$a6 = "Invoke-DCSync" nocase ascii wide
		$a7 = "Invoke-SMBExec" nocase ascii wide
		$a8 = "Invoke-TheHash" nocase ascii wide
		$a9 = "Invoke-Rubeus" nocase ascii wide
		$b1 = "Get-LSASecret" nocase ascii wide
		$b2 = "Invoke-SessionGopher" nocase ascii wide
		$b3 = "Invoke-PowerDump" nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule credential_lsass_dump_other
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that finds or dumps LSASS by other tools than usual, or hides that it does"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "high"
		score = 85
		attack = "T1003.001"
	strings:
		$leak = /rdrleakdiag(\.exe)?"?\s[^\n\x00]{0,80}\/fullmemdmp/ nocase ascii wide
		$dump = /(createdump|sqldumper|dumpminitool|procdump64|processdump)(\.exe)?"?\s[^\n\x00]{0,100}lsass/ nocase ascii wide
		$nano = /nanodump(\.x64)?(\.exe)?"?\s{1,4}(--?w(rite)?|--fork|--snapshot|--seclogon|--silent-process-exit)\b/ nocase ascii wide
		$find = /tasklist(\.exe)?"?\s[^\n\x00]{0,40}imagename\s{1,4}eq\s{1,4}lsass/ nocase ascii wide
		$b64_1 = "comsvcs.dll" wide base64 base64wide
		$b64_2 = "MiniDump" wide base64 base64wide
		$lsassy = /\blsassy(\.py)?\s{1,4}-(u|d|p|H)\s/ ascii
	condition:
		filesize < 256MB and any of ($leak, $dump, $nano, $find, $lsassy) or all of ($b64_*)
}

rule credential_shell_trap
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "shell start-up file or script that notes the passwords typed to ssh, su or sudo, or traces sshd"
		reference = "https://attack.mitre.org/techniques/T1056/001/"
		severity = "high"
		score = 80
		attack = "T1056.001, T1546.004"
	strings:
		$alias = /\balias[ \t]{1,4}(ssh|su|sudo|scp)=["']?[^\n"']{0,60}(strace[ \t]|script[ \t]{1,4}-|\/(tmp|var\/tmp|dev\/shm)\/|\/\.[a-z])/
		$function = /\bsudo[ \t]{0,2}\(\)[ \t\n]{0,4}\{[^\x00]{0,300}\bread[ \t]{1,4}-[a-z]{0,3}s[^\x00]{0,300}(>>?[ \t]{0,2}\/|\bcurl\b|\bwget\b|\/dev\/tcp\/)/
		$trace = /\bstrace[ \t][^\n]{0,80}(pgrep|pidof|\$\()[^\n]{0,40}sshd[^\n]{0,120}(-o[ \t]{0,2}\/|>[ \t]{0,2}\/|\|[ \t]{0,2}grep)/
	condition:
		uint32(0) != 0x464c457f and filesize < 4MB and any of them
}

rule credential_cloud_metadata_script
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "script that asks a cloud's metadata service for keys and sends what it got"
		reference = "https://attack.mitre.org/techniques/T1552/005/"
		severity = "high"
		score = 75
		attack = "T1552.005"
	strings:
		$ask = /\b(curl|wget)[ \t][^\n]{0,120}169\.254\.(169\.254|170\.2)\/[^\n]{0,60}(security-credentials|user-data|identity-credentials|\$AWS_CONTAINER)/
		$send1 = /\b(curl|wget)[ \t][^\n]{0,160}(-d|--data|--data-binary|-F|-T|--upload-file|--post-file|--post-data)[= ][^\n]{0,120}https?:\/\//
		$send2 = /\bcurl[ \t][^\n]{0,160}https?:\/\/[^\n]{0,120}[ \t](-d|--data|--data-binary|-F|-T|--upload-file)[= ]/
		$send3 = "/dev/tcp/"
	condition:
		uint32(0) != 0x464c457f and filesize < 1MB and $ask and any of ($send*)
}

rule credential_iis_password_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that prints the passwords of IIS application pools or decrypts connection strings"
		reference = "https://attack.mitre.org/techniques/T1552/001/"
		severity = "high"
		score = 80
		attack = "T1552.001"
	strings:
		$pool = /appcmd(\.exe)?"?\s{1,4}list\s[^\n\x00]{0,80}(\/text:[*"]{0,2}(processmodel\.)?password|\/text:vdir\.password|\/text:\*)/ nocase ascii wide
		$regiis = /aspnet_regiis(\.exe)?"?\s{1,4}[-\/]p(d|df)\s{1,4}"?connectionstrings/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule credential_psexec_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PsExec that gives a shell on another host"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "medium"
		score = 60
		attack = "T1569.002, T1021.002"
	strings:
		$a = /psexec(64)?(\.exe)?"?\s{1,4}[^\n\x00]{0,60}\\\\[\w.$-]{2,60}\s[^\n\x00]{0,160}\b(cmd|powershell|rundll32)(\.exe)?\b/ nocase ascii wide
		$b = /psexec(64)?(\.exe)?"?\s{1,4}[^\n\x00]{0,40}-s\s{1,4}[^\n\x00]{0,40}\b(cmd|powershell)(\.exe)?\b/ nocase ascii wide
		$c = /remcom(svc)?(\.exe)?"?\s{1,4}\\\\[\w.$-]{2,60}\s[^\n\x00]{0,160}\b(cmd|powershell)(\.exe)?\b/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule credential_cloud_metadata_asked
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that asks a cloud's metadata service for a role's keys; start scripts do so too"
		reference = "https://attack.mitre.org/techniques/T1552/005/"
		severity = "medium"
		score = 50
		attack = "T1552.005"
	strings:
		$aws = /(curl|wget|iwr|irm|invoke-restmethod|invoke-webrequest)(\.exe)?\"?\s[^\n\x00]{0,200}169\.254\.169\.254\/latest\/(meta-data\/(iam\/security-credentials|identity-credentials)|user-data)/ nocase ascii wide
		$ecs = /(curl|wget)\s[^\n\x00]{0,120}169\.254\.170\.2(\/v[0-9]\/credentials|\/?\$\{?AWS_CONTAINER_CREDENTIALS)/
		$google = /(curl|wget|iwr|irm|invoke-restmethod)(\.exe)?\"?\s[^\n\x00]{0,200}(metadata\.google\.internal|169\.254\.169\.254)\/computemetadata\/v1\/instance\/service-accounts\/[^\s\/]{1,80}\/token/ nocase ascii wide
		$azure = /(curl|wget|iwr|irm|invoke-restmethod|invoke-webrequest)(\.exe)?\"?\s[^\n\x00]{0,200}169\.254\.169\.254\/metadata\/identity\/oauth2\/token/ nocase ascii wide
	condition:
		uint32(0) != 0x464c457f and filesize < 256MB and any of them and not extension matches /^\.(md|rst|html?)$/
}
