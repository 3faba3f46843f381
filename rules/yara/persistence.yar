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
		$pipe = /(^|\n)\s{0,4}(@(reboot|hourly|daily|weekly|monthly|midnight)|[0-9*,\/-]{1,20}(\s{1,4}[0-9a-zA-Z*,\/-]{1,20}){4})\s[^\n]{0,120}\b(curl|wget|lwp-download|fetch)\s[^\n|]{3,240}\|\s{0,4}(sudo\s{1,2})?(\/(usr\/)?bin\/)?(ba|da|z|k)?sh\b/
		$tmp = /(^|\n)\s{0,4}(@(reboot|hourly|daily|weekly|monthly|midnight)|[0-9*,\/-]{1,20}(\s{1,4}[0-9a-zA-Z*,\/-]{1,20}){4})\s[^\n]{0,120}\b(curl|wget)\s[^\n]{3,160}\/(tmp|var\/tmp|dev\/shm)\/[^\n]{1,80}(;|&&)[^\n]{0,80}(chmod|sh)\s/
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
