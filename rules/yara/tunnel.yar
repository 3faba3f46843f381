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
		$coded = /strtr\s{0,2}\(\s{0,2}base64_encode\s{0,2}\(/
		$end = "DISCONNECT"
		$page1 = "<?php" nocase
		$page2 = "<%@" nocase
		$page3 = "<jsp:" nocase
	condition:
		filesize < 256KB and ($says or (any of ($page*) and $connect and $forward and (3 of ($c*) or ($coded and $end))))
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
		$c1 = /ngrok(\.exe)?"?\s{1,4}(tcp|http|tls|start|service)\s{1,4}[^\n\x00]{1,60}/ nocase ascii wide
		$c2 = /ngrok(\.exe)?"?\s{1,4}(config add-authtoken|authtoken)\s{1,4}[0-9A-Za-z_]{20}/ nocase ascii wide
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
		$a1 = /dnscat2?(-client)?(\.exe)?\s{1,4}(--dns|--secret|--host|[a-z0-9-]{1,40}\.)/ ascii wide
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
		$a = /npc(\.exe)?"?\s{1,4}(install\s{1,4})?-server=\S{4,80}\s{1,4}-vkey=\S{4,80}/ nocase ascii wide
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
		$a = /plink(\.exe)?"?\s[^\n\x00]{0,120}-(R|L|D)\s{0,2}[0-9.:]{3,60}[^\n\x00]{0,120}-pw\s/ nocase ascii wide
		$b = /plink(\.exe)?"?\s[^\n\x00]{0,120}-pw\s[^\n\x00]{0,120}-(R|L|D)\s{0,2}[0-9.:]{3,60}/ nocase ascii wide
		$c = /echo\s{1,4}y\s{0,4}\|\s{0,4}[^\n\x00]{0,80}plink(\.exe)?"?\s/ nocase ascii wide
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
		$sc = /sc(\.exe)?"?\s{1,4}create\s[^\n\x00]{1,60}binpath=[^\n\x00]{0,80}(conhost|dllhost|vpnbridge)\.exe[^\n\x00]{0,20}\/service/ nocase ascii wide
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

rule tunnel_go_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line of a tunnelling tool (chisel, ligolo, iox, gost, frp, Stowaway, revsocks, pingtunnel)"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "high"
		score = 75
		attack = "T1572, T1090"
	strings:
		$chisel1 = /chisel\S{0,20}\s{1,4}client\s[^\n\x00]{0,200}\b(R:\S|socks\b|[0-9]{2,5}:\S)/ nocase ascii wide
		$chisel2 = /chisel\S{0,20}\s{1,4}server\s[^\n\x00]{0,120}--(reverse|socks5)\b/ nocase ascii wide
		$ligolo = /-connect\s{1,4}\S{3,80}:[0-9]{2,5}\s[^\n\x00]{0,60}-(ignore-cert|retry|accept-fingerprint)\b/ ascii wide
		$iox = /iox(\.exe)?"?\s{1,4}(proxy|fwd)\s{1,4}-(r|l|k)\s/ nocase ascii wide
		$gost = /gost(\.exe)?"?\s{1,4}-(L|F)[ =]{1,2}"?[a-z0-9+:.\/@-]{3,80}/ nocase ascii wide
		$frp = /frp[cs](\.exe)?"?\s{1,4}(-c\s|--config|tcp\s|http\s|stcp\s|xtcp\s)/ nocase ascii wide
		$stowaway = / -(c|l) [0-9.:]{4,40} -s \S{1,60} [^\n\x00]{0,60}--(reconnect|rhostreuse|lhost|rehost|report|socks5-proxy|http-proxy|cs|up|down)\b/ ascii wide
		$revsocks = /revsocks\S{0,20}\s{1,4}[^\n\x00]{0,80}-(connect|listen)\s/ ascii wide
		$ping = /pingtunnel(\.exe)?"?\s{1,4}-type\s{1,4}(client|server)\b/ ascii wide
	condition:
		filesize < 256MB and any of them
}

rule tunnel_htran
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "HTran or lcx, forwarders of connections: the program or a command line"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa20-258a"
		severity = "high"
		score = 80
		attack = "T1090"
	strings:
		$c = /(htran|lcx)\d{0,2}(\.exe)?"?\s{1,4}-(listen|slave|tran|install)\s{1,4}[^\n\x00]{3,100}/ nocase ascii wide
		$p1 = "[+] Make a Connection to %s:%d"
		$p2 = "[SERVER]connection to %s:%d error"
		$p3 = "[+] Waiting another Client on port:%d"
		$p4 = "[-] There is a error...Create a new connection."
	condition:
		filesize < 256MB and ($c or 2 of ($p*))
}

