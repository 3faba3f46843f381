// SPDX-License-Identifier: Apache-2.0
// Persistence on Linux: what an intruder leaves so that he comes back.

rule persistence_cron_fetch_and_run
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "cron table that fetches a program from the network and runs it"
		reference = "https://attack.mitre.org/techniques/T1053/003/"
		severity = "high"
		score = 80
		attack = "T1053.003, T1105"
	strings:
		$pipe = /(^|\n)\s{0,4}(@(reboot|hourly|daily|weekly|monthly|midnight)|[0-9*][0-9*,\/-]{0,19}(\s{1,4}[0-9*][0-9*,\/-]{0,19}){2}(\s{1,4}[0-9a-zA-Z*,\/-]{1,20}){2})\s[^\n]{0,120}\b(curl|wget|lwp-download|fetch)\s[^\n|]{3,240}\|\s{0,4}(sudo\s{1,2})?(\/(usr\/)?bin\/)?(ba|da|z|k)?sh\b/
		$tmp = /(^|\n)\s{0,4}(@(reboot|hourly|daily|weekly|monthly|midnight)|[0-9*][0-9*,\/-]{0,19}(\s{1,4}[0-9*][0-9*,\/-]{0,19}){2}(\s{1,4}[0-9a-zA-Z*,\/-]{1,20}){2})\s[^\n]{0,120}\b(curl|wget)\s[^\n]{3,160}\/(tmp|var\/tmp|dev\/shm)\/[^\n]{1,80}(;|&&)[^\n]{0,80}(chmod|sh)\s/
	condition:
		filesize < 1MB and any of them
}

rule persistence_unit_from_temporary
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "systemd unit that runs a program from a folder everyone can write to, or a hidden one"
		reference = "https://attack.mitre.org/techniques/T1543/002/"
		severity = "high"
		score = 75
		attack = "T1543.002"
	strings:
		$service = "[Service]"
		$temporary = /\nExec(Start|StartPre|StartPost)\s{0,4}=[-@:+!]{0,3}\s{0,2}((\/usr)?\/bin\/(ba|da)?sh\s{1,2}(-c\s{1,2})?["']?)?\/(tmp|var\/tmp|dev\/shm|run\/shm)\/[^\s]{1,100}/
		$hidden = /\nExec(Start|StartPre|StartPost)\s{0,4}=[-@:+!]{0,3}\s{0,2}((\/usr)?\/bin\/(ba|da)?sh\s{1,2}(-c\s{1,2})?["']?)?\/(usr|etc|opt|var|lib|root|home\/[^\/\s]{1,32})\/([^\s\/]{1,40}\/){0,4}\.[a-zA-Z0-9_-][^\s]{0,80}/
		$fetch = /\nExec(Start|StartPre|StartPost)\s{0,4}=[^\n]{0,120}\b(curl|wget)\s[^\n|]{3,240}\|\s{0,4}(ba|da|z|k)?sh\b/
	condition:
		filesize < 256KB and $service and any of ($temporary, $hidden, $fetch)
}

rule persistence_preload_file
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "/etc/ld.so.preload that names a library from an unusual place"
		reference = "https://attack.mitre.org/techniques/T1574/006/"
		severity = "critical"
		score = 90
		attack = "T1574.006"
	strings:
		$place = /(^|[\n :])\/(tmp|var\/tmp|dev\/shm|dev|run|root|home|etc|usr\/share|usr\/games|var\/lib|opt)\/[^\n :]{1,160}/
		$odd = /(^|[\n :])\/(usr\/)?(local\/)?lib(64)?\/[^\n :\/]{1,64}\.so(\.[0-9]{1,3}){3}/
	condition:
		filename == "ld.so.preload" and filesize < 64KB and (any of them or
		for any i in (0..filesize) : (uint16be(i) == 0x2f2e and uint8(i + 2) != 0x2e and uint8(i + 2) != 0x2f)) // hidden
}

rule persistence_preload_implant
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "shared library that hides files or connections by wrapping libc's calls"
		reference = "https://attack.mitre.org/techniques/T1574/006/"
		severity = "critical"
		score = 85
		attack = "T1574.006, T1014, T1564.001"
	strings:
		$preload = "ld.so.preload"
		$dlsym = "dlsym"
		$h1 = "readdir64" fullword
		$h2 = "readdir" fullword
		$h3 = "__xstat" fullword
		$h4 = "__lxstat64" fullword
		$h5 = "fopen64" fullword
		$h6 = "unlinkat" fullword
		$h7 = "pam_authenticate" fullword
		$h8 = "accept" fullword
		$t1 = "/proc/net/tcp"
		$t2 = "/proc/self/fd/%d"
		$t3 = "/proc/%s/cmdline"
		$t4 = "HISTFILE"
		$t5 = "LD_PRELOAD"
	condition:
		uint32(0) == 0x464c457f and uint16(16) == 3 and filesize < 2MB and $preload and $dlsym and 3 of ($h*) and any of ($t*)
}

rule persistence_pam_password_log
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "PAM module that writes passwords to a file or knows one of its own"
		reference = "https://attack.mitre.org/techniques/T1556/003/"
		severity = "critical"
		score = 85
		attack = "T1556.003"
	strings:
		$sm = "pam_sm_authenticate" fullword
		$get = "pam_get_authtok"
		$item = "pam_get_item"
		$log1 = /\/(tmp|var\/tmp|dev\/shm|usr\/share|usr\/lib|var\/log|etc)\/[^\x00\n]{0,60}\.[^\x00\n\/]{1,40}/
		$fmt1 = /(user|usr|login|name)\w{0,8}\s{0,2}[:=]\s{0,2}%s[^\x00]{0,30}(pass|pwd|pw)\w{0,8}\s{0,2}[:=]\s{0,2}%s/ nocase
		$fmt2 = /%s:%s(:%s)?\n\x00/
	condition:
		uint32(0) == 0x464c457f and filesize < 1MB and $sm and any of ($get, $item) and
		($fmt1 or ($fmt2 and $log1))
}

