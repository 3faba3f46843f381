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