rule tunnel_public_relay
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "tunnel through a relay that anybody may use: SSH to one, bore, localtunnel, editors' tunnels, a network of its own with a key"
		reference = "https://attack.mitre.org/techniques/T1572/"
		severity = "medium"
		score = 65
		attack = "T1572, T1102, T1219"
	strings:
		$ssh = /ssh[ \t][^\n\x00]{0,160}-[a-zA-Z]{0,4}R[ \t]{0,2}\S{1,80}[ \t][^\n\x00]{0,80}\b(serveo\.net|localhost\.run|pinggy\.io|a\.pinggy|lhr\.life|srv\.us)/ ascii wide
		$bore = /bore(\.exe)?"?[ \t]{1,4}local[ \t]{1,4}[0-9]{1,5}[ \t][^\n\x00]{0,60}--to[ =]/ ascii wide
		$code = /code(-tunnel|-insiders)?(\.exe)?"?\s{1,4}tunnel\s[^\n\x00]{0,120}--(accept-server-license-terms|name|random-name)/ ascii wide
		$devtunnel = /devtunnel(\.exe)?"?\s{1,4}(host|port\s{1,4}create)\s[^\n\x00]{0,80}(-p|--port-numbers|-a\b|--allow-anonymous)/ ascii wide
		$tailscale = /tailscale(\.exe)?"?\s{1,4}up\s[^\n\x00]{0,120}--auth-?key[ =]/ ascii wide
		$cloudflared = /cloudflared(\.exe)?"?\s{1,4}(access\s{1,4}tcp\s|tunnel\s[^\n\x00]{0,60}--url\s{1,4}(tcp|ssh|rdp|smb):)/ nocase ascii wide
		$wstunnel = /wstunnel(\.exe)?"?\s{1,4}client\s[^\n\x00]{0,120}-(R|L)\s{1,4}["']?(tcp|socks5|udp):/ ascii wide
	condition:
		filesize < 256MB and any of them
}

rule tunnel_neoregeorg_page
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "page of Neo-reGeorg 5 or suo5: a tunnel through a web server"
		reference = "https://attack.mitre.org/techniques/T1090/"
		severity = "high"
		score = 85
		attack = "T1505.003, T1090"
	strings:
		$n1 = "blv_decode"
		$n2 = "blv_encode"
		$s1 = "suo5" nocase
		$s2 = "unmarshal"
		$s3 = "newDirtyData"
		$s4 = "processDataUnary"
		$s5 = "getSocketChannel"
	condition:
		filesize < 256KB and uint32(0) != 0x464c457f and (all of ($n*) or ($s1 and any of ($s2, $s3, $s4, $s5)) or 3 of ($s*))
}

rule tunnel_softether_configuration
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "configuration of a SoftEther VPN server, client or bridge"
		reference = "https://www.microsoft.com/en-us/security/blog/2023/08/24/flax-typhoon-using-legitimate-software-to-quietly-access-taiwanese-organizations/"
		severity = "medium"
		score = 50
		attack = "T1133, T1572"
	strings:
		$h = "VPN Server / Client / Bridge program"
		$r = "declare root"
		$b1 = "declare ServerConfiguration"
		$b2 = "declare VirtualHUB"
		$b3 = "declare LocalBridgeList"
		$b4 = "declare ClientManagerSetting"
	condition:
		filesize < 16MB and $r and ($h or 2 of ($b*))
}