rule persistence_udev_shell
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "udev rule that starts a shell, a fetcher or a program from a folder everyone can write to"
		reference = "https://attack.mitre.org/techniques/T1546/017/"
		severity = "high"
		score = 75
		attack = "T1546.017"
	strings:
		$shell = /RUN\+?=\s{0,2}"[^"\n]{0,80}(\/dev\/tcp\/|\b(nc|ncat|socat)\s[^"\n]{0,60}(-e|exec:)|\b(curl|wget)\s[^"\n]{1,120}\|)/
		$temporary = /RUN\+?=\s{0,2}"((\/usr)?\/bin\/(ba|da)?sh\s{1,2}(-c\s{1,2})?'?)?\/(tmp|var\/tmp|dev\/shm)\/[^"\n]{1,100}/
	condition:
		filesize < 256KB and any of them
}

rule persistence_kernel_module_hides
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "kernel module that hides itself or processes and gives root on a signal"
		reference = "https://attack.mitre.org/techniques/T1014/"
		severity = "critical"
		score = 85
		attack = "T1014, T1547.006"
	strings:
		$module = "vermagic="
		$creds = "prepare_creds" fullword
		$commit = "commit_creds" fullword
		$h1 = "getdents64"
		$h2 = "tcp4_seq_show" fullword
		$h3 = "sys_kill"
		$h4 = "kallsyms_lookup_name" fullword
		$h5 = "sys_call_table" fullword
		$h6 = "ftrace_set_filter_ip" fullword
		$h7 = "register_kprobe" fullword
	condition:
		uint32(0) == 0x464c457f and uint16(16) == 1 and filesize < 4MB and $module and $creds and $commit and
		any of ($h1, $h2, $h3) and any of ($h4, $h5, $h6, $h7)
}

rule persistence_authorized_key_forced_shell
{
	meta:
		author = "Picket"
		date = "2026-11-23"
		description = "authorized_keys entry whose forced command opens a shell to the network or runs a hidden program"
		reference = "https://attack.mitre.org/techniques/T1098/004/"
		severity = "high"
		score = 80
		attack = "T1098.004"
	strings:
		$network = /command="[^"\n]{0,160}(\/dev\/tcp\/|\b(nc|ncat|socat)\s[^"\n]{0,80}(-e|exec:)|\b(curl|wget)\s[^"\n]{1,120}\|)[^"\n]{0,160}"[^\n]{0,80}(ssh-(rsa|ed25519|dss)|ecdsa-sha2)/
		$hidden = /command="[^"\n]{0,80}\/(tmp|var\/tmp|dev\/shm)\/[^"\n]{1,120}"[^\n]{0,80}(ssh-(rsa|ed25519|dss)|ecdsa-sha2)/
	condition:
		filesize < 1MB and any of them
}

