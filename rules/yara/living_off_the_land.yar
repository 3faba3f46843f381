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
		$b = /(clear|remove)-eventlog\s[^\n\x00]{0,40}(security|system|application)\b/ nocase ascii wide
		$c = /remove-item\s[^\n\x00]{0,40}get-psreadlineoption[^\n\x00]{0,12}historysavepath/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
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
		$a = /(7z|7za|rar|winrar)(\.exe)?"?\s{1,4}a\s[^\n\x00]{0,120}-(hp|p)\S{0,60}\s[^\n\x00]{0,120}(ntds|\\windows\\temp\\|\\users\\public\\|\\perflogs\\|\\programdata\\|lsass|\bsam\b|system\.hiv)/ nocase ascii wide
		$makecab = /makecab(\.exe)?"?\s{1,4}[^\n\x00]{0,120}(ntds\.dit|lsass|\\config\\sam)\b/ nocase ascii wide
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
		$ps = /start-bitstransfer\s[^\n\x00]{0,80}https?:[^\n\x00]{4,160}\\(windows\\temp|users\\public|programdata|perflogs)\\/ nocase ascii wide
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
		$a = /(iex|invoke-expression)\b[^\n\x00]{0,40}(new-object\s{1,4}(system\.)?net\.webclient\)?\)?\.download(string|data)|\b(iwr|irm|invoke-webrequest|invoke-restmethod)\s{1,4}[^\n\x00]{0,24}https?:[^\s]{4})/ nocase ascii wide
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
		$a = /set-mppreference\s[^\n\x00]{0,80}-disable(realtimemonitoring|ioavprotection|behaviormonitoring|scriptscanning|blockatfirstseen)(\s{1,4}|:\s{0,2})(\$?true|1)\b/ nocase ascii wide
		$b = /(add|set)-mppreference\s[^\n\x00]{0,60}-exclusion(path|process|extension)(\s{1,4}|:\s{0,2})(@\()?["']?([a-z]:\\?|[a-z]:\\{1,2}windows\\{1,2}(temp|system32)\\?|\.?(exe|dll|ps1|bat))["']?([\s"'<,;)&|}\x00]|$)/ nocase ascii wide
		$f = /(add|set)-mppreference\s[^\n\x00]{0,60}-exclusion(path|process)(\s{1,4}|:\s{0,2})[^\n\x00]{0,80}(\\{1,2}windows\\{1,2}temp\b|\\{1,2}users\\{1,2}public\b|:\\{1,2}programdata\b|\\{1,2}perflogs\b|%(temp|public|programdata)%|\$env:(temp|public|programdata))/ nocase ascii wide
		$p = /(add|set)-mppreference\s[^\n\x00]{0,60}-exclusionprocess(\s{1,4}|:\s{0,2})[^\n\x00]{0,60}\b(powershell|cmd|rundll32|regsvr32|mshta|wscript|cscript|certutil|msbuild)(\.exe)?\b/ nocase ascii wide
		$w = /msft_mppreference["']?\s{1,4}(call\s{1,4}add|-methodname\s{1,4}["']?add)[^\n\x00]{0,60}exclusion(path|process|extension)/ nocase ascii wide
		$x = /reg(\.exe)?"?\s{1,4}add\s[^\n\x00]{0,80}windows defender\\{1,2}exclusions\\{1,2}(paths|processes|extensions)/ nocase ascii wide
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
		$f = /win32_shadowcopy[^\n\x00]{0,80}(\.delete\s{0,2}\(|remove-wmiobject|remove-ciminstance)/ nocase ascii wide
		$g = /vssadmin(\.exe)?"?\s{1,4}resize\s{1,4}shadowstorage\s[^\n\x00]{0,60}\/maxsize=/ nocase ascii wide
		$h = /delete\s{1,4}shadows\s{1,4}all["']?\s{0,4}\|\s{0,4}diskshadow/ nocase ascii wide
		$d = /bcdedit(\.exe)?"?\s[^\n\x00]{0,40}recoveryenabled\s{1,4}no\b/ nocase ascii wide
		$e = /fsutil(\.exe)?"?\s{1,4}usn\s{1,4}deletejournal\s/ nocase ascii wide
		$c = /wbadmin(\.exe)?"?\s{1,4}delete\s{1,4}(catalog|systemstatebackup|backup)\s[^\n\x00]{0,40}-(quiet|keepversions:\s{0,2}0)/ nocase ascii wide
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
		$a5 = /\b(rm|shred)\s[^\n]{0,60}\/var\/log\/(wtmp|btmp|lastlog|auth\.log|secure)\b[^\n]{0,60}\/var\/(log\/(wtmp|btmp|lastlog|auth\.log|secure|messages|syslog)|run\/utmp)/
		$a4 = /\bsed\s{1,4}-i\s[^\n]{0,80}\/d["']?\s{1,4}\/var\/log\/(auth\.log|secure|messages|syslog)/
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and ($a4 or $a5 or #a1 + #a2 > 1 or ($a3 and any of ($a1, $a2)))
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

rule lotl_discovery_commands
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "five or more of the commands with which intruders look around on a Windows domain"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "medium"
		score = 65
		attack = "T1087, T1016, T1018, T1057, T1069, T1482"
	strings:
		$a1 = /net1?(\.exe)?"?\s{1,4}group\s{1,4}"?(domain|enterprise|schema) (admins|controllers|computers)"?\s{1,4}\/do/ nocase ascii wide
		$a2 = /net1?(\.exe)?"?\s{1,4}localgroup\s{1,4}"?administrators/ nocase ascii wide
		$a3 = /nltest(\.exe)?"?\s{1,4}\/(dclist|domain_trusts|trusted_domains|dsgetdc)/ nocase ascii wide
		$a4 = /(quser|query\s{1,2}user|qwinsta)(\.exe)?\b/ nocase ascii wide
		$a5 = /net1?(\.exe)?"?\s{1,4}view\s{1,4}\/(domain|all)/ nocase ascii wide
		$a6 = /wmic(\.exe)?"?\s[^\n\x00]{0,80}path\s{1,4}win32_logicaldisk\s{1,4}get\s{1,4}caption/ nocase ascii wide
		$a7 = /tasklist(\.exe)?"?\s{1,4}\/(v|svc)\b/ nocase ascii wide
		$a8 = /ipconfig(\.exe)?"?\s{1,4}\/all\b/ nocase ascii wide
		$a9 = /netstat(\.exe)?"?\s{1,4}-(ano|anop|naop|anb)\b/ nocase ascii wide
		$b1 = /net1?(\.exe)?"?\s{1,4}(accounts|user)\s{1,4}\S{0,24}\s{0,4}\/do/ nocase ascii wide
		$b2 = /dsquery(\.exe)?"?\s{1,4}(user|computer|server|group|\*)\s/ nocase ascii wide
		$b3 = /whoami(\.exe)?"?\s{1,4}\/(all|priv|groups)\b/ nocase ascii wide
		$b4 = /curl(\.exe)?"?\s{1,4}[^\n\x00]{0,24}(ip-api\.com|ifconfig\.me|ipinfo\.io|icanhazip)/ nocase ascii wide
		$b5 = /cmdkey(\.exe)?"?\s{1,4}\/list\b/ nocase ascii wide
		$b6 = /arp(\.exe)?"?\s{1,4}-a\b/ nocase ascii wide
	condition:
		filesize < 256MB and uint16(0) != 0x5a4d and uint32(0) != 0x464c457f and 5 of them and any of ($a1, $a3, $a5, $a6, $b1, $b2, $b5)
}

rule lotl_disk_query
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "wmic's question about volumes in the words of the advisory on Volt Typhoon"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "medium"
		score = 65
		attack = "T1082"
	strings:
		$a = /wmic(\.exe)?"?\s[^\n\x00]{0,80}path\s{1,4}win32_logicaldisk\s{1,4}get\s{1,4}caption\s{0,2},\s{0,2}filesystem\s{0,2},\s{0,2}freespace/ nocase ascii wide
	condition:
		filesize < 256MB and $a
}

rule lotl_adfind
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "AdFind or the like: a directory's accounts, computers and trusts listed by a command line"
		reference = "https://attack.mitre.org/techniques/T1087/002/"
		severity = "high"
		score = 75
		attack = "T1087.002, T1482, T1018"
	strings:
		$a = /adfind(\.exe)?"?\s{1,4}[^\n\x00]{0,80}-(f|sc|gcb|subnets|b|default)\b/ nocase ascii wide
		$b = /\s-f\s{1,4}"?\(?"?objectcategory=(person|computer|organizationalunit|subnet|group|trusteddomain)/ nocase ascii wide
		$d = /dsquery(\.exe)?"?\s{1,4}\*\s[^\n\x00]{0,200}-limit\s{1,4}0/ nocase ascii wide
		$c = /csvde(\.exe)?"?\s{1,4}[^\n\x00]{0,40}-f\s{1,4}"?c:\\(windows\\temp|users\\public|programdata|perflogs)\\/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule lotl_program_runs_another
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that has one of Windows' own programs run code for somebody else"
		reference = "https://attack.mitre.org/techniques/T1218/"
		severity = "high"
		score = 75
		attack = "T1218, T1197, T1127.001"
	strings:
		$installutil = /installutil(\.exe)?"?\s[^\n\x00]{0,80}\/logfile=\s[^\n\x00]{0,60}\/u\s/ nocase ascii wide
		$cmstp = /cmstp(\.exe)?"?\s[^\n\x00]{0,40}\/(ni|s|ns|au)\s[^\n\x00]{0,120}\.inf\b/ nocase ascii wide
		$odbcconf = /odbcconf(\.exe)?"?\s[^\n\x00]{0,40}\/a\s{0,4}["{(]{1,2}\s{0,2}regsvr\s/ nocase ascii wide
		$msiexec = /msiexec(\.exe)?"?\s[^\n\x00]{0,60}\/i\s{0,4}"?https?:\/\/[^\s]{4}/ nocase ascii wide
		$rundll = /rundll32(\.exe)?"?\s{1,4}(javascript:|[^\n\x00]{0,40}(mshtml|url)(\.dll)?"?\s{0,2},\s{0,2}(runhtmlapplication|openurl|fileprotocolhandler)[^\n\x00]{0,80}(javascript|script:|\.hta))/ nocase ascii wide
		$forfiles = /forfiles(\.exe)?"?\s[^\n\x00]{0,80}\/c\s[^\n\x00]{0,20}(powershell|mshta|rundll32|regsvr32|wscript)/ nocase ascii wide
		$inject = /mavinject(32|64)?(\.exe)?"?\s{1,4}[0-9]{1,6}\s{1,4}\/injectrunning\s/ nocase ascii wide
		$bits = /bitsadmin(\.exe)?"?\s{1,4}\/setnotifycmdline\s[^\n\x00]{3,160}/ nocase ascii wide
		$msbuild = /msbuild(\.exe)?"?\s[^\n\x00]{0,40}\\(windows\\temp|users\\public|programdata|perflogs)\\[^\n\x00]{1,80}\.(xml|csproj|txt|proj)\b/ nocase ascii wide
		$wmicxsl = /wmic(\.exe)?"?\s[^\n\x00]{0,60}\/format:\s{0,2}"?https?:\/\/[^\s]{4}/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule lotl_firewall_off
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that turns the firewall off or opens a port for everybody"
		reference = "https://attack.mitre.org/techniques/T1562/004/"
		severity = "medium"
		score = 60
		attack = "T1562.004"
	strings:
		$off = /netsh(\.exe)?"?\s{1,4}(advfirewall\s{1,4}set\s{1,4}(allprofiles|currentprofile|domainprofile|publicprofile|privateprofile)\s{1,4}state\s{1,4}off|firewall\s{1,4}set\s{1,4}opmode\s{1,4}(mode=)?disable)/ nocase ascii wide
		$ps = /set-netfirewallprofile\s[^\n\x00]{0,80}-enabled\s{1,4}(\$?false|0)\b/ nocase ascii wide
		$open = /netsh(\.exe)?"?\s{1,4}advfirewall\s{1,4}firewall\s{1,4}add\s{1,4}rule\s[^\n\x00]{0,160}\b(program="?c:\\(windows\\temp|users\\public|programdata|perflogs)\\|localport=(3389|5985|9999|4444|1080|8443|50100)\b)[^\n\x00]{0,60}/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule lotl_account_added
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command lines that make an account and put it among the administrators"
		reference = "https://attack.mitre.org/techniques/T1136/"
		severity = "medium"
		score = 65
		attack = "T1136.001, T1136.002, T1098"
	strings:
		$user = /net1?(\.exe)?"?\s{1,4}user\s{1,4}"?[^\s"\/\x00]{1,40}"?\s{1,4}[^\n\x00]{0,60}\/add\b/ nocase ascii wide
		$admin = /net1?(\.exe)?"?\s{1,4}(localgroup\s{1,4}"?administrators"?|group\s{1,4}"?domain admins"?|localgroup\s{1,4}"?remote desktop users"?)\s{1,4}"?[^\s"\/\x00]{1,40}"?\s[^\n\x00]{0,24}\/add\b/ nocase ascii wide
		$hide = /\\winlogon\\specialaccounts\\userlist"?\s[^\n\x00]{0,80}\/d\s{1,4}"?(0x0|0)\b/ nocase ascii wide
	condition:
		filesize < 256MB and (($user and $admin) or $hide)
}

rule lotl_remote_login_eased
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "registry change that lets a password's hash log in from afar, or local administrators do so with all their rights"
		reference = "https://attack.mitre.org/techniques/T1550/002/"
		severity = "high"
		score = 75
		attack = "T1112, T1550.002"
	strings:
		$a = /reg(\.exe)?"?\s{1,4}add\s[^\n\x00]{0,80}\\control\\lsa"?\s[^\n\x00]{0,20}disablerestrictedadmin"?\s[^\n\x00]{0,40}\/d\s{1,4}"?(0x0|0)\b/ nocase ascii wide
		$b = /reg(\.exe)?"?\s{1,4}add\s[^\n\x00]{0,80}\\policies\\system"?\s[^\n\x00]{0,20}localaccounttokenfilterpolicy"?\s[^\n\x00]{0,40}\/d\s{1,4}"?(0x1|1)\b/ nocase ascii wide
		$c = /(new|set)-itemproperty\s[^\n\x00]{0,120}\bdisablerestrictedadmin\b[^\n\x00]{0,40}\b0\b/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule lotl_consent_bypassed
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "registry change after which one of Windows' own programs runs another one with all rights"
		reference = "https://attack.mitre.org/techniques/T1548/002/"
		severity = "high"
		score = 80
		attack = "T1548.002"
	strings:
		$a = /(hkcu|hkey_current_user):?\\software\\classes\\(ms-settings|mscfile|exefile|folder)\\shell\\open\\command/ nocase ascii wide
		$lua = /reg(\.exe)?"?\s{1,4}add\s[^\n\x00]{0,80}\\policies\\system"?\s[^\n\x00]{0,20}(enablelua|consentpromptbehavioradmin)"?\s[^\n\x00]{0,40}\/d\s{1,4}"?(0x0|0)\b/ nocase ascii wide
		$folder = "\\\\?\\C:\\Windows \\System32" nocase ascii wide
		$b = /(hkcu|hkey_current_user):?\\environment"?\s[^\n\x00]{0,40}\bwindir\b[^\n\x00]{0,80}(cmd|powershell)/ nocase ascii wide
		$w1 = /reg(\.exe)?"?\s{1,4}add\s/ nocase ascii wide
		$w2 = /(new|set)-item(property)?\s/ nocase ascii wide
		$r1 = /(fodhelper|computerdefaults|eventvwr|sdclt|slui|wsreset)(\.exe)?\b/ nocase ascii wide
	condition:
		filesize < 256MB and uint16(0) != 0x5a4d and ($b or $lua or $folder or ($a and any of ($w*) and $r1))
}

rule lotl_script_scan_blinded
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PowerShell that blinds the scan of scripts, or their logging"
		reference = "https://attack.mitre.org/techniques/T1562/001/"
		severity = "high"
		score = 80
		attack = "T1562.001, T1059.001"
	strings:
		$a1 = "amsiInitFailed" nocase ascii wide
		$a2 = /amsi["']\s{0,2}\+\s{0,2}["'](initfailed|scanbuffer|utils|context)/ nocase ascii wide
		$b1 = "AmsiScanBuffer" nocase ascii wide
		$b2 = "VirtualProtect" nocase ascii wide
		$b3 = "GetProcAddress" nocase ascii wide
		$c = /etwproviderid[^\n\x00]{0,80}setvalue|psetwlogprovider/ nocase ascii wide
		$r = /(\[ref\]\.assembly|add-type|getfield\()/ nocase ascii wide
	condition:
		filesize < 64MB and uint16(0) != 0x5a4d and uint32(0) != 0x464c457f and $r and (any of ($a*) or ($b1 and $b2 and $b3) or $c)
}

rule lotl_task_on_other_host
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that makes a task on another host, or runs a command there by WinRM"
		reference = "https://attack.mitre.org/techniques/T1053/005/"
		severity = "medium"
		score = 65
		attack = "T1053.005, T1021.006"
	strings:
		$task = /schtasks(\.exe)?"?\s{1,4}\/create\s[^\n\x00]{0,80}\/s\s{1,4}"?[\w.\\-]{2,60}"?\s[^\n\x00]{0,200}\/tr\s/ nocase ascii wide
		$late = /schtasks(\.exe)?"?\s{1,4}\/s\s{1,4}"?[\w.\\-]{2,60}"?\s[^\n\x00]{0,80}\/create\s[^\n\x00]{0,200}\/tr\s/ nocase ascii wide
		$winrs = /winrs(\.exe)?"?\s{1,4}[-\/]r(emote)?:\S{2,80}\s[^\n\x00]{2,160}/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule lotl_mailbox_export
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that exports mailboxes, also as a page into a web root"
		reference = "https://www.cisa.gov/news-events/alerts/2021/03/03/mitigate-microsoft-exchange-server-vulnerabilities"
		severity = "high"
		score = 75
		attack = "T1114.002, T1505.003"
	strings:
		$a = /new-mailboxexportrequest\s[^\n\x00]{0,240}-filepath\s{1,4}["']?(\\\\(127\.0\.0\.1|localhost|[\w.-]{1,60})\\[a-z]\$\\|[^\n\x00]{0,160}\.aspx)/ nocase ascii wide
		$b = /remove-mailboxexportrequest\s[^\n\x00]{0,120}-confirm:\s{0,2}\$false/ nocase ascii wide
		$c = /new-managementroleassignment\s[^\n\x00]{0,80}mailbox import export/ nocase ascii wide
	condition:
		filesize < 256MB and ($a or ($b and $c))
}

rule lotl_packed_text_to_shell
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that unpacks text and gives it to a shell or to Python"
		reference = "https://attack.mitre.org/techniques/T1140/"
		severity = "high"
		score = 70
		attack = "T1140, T1059.004"
	strings:
		$shell = /[A-Za-z0-9+\/=]{16}["']?[ \t]{0,4}\|[ \t]{0,4}(\/(usr\/)?bin\/)?(base64[ \t]{1,4}(-d|-di|-id|--decode|-D)|openssl[ \t]{1,4}(enc[ \t]{1,4}-)?base64[ \t]{1,4}(-A[ \t]{1,4})?-d([ \t]{1,4}-A)?)[ \t]{0,4}(2>[ \t]{0,2}\/dev\/null[ \t]{0,4})?\|[ \t]{0,4}(sudo[ \t]{1,2})?(\/(usr\/)?bin\/)?(ba|da|z|k)?sh\b/
		$here = /\bbase64[ \t]{1,4}(-d|--decode)[ \t]{0,4}<<<[ \t]{0,4}["']?[A-Za-z0-9+\/=]{40,8000}["']?[ \t]{0,4}\|[ \t]{0,4}(ba|da|z|k)?sh\b/
		$python = /\bpython[23]?[ \t]{1,4}-c[ \t]{1,4}["'][^\n]{0,40}exec[ \t]{0,2}\([^\n]{0,60}b64decode[ \t]{0,2}\([^\n]{0,12}[A-Za-z0-9+\/=]{16}/
		$versions = /exec\s{0,2}\(\s{0,2}(base64\.)?b64decode\s{0,2}\(\{2:str,3:lambda b:bytes\(b,/ ascii wide
		$import = /python[0-9.]{0,4}(\.exe)?["']?\s{1,4}(-[A-Za-z]{1,3}\s{1,4}){0,2}-c\s{1,4}["'][^\n\x00]{0,80}exec\s{0,2}\(\s{0,2}__import__\s{0,2}\(\s{0,2}\\?["'](base64|zlib|marshal|codecs|urllib\.request|bz2|lzma)\\?["']\s{0,2}\)\s{0,2}\./ ascii wide
		$perl = /\bperl[ \t]{1,4}-MMIME::Base64[ \t]{1,4}-e[ \t]{1,4}["']eval[ \t]{0,2}\(?decode_base64/
		$braces = /\{echo,[A-Za-z0-9+\/=]{20,8000}\}\|\{base64,(-d|--decode)\}\|\{(ba|da|z|k)?sh\b/
		$hex = /\becho[ \t]{1,4}(-e[ \t]{1,4})?["']?[0-9a-fA-F]{80,8000}["']?[ \t]{0,4}\|[ \t]{0,4}xxd[ \t]{1,4}-r[ \t]{1,4}-p[ \t]{0,4}\|[ \t]{0,4}(ba|da|z|k)?sh\b/
	condition:
		uint32(0) != 0x464c457f and filesize < 64MB and any of them
}

rule lotl_linux_guards_stopped
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "script that stops what watches over a Linux host: SELinux, AppArmor, audit, firewall, agents"
		reference = "https://attack.mitre.org/techniques/T1562/001/"
		severity = "high"
		score = 70
		attack = "T1562.001, T1562.004"
	strings:
		$a1 = /\bsetenforce[ \t]{1,4}(0|Permissive)\b/
		$a2 = /\b(systemctl[ \t]{1,4}(stop|disable)|service)[ \t]{1,4}(auditd|falcon-sensor|osqueryd|wazuh-agent|aliyun\.service|aegis|cloudmonitor|mdatp|sysmon|apparmor|rsyslog)\b/
		$a3 = /\bufw[ \t]{1,4}disable\b/
		$a4 = /\biptables[ \t]{1,4}-F\b/
		$a5 = /\b(killall|pkill)[ \t]{1,4}(-9[ \t]{1,4})?(auditd|aegis|AliYunDun|falcon-sensor|wazuh|osqueryd|rsyslogd)\b/
		$a6 = /\becho[ \t]{1,4}["']?SELINUX=disabled["']?[ \t]{0,4}>/
		$a7 = /\b(rm|chattr)[ \t][^\n]{0,40}\/etc\/(audit\/|ld\.so\.preload)/
		$r = /\b(curl|wget)[ \t][^\n]{0,200}https?:\/\//
	condition:
		uint32(0) != 0x464c457f and filesize < 256KB and 3 of ($a*) and $r
}

rule lotl_esxi_machines_stopped
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "script that stops all virtual machines of an ESXi host and removes their snapshots"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-039a"
		severity = "high"
		score = 75
		attack = "T1489, T1490"
	strings:
		$a1 = /\besxcli[ \t][^\n]{0,80}vm process kill[ \t][^\n]{0,60}(--type|-t|-w|--world-id)/
		$a2 = /\bvim-cmd[ \t]{1,4}vmsvc\/power\.off\b/
		$a3 = /\bvim-cmd[ \t]{1,4}vmsvc\/snapshot\.removeall\b/
		$a4 = /\bvim-cmd[ \t]{1,4}vmsvc\/getallvms\b/
		$a5 = /\bfind[ \t]{1,4}\/vmfs\/volumes[^\n]{0,120}\.(vmdk|vmx|vmem)/
		$a6 = /\besxcli[ \t]{1,4}storage[ \t]{1,4}filesystem[ \t]{1,4}list\b/
	condition:
		uint32(0) != 0x464c457f and filesize < 1MB and 3 of them and any of ($a1, $a2)
}

rule recon_linux_privilege_script
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "script or output of one that looks for ways to become root (linPEAS, LinEnum, linux-exploit-suggester, pspy)"
		reference = "https://attack.mitre.org/techniques/T1082/"
		severity = "medium"
		score = 65
		attack = "T1082, T1083"
	strings:
		$a1 = "linpeas" nocase fullword
		$a2 = "github.com/peass-ng/PEASS-ng"
		$a3 = "carlospolop/PEASS-ng"
		$b1 = "www.rebootuser.com"
		$b2 = "Local Linux Enumeration & Privilege Escalation Script"
		$c1 = "linux-exploit-suggester" nocase
		$c2 = "Possible Exploits"
		$d = "github.com/dominicbreuker/pspy"
		$n = /(\.\/|\/(tmp|dev\/shm|var\/tmp)\/|\b(ba)?sh )(linpeas(_[a-z0-9_]{1,20}|\.sh)|pspy(32|64)s?|LinEnum\.sh|linux-exploit-suggester(-2)?\.(sh|pl))\b/
		$e1 = "SUID - Check easy privesc"
		$e2 = "Checking sudo tokens"
	condition:
		filesize < 16MB and (any of ($a2, $a3, $d, $b2, $n) or ($a1 and any of ($e*)) or ($b1 and $b2) or all of ($c*))
}

rule recon_fscan
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "fscan, a scanner that looks for hosts, ports, weak passwords and holes at once: the program, a command line or its output"
		reference = "https://attack.mitre.org/techniques/T1046/"
		severity = "high"
		score = 75
		attack = "T1046, T1110"
	strings:
		$p1 = "github.com/shadow1ng/fscan/"
		$p2 = "shadow1ng/fscan/WebScan"
		$c = /fscan(64|32|_amd64|_linux|_windows)?(\.exe)?"?\s{1,4}-(h|hf|m|np|nobr|p|u)\s{1,4}\S{2,80}/ ascii wide
		$o1 = "[*] Icmp alive hosts len is:"
		$o2 = "[*] alive ports len is:"
		$o3 = "[*] NetInfo:"
		$o4 = "start vulscan"
	condition:
		filesize < 64MB and (any of ($p*) or $c or 2 of ($o*))
}

rule exploit_windows_token_tool
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "tool that turns a service's rights into the system's (the Potato family, PrintSpoofer)"
		reference = "https://www.microsoft.com/en-us/security/blog/2023/08/24/flax-typhoon-using-legitimate-software-to-quietly-access-taiwanese-organizations/"
		severity = "high"
		score = 80
		attack = "T1134.001, T1068"
	strings:
		$n = /(juicypotato|badpotato|godpotato|roguepotato|sweetpotato|rottenpotato|printspoofer(64)?|sharpefspotato|juicypotatong)(\.exe)?"?\s{1,4}(-\w{1,8}\s|"|whoami|cmd)/ nocase ascii wide
		$p1 = "JuicyPotato" ascii wide
		$p2 = "BadPotato" ascii wide
		$p3 = "GodPotato" ascii wide
		$p4 = "SweetPotato" ascii wide
		$p5 = "PrintSpoofer" ascii wide
	condition:
		filesize < 256MB and ($n or (uint16(0) == 0x5a4d and any of ($p*) and filesize < 4MB))
}

rule lotl_fetch_from_address
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that fetches a program from a bare address and runs it"
		reference = "https://attack.mitre.org/techniques/T1105/"
		severity = "high"
		score = 75
		attack = "T1105, T1059.004"
	strings:
		$pipe = /\b(curl|wget)[ \t][^\n|]{0,120}\b(https?:\/\/)?[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(:[0-9]{1,5})?\/[^\n|]{0,160}\|[ \t]{0,4}(sudo[ \t]{1,2}(-[EHn][ \t]{1,2})?)?((\/(usr\/)?bin\/)?(ba|da|z|k)?sh|python[23]?|perl)\b/
		$file = /\b(curl|wget|tftp|ftpget)[ \t][^\n]{0,120}\b[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}[^\n]{1,160}[\n;&][^\n]{0,40}\bchmod[ \t]{1,4}(\+x|[ua]\+x|0?[57][0-7]{2})[ \t][^\n;&]{1,120}[\n;&][ \t]{0,4}[^\n]{0,24}(\.\/|\/(tmp|var\/tmp|dev\/shm|var\/run)\/)/
		$inner = /\b((ba|da|z|k)?sh[ \t]{1,4}(<\(|-c[ \t]{1,4}["']?(\$\(|`))|eval[ \t]{1,4}["']?(\$\(|`))[ \t]{0,2}(curl|wget)[ \t][^\n]{0,120}https?:\/\/[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}[:\/]/
		$loop1 = /https?:\/\/127\.0\.0\.1/
		$loop2 = /https?:\/\/169\.254\./
	condition:
		uint32(0) != 0x464c457f and filesize < 64MB and #pipe + #file + #inner > #loop1 + #loop2
}

rule lotl_hidden_program_started
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that starts a hidden program, or one in memory that stands for a disk, behind the session's back"
		reference = "https://attack.mitre.org/techniques/T1564/001/"
		severity = "medium"
		score = 65
		attack = "T1564.001, T1036.005"
	strings:
		$a = /\b(nohup|setsid)[ \t]{1,4}\/(dev\/shm|tmp|var\/tmp)\/(\.[A-Za-z0-9_]|[^\s\/]{1,60}\/\.|\.{2,3}\/)/
		$b = /\bchmod[ \t]{1,4}(\+x|[ua]\+x|0?[57][0-7]{2})[ \t]{1,4}\/dev\/shm\/[^\s]{1,60}/
		$c = /\bexec[ \t]{1,4}-a[ \t]{1,4}["']?\[?(kworker|ksoftirqd|kthreadd|rcu_|watchdog|migration|sshd:|crond|systemd)[^\n]{0,40}[ \t]/
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and any of them
}

rule lotl_hidden_capture
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "capture of the network's traffic into a hidden file"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa25-239a"
		severity = "high"
		score = 75
		attack = "T1040, T1564.001"
	strings:
		$a = /\b(tcpdump|tshark|dumpcap)[ \t][^\n]{0,160}-w[ \t]{0,2}\/(tmp|var|dev|etc|usr|opt|home|root)\/([^\s\/]{1,40}\/){0,5}\.[A-Za-z0-9_]/
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and $a
}

rule lotl_download_to_public_folder
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that downloads from a bare address into a folder everyone can write to on Windows"
		reference = "https://attack.mitre.org/techniques/T1105/"
		severity = "high"
		score = 70
		attack = "T1105, T1059.001"
	strings:
		$after = /(invoke-webrequest|invoke-restmethod|iwr|irm|wget(\.exe)?|curl(\.exe)?)\"?\s[^\n\x00]{0,120}https?:\/\/[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}[:\/][^\n\x00]{1,200}(\\{1,2}windows\\{1,2}temp\\|\\{1,2}users\\{1,2}public\\|\\{1,2}programdata\\|\\{1,2}perflogs\\|%(temp|tmp|public|programdata)%|\$\{?env:(temp|tmp|public|programdata|allusersprofile))/ nocase ascii wide
		$before = /(invoke-webrequest|invoke-restmethod|iwr|irm|wget(\.exe)?|curl(\.exe)?)\"?\s[^\n\x00]{0,60}(\\{1,2}windows\\{1,2}temp\\|\\{1,2}users\\{1,2}public\\|\\{1,2}programdata\\|\\{1,2}perflogs\\|%(temp|tmp|public|programdata)%|\$\{?env:(temp|tmp|public|programdata|allusersprofile))[^\n\x00]{1,120}https?:\/\/[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}[:\/]/ nocase ascii wide
		$client = /\.downloadfile\(\s{0,2}[\"']https?:\/\/[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}[:\/][^\n\x00]{1,160}(\\{1,2}windows\\{1,2}temp\\|\\{1,2}users\\{1,2}public\\|\\{1,2}programdata\\|\\{1,2}perflogs\\|%(temp|tmp|public|programdata)%|\$\{?env:(temp|tmp|public|programdata|allusersprofile))/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule lotl_fetch_from_paste
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that runs what a paste site, a host of nameless files, a quick tunnel or a hidden service gives"
		reference = "https://attack.mitre.org/techniques/T1102/"
		severity = "high"
		score = 75
		attack = "T1102, T1105, T1059.004"
	strings:
		$pipe = /\b(curl|wget)[ \t][^\n|]{0,120}\b(pastebin\.com\/raw|paste\.ee|rentry\.co|hastebin\.\w{2,4}|ghostbin\.\w{2,4}|dpaste\.\w{2,4}|controlc\.com|termbin\.com|ix\.io|sprunge\.us|paste\.rs|transfer\.sh|file\.io|temp\.sh|0x0\.st|oshi\.at|bashupload\.com|gofile\.io|files\.catbox\.moe|litter\.catbox\.moe|anonfiles\.com|cdn\.discordapp\.com\/attachments|[\w-]{4,60}\.trycloudflare\.com|[\w-]{4,60}\.ngrok(-free)?\.(io|app|dev)|[a-z2-7]{16,56}\.onion)[^\n|]{0,160}\|[ \t]{0,4}(sudo[ \t]{1,2}(-[EHn][ \t]{1,2})?)?((\/(usr\/)?bin\/)?(ba|da|z|k)?sh|python[23]?|perl)\b/
		$inner = /\b(ba|da|z|k)?sh[ \t]{1,4}(<\(|-c[ \t]{1,4}[\"']?(\$\(|`))[ \t]{0,2}(curl|wget)[ \t][^\n]{0,120}\b(pastebin\.com\/raw|paste\.ee|rentry\.co|hastebin\.\w{2,4}|ghostbin\.\w{2,4}|dpaste\.\w{2,4}|controlc\.com|termbin\.com|ix\.io|sprunge\.us|paste\.rs|transfer\.sh|file\.io|temp\.sh|0x0\.st|oshi\.at|bashupload\.com|gofile\.io|files\.catbox\.moe|litter\.catbox\.moe|anonfiles\.com|cdn\.discordapp\.com\/attachments|[\w-]{4,60}\.trycloudflare\.com|[\w-]{4,60}\.ngrok(-free)?\.(io|app|dev)|[a-z2-7]{16,56}\.onion)/
		$eval = /\beval[ \t]{1,4}[\"']?(\$\(|`)[ \t]{0,2}(curl|wget)[ \t][^\n]{0,120}\b(pastebin\.com\/raw|paste\.ee|rentry\.co|hastebin\.\w{2,4}|ghostbin\.\w{2,4}|dpaste\.\w{2,4}|controlc\.com|termbin\.com|ix\.io|sprunge\.us|paste\.rs|transfer\.sh|file\.io|temp\.sh|0x0\.st|oshi\.at|bashupload\.com|gofile\.io|files\.catbox\.moe|litter\.catbox\.moe|anonfiles\.com|cdn\.discordapp\.com\/attachments|[\w-]{4,60}\.trycloudflare\.com|[\w-]{4,60}\.ngrok(-free)?\.(io|app|dev)|[a-z2-7]{16,56}\.onion)/
	condition:
		uint32(0) != 0x464c457f and filesize < 64MB and any of them
}

rule lotl_defender_exclusion
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that keeps Microsoft Defender away from a folder or program; administrators do so for databases and backups"
		reference = "https://attack.mitre.org/techniques/T1562/001/"
		severity = "medium"
		score = 50
		attack = "T1562.001"
	strings:
		$a = /(add|set)-mppreference\s[^\n\x00]{0,60}-exclusion(path|process|extension)(\s|:)/ nocase ascii wide
	condition:
		filesize < 256MB and uint16(0) != 0x5a4d and $a and not extension matches /^\.(md|html?|rst)$/
}

rule lotl_linux_system_program_restamped
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that gives a program of the system, or what poses as one, another time"
		reference = "https://attack.mitre.org/techniques/T1070/006/"
		severity = "medium"
		score = 65
		attack = "T1070.006"
	strings:
		$a = /\btouch[ \t]{1,4}(-[acmh]{1,4}[ \t]{1,4}){0,3}(-[acmh]{0,4}r[ \t]{0,4}\/[^\s]{1,80}|--reference[= ]\/[^\s]{1,80}|-[acmh]{0,4}[td][ \t]{1,4}[\"']?[0-9][^\n\"']{3,30}[\"']?)[ \t]{1,4}\/(usr\/)?(s?bin\/[^\s\/]{1,60}|lib(64)?\/([\w.+-]{1,40}\/){0,3}[\w.+-]{1,60}\.so\b)/
		$b = /\btouch[ \t]{1,4}(-[acmh]{1,4}[ \t]{1,4}){0,3}\/(usr\/)?s?bin\/[^\s\/]{1,60}[ \t]{1,4}(-[acmh]{0,4}r[ \t]{0,4}|--reference[= ])\/[^\s]{1,80}/
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and any of them
}

rule lotl_linux_hidden_file_locked
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that makes a hidden file unchangeable in a folder of programs, libraries or temporary files"
		reference = "https://attack.mitre.org/techniques/T1222/002/"
		severity = "high"
		score = 75
		attack = "T1222.002, T1564.001"
	strings:
		$a = /\bchattr[ \t]{1,4}(-[RVf]{1,3}[ \t]{1,4}){0,2}\+[aAcCdDeFjmPsStTux]{0,6}i[aAcCdDeFjmPsStTux]{0,6}[ \t]{1,4}[\"']?\/(usr|bin|sbin|lib|lib64|tmp|var\/tmp|dev|etc\/(cron\.[a-z]{1,8}|init\.d|profile\.d))\/([^\s\/]{1,40}\/){0,5}\.[A-Za-z0-9_]/
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and $a
}

rule lotl_history_to_nowhere
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that ties a shell's history to /dev/null, or turns it off in more than one way"
		reference = "https://attack.mitre.org/techniques/T1562/003/"
		severity = "medium"
		score = 60
		attack = "T1562.003, T1070.003"
	strings:
		$link = /\bln[ \t]{1,4}(-[a-z]{1,4}[ \t]{1,4}){1,2}\/dev\/null[ \t]{1,4}[\"']?[^\s]{0,80}\.((ba|z|k|a|da)?sh_history|zhistory)\b/
		$off1 = /\bunset[ \t]{1,4}HISTFILE\b[^\x00]{0,400}(((^|[\n;&|])[ \t]{0,8}|export[ \t]{1,4})(HISTSIZE=[\"']?0\b|HISTFILESIZE=[\"']?0\b|HISTFILE=[\"']?\/dev\/null)|\bhistory[ \t]{1,4}-c\b|\bset[ \t]{1,4}\+o[ \t]{1,4}history)/
		$off2 = /(((^|[\n;&|])[ \t]{0,8}|export[ \t]{1,4})(HISTSIZE=[\"']?0\b|HISTFILESIZE=[\"']?0\b|HISTFILE=[\"']?\/dev\/null)|\bhistory[ \t]{1,4}-c\b|\bset[ \t]{1,4}\+o[ \t]{1,4}history)[^\x00]{0,400}\bunset[ \t]{1,4}HISTFILE\b/
		$off3 = /((^|[\n;&|])[ \t]{0,8}|export[ \t]{1,4})(HISTSIZE=[\"']?0\b|HISTFILESIZE=[\"']?0\b|HISTFILE=[\"']?\/dev\/null)[^\x00]{0,200}\bhistory[ \t]{1,4}-c\b/
		$off4 = /\bhistory[ \t]{1,4}-c\b[^\x00]{0,200}((^|[\n;&|])[ \t]{0,8}|export[ \t]{1,4})(HISTSIZE=[\"']?0\b|HISTFILESIZE=[\"']?0\b|HISTFILE=[\"']?\/dev\/null)/
	condition:
		uint32(0) != 0x464c457f and filesize < 1MB and any of them
}

rule lotl_linux_journal_emptied
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that empties systemd's journal; administrators short of space do so too"
		reference = "https://attack.mitre.org/techniques/T1070/002/"
		severity = "medium"
		score = 50
		attack = "T1070.002"
	strings:
		$a = /\bjournalctl[ \t][^\n]{0,60}--vacuum-(time|size|files)(=|[ \t]{1,2})[\"']?[01](s|sec|second|K|M|B)?\b/
		$b = /\brm[ \t]{1,4}-[rf]{1,3}[ \t]{1,4}\/(var|run)\/log\/journal\b/
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and any of them and not extension matches /^\.(py|md|html?)$/
}

rule lotl_rclone_exfiltration
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "rclone, which copies to a store that intruders like, takes its settings from a temporary folder, or asks nothing"
		reference = "https://attack.mitre.org/software/S1040/"
		severity = "medium"
		score = 65
		attack = "T1567.002, T1048"
	strings:
		$to = /rclone(\.exe)?\"?\s{1,4}[^\n\x00]{0,120}(copy|sync|move|copyto|moveto)\s[^\n\x00]{1,240}[\s\"'](mega|pcloud|putio|gofile|pixeldrain|internxt|1fichier|fichier|uptobox)[\w-]{0,16}:/ nocase ascii wide
		$from = /rclone(\.exe)?\"?\s[^\n\x00]{0,240}--config[= ]\s{0,3}[\"']?(\/tmp\/|\/var\/tmp\/|\/dev\/shm\/|[a-z]:\\{1,2}(windows\\{1,2}temp|users\\{1,2}public|perflogs|programdata|temp)\\)/ nocase ascii wide
		$place = /(\/tmp\/|\/var\/tmp\/|\/dev\/shm\/|\\windows\\temp\\|\\users\\public\\|\\perflogs\\)[^\s\x00]{0,60}rclone(\.exe)?\"?\s{1,4}[^\n\x00]{0,80}(copy|sync|move|config)\s/ nocase ascii wide
		$flags = /(copy|sync)\s[^\n\x00]{1,200}--ignore-existing\s[^\n\x00]{0,60}--auto-confirm\s[^\n\x00]{0,60}--multi-thread-streams\b/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule lotl_sql_shell_enabled
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "SQL Server that lets queries start programs (xp_cmdshell turned on); administrators of databases do so too"
		reference = "https://attack.mitre.org/techniques/T1505/001/"
		severity = "medium"
		score = 55
		attack = "T1505.001"
	strings:
		$on = /sp_configure\s{1,4}N?['\"]xp_cmdshell['\"]\s{0,2},\s{0,2}['\"]?1\b/ nocase ascii wide
		$log = /['\"]xp_cmdshell['\"] changed from 0 to 1/ nocase ascii wide
	condition:
		filesize < 256MB and any of them and not extension matches /^\.(py|md|rst|html?|nse|rb)$/
}

rule lotl_sql_shell_used
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "query that has SQL Server run what intruders run (xp_cmdshell)"
		reference = "https://attack.mitre.org/techniques/T1505/001/"
		severity = "high"
		score = 75
		attack = "T1505.001, T1059.003"
	strings:
		$a = /xp_cmdshell\s{0,4}\(?\s{0,2}N?['\"]{1,2}[^\n\x00]{0,80}(whoami|powershell|certutil|bitsadmin|mshta|rundll32|regsvr32|curl\s|net1?\s{1,2}(user|localgroup|group)\b|ipconfig|tasklist|systeminfo|echo\s[^\n\x00]{1,120}>|\\{1,2}windows\\{1,2}temp\\|\\{1,2}users\\{1,2}public\\|\\{1,2}programdata\\)/ nocase ascii wide
	condition:
		filesize < 256MB and any of them and not extension matches /^\.(py|md|rst|html?|nse|rb)$/
}

rule lotl_name_with_carets
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that hides the name of one of Windows' programs with carets"
		reference = "https://attack.mitre.org/techniques/T1027/010/"
		severity = "high"
		score = 75
		attack = "T1027.010"
	strings:
		$powershell = /(p\^o\^?w\^?e\^?r\^?s\^?h\^?e\^?l\^?l|po\^w\^?e\^?r\^?s\^?h\^?e\^?l\^?l|pow\^e\^?r\^?s\^?h\^?e\^?l\^?l|powe\^r\^?s\^?h\^?e\^?l\^?l|power\^s\^?h\^?e\^?l\^?l|powers\^h\^?e\^?l\^?l|powersh\^e\^?l\^?l|powershe\^l\^?l|powershel\^l)/ nocase ascii wide
		$certutil = /(c\^e\^?r\^?t\^?u\^?t\^?i\^?l|ce\^r\^?t\^?u\^?t\^?i\^?l|cer\^t\^?u\^?t\^?i\^?l|cert\^u\^?t\^?i\^?l|certu\^t\^?i\^?l|certut\^i\^?l|certuti\^l)/ nocase ascii wide
		$mshta = /(m\^s\^?h\^?t\^?a|ms\^h\^?t\^?a|msh\^t\^?a|msht\^a)/ nocase ascii wide
		$bitsadmin = /(b\^i\^?t\^?s\^?a\^?d\^?m\^?i\^?n|bi\^t\^?s\^?a\^?d\^?m\^?i\^?n|bit\^s\^?a\^?d\^?m\^?i\^?n|bits\^a\^?d\^?m\^?i\^?n|bitsa\^d\^?m\^?i\^?n|bitsad\^m\^?i\^?n|bitsadm\^i\^?n|bitsadmi\^n)/ nocase ascii wide
		$rundll32 = /(r\^u\^?n\^?d\^?l\^?l\^?3\^?2|ru\^n\^?d\^?l\^?l\^?3\^?2|run\^d\^?l\^?l\^?3\^?2|rund\^l\^?l\^?3\^?2|rundl\^l\^?3\^?2|rundll\^3\^?2|rundll3\^2)/ nocase ascii wide
		$regsvr32 = /(r\^e\^?g\^?s\^?v\^?r\^?3\^?2|re\^g\^?s\^?v\^?r\^?3\^?2|reg\^s\^?v\^?r\^?3\^?2|regs\^v\^?r\^?3\^?2|regsv\^r\^?3\^?2|regsvr\^3\^?2|regsvr3\^2)/ nocase ascii wide
		$wscript = /(w\^s\^?c\^?r\^?i\^?p\^?t|ws\^c\^?r\^?i\^?p\^?t|wsc\^r\^?i\^?p\^?t|wscr\^i\^?p\^?t|wscri\^p\^?t|wscrip\^t)/ nocase ascii wide
		$cscript = /(c\^s\^?c\^?r\^?i\^?p\^?t|cs\^c\^?r\^?i\^?p\^?t|csc\^r\^?i\^?p\^?t|cscr\^i\^?p\^?t|cscri\^p\^?t|cscrip\^t)/ nocase ascii wide
		$wmic = /(w\^m\^?i\^?c|wm\^i\^?c|wmi\^c)(\.exe)?\s/ nocase ascii wide
		$cmd = /c\^m\^d(\.exe)?\s/ nocase ascii wide
	condition:
		filesize < 64MB and uint32(0) != 0x464c457f and any of them and not extension matches /^\.(3pm|pod|md|html?)$/ // manuals of filters quote such
}

rule lotl_in_audit_record
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "record of the Linux audit log, its arguments in hex, of text decoded or fetched from a bare address into a shell, of ld.so.preload written, or of a program in /dev/shm"
		reference = "https://attack.mitre.org/techniques/T1059/004/"
		severity = "high"
		score = 75
		attack = "T1059.004, T1140, T1574.006"
	strings:
		$b64 = /type=(EXECVE|PROCTITLE) [^\n]{0,1800}626173653634(20|00)(2D64|2D2D6465636F6465|2D44)(20)?7C(20)?(7375646F20)?(2F757372)?(2F62696E2F)?(6261|6461|7A|6B)?7368(\s|00|20|0A|22|26|27|29|3B|7C|$)/
		$fetch = /type=(EXECVE|PROCTITLE) [^\n]{0,1800}(6375726C20|7767657420)[0-9A-F]{0,160}68747470(73)?3A2F2F(3[0-9]|2E){7,15}(3A|2F)[0-9A-F]{0,240}7C(20)?(7375646F20)?(2F757372)?(2F62696E2F)?(6261|6461|7A|6B)?7368(\s|00|20|0A|22|26|27|29|3B|7C|$)/
		$preload = /type=(EXECVE|PROCTITLE) [^\n]{0,1800}(3E(20)?|746565(20|00)(2D61(20|00))?)2F6574632F6C642E736F2E7072656C6F6164/
		$preload_x = /type=EXECVE [^\n]{0,200}a[0-9]="([^"\s]{0,40}\/)?(cp|mv|tee|install)" [^\n]{0,400}"\/etc\/ld\.so\.preload"/
		$memory = /type=PROCTITLE [^\n]{0,80}proctitle=("\/dev\/shm\/|2F6465762F73686D2F)/
		$memory_x = /type=EXECVE [^\n]{0,80}a0="\/dev\/shm\/[^"]{1,80}"/
		$chmod = /type=EXECVE [^\n]{0,80}a0="([^"\s]{0,40}\/)?chmod" a1="(\+x|[ua]\+x|0?[57][0-7]{2})" a2="\/dev\/shm\//
		$chmod_hex = /type=(EXECVE|PROCTITLE) [^\n]{0,1800}63686D6F64(20|00)(2B78|373737|373535|373030)(20|00)2F6465762F73686D2F/
	condition:
		uint32(0) != 0x464c457f and filesize < 1024MB and any of them
}
