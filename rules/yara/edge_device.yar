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
		$a1 = /sshd_operns(_global-vrf)?\s{1,4}(start|restart|on)\b/
		$a6 = /(systemctl\s{1,4}(start|restart|enable)|chkconfig\s{1,4}--add)\s{1,4}sshd_operns\b/
		$a7 = /\bsshd\s[^\n\x00]{0,80}-p\s{0,2}57722\b/
		$a8 = /tunnel destination\s{1,4}45\.61\.133\.31\b/ nocase
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

rule edge_cisco_ios_xe
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "request that takes over a Cisco IOS XE device's web interface, or the page left there"
		reference = "https://blog.talosintelligence.com/active-exploitation-of-cisco-ios-xe-software/"
		severity = "critical"
		score = 90
		attack = "T1190, T1505.003, T1136.001"
	strings:
		$r1 = /\/(%2577|%77)e(%2562|%62|b)[a-z0-9%]{0,12}_(wsma|%2577sma|%77sma)_?/ nocase
		$r2 = /\/%2577eb[a-z0-9%]{1,12}_[a-z0-9%]{3,16}_https?/ nocase
		$p1 = "logoutconfirm.html?logon_hash=" nocase
		$p2 = "/usr/binos/conf/nginx-conf/cisco_service.conf"
		$u = /username (cisco_tac_admin|cisco_support|cisco_sys_manager) privilege 15/
	condition:
		filesize < 256MB and any of them
}

rule edge_firewall_configuration_taken
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that packs or decrypts an edge device's configuration and keys, or puts it where it can be fetched"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-201a"
		severity = "high"
		score = 80
		attack = "T1602.002, T1552.004"
	strings:
		$ns1 = /\b(tar|cat|cp|openssl|base64)[ \t][^\n]{0,160}\/(flash\/)?nsconfig\/(ns\.conf|keys\/)/
		$ns2 = /\/nsconfig\/keys\/(F1|F2)\.key\b/
		$ns3 = /\bopenssl[ \t]{1,4}(des3|aes[\w-]{0,12}|enc)[ \t][^\n]{0,120}\/(var\/tmp|tmp|netscaler\/[^\n]{0,40})\/[^\n]{0,60}\.(tgz|tar|inc|conf)\b/
		$pan = /running-config\.xml[^\n]{0,100}(bootstrap\.min\.css|global-protect|\/var\/appweb)/
		$ivanti = /\b(cp|mv|tar|cat)[ \t][^\n]{0,160}\/home\/webserver\/htdocs\/dana-na\//
	condition:
		uint32(0) != 0x464c457f and filesize < 256MB and any of ($ns1, $ns3, $pan, $ivanti) or (#ns2 > 1 and filesize < 1MB)
}

rule edge_ivanti_page
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "page of an Ivanti Connect Secure device changed to take commands or passwords"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-060b"
		severity = "critical"
		score = 90
		attack = "T1505.003, T1056.003"
	strings:
		$rc4 = /Crypt::RC4->new[ \t]{0,2}\(/
		$eval = /\beval[ \t]{0,2}[{(]/
		$param = /CGI::param|->param[ \t]{0,2}\(/
		$login = /frmLogin\.(username|password)\.value/
		$send1 = "btoa("
		$send2 = "XMLHttpRequest"
		$send3 = /["']https?:\/\/[^"'\n]{4,80}[\/?]["']?[ \t]{0,2}\+/
	condition:
		filesize < 1MB and uint32(0) != 0x464c457f and (($rc4 and $eval and $param) or ($login and $send3 and any of ($send1, $send2)))
}

rule edge_panos_upstyle
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "UPSTYLE, on Palo Alto firewalls: takes commands out of an error log"
		reference = "https://www.volexity.com/blog/2024/04/12/zero-day-exploitation-of-unauthenticated-remote-code-execution-vulnerability-in-globalprotect-cve-2024-3400/"
		severity = "critical"
		score = 95
		attack = "T1059.006, T1546.018"
	strings:
		$a1 = "sslvpn_ngx_error.log"
		$a2 = "bootstrap.min.css"
		$a3 = "site-packages/system.pth"
		$a4 = "img\\["
	condition:
		uint32(0) != 0x464c457f and filesize < 256KB and ($a1 and any of ($a2, $a3, $a4))
}

rule edge_asa_implant
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "what is left on a Cisco ASA to run at start (LINE RUNNER)"
		reference = "https://blog.talosintelligence.com/arcanedoor-new-espionage-focused-campaign-found-targeting-perimeter-network-devices/"
		severity = "high"
		score = 85
		attack = "T1037, T1542.004"
	strings:
		$a1 = "csco_config.lua"
		$a2 = "client_bundle_install.zip"
		$a3 = /disk0:\/?(client_bundle\w{0,20}\.zip|csco_config)/
		$a4 = "index.txt,userauth"
	condition:
		filesize < 256MB and 2 of them
}

rule edge_startup_variable
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "router whose start-up variable fetches a program"
		reference = "https://attack.mitre.org/techniques/T1037/"
		severity = "high"
		score = 75
		attack = "T1037.004, T1105"
	strings:
		$a = /\bnvram[ \t]{1,4}set[ \t]{1,4}["']?(rc_startup|rc_firewall|rc_custom|script_\w{2,16}|jffs2_exec|sh_\w{2,16})=["']?[^\n]{0,160}\b(wget|curl|tftp|nc|telnetd)[ \t]/
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and $a
}

rule edge_cisco_dual_use_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "Cisco command of which intruders are fond and administrators too: guest shell on or gone, SSH out of a VRF, the configuration copied out"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa25-239a"
		severity = "medium"
		score = 50
		attack = "T1059.008, T1602.002, T1021.004"
	strings:
		$shell = /\bguestshell (enable|destroy)\b/ nocase
		$vrf = /\bchvrf \S{1,32} (ssh|scp|telnet) [^\n\x00]{0,40}-l/ nocase
		$copy = /\bcopy (run(ning)?(-config)?|start(up)?(-config)?|(system|nvram):(running|startup)-config) t?ftp:/ nocase
	condition:
		filesize < 256MB and any of them
}

rule edge_salt_typhoon_sequence
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "guest shell or SSH out of a VRF on a Cisco device, together with its configuration copied out, access list 20 or a tunnel"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa25-239a"
		severity = "high"
		score = 75
		attack = "T1059.008, T1602.002, T1562.004, T1572"
	strings:
		$s1 = /\bguestshell (enable|destroy)\b/ nocase
		$s2 = /\bchvrf \S{1,32} (ssh|scp|telnet) /
		$t1 = /\bcopy (run(ning)?(-config)?|start(up)?(-config)?|(system|nvram):(running|startup)-config) t?ftp:/ nocase
		$t2 = /\baccess-list 20 permit [0-9]{1,3}\.[0-9]{1,3}\./ nocase
		$t3 = /\btunnel destination [0-9]{1,3}\.[0-9]{1,3}\./ nocase
	condition:
		filesize < 256MB and any of ($s*) and any of ($t*)
}