rule persistence_profile_fetch_and_run
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "shell start-up file that fetches something and runs it, or opens a shell to the network"
		reference = "https://attack.mitre.org/techniques/T1546/004/"
		severity = "high"
		score = 80
		attack = "T1546.004"
	strings:
		$a = /(^|\n)[^#\n]{0,80}\b(curl|wget)\s[^\n|]{3,240}\|\s{0,4}(sudo\s{1,2})?(ba|da|z|k)?sh\b[^\n]{0,40}(&|>\s{0,2}\/dev\/null)/
		$b = /(^|\n)[^#\n]{0,40}\b(ba)?sh\s{1,2}-i\s{0,2}>&\s{0,2}\/dev\/tcp\//
		$c = /(^|\n)\s{0,8}(nohup\s{1,2}|setsid\s{1,2})?\/(tmp|var\/tmp|dev\/shm)\/\.?[\w.\/-]{1,80}[^\n]{0,40}(&|>\s{0,2}\/dev\/null)/
	condition:
		(filename matches /^(\.(bashrc|bash_profile|bash_login|bash_logout|profile|zshrc|zprofile|zshenv|kshrc|cshrc|login)|profile|bash\.bashrc|zshrc|zshenv|zprofile)$/ or filepath contains "/profile.d") and
		filesize < 1MB and any of them
}

rule persistence_init_script_from_temporary
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "init script or rc.local that starts a program from a folder everyone can write to"
		reference = "https://attack.mitre.org/techniques/T1037/004/"
		severity = "high"
		score = 75
		attack = "T1037.004"
	strings:
		$a = /\n\s{0,8}(nohup\s{1,2}|setsid\s{1,2}|start-stop-daemon\s[^\n]{0,80}(--exec|-x)\s{1,2})?["']?\/(tmp|var\/tmp|dev\/shm)\/\.?[\w.\/-]{1,80}[^\n=]{0,60}(&|\n)/
		$i1 = "### BEGIN INIT INFO"
		$i2 = "#!/sbin/openrc-run"
		$i3 = "/etc/rc.common"
	condition:
		filesize < 256KB and $a and (any of ($i*) or filename == "rc.local" or filename == "rc.sysinit")
}

rule persistence_apt_hook
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "apt or dpkg configuration that runs a fetched or temporary program at every update"
		reference = "https://attack.mitre.org/techniques/T1546/"
		severity = "high"
		score = 75
		attack = "T1546"
	strings:
		$a = /(APT::Update::(Pre|Post)-Invoke(-Success)?|DPkg::(Pre|Post)-Invoke|DPkg::Pre-Install-Pkgs)\s{0,4}\{[^}\x00]{0,200}(\/dev\/tcp\/|\b(curl|wget)\s[^}\n]{1,160}\||\b(nc|ncat|socat)\s[^}\n]{1,80}(-e|exec:)|\/(tmp|var\/tmp|dev\/shm)\/)/ nocase
	condition:
		filesize < 64KB and $a
}

rule persistence_authorized_keys_from_script
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "script that adds a key to root's or everybody's authorized_keys and hides it"
		reference = "https://attack.mitre.org/techniques/T1098/004/"
		severity = "medium"
		score = 60
		attack = "T1098.004"
	strings:
		$k = /\becho\s[^\n]{0,12}["']?(ssh-(rsa|ed25519)|ecdsa-sha2-nistp256) [A-Za-z0-9+\/=]{40,1000}[^\n]{0,120}>>?\s{0,2}[^\n;]{0,60}authorized_keys/
		$h1 = "chattr +i"
		$h2 = "chattr +ia"
		$h3 = /touch\s{1,2}-r\s/
		$h4 = /history\s{1,2}-c\b/
		$h5 = "unset HISTFILE"
		$h6 = "/dev/null 2>&1 &"
	condition:
		uint32(0) != 0x464c457f and filesize < 1MB and $k and any of ($h*)
}

rule persistence_systemd_preload
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "systemd unit or environment file that preloads a library from an unusual place"
		reference = "https://attack.mitre.org/techniques/T1574/006/"
		severity = "high"
		score = 80
		attack = "T1574.006, T1543.002"
	strings:
		$a = /\n\s{0,4}Environment\s{0,2}=\s{0,2}["']?LD_PRELOAD=\/(tmp|var\/tmp|dev\/shm|home|root|usr\/share|var\/lib|etc)\/[^\n]{1,120}/
		$b = /\n\s{0,4}Environment\s{0,2}=\s{0,2}["']?LD_PRELOAD=\/[^\n"']{0,100}\/\.[^\n"']{1,60}/
	condition:
		filesize < 256KB and any of them
}

rule persistence_pam_configuration
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "PAM configuration that lets everybody in, or hands passwords to a program in a folder everyone can write to"
		reference = "https://attack.mitre.org/techniques/T1556/003/"
		severity = "critical"
		score = 85
		attack = "T1556.003"
	strings:
		$command = /\b(sed|echo|printf|perl)[ \t][^\n]{0,60}auth[ \t]{1,8}sufficient[ \t][^\n]{1,120}\/etc\/pam\.d\//
		$always = /(^|\n)[ \t]{0,4}auth[ \t]{1,16}sufficient[ \t]{1,16}pam_succeed_if\.so[ \t]{1,8}uid[ \t]{1,4}>=[ \t]{1,4}0\b/
		$permit = /(^|\n)[ \t]{0,4}auth[ \t]{1,16}sufficient[ \t]{1,16}(\/[^\s]{1,60}\/)?pam_permit\.so/
		$exec = /pam_exec\.so[^\n]{0,120}[ \t=](\/(tmp|var\/tmp|dev\/shm)\/|\/[^\s]{1,80}\/\.[A-Za-z0-9])/
		$place = /(^|\n)[ \t]{0,4}(auth|account|password|session)[ \t]{1,16}[^\n]{1,40}[ \t]\/(tmp|var\/tmp|dev\/shm|root|home|usr\/share)\/[^\s]{1,80}\.so/
	condition:
		(filesize < 16MB and uint32(0) != 0x464c457f and $command) or
		filesize < 64KB and (filepath matches /\/pam\.d$/ or filename == "pam.conf") and
		($exec or $place or $always or ($permit and filename matches /^(sshd|su|sudo|login|system-auth|common-auth|password-auth)$/))
}

