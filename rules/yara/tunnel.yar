// SPDX-License-Identifier: Apache-2.0
// Tunnels and proxies that intruders bring along; the first ones are named by the advisories on Volt Typhoon.

rule tunnel_frp_program
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "Fast Reverse Proxy (frp) client or server"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "high"
		score = 75
		attack = "T1090, T1572"
	strings:
		$package = "github.com/fatedier/frp/"
		$golib = "github.com/fatedier/golib/"
		$client = "frp/client.(*Service)"
		$server = "frp/server.(*Service)"
	condition:
		(uint32(0) == 0x464c457f or uint16(0) == 0x5a4d) and filesize < 60MB and ($package or $golib or $client or $server)
}

rule tunnel_frp_named_by_advisory
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "program with a file name under which Volt Typhoon brought Fast Reverse Proxy (frp)"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "high"
		score = 75
		attack = "T1090, T1036.005"
	condition:
		uint16(0) == 0x5a4d and filesize < 60MB and
		(filename iequals "BrightmetricAgent.exe" or filename iequals "SMSvcService.exe")
}

rule tunnel_frp_configuration
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "configuration of a Fast Reverse Proxy (frp) client"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "medium"
		score = 65
		attack = "T1090, T1572"
	strings:
		$common = /(^|\n)\s{0,4}\[common\]/
		$addr = /\n\s{0,4}server_addr\s{0,4}=/
		$port = /\n\s{0,4}server_port\s{0,4}=/
		$toml_addr = /(^|\n)\s{0,4}serverAddr\s{0,4}=/
		$toml_port = /\n\s{0,4}serverPort\s{0,4}=/
		$type = /\n\s{0,4}(type\s{0,4}=\s{0,4}"?(tcp|udp|http|https|stcp|xtcp|sudp|tcpmux)|plugin\s{0,4}=\s{0,4}"?socks5)/
		$proxies = /\n\s{0,4}\[\[proxies\]\]/
		$remote = /\n\s{0,4}(remote_port|remotePort)\s{0,4}=/
	condition:
		filesize < 256KB and (($common and $addr and $port and any of ($type, $remote)) or
		($toml_addr and $toml_port and $proxies and any of ($type, $remote)))
}

rule tunnel_earthworm
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "EarthWorm, a SOCKS5 proxy and port forwarder"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "high"
		score = 80
		attack = "T1090"
	strings:
		$m1 = "ssocksd" fullword
		$m2 = "rcsocks" fullword
		$m3 = "rssocks" fullword
		$m4 = "lcx_listen" fullword
		$m5 = "lcx_slave" fullword
		$m6 = "lcx_tran" fullword
	condition:
		filesize < 5MB and 4 of them
}

rule tunnel_earthworm_command
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "command line of EarthWorm in a script, history or log"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "high"
		score = 75
		attack = "T1090"
	strings:
		$a = /-s\s{1,4}(ssocksd|rcsocks|rssocks|lcx_listen|lcx_slave|lcx_tran)\s{1,4}-{1,2}[a-zA-Z]{1,10}\s{1,4}[0-9]/ ascii wide
	condition:
		filesize < 64MB and $a
}

rule tunnel_go_program
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "tunnelling program written in Go (chisel, ligolo, Stowaway, Venom, iox, gost, rakshasa)"
		reference = "https://attack.mitre.org/techniques/T1572/"
		severity = "medium"
		score = 65
		attack = "T1572, T1090"
	strings:
		$chisel = "github.com/jpillora/chisel/"
		$ligolo = "github.com/nicocha30/ligolo-ng/"
		$ligolo_old = "github.com/tnpitsecurity/ligolo-ng/"
		$venom = "github.com/Dliv3/Venom/"
		$iox = "github.com/EddieIvan01/iox/"
		$gost = "github.com/ginuerzh/gost"
		$stowaway = "Stowaway/agent/"
		$rakshasa = "rakshasa/server."
	condition:
		(uint32(0) == 0x464c457f or uint16(0) == 0x5a4d) and filesize < 60MB and any of them
}

rule tunnel_regeorg_page
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "reGeorg or Neo-reGeorg: a tunnel through a page of a web server"
		reference = "https://attack.mitre.org/techniques/T1090/"
		severity = "high"
		score = 80
		attack = "T1505.003, T1090"
	strings:
		$says = "Georg says, 'All seems fine'"
		$c1 = "X-CMD" nocase
		$c2 = "X-TARGET" nocase
		$c3 = "X-STATUS" nocase
		$c4 = "X-ERROR" nocase
		$connect = "CONNECT"
		$forward = "FORWARD"
		$page1 = "<?php" nocase
		$page2 = "<%@" nocase
		$page3 = "<jsp:" nocase
	condition:
		filesize < 256KB and ($says or (any of ($page*) and 3 of ($c*) and $connect and $forward))
}

