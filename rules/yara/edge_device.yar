// SPDX-License-Identifier: Apache-2.0
// Routers, cameras and other devices at the edge: bots, requests that take them over, and what is typed on them.

rule edge_mirai_family
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "bot for routers and cameras of the Mirai family"
		reference = "https://attack.mitre.org/techniques/T1584/005/"
		severity = "high"
		score = 80
		attack = "T1584.005, T1110.001"
	strings:
		$a1 = "/bin/busybox MIRAI"
		$a2 = "/bin/busybox ECCHI"
		$a3 = "listening tun0"
		$a4 = "/dev/FTWDT101_watchdog"
		$a5 = "/bin/busybox HIKARI"
		$b1 = "/dev/misc/watchdog"
		$b2 = "/proc/net/tcp"
		$b3 = "/bin/busybox"
		$b4 = "POST /cdn-cgi/"
		$b5 = "GET /shell?cd+/tmp"
		$b6 = "POST /GponForm/diag_Form"
		$b7 = "/ctrlt/DeviceUpgrade_1"
	condition:
		uint32(0) == 0x464c457f and filesize < 2MB and (any of ($a*) or 3 of ($b*))
}

rule edge_router_exploit_string
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "text of a request that takes over a router or camera by command injection"
		reference = "https://attack.mitre.org/techniques/T1190/"
		severity = "high"
		score = 75
		attack = "T1190, T1059.004"
	strings:
		$a1 = /POST \/GponForm\/diag_Form[^\x00]{0,900}dest_host=[^\x00&]{0,40}(wget|busybox|curl)/
		$a2 = /\/ctrlt\/DeviceUpgrade_1[^\x00]{0,1500}NewStatusURL>\$\(/
		$a3 = /setup\.cgi\?next_file=netgear\.cfg&todo=syscmd&cmd=[^\s\x00]{0,60}(wget|rm\+-rf|curl)/
		$a4 = /(GET|POST) \/(shell|cgi-bin\/luci\/;?stok=\/locale)\?[^\s\x00]{0,60}(wget|cd\+\/tmp)/
		$a5 = /\/tmUnblock\.cgi[^\x00]{0,600}(wget|curl)(\+|%20|\s)/
	condition:
		filesize < 256MB and any of them
}

rule edge_cisco_guest_shell
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "log or history that turns on a Cisco device's guest shell and works from there"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa25-239a"
		severity = "high"
		score = 75
		attack = "T1059.008, T1610"
	strings:
		$on = /\b(guestshell enable|app-hosting (activate|start) appid guestshell|virtual-service install name guestshell)\b/ nocase
		$u1 = /\bguestshell run (bash|python|chvrf|sudo|curl|wget|tcpdump|scp|ssh|dd)\b/ nocase
		$u2 = /\bchvrf \S{1,32} (ssh|scp|telnet|curl|wget|bash)\b/ nocase
	condition:
		filesize < 256MB and ($u1 or ($on and $u2))
}

rule edge_salt_typhoon_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command lines on routers that the advisory on Salt Typhoon quotes"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa25-239a"
		severity = "high"
		score = 80
		attack = "T1098.004, T1040, T1136.001"
	strings:
		$a1 = "service sshd_operns start"
		$a2 = /monitor capture \S{1,32} (interface|match|export)\b[^\n\x00]{0,100}(eq (49|tacacs)|(ftp|tftp|scp|bootflash):)/ nocase
		$a3 = /\becho\s[^\n\x00]{0,60}\bcisco\s{1,4}ALL=\(ALL\)\s{0,2}NOPASSWD/
		$a4 = /\bno logging host\b[^\x00]{0,200}\bno (aaa accounting|archive)\b/ nocase
		$a5 = /tcpdump\s[^\n\x00]{0,100}(port|dst port) (49|1812)\s[^\n\x00]{0,80}-w\s/
	condition:
		filesize < 256MB and any of them
}

rule edge_router_implant_paths
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "program for a small router that keeps itself in its startup files"
		reference = "https://attack.mitre.org/techniques/T1542/005/"
		severity = "high"
		score = 70
		attack = "T1037.004, T1542.005"
	strings:
		$n1 = "nvram set"
		$n2 = "/etc/init.d/rcS"
		$n3 = "/jffs/scripts/"
		$n4 = "/etc/rc.d/rc.local"
		$n5 = "iptables -I INPUT -p tcp --dport"
		$b1 = "/proc/self/exe"
		$b2 = "socks5" nocase
		$b3 = "/bin/busybox"
		$b4 = "[bioset]"
		$b5 = "[kworker/"
	condition:
		uint32(0) == 0x464c457f and uint16(18) != 62 and filesize < 4MB and 2 of ($n*) and 2 of ($b*)
}
