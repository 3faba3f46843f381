// SPDX-License-Identifier: Apache-2.0
// Command lines made of the host's own programs, as the advisories on Volt Typhoon quote them, in scripts,
// histories and logs; and programs that change architecture or name to stay on edge devices.

rule lotl_event_log_cleared
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "command line that clears Windows event logs"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "high"
		score = 70
		attack = "T1070.001"
	strings:
		$a = /wevtutil(\.exe)?"?\s{1,4}(cl|clear-log)\s{1,4}"?(security|system|application|setup|microsoft-windows-)/ nocase ascii wide
	condition:
		filesize < 256MB and $a
}

rule lotl_directory_export
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "command line that exports the directory or a name zone to a temporary folder"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "high"
		score = 70
		attack = "T1087.002, T1018"
	strings:
		$ldifde = /ldifde(\.exe)?"?\s{1,4}-f\s{1,4}"?c:\\(windows\\temp|users\\public|programdata)\\[^\s]{1,60}/ nocase ascii wide
		$dnscmd = /dnscmd(\.exe)?"?\s{1,4}(\S{1,40}\s{1,4})?\/enum(records|zones)\b/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule lotl_archive_of_loot
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "password-protected archive of password databases made by a command line"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "high"
		score = 75
		attack = "T1560.001"
	strings:
		$a = /\b(7z|7za|rar|winrar)(\.exe)?"?\s{1,4}a\s[^\n\x00]{0,120}-(hp|p)\S{0,60}\s[^\n\x00]{0,120}(ntds|\\windows\\temp\\|lsass|\bsam\b|system\.hiv)/ nocase ascii
		$makecab = /makecab(\.exe)?"?\s{1,4}[^\n\x00]{0,120}(ntds\.dit|lsass|\\config\\sam)\b/ nocase ascii
	condition:
		filesize < 256MB and any of them
}

rule lotl_history_disabled
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "shell set up to leave no history, then something fetched and run"
		reference = "https://attack.mitre.org/techniques/T1070/003/"
		severity = "medium"
		score = 60
		attack = "T1070.003, T1105"
	strings:
		$off1 = /\bunset\s{1,4}HIST(FILE|SIZE|ORY)\b/
		$off2 = /\bHISTFILE=\/dev\/null\b/
		$off3 = /\bHISTSIZE=0\b/
		$off4 = /\bhistory\s{1,4}-c\b/
		$run1 = /\b(curl|wget)\s[^\n|]{3,240}\|\s{0,4}(sudo\s{1,2})?(ba|da|z|k)?sh\b/
		$run2 = /\b(curl|wget)\s[^\n]{3,160}\/(tmp|var\/tmp|dev\/shm)\/[^\n]{1,80}(;|&&|\n)\s{0,4}chmod\s{1,4}(\+x|[0-7]{3,4})/
	condition:
		filesize < 1MB and any of ($off*) and any of ($run*)
}

rule edge_loader_many_architectures
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "script that fetches and runs one program for each architecture, as the loaders of router botnets do"
		reference = "https://www.justice.gov/archives/opa/pr/us-government-disrupts-botnet-peoples-republic-china-used-conceal-hacking-critical"
		severity = "high"
		score = 80
		attack = "T1584.008, T1105"
	strings:
		$fetch = /\b(wget|curl|tftp|ftpget)\s/
		$chmod = /\bchmod\s{1,4}(\+x|[0-7]{3,4}|a\+x|u\+x)/
		$go = /\bcd\s{1,4}\/(tmp|var\/run|var\/tmp|mnt|dev\/shm|root)\b/
		$a1 = /\b(wget|curl|tftp|ftpget)\s[^\n]{0,160}[.\/_-]mips(el|le|eb)?\b/
		$a2 = /\b(wget|curl|tftp|ftpget)\s[^\n]{0,160}[.\/_-]mps?l\b/
		$a3 = /\b(wget|curl|tftp|ftpget)\s[^\n]{0,160}[.\/_-]arm(v)?[4567](l|eb)?\b/
		$a4 = /\b(wget|curl|tftp|ftpget)\s[^\n]{0,160}[.\/_-](ppc|powerpc)\b/
		$a5 = /\b(wget|curl|tftp|ftpget)\s[^\n]{0,160}[.\/_-](sh4|m68k|spc|sparc)\b/
		$a6 = /\b(wget|curl|tftp|ftpget)\s[^\n]{0,160}[.\/_-](x86|x86_64|i[3456]86)\b/
		$loop = /for\s{1,4}\w{1,16}\s{1,4}in\s[^\n;]{0,120}\bmips(el)?\b[^\n;]{0,120}\barm/
	condition:
		filesize < 128KB and $fetch and $chmod and ($loop or ($go and 3 of ($a*)))
}