rule tunnel_remote_desktop_unattended
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "remote desktop program installed silently and given a password by a command line"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-025a"
		severity = "medium"
		score = 60
		attack = "T1219"
	strings:
		$anydesk1 = /anydesk\S{0,24}\.exe"?\s[^\n\x00]{0,120}--(install|silent|set-password)\b/ nocase ascii wide
		$anydesk2 = /echo\s{1,4}\S{3,40}\s{0,2}\|\s{0,4}[^\n\x00]{0,80}anydesk\S{0,24}\.exe"?\s{1,4}--set-password/ nocase ascii wide
		$rustdesk = /rustdesk\S{0,24}\.exe"?\s[^\n\x00]{0,60}--(password|silent-install)\b/ nocase ascii wide
		$screen = /msiexec(\.exe)?"?\s[^\n\x00]{0,80}(screenconnect|connectwisecontrol)\S{0,60}\.msi[^\n\x00]{0,40}\/q/ nocase ascii wide
		$atera = /msiexec(\.exe)?"?\s[^\n\x00]{0,80}\/q\S{0,4}\s[^\n\x00]{0,80}(integratorlogin|accountid)=/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule tunnel_regeorg_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line of reGeorg or Neo-reGeorg"
		reference = "https://attack.mitre.org/techniques/T1090/"
		severity = "high"
		score = 75
		attack = "T1090, T1572"
	strings:
		$a = /neoreg\.py["']?\s{1,4}(generate\s|[^\n\x00]{0,80}-(k|u|-key|-url)\s)/ ascii wide
		$b = /reGeorgSocksProxy\.py["']?\s{1,4}-/ ascii wide
	condition:
		filesize < 256MB and any of them
}

rule tunnel_frp_command_named_by_advisory
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line or record with a name under which Volt Typhoon ran Fast Reverse Proxy (frp)"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "high"
		score = 75
		attack = "T1090, T1036.005"
	strings:
		$run = /(BrightmetricAgent|SMSvcService)\.exe[\"']?\s{1,4}[^\n\x00]{0,120}(frpc?\b|\.ini\b|\.toml\b|-c\s)/ nocase ascii wide
		$beside = /(BrightmetricAgent|SMSvcService)\.exe\b[^\n\x00]{0,160}\bfrpc?(\.exe|\.ini|\.toml)\b/ nocase ascii wide
		$start = /SMSvcService\.exe\b/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule tunnel_gsocket
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "Global Socket: a shell behind firewalls through a relay (gs-netcat), its installer, or what keeps it"
		reference = "https://attack.mitre.org/techniques/T1572/"
		severity = "high"
		score = 75
		attack = "T1572, T1059.004, T1543"
	strings:
		$shell = /gs-netcat[\"']?[ \t]{1,4}([^\n\x00]{0,120}[ \t])?-[a-zA-Z]{0,8}[lie][a-zA-Z]{0,8}([\s"']|$)/
		$install = /\b(curl|wget)[ \t][^\n]{0,160}\bgsocket\.io\/[xy]\b/
		$kept = /\b(GS_ARGS|GSOCKET_ARGS)=[\"'][^\n]{0,120}-[a-zA-Z]{0,8}l/
		$seed = "SEED PRNG. #defunct-kernel"
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and any of them and not extension matches /^\.(md|1)$/
}

rule tunnel_3proxy_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "3proxy started on Windows, or from a folder everyone can write to"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-207a"
		severity = "medium"
		score = 60
		attack = "T1090"
	strings:
		$windows = /3proxy\.exe[\"']?\s{1,4}(--install\s{1,4})?[^\n\x00]{0,80}\.cfg\b/ nocase ascii wide
		$unix = /\/(tmp|var\/tmp|dev\/shm)\/[^\s]{0,40}3proxy[\"']?[ \t]{1,4}[^\n\x00]{0,80}\.cfg\b/
	condition:
		filesize < 256MB and any of them
}
