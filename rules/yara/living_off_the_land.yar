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