rule edge_program_poses_as_kernel_thread
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "program for routers and small devices that takes the name of a kernel thread and removes its file"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "high"
		score = 75
		attack = "T1036.004, T1070.004"
	strings:
		$n1 = /\[kworker\/[0-9u]{1,3}:[0-9]{1,2}(-[a-z_]{1,20})?\]/
		$n2 = /\[(kthreadd|ksoftirqd\/[0-9]|migration\/[0-9]|kdevtmpfs|kswapd0|watchdog\/[0-9]|jbd2\/[a-z0-9-]{1,16}|rcu_sched)\]/
		$self = "/proc/self/exe"
		$bind = /\/(proc\/(%d|%s|self)\/(cmdline|comm)|dev\/watchdog)/
		$kill1 = "/bin/busybox"
		$kill2 = "killall"
		$kill3 = "iptables -"
	condition:
		uint32(0) == 0x464c457f and filesize < 4MB and any of ($n1, $n2) and $self and $bind and any of ($kill*)
}

rule lotl_logon_log_query
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that reads who logged on from the security log"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "medium"
		score = 60
		attack = "T1654, T1087"
	strings:
		$a = /wevtutil(\.exe)?"?\s{1,4}(qe|query-events)\s{1,4}"?security"?\s[^\n\x00]{0,160}(4624|4625|4768|4769)/ nocase ascii wide
		$b = /get-(eventlog|winevent)\b[^\n\x00]{0,80}security[^\n\x00]{0,120}(4624|4768)[^\n\x00]{0,200}(export-csv|out-file|>)/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule lotl_download_by_system_tool
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that downloads a program with one of Windows' own"
		reference = "https://attack.mitre.org/techniques/T1105/"
		severity = "high"
		score = 70
		attack = "T1105, T1197, T1218"
	strings:
		$certutil = /certutil(\.exe)?"?\s{1,4}[^\n\x00]{0,40}-(urlcache|verifyctl)\s[^\n\x00]{0,60}https?:[^\s]{4}/ nocase ascii wide
		$bits = /bitsadmin(\.exe)?"?\s{1,4}\/transfer\s[^\n\x00]{0,80}https?:[^\s]{4}/ nocase ascii wide
		$mshta = /mshta(\.exe)?"?\s{1,4}"?(https?:[^\s]{4}|vbscript:|javascript:)/ nocase ascii wide
		$regsvr = /regsvr32(\.exe)?"?\s[^\n\x00]{0,40}\/i:https?:[^\n\x00]{4,160}scrobj/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule lotl_powershell_download
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PowerShell that downloads text and runs it"
		reference = "https://attack.mitre.org/techniques/T1059/001/"
		severity = "high"
		score = 75
		attack = "T1059.001, T1105"
	strings:
		$a = /\b(iex|invoke-expression)\b[^\n\x00]{0,40}(new-object\s{1,4}(system\.)?net\.webclient\)?\)?\.download(string|data)|\b(iwr|irm|invoke-webrequest|invoke-restmethod)\s{1,4}[^\n\x00]{0,24}https?:[^\s]{4})/ nocase ascii wide
		$b = /(new-object\s{1,4}(system\.)?net\.webclient\)\.downloadstring\([^\n\x00]{4,200}\)\s{0,4}\|\s{0,4}(iex|invoke-expression))\b/ nocase ascii wide
		$honest = /download(string|data)\(["']https:..(boxstarter|community\.chocolatey|chocolatey|get\.scoop|aka)\./ nocase ascii wide
	condition:
		filesize < 256MB and not extension matches /^\.(py|md|rst)$/ and #a + #b > #honest
}

rule lotl_powershell_hidden_encoded
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PowerShell started out of sight with an encoded command"
		reference = "https://attack.mitre.org/techniques/T1027/010/"
		severity = "high"
		score = 75
		attack = "T1027.010, T1059.001, T1564.003"
	strings:
		$a = /powershell(\.exe)?"?\s[^\n\x00]{0,120}-w(in|indow|indowstyle)?\s{1,4}(h|hid|hidden|1)\s[^\n\x00]{0,80}-e(c|n|nc|nco|ncodedcommand)?\s{1,4}[A-Za-z0-9+\/=]{60}/ nocase ascii wide
		$b = /powershell(\.exe)?"?\s[^\n\x00]{0,80}-e(c|n|nc|nco|ncodedcommand)\s{1,4}[A-Za-z0-9+\/=]{400}/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule lotl_defender_off
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that turns Microsoft Defender off or blinds it"
		reference = "https://attack.mitre.org/techniques/T1562/001/"
		severity = "high"
		score = 75
		attack = "T1562.001"
	strings:
		$a = /set-mppreference\s[^\n\x00]{0,80}-disable(realtimemonitoring|ioavprotection|behaviormonitoring|scriptscanning)\s{1,4}(\$true|1)\b/ nocase ascii wide
		$b = /add-mppreference\s[^\n\x00]{0,40}-exclusion(path|process|extension)\s{1,4}["']?(c:\\(windows\\temp|programdata|users\\public)?\\?["']?|\.exe)(\s|$|\x00|")/ nocase ascii wide
		$c = /reg(\.exe)?"?\s{1,4}add\s[^\n\x00]{0,80}windows defender[^\n\x00]{0,80}disableantispyware[^\n\x00]{0,40}\/d\s{1,4}"?1\b/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule lotl_scheduled_task_from_temporary
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "scheduled task that runs a program from a folder everyone can write to, as the system"
		reference = "https://attack.mitre.org/techniques/T1053/005/"
		severity = "high"
		score = 75
		attack = "T1053.005"
	strings:
		$a = /schtasks(\.exe)?"?\s{1,4}\/create\s[^\n\x00]{0,200}\\(windows\\temp|users\\public|programdata|perflogs|\$recycle\.bin)\\[^\n\x00]{1,120}/ nocase ascii wide
		$s = /\/ru\s{1,4}"?(system|nt authority\\system)\b/ nocase ascii wide
	condition:
		filesize < 256MB and $a and $s
}

rule lotl_shadow_copies_deleted
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that deletes shadow copies or backups"
		reference = "https://attack.mitre.org/techniques/T1490/"
		severity = "high"
		score = 80
		attack = "T1490"
	strings:
		$a = /vssadmin(\.exe)?"?\s{1,4}delete\s{1,4}shadows\s[^\n\x00]{0,24}\/all/ nocase ascii wide
		$b = /wmic(\.exe)?"?\s{1,4}shadowcopy\s{1,4}delete/ nocase ascii wide
		$c = /wbadmin(\.exe)?"?\s{1,4}delete\s{1,4}(catalog|systemstatebackup)\s[^\n\x00]{0,24}-quiet/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule lotl_linux_log_wiped
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "script or history that empties the logins' and system's logs of a Linux host"
		reference = "https://attack.mitre.org/techniques/T1070/002/"
		severity = "high"
		score = 75
		attack = "T1070.002"
	strings:
		$a1 = /(^|[\n;&|]\s{0,4})(:|cat \/dev\/null|echo( -n)?( ""| '')?|true)\s{0,4}>\s{0,4}\/var\/(log\/(wtmp|btmp|lastlog|auth\.log|secure|messages|syslog)|run\/utmp)\b/
		$a2 = /\b(rm\s{1,4}-r?f|shred\s[^\n]{0,24})\s{1,4}\/var\/log\/(wtmp|btmp|lastlog|auth\.log|secure|messages|syslog|audit\/)/
		$a3 = /\bjournalctl\s[^\n]{0,24}--vacuum-(time|size)=1(s|K|M)?\b/
		$a4 = /\bsed\s{1,4}-i\s[^\n]{0,80}\/d["']?\s{1,4}\/var\/log\/(auth\.log|secure|messages|syslog)/
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and (#a1 + #a2 + #a3 + #a4) > 1
}

rule lotl_linux_time_stamp_copied
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "script that gives its file the times of a system program and hides or protects it"
		reference = "https://attack.mitre.org/techniques/T1070/006/"
		severity = "medium"
		score = 55
		attack = "T1070.006, T1222.002"
	strings:
		$t = /\btouch\s{1,4}(-[acm]{1,3}\s{1,4}){0,2}(-r\s{1,4}\/(bin|sbin|usr|etc|lib)\/\S{1,60}|--reference=\/(bin|sbin|usr|etc|lib)\/\S{1,60})\s{1,4}\/(bin|sbin|usr|etc|lib|var|tmp|dev)\/\S{1,80}/
		$h1 = /\bchattr\s{1,4}\+(i|ia|ai|ais)\b/
		$h2 = "authorized_keys"
		$h3 = "ld.so.preload"
		$h4 = /\bcron(tab|\.d)\b/
		$h5 = /systemctl\s{1,4}(enable|daemon-reload)/
	condition:
		uint32(0) != 0x464c457f and filesize < 1MB and $t and any of ($h*)
}

rule miner_configuration
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "configuration or command line of a coin miner, which often comes with a break-in"
		reference = "https://attack.mitre.org/techniques/T1496/"
		severity = "medium"
		score = 50
		attack = "T1496"
	strings:
		$a = /stratum\+(tcp|ssl|udp):\/\/[\w.-]{4,80}:\d{2,5}/ nocase
		$b1 = "\"donate-level\""
		$b2 = "--donate-level"
		$b3 = "\"algo\": \"rx/" nocase
		$b4 = "xmrig" nocase
		$b5 = /(-u |--user[= ])4[0-9AB][1-9A-HJ-NP-Za-km-z]{93}/
	condition:
		filesize < 16MB and $a and any of ($b*)
}
