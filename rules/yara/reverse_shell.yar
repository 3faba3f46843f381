// SPDX-License-Identifier: Apache-2.0
// Reverse and bind shells, as one-liners and as they are put into cron tables and unit files.

rule reverse_shell_dev_tcp
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "interactive shell over bash's /dev/tcp"
		reference = "https://attack.mitre.org/techniques/T1059/004/"
		severity = "high"
		score = 80
		attack = "T1059.004"
	strings:
		$interactive = /\b(ba|z|k|da)?sh\s{1,4}-(i|l|il|li)\s{0,4}(>&|&>|>|<|[0-9]>)\s{0,4}\/dev\/(tcp|udp)\/[0-9a-z\$\{][^\s\/]{1,80}\/[0-9\$]/
		$both = /\bexec\s{1,4}[0-9]{1,3}<>\s{0,4}\/dev\/(tcp|udp)\/[0-9][^\s\/]{1,80}\/[0-9]{1,5}[^\n]{0,200}\b(ba|z|k|da)?sh\b/
		$while = /\bexec\s{1,4}[0-9]{1,3}<>\s{0,4}\/dev\/(tcp|udp)\/[^\n]{3,160}\bread\s[^\n]{1,60}\$\{?\w{1,16}/
		$b64 = "bash -i >& /dev/tcp/" base64 base64wide
		$loop = /\/dev\/(tcp|udp)\/[0-9][^\s\/]{1,80}\/[0-9]{1,5}[^\n]{0,80}(0>&1|0<&1|<&196|0<&196|2>&1)[^\n]{0,40}(ba|z|k|da)?sh/
	condition:
		filesize < 20MB and any of them
}

rule reverse_shell_netcat
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "shell behind netcat, ncat, socat or openssl"
		reference = "https://attack.mitre.org/techniques/T1059/004/"
		severity = "high"
		score = 75
		attack = "T1059.004, T1095"
	strings:
		$nc = /\b(nc |ncat |netcat |nc\.traditional )\s{0,3}(-[a-z]{1,6}\s{1,4}){0,4}(-e|-c|--exec|--sh-exec)\s{1,4}["']?(\/(usr\/)?bin\/)?(ba|da|z|k)?sh\b/
		$nc_late = /\b(nc |ncat |netcat )\s{0,3}[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\s{1,4}[0-9]{1,5}\s{1,4}(-[a-z]{1,6}\s{1,4}){0,3}(-e|-c)\s{1,4}["']?(\/(usr\/)?bin\/)?(ba|da|z|k)?sh/
		$fifo = /(mkfifo|mknod)\s{1,4}[^;\n]{1,80};[^\n]{0,120}(ba|da|z|k)?sh\s{1,4}-i[^\n]{0,60}\|\s{0,4}(nc|ncat|netcat|openssl\s{1,4}s_client|telnet)\b/
		$tls = /\bopenssl\s{1,4}s_client\s[^\n|]{3,120}\|\s{0,4}(\/(usr\/)?bin\/)?(ba|da|z|k)?sh\b[^\n|]{0,24}\|\s{0,4}openssl\s{1,4}s_client\b/
		$socat = /\bsocat\s[^\n]{0,160}(exec|EXEC|system|SYSTEM):["']?(\/(usr\/)?bin\/)?(ba|da|z|k)?sh[^\n]{0,60}(pty|stderr)[^\n]{0,120}/
	condition:
		filesize < 20MB and any of them
}

rule reverse_shell_script_language
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "one-liner that connects a socket to a shell, in Python, Perl, PHP or Ruby"
		reference = "https://attack.mitre.org/techniques/T1059/"
		severity = "high"
		score = 75
		attack = "T1059.006, T1059.004"
	strings:
		$python = /\.connect\s{0,2}\(\(\s{0,2}["'][^"'\n]{3,80}["']\s{0,2},\s{0,2}[0-9]{1,5}\s{0,2}\)\)[^\n]{0,120}os\.dup2\s{0,2}\([^\n]{0,240}["'](\/bin\/)?(ba|da|z|k)?sh["']/
		$python_long = /os\.dup2\s{0,2}\(\s{0,2}\w{1,12}\.fileno\(\)\s{0,2},\s{0,2}(0|f|fd|i|x)\s{0,2}\)/
		$python_sh = /(pty\.spawn|subprocess\.(call|Popen|run)|os\.execv?)\s{0,2}\(\s{0,2}\[?\s{0,2}["'](\/bin\/)?(ba|da|z|k)?sh["']/
		$perl = /open\s{0,2}\(\s{0,2}STDIN\s{0,2},\s{0,2}["']>&\w{1,12}["']\s{0,2}\)[^\n]{0,160}exec\s{0,2}\(?\s{0,2}["\{'][^\n]{0,20}\/(ba|da|z|k)?sh\s{1,2}-i/
		$perl_long = /\bconnect\s{0,2}\([^\x00]{1,300}open\s{0,2}\(\s{0,2}STDIN\s{0,2},\s{0,2}["']>&\w{1,12}["']\s{0,2}\)[^\x00]{0,300}\b(exec|system)\s{0,2}[({]?\s{0,2}[^\n]{0,24}(\/(ba|da|z|k)?sh\b|\$\w{1,12})/
		$python_in = /["'](\/bin\/)?(ba|da|z|k)?sh["'][^\n]{0,24}stdin\s{0,2}=\s{0,2}\w{1,12}(\.fileno)?\(\)/
		$python_import = /__import__;[^\n]{0,120}socket[^\n]{0,400}["']\/bin\/(ba|da|z|k)?sh["']/
		$python_cmd = /Popen\s{0,2}\(\s{0,2}\[\s{0,2}["'][^"'\n]{0,40}cmd(\.exe)?["']\s{0,2}\][^\n]{0,400}socket[^\n]{0,200}\.connect\s{0,2}\(\s{0,2}\(/
		$ruby_loop = /TCPSocket\.(open|new)\s{0,2}\([^\n)]{3,100}\)[^\n]{0,200}IO\.popen\s{0,2}\(/
		$go = /net\.Dial\s{0,2}\([^\n)]{3,100}\)[^\x00]{0,200}exec\.Command\s{0,2}\(\s{0,2}"((\/bin\/)?(ba)?sh|cmd(\.exe)?)"[^\x00]{0,80}\.Stdin\s{0,2}=/
		$rust = /Command::new\s{0,2}\(\s{0,2}"(\/bin\/)?(ba)?sh"\s{0,2}\)[^\x00]{0,200}from_raw_fd\s{0,2}\(/
		$java = /redirectErrorStream\s{0,2}\(\s{0,2}true\s{0,2}\)\.start\(\);\s{0,4}Socket\s{1,2}\w{1,8}\s{0,2}=\s{0,2}new\s{1,2}Socket\s{0,2}\(/
		$php_fd = /fsockopen\s{0,2}\([^\n)]{3,100}\)[^\n]{0,60}\\?`(\/(usr\/)?bin\/)?(ba|da|z|k)?sh(\s{1,2}-i)?\s{0,2}<&/
		$php = /fsockopen\s{0,2}\([^\n)]{3,100}\)[^\n]{0,80}(exec|system|passthru|shell_exec|popen|proc_open)\s{0,2}\(\s{0,2}\\?["'](\/(usr\/)?bin\/)?(ba|da|z|k)?sh(\s{1,2}-[il]{1,2}|\s{0,2}<&\s?[0-9$])/
		$php_proc = /fsockopen\s{0,2}\([^\n)]{3,100}\)[^\n]{0,80}proc_open\s{0,2}\(\s{0,2}\\?["']((\/(usr\/)?bin\/)?(ba|da|z|k)?sh|cmd(\.exe)?|powershell(\.exe)?)(\s{1,2}-[il]{1,2})?\\?["']\s{0,2},\s{0,2}(array\s{0,2}\(|\[)\s{0,2}0\s{0,2}=>\s{0,2}\\?\$/
		$ruby = /TCPSocket\.(open|new)\s{0,2}\([^\n)]{3,100}\)[^\n]{0,120}exec\s{0,2}\(?\s{0,2}(sprintf\()?["'](\/bin\/)?(ba|da|z|k)?sh\s{1,2}-i/
	condition:
		filesize < 5MB and (any of ($python, $python_in, $python_import, $python_cmd, $perl*, $php*, $ruby*, $go, $rust, $java) or ($python_long and $python_sh))
}

rule reverse_shell_in_cron
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "cron table that opens a shell to the network"
		reference = "https://attack.mitre.org/techniques/T1053/003/"
		severity = "critical"
		score = 90
		attack = "T1053.003, T1059.004"
	strings:
		$tcp = /(^|\n)\s{0,4}(@(reboot|hourly|daily|weekly|monthly|yearly|annually|midnight)|[0-9*][0-9*,\/-]{0,19}(\s{1,4}[0-9*][0-9*,\/-]{0,19}){2}(\s{1,4}[0-9a-zA-Z*,\/-]{1,20}){2})\s[^\n]{0,200}\/dev\/(tcp|udp)\/[^\n]{3,200}/
		$nc = /(^|\n)\s{0,4}(@(reboot|hourly|daily|weekly|monthly|yearly|annually|midnight)|[0-9*][0-9*,\/-]{0,19}(\s{1,4}[0-9*][0-9*,\/-]{0,19}){2}(\s{1,4}[0-9a-zA-Z*,\/-]{1,20}){2})\s[^\n]{0,200}\b(nc |ncat |netcat |socat )[^\n]{0,120}(-e|-c|exec:|EXEC:)\s{0,2}["']?(\/(usr\/)?bin\/)?(ba|da|z|k)?sh/
	condition:
		filesize < 1MB and any of them
}

rule reverse_shell_in_unit
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "systemd unit that starts a shell to the network"
		reference = "https://attack.mitre.org/techniques/T1543/002/"
		severity = "critical"
		score = 90
		attack = "T1543.002, T1059.004"
	strings:
		$service = "[Service]"
		$tcp = /\nExec(Start|StartPre|StartPost|Reload|Stop)\s{0,4}=[^\n]{0,200}\/dev\/(tcp|udp)\/[^\n]{3,200}/
		$nc = /\nExec(Start|StartPre|StartPost|Reload|Stop)\s{0,4}=[^\n]{0,200}\b(nc|ncat|netcat|socat)\s[^\n]{0,160}(-e|-c|exec:|EXEC:)\s{0,2}["']?(\/(usr\/)?bin\/)?(ba|da|z|k)?sh/
		$python = /\nExec(Start|StartPre|StartPost|Reload|Stop)\s{0,4}=[^\n]{0,200}socket\.socket[^\n]{0,300}(dup2|pty\.spawn|subprocess)/
	condition:
		filesize < 256KB and $service and any of ($tcp, $nc, $python)
}

rule bind_shell_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line or script that gives a shell to whoever connects"
		reference = "https://attack.mitre.org/techniques/T1059/004/"
		severity = "high"
		score = 80
		attack = "T1059.004"
	strings:
		$nc = /\b(nc |ncat |netcat |nc\.traditional |nc\.openbsd )[^\n|;\x00]{0,40}-[a-z]{0,4}l[a-z]{0,4}\s[^\n|;\x00]{0,60}(-e|-c|--exec|--sh-exec)\s{1,4}["']?(\/(usr\/)?bin\/)?(ba|da|z|k)?sh\b/
		$socat = /\bsocat\s[^\n\x00]{0,40}TCP[46]?-L(ISTEN)?:[^\n\x00]{1,60}EXEC:["']?(\/(usr\/)?bin\/)?(ba|da)?sh\b/ nocase
		$py = /\.bind\(\(["'][^"'\n]{0,40}["'],\s{0,2}\d{1,5}\)\)[^\x00]{0,300}\.accept\(\)[^\x00]{0,300}(dup2\([^\x00]{0,200}|subprocess\.[^\x00]{0,100})["'](\/(usr\/)?bin\/)?(ba|da)?sh["']/
	condition:
		filesize < 4MB and extension != ".nse" and any of them
}

rule reverse_shell_powershell
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PowerShell that reads commands from a socket and runs them"
		reference = "https://attack.mitre.org/techniques/T1059/001/"
		severity = "high"
		score = 85
		attack = "T1059.001, T1095"
	strings:
		$c = "Net.Sockets.TCPClient" nocase ascii wide
		$g = ".GetStream()" nocase ascii wide
		$x1 = /(iex|invoke-expression)\b/ nocase ascii wide
		$x2 = "| Out-String" nocase ascii wide
		$x3 = "|Out-String" nocase ascii wide
	condition:
		filesize < 256MB and $c and $g and $x1 and any of ($x2, $x3)
}

rule reverse_shell_elf_dropper
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "one-liner that decodes a program and runs it from a folder everyone can write to"
		reference = "https://attack.mitre.org/techniques/T1140/"
		severity = "high"
		score = 75
		attack = "T1140, T1105"
	strings:
		$a = /(f0VMR[A-Za-z0-9+\/]{20}|\\x7f\\x45\\x4c\\x46|\\x7fELF|\\177ELF)[^\n]{0,4000}\/(tmp|var\/tmp|dev\/shm|run)\/[^\n]{1,80}(;|&&|\|\|)\s{0,4}(chmod|\/(tmp|var\/tmp|dev\/shm|run)\/)/
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and $a
}

rule reverse_shell_windows_netcat
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "netcat that gives cmd.exe or PowerShell to the other side"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-241a"
		severity = "high"
		score = 85
		attack = "T1059.003, T1095"
	strings:
		$a = /(nc|nc64|ncat|netcat)(\.exe)?"?\s[^\n\x00]{0,80}-[a-z]{0,4}e\s{1,4}"?(c:\\windows\\system32\\)?(cmd|powershell)(\.exe)?\b/ nocase ascii wide
	condition:
		filesize < 256MB and $a
}

rule reverse_shell_other_languages
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "one-liner that connects a socket to a shell, in awk, Lua, Node, zsh, Perl's IO::Socket or by telnet"
		reference = "https://attack.mitre.org/techniques/T1059/"
		severity = "high"
		score = 80
		attack = "T1059, T1059.004"
	strings:
		$awk = /\/inet\/(tcp|udp)\/0\/[^"'\s]{3,60}\/[0-9]{1,5}["'][^\x00]{0,200}\|&\s{0,2}getline\s{1,2}\w{1,8}[^\x00]{0,120}\w{1,8}\s{0,2}\|&\s{0,2}getline\s{0,2}\)/
		$lua = /\.tcp\(\)[^\x00]{0,120}connect\([^\x00]{0,160}io\.popen\s{0,2}\(/
		$lua_x = /socket["']\)[^\n]{0,120}connect\([^\n]{0,80}os\.execute\s{0,2}\(\s{0,2}["']\/bin\/(ba)?sh/
		$node = /\bnet\.(Socket|connect|createConnection)\b[^\x00]{0,400}(spawn|exec|execFile)\s{0,2}\(\s{0,2}["'](\/bin\/(ba)?sh|cmd\.exe)/
		$node_late = /(spawn|execFile)\s{0,2}\(\s{0,2}["'](\/bin\/(ba)?sh|cmd(\.exe)?)["'][^\x00]{0,300}\bnet\.(Socket|connect|createConnection)\b[^\x00]{0,300}\.pipe\(/
		$telnet = /\btelnet\s{1,4}[0-9.]{7,15}\s{1,4}[0-9]{1,5}\s{0,4}\|\s{0,4}(\/bin\/)?(ba|da)?sh\s{0,4}\|\s{0,4}telnet\b/
		$zsh = /zmodload\s{1,4}zsh\/net\/tcp[^\n]{0,80}\bztcp\s[^\n]{1,120}zsh\s{0,2}>&\$REPLY/
		$perl = /IO::Socket::INET\b[^\x00]{0,200}fdopen\s{0,2}\([^\x00]{0,120}system\s{0,2}\(?\s{0,2}\$_/
	condition:
		filesize < 4MB and any of them
}

rule reverse_shell_php_descriptors
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PHP program that connects a socket to a shell's descriptors"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "high"
		score = 85
		attack = "T1059.004, T1505.003"
	strings:
		$s = /\b(fsockopen|stream_socket_client)\s{0,2}\(\s{0,2}["']?\$?\w{2,16}/
		$p = /\bproc_open\s{0,2}\(\s{0,2}(\$shell|["'](\/bin\/(ba)?sh|cmd(\.exe)?))/
		$d = /array\s{0,2}\(\s{0,2}["']pipe["']\s{0,2},\s{0,2}["']r["']\s{0,2}\)/
		$x = /\bstream_select\s{0,2}\(/
	condition:
		filesize < 256KB and $s and $p and $d and $x
}

rule reverse_shell_small_elf
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "ELF program of a few hundred bytes that connects a socket to a shell or fetches the rest of itself"
		reference = "https://attack.mitre.org/techniques/T1095/"
		severity = "critical"
		score = 85
		attack = "T1095, T1105"
	strings:
		$socket64 = { 6a 29 58 99 6a 02 5f 6a 01 5e 0f 05 }
		$stage64 = { 31 ff 6a 09 58 99 b6 10 48 89 d6 4d 31 c9 6a 22 41 5a }
		$socket32 = { 31 db f7 e3 53 43 53 6a 02 89 e1 b0 66 cd 80 }
		$stage32 = { 31 db f7 e3 53 43 53 6a 02 b0 66 89 e1 cd 80 }
	condition:
		uint32(0) == 0x464c457f and filesize < 4KB and any of them
}

rule reverse_shell_powershell_named
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "published PowerShell reverse shell (Nishang, ConPtyShell, powercat)"
		reference = "https://attack.mitre.org/techniques/T1059/001/"
		severity = "high"
		score = 85
		attack = "T1059.001"
	strings:
		$a1 = "Invoke-PowerShellTcp" nocase ascii wide
		$a2 = "Invoke-PowerShellUdp" nocase ascii wide
		$a3 = "Invoke-ConPtyShell" nocase ascii wide
		$a4 = "Invoke-PoshRatHttp" nocase ascii wide
		$a5 = /powercat\s{1,4}-[a-z]{1,2}\s[^\n\x00]{2,80}-(p|e|ep)\b/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule reverse_shell_in_audit_record
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "record of the Linux audit log, its arguments in hex, of a shell that goes to the network"
		reference = "https://attack.mitre.org/techniques/T1059/004/"
		severity = "high"
		score = 85
		attack = "T1059.004, T1095"
	strings:
		$tcp = /type=(EXECVE|PROCTITLE) [^\n]{0,1800}7368(20|00)2D69(20)?(3E26|263E)(20)?2F6465762F(746370|756470)2F/
		$back = /type=(EXECVE|PROCTITLE) [^\n]{0,1800}2F6465762F7463702F[0-9A-F]{14,120}(303E2631|303C2631)/
		$nc = /type=(EXECVE|PROCTITLE) [^\n]{0,1800}6E63(6174)?(20|00)[0-9A-F]{0,120}2D(65|63)(20|00)(2F757372)?(2F62696E2F)?(6261|6461|7A|6B)?7368(\s|00|20|0A|22|26|27|29|3B|7C|$)/
		$fifo = /type=(EXECVE|PROCTITLE) [^\n]{0,1800}6D6B6669666F20[0-9A-F]{4,200}7368202D69[0-9A-F]{0,80}7C(20)?(6E6320|6E63617420|6F70656E73736C20)/
		$python = /type=(EXECVE|PROCTITLE) [^\n]{0,1800}736F636B6574[0-9A-F]{4,600}(6475703228|7074792E737061776E28)/
		$plain = /(\/|")(nc|ncat|netcat|nc\.traditional)" ([^\n]{1,160} )?a[0-9]{1,2}="(-e|-c|--exec|--sh-exec)" a[0-9]{1,2}="(\/(usr\/)?bin\/)?(ba|da|z|k)?sh"/
		$socat = /socat" ([^\n]{1,200} )?a[0-9]{1,2}="(exec|EXEC|system|SYSTEM):\x27?(\/(usr\/)?bin\/)?(ba|da|z|k)?sh\b/
	condition:
		uint32(0) != 0x464c457f and filesize < 1024MB and any of them
}
