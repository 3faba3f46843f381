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
		filesize < 4MB and uint32(0) != 0x464c457f and uint16(0) != 0x5a4d and (uint16be(0) == 0x3c3f or any of them)
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
		filesize < 1MB and uint32(0) != 0x464c457f and uint16(0) != 0x5a4d and (uint16be(0) == 0x3c25 or any of them)
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
		$call = /((echo|print|return|else|php)\s{1,8}|[^\w\s]\s{0,8}|^)@?\$_(GET|POST|REQUEST|COOKIE)\s{0,4}\[[^\]\n]{1,40}\]\s{0,4}\(\s{0,4}(@?\$_(GET|POST|REQUEST|COOKIE)|base64_decode)/ nocase
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
		$flow = /\$\w{1,16}\s{0,2}=\s{0,2}\(?\s{0,2}@?\$_(GET|POST|REQUEST|COOKIE)\s{0,2}\[[^\]\n]{1,24}\]\s{0,2}\)?\s{0,2};[^\x00]{0,200}\b(system|passthru|shell_exec|popen|proc_open)\s{0,4}\(\s{0,4}["']?\$\w/ nocase
		$tick = /(=|\becho|\bprint|\breturn|;|<\?php|<\?=)\s{0,8}`[^`\n]{0,40}\$_(GET|POST|REQUEST|COOKIE)\b[^`\n]{0,80}`/ nocase
	condition:
		filesize < 2MB and page_php and (any of ($exec, $tick) or ($flow and filesize < 4KB))
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
		$packed = /\b(eval|assert)\s{0,8}\(\s{0,8}(@?(gzinflate|gzuncompress|gzdecode|str_rot13|base64_decode|strrev|hex2bin)\s{0,4}\(\s{0,4}){1,5}["'][A-Za-z0-9+\/=]{60}/ nocase
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
		$move = /\b(move_uploaded_file|copy)\s{0,4}\(\s{0,4}\$(_FILES|HTTP_POST_FILES)\s{0,4}\[[^\]\n]{1,40}\]\s{0,4}\[\s{0,4}["']tmp_name["']\s{0,4}\]\s{0,4},\s{0,4}(\$_(GET|POST|REQUEST)|\$_FILES\s{0,4}\[[^\]\n]{1,40}\]\s{0,4}\[\s{0,4}["']name["'])/ nocase
		$put = /\bfile_put_contents\s{0,4}\(\s{0,4}\$_(GET|POST|REQUEST|COOKIE|SERVER)[^;\n]{1,120}\$_(GET|POST|REQUEST|COOKIE|SERVER)/ nocase
		$write = /\bfopen\s{0,4}\(\s{0,4}\$_(GET|POST|REQUEST)\s{0,2}\[[^\]\n]{1,24}\]\s{0,4},\s{0,4}["'][wa][+b]{0,2}["']\s{0,4}\)[^\x00]{0,120}\bfwrite\s{0,4}\([^,;\n]{1,24},[^;\n]{0,24}\$_(GET|POST|REQUEST)/ nocase
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
		$any = /=\s{0,2}request\.getParameter\s{0,2}\(\s{0,2}"[^"\n]{1,24}"\s{0,2}\)/
		$stream = "getInputStream()"
	condition:
		filesize < 1MB and page_jsp_or_asp and
		($direct or ($stream and any of ($runtime, $builder) and ($param or ($any and filesize < 8KB))))
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
		filesize < 256KB and $p and ($i or ($s and filesize < 16KB)) and any of ($d*) and any of ($e*)
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
		$d = /\b(array_filter|array_walk|usort|uasort|uksort|preg_replace_callback)\s{0,2}\(([^,;\n()]|\([^,;\n()]{0,40}\)){1,60},\s{0,2}(\$_(GET|POST|REQUEST|COOKIE|SERVER)\[|["'](assert|system|exec|passthru|shell_exec)["'])/ nocase
		$b = /((echo|print|return|else|php)\s{1,8}|[^\w\s]\s{0,8}|^)@?\$_(GET|POST|REQUEST|COOKIE)\[[^\]\n]{1,24}\]\s{0,2}\(\s{0,2}\$_(GET|POST|REQUEST|COOKIE)\[/ nocase
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
		$t = /(Arguments\s{0,2}=[^;\n]{0,60}\+\s{0,2}\w{1,20}|ProcessStartInfo\s{0,2}\(\s{0,2}\w{1,20}\.text)/ nocase
		$s1 = "ProcessStartInfo" nocase
		$s2 = "Process.Start" nocase
		$c1 = /["'](cmd|powershell)(\.exe)?["']/ nocase
		$c2 = "/c " nocase
	condition:
		filesize < 512KB and $p and ($r or $t) and any of ($s*) and ($c1 or $c2)
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
		$l = /(Assembly\s{0,2}\.\s{0,2}Load\s{0,2}\(|GetMethod\s{0,2}\(\s{0,2}"Load")/ nocase
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
		$aspx = /echo\s[^\n\x00]{0,40}(<|&lt;)%[^\n\x00]{0,240}(eval|execute|process)[^\n\x00]{0,240}(>|&gt;)\s{0,2}[^\n\x00]{1,160}\.(aspx?|ashx|asmx|jspx?)\b/ nocase ascii wide
		$put = /file_put_contents\s{0,2}\([^\n;]{1,120}\.(php|phtml)["'][^\n;]{0,40}base64_decode\s{0,2}\(\s{0,2}["'](PD9waH|PD8)/
	condition:
		filesize < 256MB and any of them
}

rule webshell_php_named
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PHP web shell with the name of a published one (WSO, FilesMan, c99, r57, b374k, ALFA, IndoXploit, P.A.S.)"
		reference = "https://media.defense.gov/2020/Jun/09/2002313081/-1/-1/0/CSI-DETECT-AND-PREVENT-WEB-SHELL-MALWARE-20200422.PDF"
		severity = "high"
		score = 85
		attack = "T1505.003"
	strings:
		$n1 = "WSOsetcookie"
		$n2 = "FilesMan"
		$n3 = "c99shell" nocase
		$n4 = "r57shell" nocase
		$n5 = "b374k" nocase
		$n6 = "ALFA TEaM Shell"
		$n7 = "IndoXploit"
		$n8 = "Fobushell"
		$n9 = "phpspy" nocase
		$o1 = "Ani-Shell"
		$o2 = "h4ntu shell"
		$o3 = "aZRaiLPhp"
		$o4 = "Cyber Shell"
		$o5 = "Worse Linux Shell"
		$o6 = "Private-i3lue"
		$o7 = "zacosmall"
		$x1 = "shell_exec"
		$x2 = "passthru"
		$x3 = "proc_open"
		$x4 = /\beval\s{0,2}\(/
		$x5 = "create_function" nocase
	condition:
		filesize < 2MB and page_php and extension != ".conf" and any of ($n*, $o*) and any of ($x*)
}

rule webshell_php_include_request
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PHP that includes the file a request names, or evaluates it by preg_replace's old modifier"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "high"
		score = 75
		attack = "T1505.003"
	strings:
		$inc = /\b(include|require)(_once)?\s{0,4}\(?\s{0,4}@?\$_(GET|POST|REQUEST|COOKIE)\s{0,2}\[[^\]\n]{1,40}\]\s{0,4}\)?\s{0,4};/ nocase
		$e = /\bpreg_replace\s{0,4}\(\s{0,4}["']([\/#~|@]).{1,40}([\/#~|@])[imsxu]{0,4}e[imsxu]{0,4}["']\s{0,4},\s{0,4}[^,;\n]{0,40}\$_(GET|POST|REQUEST|COOKIE)/ nocase
		$c = /\bcreate_function\s{0,4}\([^;\n]{0,40},\s{0,4}[^;\n]{0,40}\$_(GET|POST|REQUEST|COOKIE)/ nocase
	condition:
		filesize < 512KB and page_php and any of them
}

rule webshell_php_hidden_name
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PHP that puts the name of a function together out of pieces, or writes it in hexadecimal, and takes a request's value"
		reference = "https://attack.mitre.org/techniques/T1027/"
		severity = "high"
		score = 80
		attack = "T1505.003, T1027"
	strings:
		$cat = /["'](ass|sys|she|shell|pass|base|gzin|create)["']\s{0,2}\.\s{0,2}["'](ert|tem|ll_exec|_exec|thru|64_decode|flate|_function)["']/ nocase
		$hex1 = "\\x61\\x73\\x73\\x65\\x72\\x74" nocase
		$hex2 = "\\x65\\x76\\x61\\x6c" nocase
		$hex3 = "\\x73\\x79\\x73\\x74\\x65\\x6d" nocase
		$hex4 = "\\x62\\x61\\x73\\x65\\x36\\x34" nocase
		$rev1 = "strrev('tressa')" nocase
		$rev2 = "strrev(\"tressa\")" nocase
		$rev3 = "edoced_46esab" nocase
		$r = /\$_(GET|POST|REQUEST|COOKIE)\b/
	condition:
		filesize < 256KB and page_php and (any of ($hex*, $rev*) or ($r and $cat))
}

rule webshell_php_weevely
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PHP agent of Weevely: a function's name hidden by str_replace, or its keys"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "critical"
		score = 85
		attack = "T1505.003, T1027"
	strings:
		$keys = /\$k\s{0,2}=\s{0,2}["'][0-9a-f]{8}["'];\s{0,4}\$kh\s{0,2}=\s{0,2}["'][0-9a-f]{12}["'];\s{0,4}\$kf\s{0,2}=/
		$name = /=\s{0,2}str_replace\s{0,2}\(\s{0,2}['"][^'"\n]{1,4}['"]\s{0,2},\s{0,2}['"]{2}\s{0,2},\s{0,2}['"][^'"\n]{14,90}['"]\s{0,2}\);\s{0,4}\$\w{1,4}\s{0,2}=\s{0,2}str_replace\s{0,2}\(/
		$call = /\$\w{1,4}\s{0,2}=\s{0,2}\$\w{1,4}\(\s{0,2}['"]{2}\s{0,2},\s{0,2}\$\w{1,4}\s{0,2}\);\s{0,4}\$\w{1,4}\(\);/
	condition:
		filesize < 64KB and page_php and ($keys or ($name and $call))
}

rule webshell_server_option_file
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "option file of a web server that runs pictures or logs as PHP, or puts a hidden file before every page"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "high"
		score = 80
		attack = "T1505.003, T1546"
	strings:
		$type = /\b(AddType|AddHandler)\s{1,4}(application\/x-httpd-php[0-9]{0,2}|php[0-9]{0,2}-script)\s[^\n]{0,60}\.(jpe?g|png|gif|ico|bmp|txt|css|log)\b/ nocase
		$match = /<Files(Match)?\s[^>\n]{0,40}\.?(jpe?g|png|gif|ico|txt|log)[^>\n]{0,20}>\s{0,16}(SetHandler|ForceType)\s{1,4}(application\/x-httpd-php|php[0-9]{0,2}-script)/ nocase
		$before = /\bauto_(prepend|append)_file\s{0,4}[= ]\s{0,4}["']?([^\s"';]{0,120}\.(jpe?g|png|gif|ico|txt|log)|\/(tmp|var\/tmp|dev\/shm)\/[^\s"']{1,80}|php:\/\/input|data:)/ nocase
	condition:
		filesize < 256KB and (filename matches /^(\.htaccess|\.user\.ini|php\.ini)$/ or extension == ".conf" or extension == ".ini") and any of them
}

rule webshell_cfm_execute
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "ColdFusion page that runs what a request says"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-339a"
		severity = "high"
		score = 85
		attack = "T1505.003"
	strings:
		$run = /<cfexecute\s[^>]{0,300}(name|arguments)\s{0,2}=/ nocase
		$in1 = "#form." nocase
		$in2 = "#url." nocase
		$in3 = /\b(form|url)\.(cmd|command|opts|exec)\b/ nocase
	condition:
		filesize < 512KB and $run and any of ($in*)
}

rule webshell_script_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "Perl, Python or Node program of a web server that runs what a request says"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "high"
		score = 75
		attack = "T1505.003, T1059"
	strings:
		$perl = /\b(system|exec|qx|popen|open)\b[^;\n]{0,60}(param\s{0,2}\(\s{0,2}['"](cmd|command|c|exec|run|x)['"]\s{0,2}\)|\$ENV\{\s{0,2}['"]?HTTP_[A-Z_]{2,24})/
		$python = /\b(os\.(system|popen)|subprocess\.(run|call|check_output|Popen|getoutput))\s{0,2}\([^\n]{0,40}(\.getvalue\s{0,2}\(|\.getfirst\s{0,2}\(|request\.(args|form|values|json|GET|POST|headers|cookies)\b)/
		$node = /\b(exec|execSync|spawn|execFile)\s{0,2}\(\s{0,2}[^;\n]{0,20}\breq(uest)?\.(query|body|params|headers|url)\b/
		$child = "child_process"
	condition:
		filesize < 512KB and uint32(0) != 0x464c457f and ($perl or $python or ($node and $child))
}

rule webshell_aspx_machine_key
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "ASP.NET page that prints the keys with which the server signs its pages, as left on SharePoint servers in 2025"
		reference = "https://www.cisa.gov/news-events/alerts/2025/07/20/update-microsoft-releases-guidance-exploitation-sharepoint-vulnerabilities"
		severity = "critical"
		score = 90
		attack = "T1505.003, T1552.004"
	strings:
		$m = "MachineKeySection"
		$g = "GetApplicationConfig"
		$v1 = "ValidationKey"
		$v2 = "DecryptionKey"
		$w = "Response.Write" nocase
	condition:
		filesize < 64KB and page_jsp_or_asp and $m and $w and any of ($v*) and ($g or all of ($v*))
}

rule webshell_moveit_human2
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "page LEMURLOOT (human2.aspx) on a MOVEit Transfer server"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-158a"
		severity = "critical"
		score = 95
		attack = "T1505.003"
	strings:
		$a1 = "X-siLock-Comment"
		$a2 = "X-siLock-Step1"
		$a3 = "Health Check Service"
		$a4 = "MOVEit.DMZ"
	condition:
		filesize < 256KB and page_jsp_or_asp and $a1 and any of ($a2, $a3, $a4)
}

rule webshell_exchange_virtual_directory
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "settings of an Exchange virtual directory whose address holds a script, as left in 2021"
		reference = "https://www.cisa.gov/news-events/alerts/2021/03/03/mitigate-microsoft-exchange-server-vulnerabilities"
		severity = "critical"
		score = 95
		attack = "T1505.003, T1190"
	strings:
		$a = /(External|Internal)Url\s{0,60}:?\s{0,4}https?:\/\/[^\n]{1,40}<script[^\n]{0,60}runat/ nocase
	condition:
		filesize < 1MB and $a
}

rule webshell_web_config
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "configuration of an IIS folder that is a page at the same time"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "high"
		score = 80
		attack = "T1505.003"
	strings:
		$h1 = "asp.dll" nocase
		$h2 = "PageHandlerFactory"
		$h3 = "IsapiModule"
		$c = /\bpath\s{0,2}=\s{0,2}["'][^"'\n]{0,20}\.config["']/ nocase
	condition:
		filesize < 256KB and filename iequals "web.config" and page_jsp_or_asp and $c and any of ($h*)
}

rule webshell_java_memory
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "Java class that sits in a web server's request path and defines classes from what it decrypts"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "high"
		score = 80
		attack = "T1505.003, T1620"
	strings:
		$s1 = "javax/servlet/"
		$s2 = "jakarta/servlet/"
		$d = "defineClass"
		$c = "javax/crypto/Cipher"
		$r1 = "getParameter"
		$r2 = "getHeader"
		$r3 = "getReader"
		$i = "java/lang/ClassLoader"
	condition:
		uint32be(0) == 0xcafebabe and filesize < 128KB and any of ($s*) and $d and $c and $i and any of ($r*)
}

rule webshell_chopper_server
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "server's side of China Chopper or AntSword: answers between the marks that the client looks for"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa20-259a"
		severity = "high"
		score = 85
		attack = "T1505.003"
	strings:
		$a1 = "\"->|\""
		$a2 = "'->|'"
		$a3 = "\"->\"+\"|\""
		$b1 = "\"|<-\""
		$b2 = "'|<-'"
		$b3 = "\"|\"+\"<-\""
		$r = /(request|Request|\$_(POST|GET|REQUEST))/
	condition:
		filesize < 256KB and (page_php or page_jsp_or_asp) and any of ($a*) and any of ($b*) and $r
}

rule webshell_default_key
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "page with the key that Behinder or Godzilla comes with"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
		severity = "critical"
		score = 95
		attack = "T1505.003, T1573.001"
	strings:
		$a1 = "e45e329feb5d925b" nocase
		$a2 = "3c6e0b8a9c15224a" nocase
		$r1 = /\bAES\b/
		$r2 = "session" nocase
		$r3 = "payload" nocase
	condition:
		filesize < 1MB and (page_php or page_jsp_or_asp or uint32be(0) == 0xcafebabe) and any of ($a*) and any of ($r*)
}

rule webshell_jsp_file_writer
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "short JSP that writes what a request brings into a file"
		reference = "https://media.defense.gov/2020/Jun/09/2002313081/-1/-1/0/CSI-DETECT-AND-PREVENT-WEB-SHELL-MALWARE-20200422.PDF"
		severity = "medium"
		score = 70
		attack = "T1505.003, T1105"
	strings:
		$direct = /FileOutputStream\s{0,2}\(\s{0,2}application\.getRealPath\s{0,2}\([^)\n]{0,20}\)[^;\n]{0,60}request\.getParameter/
		$f = /new\s{1,4}(java\.io\.)?(FileOutputStream|FileWriter|RandomAccessFile)\s{0,2}\(/
		$r = /request\.getParameter\s{0,2}\(/
		$w = /\.(write|print|println)\s{0,2}\(/
		$b = ".getBytes("
	condition:
		page_jsp_or_asp and ((filesize < 64KB and $direct) or (filesize < 4KB and $f and $r and $w and $b))
}

rule webshell_jsp_shell_process
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "JSP that starts a shell: with a command in an array, or tied to a socket"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "high"
		score = 80
		attack = "T1505.003, T1059"
	strings:
		$array = /\bexec\s{0,2}\(\s{0,2}new\s{1,4}String\s{0,2}\[\s{0,2}\]\s{0,2}\{\s{0,2}"(cmd(\.exe)?|(\/bin\/)?(ba)?sh)"\s{0,2},\s{0,2}"[-\/]c"\s{0,2},\s{0,2}\w/
		$shell = /\bexec\s{0,2}\(\s{0,2}"(cmd(\.exe)?|(\/bin\/)?(ba)?sh)"\s{0,2}\)/
		$socket = /new\s{1,4}(java\.net\.)?Socket\s{0,2}\(/
		$jshell = /\bJShell\s{0,2}\.[^;\n]{0,80}\.eval\s{0,2}\([^;\n]{0,40}request\./
	condition:
		filesize < 256KB and page_jsp_or_asp and ($array or $jshell or ($shell and $socket))
}

rule webshell_jsp_hidden_names
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "JSP that spells names by bytes or Unicode escapes and takes a request's value"
		reference = "https://attack.mitre.org/techniques/T1027/"
		severity = "high"
		score = 80
		attack = "T1505.003, T1027"
	strings:
		$bytes = /new\s{1,4}String\s{0,2}\(\s{0,2}new\s{1,4}byte\s{0,2}\[\s{0,2}\]\s{0,2}\{\s{0,2}-?[0-9]{1,3}\s{0,2},/
		$how1 = "getMethod("
		$how2 = "ProcessBuilder"
		$how3 = "Class.forName("
		$how4 = "getRuntime"
		$r = /request\.get(Parameter|Header|InputStream|Reader)\s{0,2}\(/
		$escaped = /(\\u00[2-7][0-9a-f]){24}/ nocase
	condition:
		filesize < 256KB and page_jsp_or_asp and ($escaped or ($bytes and $r and any of ($how*)))
}

rule webshell_asp_shell_object
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "ASP page that runs a request's value by the scripting host's shell"
		reference = "https://media.defense.gov/2020/Jun/09/2002313081/-1/-1/0/CSI-DETECT-AND-PREVENT-WEB-SHELL-MALWARE-20200422.PDF"
		severity = "high"
		score = 80
		attack = "T1505.003, T1059.005"
	strings:
		$o = /createobject\s{0,4}\(\s{0,4}["'](wscript\.shell|shell\.application|wscript\.network)/ nocase
		$x = /\.(run|exec|shellexecute)\s{0,4}\(?\s{0,4}["'a-z]/ nocase
		$r = /\brequest\s{0,2}(\.(form|querystring|item|servervariables)\s{0,2})?\(/ nocase
		$c = /(cmd(\.exe)?["' ]|%comspec%|szcmd|["' ]\/c )/ nocase
	condition:
		filesize < 256KB and page_jsp_or_asp and all of them
}

rule webshell_asp_hidden_execute
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "ASP page that executes decoded text, a session's or a request's value under another name"
		reference = "https://attack.mitre.org/techniques/T1027/"
		severity = "high"
		score = 80
		attack = "T1505.003, T1027"
	strings:
		$decoded = /[^.\w](eval|execute(global)?)[\s(]{1,6}(unescape|strreverse|chr|decode|replace|\w{2,24})\s{0,2}\(\s{0,2}["'][^"'\n]{24}/ nocase
		$session = /[^.\w](eval|execute(global)?)[\s(]{1,6}session\s{0,2}\(/ nocase
		$named = /\b\w{1,16}\s{0,2}=\s{0,2}request(\.(form|querystring|item))?\s{0,2}[\[(][^\])\n]{1,60}[\])][^\x00]{0,300}[^.\w](eval|execute(global)?)[\s(]{1,6}\w{1,24}[\s)%,]/ nocase
		$binary = /request\.binaryread[^\x00]{0,1200}[^.\w](eval|execute(global)?)[\s(]{1,6}\w/ nocase
		$jscript = /language\s{0,2}=\s{0,2}["']?jscript/ nocase
		$eval = /\beval\s{0,4}(\/\*[^\n]{0,20}\*\/\s{0,4})?\(/ nocase
		$request = "request" nocase
		$pieces = /createobject\s{0,2}\(\s{0,2}["'][\w.]{1,12}["']\s{0,2}&\s{0,2}(chr\s{0,2}\(|["'][\w.]{1,8}["']\s{0,2}&)/ nocase
		$encoded1 = /language\s{0,2}=\s{0,2}["']?(vbscript|jscript)\.encode/ nocase
		$encoded2 = "#@~^"
	condition:
		filesize < 256KB and page_jsp_or_asp and (any of ($decoded, $session, $binary, $pieces) or ($named and filesize < 8KB) or
		($jscript and $eval and $request and filesize < 32KB) or all of ($encoded*))
}

rule webshell_asp_file_writer
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "short ASP page that writes what a request brings into a file"
		reference = "https://media.defense.gov/2020/Jun/09/2002313081/-1/-1/0/CSI-DETECT-AND-PREVENT-WEB-SHELL-MALWARE-20200422.PDF"
		severity = "medium"
		score = 70
		attack = "T1505.003, T1105"
	strings:
		$o1 = /createobject\s{0,4}\(\s{0,4}["']scripting\.filesystemobject/ nocase
		$o2 = /createobject\s{0,4}\(\s{0,4}["']adodb\.stream/ nocase
		$w = /\.(createtextfile|opentextfile|savetofile)\s{0,4}\(?/ nocase
		$p = /\.write\s{0,4}\(?\s{0,2}(request|\w{1,16})\b/ nocase
		$r = /\brequest\s{0,2}(\.(form|querystring|item)\s{0,2})?\(/ nocase
	condition:
		filesize < 4KB and page_jsp_or_asp and any of ($o*) and $w and $p and #r > 1
}

rule webshell_xslt_script
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "page that runs code inside of a style sheet which it makes itself"
		reference = "https://attack.mitre.org/techniques/T1220/"
		severity = "high"
		score = 80
		attack = "T1505.003, T1220"
	strings:
		$n = "urn:schemas-microsoft-com:xslt" nocase
		$s = /(msxsl|ms|user):script\b/ nocase
		$i = "implements-prefix" nocase
		$r = /\brequest\b/ nocase
		$x = /(wscript\.shell|process|eval|createobject|runtime|exec)/ nocase
	condition:
		filesize < 64KB and page_jsp_or_asp and all of them
}

rule webshell_php_variable_call
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "short PHP that calls what a variable names with a request's value"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "high"
		score = 75
		attack = "T1505.003, T1027"
	strings:
		$direct = /[;{}(=@!\s>]\$\w{1,24}\s{0,2}\(\s{0,2}\$_(GET|POST|REQUEST|COOKIE)\s{0,2}\[/ nocase
		$named = /\$\w{1,16}\s{0,2}=\s{0,2}@?\$_(GET|POST|REQUEST|COOKIE)\s{0,2}\[[^\]\n]{1,24}\]\s{0,2};[^\x00]{0,200}[;{}(=@!\s\/]\$\w{1,16}\s{0,2}\(\s{0,2}\$\w{1,16}\s{0,2}\)\s{0,2}[;?)]/ nocase
		$eval = /\$\w{1,16}\s{0,2}=\s{0,2}@?\$_(GET|POST|REQUEST|COOKIE)\s{0,2}\[[^\]\n]{1,60}\][^\x00]{0,200}\b(eval|assert)\s{0,2}\(\s{0,2}["']?[^;\n"']{0,12}\$\w{1,16}/ nocase
		$const = /\w{1,24}\(\s{0,2}\$\w{1,24}\s{0,2}\)\s{0,2}\{\s{0,2}\$\w{1,24}\s{0,2}\(\s{0,2}\$_(GET|POST|REQUEST|COOKIE)/ nocase
	condition:
		page_php and ((filesize < 8KB and any of ($direct, $eval, $const)) or (filesize < 1KB and $named))
}

rule webshell_php_decoded_eval
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PHP that evaluates what two or more decoders make, or what was put under a header"
		reference = "https://attack.mitre.org/techniques/T1027/"
		severity = "high"
		score = 80
		attack = "T1505.003, T1027"
	strings:
		$nested = /\beval\s{0,4}\(\s{0,4}(["']\?>["']\s{0,2}\.\s{0,2})?@?((gzinflate|gzuncompress|gzdecode|str_rot13|base64_decode|strrev|convert_uudecode|rawurldecode|hex2bin)\s{0,4}\(\s{0,4}){2,6}/ nocase
		$header = /\b(eval|assert|system|passthru)\s{0,2}\(\s{0,2}@?(getenv|end|current|next|reset|array_pop|implode|pos)\s{0,2}\(\s{0,2}(getallheaders|get_defined_vars|apache_request_headers|["']HTTP_)/ nocase
		$create = /\bcreate_function\s{0,4}\([^;\n]{0,60},\s{0,4}[^;\n]{0,60}(base64_decode|gzinflate|str_rot13)\s{0,2}\(/ nocase
		$piece1 = "'ev'.'al'" nocase
		$piece2 = "'e'.'v'.'a'.'l'" nocase
		$piece3 = "\"ev\".\"al\"" nocase
		$piece4 = "(gz'.'inf" nocase
		$word1 = "YXNzZXJ0"
		$word2 = "QGV2YWwo"
		$word3 = "ZXZhbCgkX"
		$word4 = "c2hlbGxfZXhlYw"
		$word5 = "riny($_" nocase
		$word6 = "nffreg" fullword
		$e = /preg_replace\s{0,4}\(\s{0,4}["'][^"'\n]{1,24}[\/~|#@'][imsxu]{0,4}e[imsxu]{0,4}["']\s{0,4},\s{0,4}(["']?(\\x65|eval|@?gz|@?base64|'e'\.)|\\'\\\\1|\$\w{1,16}\s{0,2},\s{0,2}["'])/ nocase
		$mb = /\bmb_eregi?_replace\s{0,2}\([^;\n]{1,160}\$_(GET|POST|REQUEST|COOKIE)[^;\n]{1,60},\s{0,2}["'][imsx]{0,3}e[imsx]{0,3}["']\s{0,2}\)/ nocase
	condition:
		filesize < 1MB and page_php and any of them
}

rule webshell_php_sorting_call
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "short PHP that has a function of lists call what a request names"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "high"
		score = 80
		attack = "T1505.003"
	strings:
		$a = /\b(array_(reduce|udiff\w{0,7}|uintersect\w{0,7}|intersect_u\w{3,5}|diff_u\w{3,5})|forward_static_call(_array)?|iterator_apply|register_(tick|shutdown)_function)\s{0,2}\([^;\n]{0,160}\$_(GET|POST|REQUEST|COOKIE)\s{0,2}\[/ nocase
	condition:
		filesize < 2KB and page_php and $a
}

rule webshell_php_stays_in_memory
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PHP that deletes itself and keeps running, to write or fetch its page again and again"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "critical"
		score = 85
		attack = "T1505.003, T1070.004"
	strings:
		$u = /\bunlink\s{0,2}\(\s{0,2}(__FILE__|\$_SERVER\s{0,2}\[\s{0,2}["'](SCRIPT_FILENAME|PATH_TRANSLATED)["'])/ nocase
		$w = /\bwhile\s{0,2}\(/ nocase
		$i = /\b(ignore_user_abort|set_time_limit)\s{0,2}\(/ nocase
		$d1 = /\beval\s{0,2}\(/ nocase
		$d2 = /\bfile_put_contents\s{0,2}\(/ nocase
	condition:
		filesize < 64KB and page_php and $u and $w and $i and any of ($d*)
}

rule webshell_php_xored_names
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "short PHP that makes names by exclusive or"
		reference = "https://attack.mitre.org/techniques/T1027/"
		severity = "high"
		score = 75
		attack = "T1505.003, T1027"
	strings:
		$x1 = "\"^\""
		$x2 = "'^'"
		$x3 = "\" ^ \""
		$x4 = "' ^ '"
		$e = /\b(eval|assert)\s{0,2}\(/ nocase
		$v1 = "${$"
		$v2 = "${\""
		$v3 = "${'"
	condition:
		filesize < 4KB and page_php and any of ($x*) and any of ($e, $v*)
}

rule webshell_perl_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "Perl program of a web server that gives a parameter named so to a shell"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		severity = "high"
		score = 75
		attack = "T1505.003, T1059"
	strings:
		$i1 = "QUERY_STRING"
		$i2 = "CGI::param"
		$i3 = "use CGI"
		$o = /\bopen\s{0,2}\(?\s{0,2}\w{1,16}\s{0,2},\s{0,2}["'][^"'\n]{0,60}\$(\w{1,8}\{["']?)?(cmd|command|req|exec|run)\b[^"\n]{0,40}\|\s{0,2}["']/ nocase
		$t = /`[^`\n]{0,40}\$(\w{1,8}\{["']?)?(cmd|command|req|exec)["']?\}?\s{0,2}(2>&1\s{0,2})?`/ nocase
		$s = /\b(system|exec)\s{0,2}\(?\s{0,2}["']?\$(\w{1,8}\{["']?)?(cmd|command|req)\b/ nocase
		$f = /\$(cmd|command|req)\s{0,2}=[^;\n]{0,40}(param\s{0,2}\(|FORM\{|QUERY_STRING|\$in\{)/ nocase
	condition:
		filesize < 512KB and uint32(0) != 0x464c457f and (uint16be(0) == 0x2321 or extension == ".cgi" or extension == ".pl") and any of ($i*) and (any of ($o, $t) or ($s and $f))
}
