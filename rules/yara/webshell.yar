// SPDX-License-Identifier: Apache-2.0
// Web shells: scripts of a web server that run what a request says.

// What makes a file a page: a tag with what goes before or after it, long enough to be looked for, or any tag at the very
// beginning.
private rule page_php
{
	strings:
		$a1 = "<?php" nocase
		$a2 = "<?="
		$a3 = "<? "
		$a4 = "<?@"
		$a5 = "<?\n"
		$a6 = "<?\r\n"
		$b1 = ";?>"
		$b2 = "}?>"
	condition:
		filesize < 4MB and (uint16be(0) == 0x3c3f or any of them)
}

private rule page_jsp_or_asp
{
	strings:
		$a1 = "<%@"
		$a2 = "<%!"
		$a3 = "<%="
		$a4 = "<% "
		$a5 = "<%\n"
		$a6 = "<%\r\n"
		$a7 = "<%\t"
		$a8 = "<jsp:scriptlet"
		$b1 = ";%>"
		$b2 = "}%>"
		$b3 = ")%>"
		$b4 = " %>"
		$b5 = "\n%>"
	condition:
		filesize < 1MB and (uint16be(0) == 0x3c25 or any of them)
}

rule webshell_php_eval_request
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "PHP that evaluates or calls what a request brings"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "high"
		score = 80
		attack = "T1505.003"
	strings:
		$eval = /\b(eval|assert)\s{0,8}\(\s{0,8}(@|stripslashes\s{0,4}\(|base64_decode\s{0,4}\(|gzinflate\s{0,4}\(|str_rot13\s{0,4}\(|urldecode\s{0,4}\(){0,3}\s{0,8}\$_(GET|POST|REQUEST|COOKIE|SERVER)\b/ nocase
		$call = /\$_(GET|POST|REQUEST|COOKIE)\s{0,4}\[[^\]\n]{1,40}\]\s{0,4}\(\s{0,4}(@?\$_(GET|POST|REQUEST|COOKIE)|base64_decode)/ nocase
		$map = /\b(array_map|call_user_func(_array)?|usort|array_filter|register_shutdown_function)\s{0,4}\(\s{0,4}["']?(assert|eval|system|passthru|shell_exec)["']?\s{0,4},[^;\n]{0,80}\$_(GET|POST|REQUEST|COOKIE)/ nocase
	condition:
		filesize < 2MB and page_php and any of them
}

rule webshell_php_command_request
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "PHP that hands a request's parameter to a shell"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "high"
		score = 80
		attack = "T1505.003"
	strings:
		$exec = /\b(system|passthru|shell_exec|popen|proc_open|pcntl_exec|exec)\s{0,8}\(\s{0,8}(@|"|'|stripslashes\s{0,4}\(|base64_decode\s{0,4}\(|urldecode\s{0,4}\(){0,3}\s{0,8}\{?\$_(GET|POST|REQUEST|COOKIE|SERVER\s{0,4}\[\s{0,4}["']HTTP_)/ nocase
		$tick = /(=|\becho|\bprint|\breturn|;|<\?php|<\?=)\s{0,8}`[^`\n]{0,40}\$_(GET|POST|REQUEST|COOKIE)\b[^`\n]{0,80}`/ nocase
	condition:
		filesize < 2MB and page_php and any of them
}

rule webshell_php_packed
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "PHP that evaluates a long packed literal"
		reference = "https://media.defense.gov/2020/Jun/09/2002313081/-1/-1/0/CSI-DETECT-AND-PREVENT-WEB-SHELL-MALWARE-20200422.PDF"
		severity = "high"
		score = 75
		attack = "T1505.003, T1027"
	strings:
		$packed = /\b(eval|assert)\s{0,8}\(\s{0,8}(@?(gzinflate|gzuncompress|gzdecode|str_rot13|base64_decode|strrev|hex2bin)\s{0,4}\(\s{0,4}){1,5}["'][A-Za-z0-9+\/=]{200}/ nocase
	condition:
		filesize < 4MB and page_php and $packed
}

rule webshell_php_upload_anything
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "short PHP that stores an uploaded file under a name the request chooses"
		reference = "https://media.defense.gov/2020/Jun/09/2002313081/-1/-1/0/CSI-DETECT-AND-PREVENT-WEB-SHELL-MALWARE-20200422.PDF"
		severity = "medium"
		score = 65
		attack = "T1505.003, T1105"
	strings:
		$move = /\b(move_uploaded_file|copy)\s{0,4}\(\s{0,4}\$_FILES\s{0,4}\[[^\]\n]{1,40}\]\s{0,4}\[\s{0,4}["']tmp_name["']\s{0,4}\]\s{0,4},\s{0,4}(\$_(GET|POST|REQUEST)|\$_FILES\s{0,4}\[[^\]\n]{1,40}\]\s{0,4}\[\s{0,4}["']name["'])/ nocase
		$put = /\bfile_put_contents\s{0,4}\(\s{0,4}\$_(GET|POST|REQUEST|COOKIE)[^;\n]{1,120}\$_(GET|POST|REQUEST|COOKIE)/ nocase
	condition:
		filesize < 4KB and page_php and any of them
}

rule webshell_jsp_command_request
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "JSP that runs a request's parameter as a command"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "high"
		score = 80
		attack = "T1505.003"
	strings:
		$direct = /\.exec\s{0,4}\(\s{0,4}(new\s{1,4}String\s{0,2}\[\]\s{0,4}\{[^}\n]{0,80})?request\.getParameter\s{0,4}\(/
		$runtime = "Runtime.getRuntime()"
		$builder = /new\s{1,8}(java\.lang\.)?ProcessBuilder\s{0,4}\(/
		$param = /request\.get(Parameter|Header)\s{0,4}\(\s{0,4}"(cmd|command|exec|c|pwd|pass|shell|x|ant|code)"/ nocase
		$stream = "getInputStream()"
	condition:
		filesize < 1MB and page_jsp_or_asp and ($direct or ($param and $stream and any of ($runtime, $builder)))
}

rule webshell_jsp_class_loader
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "JSP that defines a class from what a request brings, decrypted on the way"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
		severity = "high"
		score = 80
		attack = "T1505.003, T1027"
	strings:
		$extends = /extends\s{1,8}(java\.lang\.)?ClassLoader/
		$define = /\bdefineClass\s{0,4}\(/
		$cipher = /Cipher\.getInstance\s{0,4}\(\s{0,4}"AES/
		$body = /request\.get(Reader|InputStream|Parameter)\s{0,4}\(/
	condition:
		filesize < 1MB and page_jsp_or_asp and $define and $body and any of ($extends, $cipher)
}

rule webshell_aspx_request
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "ASP or ASP.NET page that evaluates or runs what a request brings"
		reference = "https://media.defense.gov/2020/Jun/09/2002313081/-1/-1/0/CSI-DETECT-AND-PREVENT-WEB-SHELL-MALWARE-20200422.PDF"
		severity = "high"
		score = 80
		attack = "T1505.003"
	strings:
		$script = /<script[^>\n]{0,80}runat\s{0,4}=/ nocase
		$eval = /\b(eval|execute(global)?)\s{0,4}\(?\s{0,4}(System\.Text\.Encoding\.[A-Za-z0-9]{1,12}\.GetString\s{0,4}\([^\n]{0,60})?Request\s{0,4}(\.(Item|Form|QueryString|Params|Cookies|Headers)\s{0,4})?[\[\(]/ nocase
		$start = /Process(StartInfo)?\s{0,4}(\.Start)?\s{0,4}\([^\n;]{0,80}Request\s{0,4}(\.(Item|Form|QueryString|Params|Headers)\s{0,4})?[\[\(]/ nocase
		$args = /\.Arguments\s{0,4}=[^\n;]{0,80}Request\s{0,4}(\.(Item|Form|QueryString|Params|Headers)\s{0,4})?[\[\(]/ nocase
	condition:
		filesize < 1MB and (page_jsp_or_asp or $script) and any of ($eval, $start, $args)
}

rule webshell_php_session_key
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PHP page that decrypts what it is sent with a key from the session and runs it, as Behinder and Godzilla do"
		reference = "https://www.cyber.gov.au/about-us/view-all-content/alerts-and-advisories/apt40-advisory-prc-mss-tradecraft-in-action"
		severity = "critical"
		score = 90
		attack = "T1505.003, T1027"
	strings:
		$p = "<?php" nocase
		$i = "php://input" nocase
		$s = /\$_SESSION\[\s{0,2}["'][^"'\n]{1,32}["']\s{0,2}\]\s{0,2}=/
		$d1 = "openssl_decrypt" nocase
		$d2 = /\$\w{1,24}\[\$i\]\s{0,2}\^\s{0,2}\$\w{1,24}\[/
		$d3 = /=\s{0,2}\$D\[\$i\]\s{0,2}\^\s{0,2}\$c/
		$e1 = /\beval\s{0,2}\(/
		$e2 = /\bassert\s{0,2}\(/
		$e3 = "__invoke"
	condition:
		filesize < 256KB and $p and ($i or $s) and any of ($d*) and any of ($e*)
}

rule webshell_php_callback
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PHP page that hands a request's values to a function that calls functions"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "high"
		score = 80
		attack = "T1505.003"
	strings:
		$a = /\b(array_map|call_user_func|call_user_func_array|register_shutdown_function|create_function)\s{0,2}\(\s{0,2}(\$_(GET|POST|REQUEST|COOKIE|SERVER)\[|["'](assert|system|exec|passthru|shell_exec|eval)["'],)/ nocase
		$d = /\b(array_filter|array_walk|usort|uasort|uksort|preg_replace_callback)\s{0,2}\([^,;\n]{1,60},\s{0,2}(\$_(GET|POST|REQUEST|COOKIE|SERVER)\[|["'](assert|system|exec|passthru|shell_exec)["'])/ nocase
		$b = /\$_(GET|POST|REQUEST|COOKIE)\[[^\]\n]{1,24}\]\s{0,2}\(\s{0,2}\$_(GET|POST|REQUEST|COOKIE)\[/ nocase
		$c = /\$\w{1,24}\s{0,2}=\s{0,2}\$_(GET|POST|REQUEST|COOKIE)\[[^\]\n]{1,24}\];\s{0,8}(@?\$\w{1,24}\s{0,2}\(\s{0,2}\$_(GET|POST|REQUEST|COOKIE)\[)/ nocase
	condition:
		filesize < 512KB and page_php and any of them
}

rule webshell_jsp_processbuilder
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "JSP that starts a program with what a request says, or runs it through a script engine"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "high"
		score = 85
		attack = "T1505.003"
	strings:
		$r = /request\.get(Parameter|Header|Cookies|InputStream|Reader)\s{0,2}\(/
		$a1 = /new\s{1,4}(java\.lang\.)?ProcessBuilder\s{0,2}\([^\n;]{0,120}(request\.|cmd|param|command|c\b)/
		$a2 = /ScriptEngineManager\s{0,2}\(\s{0,2}\)[^\x00]{0,200}\.eval\s{0,2}\([^\n;]{0,60}request\./
		$a3 = /getMethod\s{0,2}\(\s{0,2}"exec"[^\x00]{0,200}request\./
	condition:
		filesize < 512KB and page_jsp_or_asp and $r and any of ($a*)
}

rule webshell_aspx_process
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "ASP.NET page that starts cmd.exe or powershell.exe with what a request says"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "high"
		score = 85
		attack = "T1505.003"
	strings:
		$p = /<%@\s{0,4}(Page|WebHandler|WebService)\b/ nocase
		$r = /\bRequest(\.(Form|QueryString|Params|Item|Headers|Cookies))?\s{0,2}[\[(]/ nocase
		$s1 = "ProcessStartInfo" nocase
		$s2 = "Process.Start" nocase
		$c1 = /["'](cmd|powershell)(\.exe)?["']/ nocase
		$c2 = "/c " nocase
	condition:
		filesize < 512KB and $p and $r and any of ($s*) and ($c1 or $c2)
}

rule webshell_aspx_assembly
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "ASP.NET page that loads and runs a program it is sent"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "critical"
		score = 90
		attack = "T1505.003, T1620"
	strings:
		$p = /<%@\s{0,4}(Page|WebHandler|WebService)\b/ nocase
		$r = /\bRequest(\.(BinaryRead|Form|Item|InputStream)|\s{0,2}\[)/ nocase
		$l = /Assembly\s{0,2}\.\s{0,2}Load\s{0,2}\(/ nocase
		$i1 = "CreateInstance" nocase
		$i2 = "Invoke(" nocase
	condition:
		filesize < 512KB and $p and $r and $l and any of ($i*)
}

rule webshell_dropper_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that writes a page of code into a web root"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "high"
		score = 80
		attack = "T1505.003, T1140"
	strings:
		$b64 = /\b(echo|printf)\s[^\n\x00]{0,24}(PD9waH|PCVA|PCUK|PCUg)[A-Za-z0-9+\/=]{8,8000}[^\n\x00]{0,40}base64\s{1,4}(-d|--decode|-D)[^\n\x00]{0,40}>{1,2}\s{0,2}[^\n\x00]{1,160}\.(php|jspx?|aspx?|phtml)\b/
		$certutil = /certutil(\.exe)?"?\s{1,4}-f?\s{0,4}-?decode(hex)?\s{1,4}[^\n\x00]{1,120}\.(aspx?|jspx?|php|ashx)\b/ nocase ascii wide
		$echo = /\becho\s[^\n\x00]{0,40}<\?(php)?\s[^\n\x00]{0,120}(eval|system|assert|passthru|shell_exec)\s{0,2}\([^\n\x00]{0,120}>{1,2}\s{0,2}[^\n\x00]{1,160}\.(php|phtml|inc)\b/ nocase
		$put = /file_put_contents\s{0,2}\([^\n;]{1,120}\.(php|phtml)["'][^\n;]{0,40}base64_decode\s{0,2}\(\s{0,2}["'](PD9waH|PD8)/
	condition:
		filesize < 256MB and any of them
}