rule persistence_sshd_configuration
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "sshd configuration that takes keys or commands from a folder everyone can write to, or a hidden one"
		reference = "https://attack.mitre.org/techniques/T1098/004/"
		severity = "high"
		score = 80
		attack = "T1098.004"
	strings:
		$command = /\n[ \t]{0,8}(AuthorizedKeysCommand|AuthorizedPrincipalsCommand|ForceCommand|Subsystem[ \t]{1,8}\w{1,20})[ \t]{1,8}\/((tmp|var\/tmp|dev\/shm)\/|[^\s]{1,60}\/\.[A-Za-z0-9])/ nocase
		$keys = /\n[ \t]{0,8}AuthorizedKeysFile[ \t][^\n]{0,120}\/(tmp|var\/tmp|dev\/shm|usr\/share|usr\/lib|var\/lib)\/[^\s]{1,80}/ nocase
	condition:
		filesize < 256KB and (filename == "sshd_config" or filepath matches /\/sshd_config\.d$/) and any of them
}

rule persistence_sudoers_service_account
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "sudo for an account of a service, without a password and for everything"
		reference = "https://attack.mitre.org/techniques/T1548/003/"
		severity = "high"
		score = 80
		attack = "T1548.003"
	strings:
		$a = /(^|\n)[ \t]{0,4}(www-data|apache|nginx|nobody|daemon|httpd|tomcat[0-9]{0,2}|mysql|postgres|redis|games|mail|ftp|sshd)[ \t]{1,8}ALL[ \t]{0,4}=[ \t]{0,4}(\([A-Za-z: ]{1,16}\))?[ \t]{0,4}NOPASSWD[ \t]{0,4}:[ \t]{0,4}ALL\b/
		$b = /\becho[ \t][^\n]{0,8}(www-data|apache|nginx|nobody|daemon|httpd|tomcat[0-9]{0,2}|mysql|postgres|redis)[ \t]{1,8}ALL[ \t]{0,4}=[^\n]{0,24}NOPASSWD[^\n]{0,40}(>{1,2}|\btee\b)[^\n]{0,12}\/etc\/sudoers/
	condition:
		filesize < 16MB and uint32(0) != 0x464c457f and ($b or ($a and (filename matches /^sudoers/ or filepath matches /\/sudoers\.d$/)))
}

rule persistence_module_from_temporary
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "kernel module loaded from a folder everyone can write to, or a command in place of a module"
		reference = "https://attack.mitre.org/techniques/T1547/006/"
		severity = "high"
		score = 75
		attack = "T1547.006"
	strings:
		$load = /\b(insmod|modprobe)[ \t][^\n\x00]{0,60}\/(tmp|var\/tmp|dev\/shm)\/[^\n\x00]{0,80}\.ko\b/
		$named = /\b(insmod|modprobe)[ \t][^\n\x00]{0,60}\b(diamorphine|reptile|suterusu|adore-ng|kovid|rootkit)(\.ko)?\b/
		$instead = /(^|\n)install[ \t]{1,4}\S{1,40}[ \t][^\n]{0,160}(\/(tmp|var\/tmp|dev\/shm)\/|\/dev\/tcp\/|\bcurl[ \t]|\bwget[ \t])/
	condition:
		uint32(0) != 0x464c457f and filesize < 1MB and ($load or $named or ($instead and filepath matches /\/modprobe\.d$/))
}

rule persistence_hook_script
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "script run at boot, login, when the network comes up or by cron that fetches and runs something, or opens a shell"
		reference = "https://attack.mitre.org/techniques/T1546/"
		severity = "high"
		score = 75
		attack = "T1546, T1037, T1053.003"
	strings:
		$tcp = /(sh|exec|>|<|cat)[^\n]{0,60}\/dev\/tcp\/[^\s\/]{3,60}\/[0-9$]/
		$pipe = /\b(curl|wget)[ \t][^\n|]{3,240}\|[ \t]{0,4}(sudo[ \t]{1,2})?(\/(usr\/)?bin\/)?(ba|da|z|k)?sh\b/
		$temporary = /(^|[\n;&|]|Exec=)[ \t]{0,8}(nohup[ \t]{1,2}|setsid[ \t]{1,2}|exec[ \t]{1,2})?\/(tmp|var\/tmp|dev\/shm)\/\.?[\w.\/-]{1,80}([ \t]{0,4}(&|\n|>|$))/
		$base64 = /\bbase64[ \t]{1,4}(-d|--decode)[^\n]{0,60}\|[ \t]{0,4}(\/(usr\/)?bin\/)?(ba|da|z|k)?sh\b/
	condition:
		filesize < 256KB and uint32(0) != 0x464c457f and any of them and filepath matches
		/\/(update-motd\.d|dispatcher\.d|if-(up|down|pre-up|post-down)\.d|dhclient-(enter|exit)-hooks\.d|rc[0-6S]?\.d|init\.d|cron\.(hourly|daily|weekly|monthly)|(system|user)-generators|autostart|kernel\/(pre|post)inst\.d|xinit\/xinitrc\.d|pm\/sleep\.d|system-sleep|interfaces\.d)$/
}