rule tunnel_ssh_reverse_unattended
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "reverse SSH tunnel that runs by itself and trusts any host key"
		reference = "https://attack.mitre.org/techniques/T1572/"
		severity = "medium"
		score = 65
		attack = "T1572"
	strings:
		$a = /\b(auto)?ssh\s[^\n]{0,200}StrictHostKeyChecking[= ]no[^\n]{0,200}\s-[a-zA-Z]{0,6}R\s{0,2}[0-9*:.a-z]{1,40}:[0-9]{1,5}/
		$b = /\b(auto)?ssh\s[^\n]{0,200}\s-[a-zA-Z]{0,6}R\s{0,2}[0-9*:.a-z]{1,40}:[0-9]{1,5}[^\n]{0,200}StrictHostKeyChecking[= ]no/
	condition:
		filesize < 5MB and any of them
}

rule tunnel_netsh_portproxy
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "Windows port forwarding by netsh, in a script, history or log"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "high"
		score = 75
		attack = "T1090.001, T1090"
	strings:
		$change = /netsh(\.exe)?"?\s{1,8}(-[a-z]\s{1,4}\S{1,40}\s{1,4})?i(nterface|nt)?\s{1,8}p(ortproxy)?\s{1,8}(a(dd)?|set|d(elete|el)?)\s{1,8}v[46]tov[46]\s/ nocase ascii wide
	condition:
		filesize < 256MB and $change
}

rule tunnel_ngrok
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "ngrok agent's command line or configuration"
		reference = "https://attack.mitre.org/techniques/T1572/"
		severity = "medium"
		score = 60
		attack = "T1572, T1102"
	strings:
		$c1 = /\bngrok(\.exe)?"?\s{1,4}(tcp|http|tls|start|service)\s{1,4}[^\n\x00]{1,60}/ nocase
		$c2 = /\bngrok(\.exe)?"?\s{1,4}(config add-authtoken|authtoken)\s{1,4}[0-9A-Za-z_]{20}/ nocase
		$y = /(^|\n)(agent:\s{0,4}\n\s{1,8})?authtoken:\s{1,4}[0-9A-Za-z_]{30,64}\s/
	condition:
		filesize < 64MB and (any of them)
}

rule tunnel_cloudflared_token
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "cloudflared started with a token, or a quick tunnel"
		reference = "https://attack.mitre.org/techniques/T1572/"
		severity = "medium"
		score = 60
		attack = "T1572"
	strings:
		$a = /cloudflared(\.exe)?"?\s{1,4}([^\n\x00]{0,40}\s)?tunnel\s{1,4}[^\n\x00]{0,40}run\s{1,4}(--token[= ]\s{0,2})?eyJ[A-Za-z0-9_-]{40}/ nocase ascii wide
		$b = /cloudflared(\.exe)?"?\s{1,4}(service install)\s{1,4}eyJ[A-Za-z0-9_-]{40}/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule tunnel_dns
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "DNS tunnel: dnscat2 or iodine, as program, command line or configuration"
		reference = "https://attack.mitre.org/techniques/T1071/004/"
		severity = "high"
		score = 75
		attack = "T1071.004, T1572"
	strings:
		$a1 = /\bdnscat2?\s{1,4}(--dns|--secret|--host|[a-z0-9-]{1,40}\.)/
		$a2 = "dnscat2 v0."
		$a3 = "Encrypted session established! For added security"
		$b1 = /\biodined?\s{1,4}(-[a-zA-Z]{1,4}\s{1,4}){1,6}[^\n\x00]{0,60}[a-z0-9-]{1,40}\.[a-z]{2,12}/
	condition:
		filesize < 64MB and any of them
}

rule tunnel_nps_client
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "NPS: command line or configuration of npc, a tunnel client"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-207a"
		severity = "high"
		score = 70
		attack = "T1090, T1572"
	strings:
		$a = /\bnpc(\.exe)?"?\s{1,4}(install\s{1,4})?-server=\S{4,80}\s{1,4}-vkey=\S{4,80}/ nocase ascii wide
		$b = /\[common\]\s{0,40}server_addr=\S{4,80}\s{1,10}(conn_type=\w{2,4}\s{1,10})?vkey=\S{4,80}/
	condition:
		filesize < 256MB and any of them
}