rule persistence_cron_temporary_or_hidden
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "cron table that runs a program from a folder everyone can write to, or a hidden one of the system"
		reference = "https://attack.mitre.org/techniques/T1053/003/"
		severity = "high"
		score = 75
		attack = "T1053.003, T1564.001"
	strings:
		$a = /(^|\n)[ \t]{0,4}(@(reboot|hourly|daily|weekly|monthly|midnight)|[0-9*][0-9*,\/-]{0,19}([ \t]{1,4}[0-9*][0-9*,\/-]{0,19}){2}([ \t]{1,4}[0-9a-zA-Z*,\/-]{1,20}){2})[ \t]{1,8}([a-z_][a-z0-9_-]{0,31}[ \t]{1,8})?((\/usr)?\/bin\/(ba|da)?sh[ \t]{1,4}(-c[ \t]{1,4}["']?)?|nohup[ \t]{1,4})?\/(tmp|var\/tmp|dev\/shm)\/[^\n]{1,80}/
		$b = /(^|\n)[ \t]{0,4}(@(reboot|hourly|daily|weekly|monthly|midnight)|[0-9*][0-9*,\/-]{0,19}([ \t]{1,4}[0-9*][0-9*,\/-]{0,19}){2}([ \t]{1,4}[0-9a-zA-Z*,\/-]{1,20}){2})[ \t]{1,8}([a-z_][a-z0-9_-]{0,31}[ \t]{1,8})?((\/usr)?\/bin\/(ba|da)?sh[ \t]{1,4}(-c[ \t]{1,4}["']?)?|nohup[ \t]{1,4})?\/(usr|etc|lib|var|bin|sbin|dev)\/([^\s\/]{1,40}\/){0,5}\.[A-Za-z0-9_][^\n]{0,60}/
	condition:
		filesize < 256KB and uint32(0) != 0x464c457f and any of them
}

rule persistence_python_start
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "file that Python runs at every start and that runs hidden code, as UPSTYLE left on firewalls"
		reference = "https://www.volexity.com/blog/2024/04/12/zero-day-exploitation-of-unauthenticated-remote-code-execution-vulnerability-in-globalprotect-cve-2024-3400/"
		severity = "high"
		score = 85
		attack = "T1546.018"
	strings:
		$exec = /\bexec[ \t]{0,2}\([^\n]{0,80}(b64decode|urlopen|decompress|fromhex|unhexlify|loads)[ \t]{0,2}\(/
		$run = /(^|\n)import[ \t][^\n]{0,200}\b(os\.(system|popen)|subprocess\.\w{1,12}|socket\.socket)[ \t]{0,2}\(/
	condition:
		filesize < 256KB and (extension == ".pth" or filename == "sitecustomize.py" or filename == "usercustomize.py") and any of them
}

rule persistence_suid_shell
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that makes a copy of a shell and lets everybody run it as root"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-201a"
		severity = "high"
		score = 80
		attack = "T1548.001"
	strings:
		$copy = /\bcp[ \t]{1,4}(-[a-z]{1,4}[ \t]{1,4})?[^\s;&|]{0,24}\/(ba|da|k|z)?sh[ \t]{1,4}\/(tmp|var|dev|usr|home|opt|lib|etc)\/[^\s;&|]{1,80}[^\n\x00]{0,40}[\n;&|][^\n\x00]{0,20}\bchmod[ \t]{1,4}(u?\+s|0?[46][0-7]{3})\b/
		$install = /\binstall[ \t][^\n;]{0,40}-m[ \t]{0,2}0?[46][0-7]{3}\b[^\n;]{0,60}\/bin\/(ba|da|k|z)?sh[ \t]/
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and any of them
}

rule persistence_login_screen_debugger
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line or registry file that puts a shell behind the login screen of Windows (sethc, utilman)"
		reference = "https://www.microsoft.com/en-us/security/blog/2023/08/24/flax-typhoon-using-legitimate-software-to-quietly-access-taiwanese-organizations/"
		severity = "critical"
		score = 85
		attack = "T1546.008"
	strings:
		$key = /image file execution options\\(sethc|utilman|osk|magnify|narrator|displayswitch|atbroker)\.exe"?[^\n\x00]{0,60}debugger/ nocase ascii wide
		$file = /image file execution options\\(sethc|utilman|osk|magnify|narrator|displayswitch|atbroker)\.exe\]\s{1,4}"debugger"=/ nocase ascii wide
		$copy = /copy\s[^\n\x00]{0,80}\\(cmd|taskmgr|powershell|explorer)\.exe"?\s[^\n\x00]{0,60}\\(sethc|utilman|osk|magnify|narrator)\.exe/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule persistence_remote_desktop_opened
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that turns remote desktop on, or its network level authentication off"
		reference = "https://www.microsoft.com/en-us/security/blog/2023/08/24/flax-typhoon-using-legitimate-software-to-quietly-access-taiwanese-organizations/"
		severity = "medium"
		score = 60
		attack = "T1112, T1021.001"
	strings:
		$reg = /reg(\.exe)?"?\s{1,4}add\s[^\n\x00]{0,80}terminal server[^\n\x00]{0,80}(userauthentication|securitylayer|fdenytsconnections)"?\s[^\n\x00]{0,40}\/d\s{1,4}"?(0x0|0)\b/ nocase ascii wide
		$wmic = /wmic(\.exe)?"?\s[^\n\x00]{0,80}setallowtsconnections\s{1,4}1/ nocase ascii wide
		$ps = /set-itemproperty\s[^\n\x00]{0,120}terminal server[^\n\x00]{0,80}(userauthentication|fdenytsconnections)[^\n\x00]{0,40}\b0\b/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule persistence_run_key_temporary
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that has Windows start a program from a folder everyone can write to at every logon"
		reference = "https://attack.mitre.org/techniques/T1547/001/"
		severity = "high"
		score = 75
		attack = "T1547.001"
	strings:
		$reg = /reg(\.exe)?"?\s{1,4}add\s[^\n\x00]{0,80}\\currentversion\\(policies\\explorer\\)?run(once)?"?\s[^\n\x00]{0,120}\/d\s[^\n\x00]{0,80}\\(windows\\temp|users\\public|programdata|perflogs|appdata\\local\\temp)\\[^\n\x00]{1,80}/ nocase ascii wide
		$ps = /(new|set)-itemproperty\s[^\n\x00]{0,120}\\currentversion\\run(once)?\b[^\n\x00]{0,160}\\(windows\\temp|users\\public|programdata|perflogs)\\[^\n\x00]{1,80}/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule persistence_service_temporary
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line or event that makes a Windows service of a shell or of a program from a folder everyone can write to"
		reference = "https://attack.mitre.org/techniques/T1543/003/"
		severity = "high"
		score = 75
		attack = "T1543.003, T1569.002"
	strings:
		$sc = /sc(\.exe)?"?\s{1,4}(\\\\\S{1,60}\s{1,4})?(create|config)\s[^\n\x00]{1,80}binpath\s?=\s{0,4}[^\n\x00]{0,40}(\\(windows\\temp|users\\public|programdata|perflogs|\$recycle\.bin)\\|cmd(\.exe)?\s{1,4}\/c|%comspec%|powershell)/ nocase ascii wide
		$ps = /new-service\s[^\n\x00]{0,120}-binarypathname\s{1,4}[^\n\x00]{0,40}(\\(windows\\temp|users\\public|programdata|perflogs)\\|cmd(\.exe)?\s{1,4}\/c|powershell)/ nocase ascii wide
		$snake = /sc(\.exe)?"?\s{1,4}create\s{1,4}"?WerFaultSvc\b/ nocase ascii wide
		$rights = /sc(\.exe)?"?\s{1,4}sdset\s{1,4}(scmanager|\S{1,40})\s{1,4}"?D:\(A;;(KA|GA|CCDC\w{0,40});;;WD\)/ nocase ascii wide
		$pipe = /\/c\s{1,2}echo\s\w{4,24}\s{0,2}>\s{0,2}\\\\\.\\pipe\\\w{4,24}/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule persistence_wmi_subscription
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "script that has WMI run a program when something happens"
		reference = "https://attack.mitre.org/techniques/T1546/003/"
		severity = "high"
		score = 75
		attack = "T1546.003"
	strings:
		$ps = /(set-wmiinstance|new-ciminstance|register-wmievent|invoke-cimmethod)\s[^\n\x00]{0,160}(commandlineeventconsumer|activescripteventconsumer|__filtertoconsumerbinding)/ nocase ascii wide
		$wmic = /wmic(\.exe)?"?\s[^\n\x00]{0,80}root\\subscription[^\n\x00]{0,60}path\s{1,4}(commandlineeventconsumer|activescripteventconsumer|__eventfilter|__filtertoconsumerbinding)\s{1,4}create/ nocase ascii wide
		$mof1 = /instance of (commandlineeventconsumer|activescripteventconsumer)\b/ nocase ascii wide
		$mof2 = /(commandlinetemplate|scripttext)\s{0,4}=\s{0,4}"[^"\n]{0,200}(powershell|cmd|wscript|mshta|rundll32|regsvr32|createobject)/ nocase ascii wide
	condition:
		filesize < 256MB and ($ps or $wmic or ($mof1 and $mof2))
}

rule persistence_windows_library
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that has Windows load a library at logon, with every program, with netsh or with LSASS"
		reference = "https://attack.mitre.org/techniques/T1547/"
		severity = "high"
		score = 75
		attack = "T1547.002, T1547.004, T1546.007, T1546.010"
	strings:
		$lsa = /reg(\.exe)?"?\s{1,4}add\s[^\n\x00]{0,60}\\control\\lsa(\\osconfig)?"?\s{1,4}\/v\s{1,4}"(security|notification|authentication) packages"/ nocase ascii wide
		$winlogon = /reg(\.exe)?"?\s{1,4}add\s[^\n\x00]{0,80}\\winlogon"?\s[^\n\x00]{0,20}\/v\s{1,4}"?(userinit|shell|mpnotify|taskman)"?\s[^\n\x00]{0,160}\/d\s/ nocase ascii wide
		$ps = /(set|new)-item(property)?\s{1,4}[^\n\x00]{0,80}\\winlogon\\?["']?\s[^\n\x00]{0,20}(userinit|shell|notify)\b[^\n\x00]{1,160}/ nocase ascii wide
		$appinit = /reg(\.exe)?"?\s{1,4}add\s[^\n\x00]{0,120}appinit_dlls"?\s[^\n\x00]{0,80}\/d\s/ nocase ascii wide
		$netsh = /netsh(\.exe)?"?\s{1,4}add\s{1,4}helper\s{1,4}[^\n\x00]{3,120}/ nocase ascii wide
		$monitor = /reg(\.exe)?"?\s{1,4}add\s[^\n\x00]{0,80}\\print\\monitors\\[^\n\x00]{1,80}driver/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule persistence_iis_module
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that adds a module to IIS"
		reference = "https://attack.mitre.org/techniques/T1505/004/"
		severity = "medium"
		score = 60
		attack = "T1505.004"
	strings:
		$a = /appcmd(\.exe)?"?\s{1,4}(install|add)\s{1,4}module\s[^\n\x00]{0,160}\/(image|type):/ nocase ascii wide
	condition:
		filesize < 256MB and $a
}

rule persistence_esxi_host
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line or script that keeps something on an ESXi host: a package installed by force, a page or script in its store"
		reference = "https://cloud.google.com/blog/topics/threat-intelligence/esxi-hypervisors-malware-persistence"
		severity = "high"
		score = 75
		attack = "T1505.006, T1037.004"
	strings:
		$force = /\besxcli\s{1,4}software\s{1,4}vib\s{1,4}install\s[^\n\x00]{0,160}(--force|--no-sig-check|\s-f\b)/
		$store = "/store/packages/vmtools.py"
		$level = /\besxcli\s{1,4}software\s{1,4}acceptance\s{1,4}set\s{1,4}--level[= ]\s{0,2}"?CommunitySupported/
		$firewall = /\besxcli\s{1,4}network\s{1,4}firewall\s{1,4}set\s[^\n\x00]{0,40}(--enabled|-e)[ =]{1,2}(false|0)\b/
		$local = /(nohup|setsid|python\d?|sh)\s{1,4}(-c\s{1,4})?\/(store|bootbank|altbootbank|scratch|vmfs\/volumes)\/[^\n]{1,100}&\s{0,2}\n/
	condition:
		filesize < 256MB and (any of ($force, $store, $level, $firewall) or ($local and filename == "local.sh"))
}

rule persistence_desktop_autostart
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "desktop entry that starts a hidden program, or one from a folder everyone can write to"
		reference = "https://attack.mitre.org/techniques/T1547/013/"
		severity = "high"
		score = 70
		attack = "T1547.013"
	strings:
		$e = "[Desktop Entry]"
		$x = /\nExec\s{0,2}=\s{0,2}["']?((\/usr)?\/bin\/(ba|da)?sh\s{1,2}(-c\s{1,2}["']?)?)?(\/(tmp|var\/tmp|dev\/shm)\/|\/home\/[^\/\s]{1,32}\/\.(cache|config)\/([^\s\/]{1,40}\/){0,3}\.)[^\n]{1,80}/
	condition:
		filesize < 64KB and $e and $x
}

rule persistence_preload_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that writes a library's name into ld.so.preload"
		reference = "https://attack.mitre.org/techniques/T1574/006/"
		severity = "high"
		score = 75
		attack = "T1574.006"
	strings:
		$echo = /\b(echo|printf)[ \t][^\n]{0,24}\/[^\s]{1,120}\.so[^\n]{0,40}(>{1,2}[ \t]{0,4}|\|[ \t]{0,4}(sudo[ \t]{1,2})?tee[ \t]{1,4}(-a[ \t]{1,4})?)\/etc\/ld\.so\.preload\b/
		$variable = /\b(export[ \t]{1,4})?LD_PRELOAD=["']?\/(tmp|var\/tmp|dev\/shm)\/[^\s"']{1,80}\.so\b/
		$move = /\b(cp|mv|install)[ \t][^\n;&|]{1,120}[ \t]\/etc\/ld\.so\.preload\b/
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and any of them
}

rule persistence_cron_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that puts a fetched or temporary program into a cron table"
		reference = "https://attack.mitre.org/techniques/T1053/003/"
		severity = "high"
		score = 75
		attack = "T1053.003"
	strings:
		$a = /\b(echo|printf)[ \t][^\n]{0,24}(\*[ \t]{1,2}\*[ \t]{1,2}\*|@reboot|@hourly|@daily)[^\n]{0,120}(\/(tmp|var\/tmp|dev\/shm)\/|\bcurl[ \t]|\bwget[ \t]|\/dev\/tcp\/|\bbase64[ \t])[^\n]{0,240}(\bcrontab\b|\/etc\/cron|\/var\/spool\/cron)/
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and $a
}

rule persistence_second_root
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "account beside root with all its rights, or the command line that makes one"
		reference = "https://attack.mitre.org/techniques/T1136/001/"
		severity = "critical"
		score = 85
		attack = "T1136.001, T1098"
	strings:
		$add = /\b(useradd|adduser)[ \t][^\n]{0,80}(-o[ \t][^\n]{0,24}-u[ \t]{0,2}0\b|-u[ \t]{0,2}0[ \t][^\n]{0,24}-o\b|-ou[ \t]{0,2}0\b|--non-unique[^\n]{0,24}--uid[= ]0\b)/
		$echo = /\b(echo|printf)[ \t][^\n]{1,40}:[^:\n]{0,120}:0:0:[^\n]{0,80}>>[ \t]{0,4}\/etc\/passwd\b/
		$line = /\n([^r\n#t:]|r[^o\n:]|ro[^o\n:]|roo[^t\n:]|root[^:\n]|t[^o\n:])[^:\n]{0,31}:[^:\n]{0,130}:0:[0-9]{1,6}:/
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and (any of ($add, $echo) or ($line and filename matches /^passwd-?$/))
}

rule persistence_cron_decoded
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "cron table that decodes text and gives it to a shell or to Python"
		reference = "https://attack.mitre.org/techniques/T1053/003/"
		severity = "high"
		score = 85
		attack = "T1053.003, T1140"
	strings:
		$a = /(^|\n)[ \t]{0,4}(@(reboot|hourly|daily|weekly|monthly|midnight)|[0-9*][0-9*,\/-]{0,19}([ \t]{1,4}[0-9*][0-9*,\/-]{0,19}){2}([ \t]{1,4}[0-9a-zA-Z*,\/-]{1,20}){2})[ \t][^\n]{0,4000}\b(base64|openssl|xxd)[ \t]{1,4}[^\n|]{0,24}(-d|-di|--decode|-D|-r)[^\n|]{0,40}\|[ \t]{0,4}(sudo[ \t]{1,2})?((\/(usr\/)?bin\/)?(ba|da|z|k)?sh|python[23]?|perl)\b/
		$b = /(^|\n)[ \t]{0,4}(@(reboot|hourly|daily|weekly|monthly|midnight)|[0-9*][0-9*,\/-]{0,19}([ \t]{1,4}[0-9*][0-9*,\/-]{0,19}){2}([ \t]{1,4}[0-9a-zA-Z*,\/-]{1,20}){2})[ \t][^\n]{0,80}\bpython[0-9.]{0,4}[ \t]{1,4}-c[ \t][^\n]{0,80}exec[ \t]{0,2}\([^\n]{0,80}(b64decode|decompress)/
	condition:
		filesize < 1MB and uint32(0) != 0x464c457f and any of them
}

rule persistence_authorized_key_echoed
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that writes a key into authorized_keys; administrators and installers do so too"
		reference = "https://attack.mitre.org/techniques/T1098/004/"
		severity = "medium"
		score = 50
		attack = "T1098.004"
	strings:
		$a = /\b(echo|printf)[ \t][^\n]{0,60}(ssh-(rsa|ed25519|dss)|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com) AAAA[A-Za-z0-9+\/=]{6,1200}[^\n]{0,160}(>{1,2}|\btee[ \t]{1,2}(-a[ \t]{1,2})?)[ \t]{0,2}[\"']?[^\s;&|]{0,100}authorized_keys2?\b/
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and $a and not extension matches /^\.(md|rst|html?)$/
}

rule persistence_authorized_key_by_service
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "key written into authorized_keys of an account of a service, out of a request, or by Redis"
		reference = "https://attack.mitre.org/techniques/T1098/004/"
		severity = "high"
		score = 80
		attack = "T1098.004, T1190"
	strings:
		$service = /\b(echo|printf)[ \t][^\n]{0,60}(ssh-(rsa|ed25519|dss)|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com) AAAA[A-Za-z0-9+\/=]{6,1200}[^\n]{0,160}(>{1,2}|\btee[ \t]{1,2}(-a[ \t]{1,2})?)[ \t]{0,2}[\"']?\/(var\/www|srv\/www|usr\/share\/nginx|var\/lib\/(nginx|redis|tomcat[0-9]{0,2}|postgresql|jenkins|git)|opt\/tomcat)[^\s;&|]{0,60}\/\.ssh\/authorized_keys2?\b/
		$request = /(echo|printf)(\+|%20)[^\s]{0,40}ssh-(rsa|ed25519)(\+|%20)AAAA[^\s]{10,1600}authorized_keys/ nocase
		$redis = /config\s{1,4}set\s{1,4}dir\s{1,4}[\"']?\/(root|home\/[^\s\/]{1,32}|var\/lib\/redis)\/\.ssh\b/ nocase
	condition:
		uint32(0) != 0x464c457f and filesize < 16MB and any of them
}