rule tunnel_plink_reverse
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PuTTY's plink that forwards a port back, unattended"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-207a"
		severity = "high"
		score = 75
		attack = "T1572, T1021.004"
	strings:
		$a = /plink(\.exe)?"?\s[^\n\x00]{0,120}-(R|L|D)\s{0,2}[0-9.:]{3,60}[^\n\x00]{0,120}-pw\s/ nocase ascii
		$b = /plink(\.exe)?"?\s[^\n\x00]{0,120}-pw\s[^\n\x00]{0,120}-(R|L|D)\s{0,2}[0-9.:]{3,60}/ nocase ascii
		$c = /echo\s{1,4}y\s{0,4}\|\s{0,4}[^\n\x00]{0,80}plink(\.exe)?"?\s/ nocase ascii
	condition:
		filesize < 256MB and any of them
}

rule tunnel_3proxy_configuration
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "configuration of 3proxy that serves without asking who calls"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-207a"
		severity = "medium"
		score = 55
		attack = "T1090"
	strings:
		$a = /(^|\n)\s{0,4}(socks|proxy|admin|tcppm)\s{1,4}(-[a-z]\S{0,24}\s{0,4}){0,6}-p\d{2,5}\b/
		$b1 = /(^|\n)\s{0,4}auth\s{1,4}none\b/
		$b2 = /(^|\n)\s{0,4}(daemon|service|maxconn\s{1,4}\d{1,6}|nserver\s{1,4}\S{3,40})\s{0,4}\n/
	condition:
		filesize < 64KB and $a and $b1 and $b2
}

rule tunnel_socat_relay
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "socat that passes a port on to another host"
		reference = "https://attack.mitre.org/techniques/T1090/"
		severity = "medium"
		score = 55
		attack = "T1090, T1572"
	strings:
		$a = /\bsocat\s[^\n\x00]{0,60}(TCP|TCP4|TCP6|OPENSSL|UDP)-L(ISTEN)?:\d{2,5}[^\n\x00]{0,60}\bfork\b[^\n\x00]{0,60}\s["']?(TCP|TCP4|TCP6|OPENSSL|UDP|SOCKS4A?)(-CONNECT)?:\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}:/ nocase
	condition:
		filesize < 16MB and $a
}

rule tunnel_softether_renamed
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "SoftEther VPN under the name of a program of Windows, as Flax Typhoon runs it"
		reference = "https://www.microsoft.com/en-us/security/blog/2023/08/24/flax-typhoon-using-legitimate-software-to-quietly-access-taiwanese-organizations/"
		severity = "critical"
		score = 85
		attack = "T1133, T1036.005"
	strings:
		$a = "SoftEther VPN" ascii wide
		$b = "vpnbridge" nocase ascii wide
	condition:
		uint16(0) == 0x5a4d and filename matches /^(conhost|dllhost|svchost|lsass|csrss)(\.exe)?$/i and any of them
}

rule tunnel_softether_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command lines that install SoftEther VPN under another name, as the report on Flax Typhoon quotes them"
		reference = "https://www.microsoft.com/en-us/security/blog/2023/08/24/flax-typhoon-using-legitimate-software-to-quietly-access-taiwanese-organizations/"
		severity = "high"
		score = 75
		attack = "T1133, T1543.003, T1105"
	strings:
		$get = /(invoke-webrequest|iwr|certutil(\.exe)?"?\s{1,4}-urlcache|bitsadmin)[^\n\x00]{0,200}\b(vpnbridge|vpnserver|softether|hamcore)[^\n\x00]{0,60}/ nocase ascii wide
		$sc = /\bsc(\.exe)?"?\s{1,4}create\s[^\n\x00]{1,60}binpath=[^\n\x00]{0,80}(conhost|dllhost|vpnbridge)\.exe[^\n\x00]{0,20}\/service/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule tunnel_ssf
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "Secure Socket Funneling: its program or command line"
		reference = "https://www.cyber.gov.au/about-us/view-all-content/alerts-and-advisories/apt40-advisory-prc-mss-tradecraft-in-action"
		severity = "high"
		score = 70
		attack = "T1572, T1090"
	strings:
		$c = /\bssfd?(\.exe)?"?\s{1,4}[^\n\x00]{0,60}-(F|D|Y|L|R|X)\s{1,4}\d{2,5}[^\n\x00]{0,80}-c\s[^\n\x00]{1,60}\.json/
		$p1 = "[ssf]" fullword
		$p2 = "SSF_" fullword
		$p3 = "ssf/services/" nocase
		$p4 = "secure socket funneling" nocase
	condition:
		filesize < 64MB and ($c or 2 of ($p*))
}
