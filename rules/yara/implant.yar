// SPDX-License-Identifier: Apache-2.0
// What implants are made of: published rootkits, backdoors behind packet filters, loaders into memory, packed programs.

import "math"

rule implant_bpfdoor
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "program that poses as a daemon and waits behind a packet filter, as BPFDoor does"
		reference = "https://attack.mitre.org/techniques/T1205/002/"
		severity = "critical"
		score = 90
		attack = "T1205.002, T1036.004"
	strings:
		$n1 = "hald-addon-acpi: listening on acpid socket"
		$n2 = "qmgr -l -t fifo -u"
		$n3 = "avahi-daemon: chroot helper"
		$n4 = "/usr/libexec/postfix/master"
		$n5 = "/sbin/udevd -d"
		$n6 = "dbus-daemon --system"
		$n7 = "pickup -l -t fifo -u"
		$n8 = "/usr/sbin/console-kit-daemon --no-daemon"
		$p1 = "/var/run/haldrund.pid"
		$p2 = "/dev/shm/kdmtmpflush"
	condition:
		uint32(0) == 0x464c457f and filesize < 2MB and (3 of ($n*) or any of ($p*))
}

rule implant_named_kernel_rootkit
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "kernel module with the names of a published rootkit (Diamorphine, Reptile, Suterusu, adore-ng, Drovorub, kovid)"
		reference = "https://attack.mitre.org/techniques/T1014/"
		severity = "critical"
		score = 90
		attack = "T1014"
	strings:
		$m = "vermagic="
		$a1 = "diamorphine" nocase
		$a2 = "hacked_getdents"
		$a3 = "reptile_init" fullword
		$a4 = "kmatryoshka"
		$a5 = "suterusu" nocase
		$a6 = "adore-ng"
		$a7 = "is_invisible" fullword
		$a8 = "kovid" fullword
		$a9 = "hide_module" fullword
		$k1 = "khook_inet_ioctl"
		$k2 = "khook_filldir64"
		$k3 = "khook_tcp4_seq_show"
		$k4 = "khook_copy_creds"
		$k5 = "khook___d_lookup"
		$k6 = "khook_cleanup"
		$b1 = "module_hide" fullword
		$b2 = "give_root" fullword
		$b3 = "module_hidden" fullword
	condition:
		uint32(0) == 0x464c457f and uint16(16) == 1 and filesize < 8MB and $m and
		(any of ($a1, $a2, $a3, $a4, $a5, $a6) or 2 of ($k*) or 2 of ($a*, $b*))
}

rule implant_named_preload_rootkit
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "shared library with the names of a published user-space rootkit (Azazel, Jynx, bedevil, Vlany, Father, Medusa, Symbiote)"
		reference = "https://attack.mitre.org/techniques/T1574/006/"
		severity = "critical"
		score = 90
		attack = "T1574.006, T1014"
	strings:
		$a1 = "azazel" fullword nocase
		$a2 = "jynx" fullword nocase
		$a3 = "bedevil" fullword
		$a4 = "vlany" fullword
		$a5 = "certbotx64"
		$a6 = "javaserverx64"
		$a7 = "HIDE_THIS_SHELL"
		$a8 = "is_bdusr"
		$a9 = "rkaccess"
		$b1 = "/lib/selinux.so.3"
		$b2 = "/lib/libseconf/"
		$d = "dlsym" fullword
		$n = "RTLD_NEXT"
		$r = "readdir"
	condition:
		uint32(0) == 0x464c457f and filesize < 4MB and any of ($a*, $b*) and any of ($d, $n, $r)
}

rule implant_named_ebpf_rootkit
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "program with the names of a published eBPF rootkit (ebpfkit, boopkit, TripleCross, bad-bpf)"
		reference = "https://attack.mitre.org/techniques/T1014/"
		severity = "critical"
		score = 85
		attack = "T1014, T1205"
	strings:
		$a1 = "boopkit" nocase
		$a2 = "ebpfkit" nocase
		$a3 = "TripleCross"
		$a4 = "bpfdos" fullword
		$a5 = "pidhide" fullword
		$a6 = "sudoadd" fullword
		$a7 = "exechijack" fullword
		$b1 = "bpf_probe_write_user"
		$b2 = "bpf_override_return"
		$b3 = ".BTF"
		$b4 = "libbpf"
	condition:
		uint32(0) == 0x464c457f and filesize < 64MB and any of ($a*) and any of ($b*)
}

rule implant_sshd_with_hidden_file
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "sshd or its library that keeps something in a hidden or temporary file"
		reference = "https://attack.mitre.org/techniques/T1556/"
		severity = "critical"
		score = 85
		attack = "T1556, T1554"
	strings:
		$s1 = "sshd: no hostkeys available"
		$s2 = "PermitRootLogin" fullword
		$s3 = "AuthorizedKeysFile" fullword
		$h1 = /\/(usr\/(include|share|lib|local)|etc|var|lib)(\/[\w.-]{1,32}){0,3}\/\.[a-z][\w.-]{1,40}\x00/
		$h2 = /\/(tmp|var\/tmp|dev\/shm)\/[\w.-]{2,40}\x00/
	condition:
		uint32(0) == 0x464c457f and filesize < 4MB and 2 of ($s*) and any of ($h*)
}

rule implant_memfd_loader_script
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "script that puts a program into anonymous memory and runs it from there"
		reference = "https://attack.mitre.org/techniques/T1620/"
		severity = "high"
		score = 80
		attack = "T1620"
	strings:
		$p1 = /syscall\s{0,2}\(\s{0,2}319\s{0,2},/
		$p2 = /\.syscall\(\s{0,2}(319|279)\s{0,2},/
		$p3 = /os\.memfd_create\s{0,2}\(/
		$f1 = /\/proc\/(self|\$\$|\$pid|%d|\{[\w()., ]{0,24}\}|"\s{0,2}\+)[^\n]{0,24}\/fd\//
		$e1 = /\bexec\s{0,2}(\{|\()?\s{0,2}["']?\/proc\//
		$e2 = /os\.(execv|execve|execl|execle|system|popen|spawn\w{1,3})\s{0,2}\(/
		$e3 = "subprocess."
	condition:
		uint32(0) != 0x464c457f and filesize < 20MB and any of ($p*) and $f1 and any of ($e*)
}

rule packed_elf_upx
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "ELF program packed with UPX"
		reference = "https://attack.mitre.org/techniques/T1027/002/"
		severity = "medium"
		score = 50
		attack = "T1027.002"
	strings:
		$a = "UPX!"
		$b = "$Info: This file is packed with the UPX executable packer"
		$c = "$Id: UPX "
	condition:
		uint32(0) == 0x464c457f and ((uint8(4) == 2 and uint16(0x3c) == 0) or (uint8(4) == 1 and uint16(0x30) == 0)) and $a and any of ($b, $c)
}

rule packed_elf_without_sections
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "small static ELF program without a section table whose content looks random"
		reference = "https://attack.mitre.org/techniques/T1027/002/"
		severity = "medium"
		score = 50
		attack = "T1027.002"
	condition:
		(uint32(0) == 0x464c457f and (uint16(16) == 2 or uint16(16) == 3) and filesize > 8KB and filesize < 8MB and
		((uint8(4) == 2 and uint16(0x3c) == 0) or (uint8(4) == 1 and uint16(0x30) == 0))) and math.entropy(0, filesize) > 7.3
}

rule implant_xz_liblzma
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "liblzma with the backdoor of xz 5.6.0 and 5.6.1, or the build script that puts it in"
		reference = "https://www.cisa.gov/news-events/alerts/2024/03/29/reported-supply-chain-compromise-affecting-xz-utils-data-compression-library-cve-2024-3094"
		severity = "critical"
		score = 95
		attack = "T1195.002, T1556"
	strings:
		$code = { f3 0f 1e fa 55 48 89 f5 4c 89 ce 53 89 fb 81 e7 00 00 00 80 48 83 ec 28 48 89 54 24 18 48 89 4c 24 10 }
		$build1 = "gl_am_configmake=`grep -aErls"
		$build2 = "gl_path_map='tr \"\\t \\-_\" \" \\t_\\-\"'"
	condition:
		filesize < 16MB and ((uint32(0) == 0x464c457f and $code) or any of ($build*))
}

rule implant_tinyshell
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "TinyShell, a small backdoor, or one made of it, as found on routers and ESXi hosts"
		reference = "https://cloud.google.com/blog/topics/threat-intelligence/china-nexus-espionage-targets-juniper-routers"
		severity = "critical"
		score = 90
		attack = "T1059.004, T1573.001"
	strings:
		$challenge = { 58 90 ae 86 f1 b9 1c f6 29 83 95 71 1d de 58 0d }
		$login = "exec bash --login" fullword
		$history = "HISTFILE=" fullword
		$term = "TERM=" fullword
		$usage = "[ -c [ connect_back_host ] ]"
	condition:
		uint32(0) == 0x464c457f and filesize < 4MB and ($challenge or $usage or ($login and $history and $term))
}

rule implant_barracuda
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "SEASPY or SALTWATER: backdoors of mail gateways"
		reference = "https://cloud.google.com/blog/topics/threat-intelligence/barracuda-esg-exploited-globally"
		severity = "critical"
		score = 95
		attack = "T1205.002, T1554"
	strings:
		$s1 = "./BarracudaMailService <Network-Interface>"
		$s2 = "enter open tty shell"
		$s3 = "NO port code"
		$s4 = "BarracudaMailService eth0"
		$c1 = "DownloadChannel"
		$c2 = "UploadChannel"
		$c3 = "ProxyChannel"
		$c4 = "ShellChannel"
		$c5 = "TunnelArgs"
	condition:
		uint32(0) == 0x464c457f and filesize < 8MB and (any of ($s1, $s4) or all of ($s2, $s3) or 4 of ($c*))
}

rule implant_fortigate
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "program for FortiGate devices with the names of COATHANGER or the password of CASTLETAP"
		reference = "https://www.ncsc.nl/documenten/publicaties/2024/februari/6/mivd-aivd-advisory-coathanger-tlp-clear"
		severity = "critical"
		score = 90
		attack = "T1554, T1014"
	strings:
		$f1 = "/data2/.bd.key"
		$f2 = "/tmp/packfile"
		$f3 = "/newcli"
		$f4 = "/smartctl"
		$f5 = "/data2/"
		$magic = "1qaz@WSXedc"
	condition:
		uint32(0) == 0x464c457f and filesize < 8MB and ($f1 or $magic or all of ($f2, $f3, $f4, $f5))
}

rule implant_cyclops_blink
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "Cyclops Blink, in WatchGuard firewalls"
		reference = "https://www.ncsc.gov.uk/files/Cyclops-Blink-Malware-Analysis-Report.pdf"
		severity = "critical"
		score = 95
		attack = "T1542.001, T1036.005"
	strings:
		$a1 = "rootfs_cfg"
		$a2 = "/pending/WGUpgrade-dl"
		$a3 = "/pending/sysa_code_dir"
		$a4 = "/pending/bin/install_upgrade"
		$a5 = "/pending/bin/S51armled"
	condition:
		uint32(0) == 0x464c457f and filesize < 8MB and 2 of them
}

rule implant_vpnfilter
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "VPNFilter, in routers and network storage"
		reference = "https://blog.talosintelligence.com/vpnfilter/"
		severity = "critical"
		score = 95
		attack = "T1542, T1090.003"
	strings:
		$a1 = "/var/run/vpnfilterm"
		$a2 = "/var/run/vpnfilterw"
		$b1 = "/var/run/msvf.pid"
		$b2 = "/var/run/client_ca.crt"
		$b3 = "/var/run/torrc"
		$b4 = "toknowall.com"
		$b5 = "/var/run/tord"
	condition:
		uint32(0) == 0x464c457f and filesize < 8MB and (any of ($a*) or 2 of ($b*))
}

rule implant_juniper_magic_packet
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "program that takes the name of a thread of FreeBSD's kernel and waits for a magic packet, as J-magic on Juniper routers does"
		reference = "https://blog.lumen.com/the-j-magic-show-magic-packets-and-where-to-find-them/"
		severity = "high"
		score = 85
		attack = "T1205, T1036.004"
	strings:
		$n = /\[?nfsiod \d\]?\x00/
		$s1 = "/bin/sh" fullword
		$s2 = "/dev/bpf"
		$s3 = "pcap_"
		$s4 = "BEGIN RSA PUBLIC KEY"
		$s5 = "BEGIN PUBLIC KEY"
	condition:
		uint32(0) == 0x464c457f and filesize < 4MB and $n and 2 of ($s*)
}

rule implant_ivanti
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "program with the names that the SPAWN family and ZIPLINE use on Ivanti Connect Secure"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-060b"
		severity = "critical"
		score = 90
		attack = "T1554, T1205"
	strings:
		$z = "SSH-2.0-OpenSSH_0.3xx"
		$s1 = "libdsmeeting.so"
		$s2 = "libdsupgrade.so"
		$s3 = "libsocks5.so"
		$s4 = "/tmp/.logsrv"
		$s5 = "/tmp/.dskey"
	condition:
		uint32(0) == 0x464c457f and filesize < 16MB and ($z or 2 of ($s*))
}

rule implant_sonicwall_overstep
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "OVERSTEP, preloaded on SonicWall SMA devices"
		reference = "https://cloud.google.com/blog/topics/threat-intelligence/sonicwall-secure-mobile-access-exploitation-overstep-backdoor"
		severity = "critical"
		score = 95
		attack = "T1574.006, T1014"
	strings:
		$a = "dobackshell"
		$b = "dopasswords"
	condition:
		uint32(0) == 0x464c457f and filesize < 4MB and all of them
}

rule implant_xorddos
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "XorDdos: the bot, or the cron script that keeps it"
		reference = "https://www.microsoft.com/en-us/security/blog/2022/05/19/rise-in-xorddos-a-deeper-look-at-the-stealthy-ddos-malware-targeting-linux-devices/"
		severity = "high"
		score = 90
		attack = "T1053.003, T1036.005"
	strings:
		$key = "BB2FA36AAA9541F0"
		$f1 = "/etc/cron.hourly/gcc.sh"
		$f2 = "/var/run/gcc.pid"
		$f3 = "/lib/libudev.so"
		$copy = "cp /lib/libudev.so /lib/libudev.so.6"
	condition:
		filesize < 8MB and ((uint32(0) == 0x464c457f and ($key or all of ($f*))) or $copy)
}

rule implant_named_linux_backdoor
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "program with a name or key that only a published backdoor has (OrBit, Exaramel, PUMAKIT, BRICKSTORM)"
		reference = "https://www.cisa.gov/news-events/analysis-reports/ar25-338a"
		severity = "critical"
		score = 95
		attack = "T1014, T1574.006"
	strings:
		$orbit = "libntpVnQE6mk"
		$exaramel = "odhyrfjcnfkdtslt"
		$puma1 = "zov_f/zov_latest"
		$puma2 = ".puma-config"
		$b1 = "main.selfWatcher"
		$b2 = "main.startNew"
		$b3 = "WRITE_LOG=true"
		$b4 = "wssoft/core"
	condition:
		uint32(0) == 0x464c457f and filesize < 32MB and (any of ($orbit, $exaramel, $puma*) or 2 of ($b*))
}

rule implant_ebury
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "libkeyutils with calls that only a network program has, as in the Ebury backdoor"
		reference = "https://www.welivesecurity.com/2014/02/21/an-in-depth-analysis-of-linuxebury/"
		severity = "critical"
		score = 85
		attack = "T1556, T1554"
	strings:
		$a1 = "socket" fullword
		$a2 = "connect" fullword
		$a3 = "gethostbyname" fullword
		$a4 = "shmget" fullword
		$a5 = "recvfrom" fullword
		$a6 = "waitpid" fullword
	condition:
		uint32(0) == 0x464c457f and filesize < 1MB and filename startswith "libkeyutils.so" and 3 of them
}

rule implant_memory_write_script
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "script that overwrites its own process to run a program that is on no disk"
		reference = "https://attack.mitre.org/techniques/T1620/"
		severity = "high"
		score = 85
		attack = "T1620, T1055.009"
	strings:
		$m = /\/proc\/(self|\$\$|\$PPID|\$BASHPID)\/mem\b/
		$s = /\/proc\/(self|\$\$|\$PPID|\$BASHPID)\/syscall\b/
		$w1 = /\bdd[ \t][^\n]{0,80}seek=/
		$w2 = /\b(tail|xxd|hexdump|printf)[ \t]/
	condition:
		uint32(0) != 0x464c457f and filesize < 1MB and $m and $s and any of ($w*)
}

rule implant_memory_program_as_thread
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "program that runs another one out of anonymous memory under the name of a kernel thread"
		reference = "https://attack.mitre.org/techniques/T1036/004/"
		severity = "high"
		score = 85
		attack = "T1036.004, T1620"
	strings:
		$n = /\[(kworker\/[0-9u]{1,3}:[0-9]{1,2}|kthreadd|ksoftirqd\/[0-9]|kdevtmpfs|kswapd0|rcu_sched|migration\/[0-9]|kaluad|card0-crtc8|bioset|khugepaged)[^\]\x00]{0,20}\]/
		$m1 = "memfd_create"
		$m2 = "/proc/self/fd/%d"
		$m3 = "/memfd:"
		$m4 = "fexecve" fullword
	condition:
		uint32(0) == 0x464c457f and filesize < 8MB and $n and any of ($m*)
}

rule implant_hidden_program
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "ELF program under a hidden name, or in memory that stands for a disk"
		reference = "https://attack.mitre.org/techniques/T1564/001/"
		severity = "medium"
		score = 55
		attack = "T1564.001"
	condition:
		(uint32(0) == 0x464c457f and (uint16(16) == 2 or uint16(16) == 3) and filesize < 64MB) and
		((filename matches /^\.[A-Za-z0-9_-]/ and not filename matches /^\.(org\.chromium|com\.google|nfs|tmp_|vmlinux|lib.{1,40}\.so)/) or
		filepath matches /^\/dev\/shm(\/|$)/ or filename matches /^\.{2,3} ?$/)
}

rule implant_go_framework
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "agent of a published framework written in Go (Sliver, Merlin, Mythic, CHAOS, Spark, Geacon)"
		reference = "https://attack.mitre.org/techniques/T1071/001/"
		severity = "critical"
		score = 90
		attack = "T1071.001"
	strings:
		$a1 = "github.com/bishopfox/sliver/"
		$a2 = "sliverpb."
		$a3 = "github.com/Ne0nd0g/merlin"
		$a4 = "github.com/MythicAgents/"
		$a5 = "github.com/tiagorlampert/CHAOS"
		$a6 = "XZB-1248/Spark"
		$a7 = "geacon/"
		$a8 = "github.com/gloxec/CrossC2"
		$a9 = "VShell/"
	condition:
		(uint32(0) == 0x464c457f or uint16(0) == 0x5a4d) and filesize < 64MB and any of them
}

rule implant_cobalt_strike
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "Cobalt Strike's Beacon: the program, its code in memory, or its settings"
		reference = "https://attack.mitre.org/techniques/T1071/001/"
		severity = "critical"
		score = 90
		attack = "T1071.001, T1055"
	strings:
		$c1 = { 69 68 69 68 69 6b ?? ?? 69 6b 69 68 69 6b ?? ?? 69 6a 69 6b 69 6d }
		$c2 = { 2e 2f 2e 2f 2e 2c ?? ?? 2e 2c 2e 2f 2e 2c ?? ?? 2e 2d 2e 2c 2e 2a }
		$s1 = "%s as %s\\%s: %d"
		$s2 = "could not spawn %s: %d"
		$s3 = "Could not connect to pipe: %d"
		$s4 = "beacon.dll"
		$s5 = "beacon.x64.dll"
		$s6 = "IEX (New-Object Net.Webclient).DownloadString('http://127.0.0.1:%u/')"
		$s7 = "Started service %s on %s"
		$s8 = "powershell -nop -exec bypass -EncodedCommand \"%s\""
		$s9 = "could not create remote thread in %d: %d"
	condition:
		filesize < 64MB and (any of ($c*) or 3 of ($s*))
}

rule implant_meterpreter
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "Meterpreter: library or program of Metasploit that stays in memory"
		reference = "https://attack.mitre.org/techniques/T1059/"
		severity = "critical"
		score = 85
		attack = "T1059, T1055"
	strings:
		$a1 = "metsrv.dll"
		$a2 = "metsrv.x64.dll"
		$a3 = "ext_server_stdapi"
		$a4 = "stdapi_sys_process_"
		$a5 = "core_channel_open"
		$a6 = "stdapi_fs_ls"
		$a7 = "ReflectiveLoader"
		$a8 = "mettle_"
	condition:
		(uint32(0) == 0x464c457f or uint16(0) == 0x5a4d) and filesize < 16MB and 3 of them
}

rule implant_lazarus_named
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "program with a name that only a published implant of Lazarus or Andariel has (YamaBot, MagicRAT)"
		reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-207a"
		severity = "critical"
		score = 90
		attack = "T1071.001"
	strings:
		$a1 = "/Bot/YamaBot/"
		$a2 = "YamaBot/engine"
		$a3 = "microsoft_sd.kit"
	condition:
		(uint32(0) == 0x464c457f or uint16(0) == 0x5a4d) and filesize < 64MB and any of them
}

rule implant_wiper_acidrain
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "AcidRain or AcidPour: wipes the memory of modems and other devices"
		reference = "https://www.sentinelone.com/labs/acidrain-a-modem-wiper-rains-down-on-europe/"
		severity = "critical"
		score = 90
		attack = "T1561.001, T1495"
	strings:
		$a1 = "/dev/mtdblockXX"
		$a2 = "/dev/block/mtdblockXX"
		$a3 = "/dev/mtdXX"
		$a4 = "/dev/mmcblkXX"
		$a5 = "/dev/block/mmcblkXX"
		$a6 = "/dev/loopXX"
		$a7 = "/dev/ubiXX"
		$a8 = "/dev/dm-XX"
	condition:
		uint32(0) == 0x464c457f and filesize < 2MB and 3 of them
}

rule implant_preload_hides_names
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "program that keeps the name of ld.so.preload or of the list of connections scrambled, as Azazel and Medusa do"
		reference = "https://attack.mitre.org/techniques/T1574/006/"
		severity = "critical"
		score = 90
		attack = "T1574.006, T1027.013"
	strings:
		$a = "ld.so.preload" xor(0x01-0xff)
		$b = "/proc/net/tcp" xor(0x01-0xff)
	condition:
		uint32(0) == 0x464c457f and filesize < 8MB and any of them
}

rule implant_process_hider
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "shared library that leaves processes out of what readdir says, made of libprocesshider"
		reference = "https://attack.mitre.org/techniques/T1574/006/"
		severity = "critical"
		score = 85
		attack = "T1574.006, T1564.001"
	strings:
		$r1 = "readdir64" fullword
		$r2 = "readdir" fullword
		$d = "dlsym" fullword
		$s1 = "%d (%[^)]s"
		$s2 = "/proc/%s/stat"
		$s3 = "/proc/self/fd/%d"
		$s4 = "Error in dlsym: %s"
	condition:
		uint32(0) == 0x464c457f and uint16(16) == 3 and filesize < 1MB and $d and any of ($r*) and 3 of ($s*)
}

rule implant_sparrowdoor
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "SparrowDoor: the backdoor, also in memory"
		reference = "https://www.ncsc.gov.uk/files/NCSC-MAR-SparrowDoor.pdf"
		severity = "critical"
		score = 90
		attack = "T1071.001, T1547.001"
	strings:
		$p = "HTTPS=HTTPS://%s:%d"
		$r = "Software\\Microsoft\\Windows\\CurrentVersion\\Run" nocase
	condition:
		filesize < 16MB and all of them
}

rule implant_esxi_socket_backdoor
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "program for ESXi that talks over the sockets between hosts and guests and silences the log, as VIRTUALPITA does"
		reference = "https://cloud.google.com/blog/topics/threat-intelligence/esxi-hypervisors-malware-persistence"
		severity = "critical"
		score = 90
		attack = "T1095, T1562.001"
	strings:
		$v = "/vmfs/devices/char/vsock/vsock"
		$s1 = "vmsyslogd"
		$s2 = "nc <port>"
		$s3 = "/usr/libexec/setconf/ksmd"
	condition:
		uint32(0) == 0x464c457f and filesize < 16MB and (($v and any of ($s*)) or $s3)
}

rule implant_lazarus_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line that Lazarus has people or a library run: BeaverTail's server, InvisibleFerret's file, an update that is none, a control panel that is none"
		reference = "https://attack.mitre.org/campaigns/C0022/"
		severity = "high"
		score = 85
		attack = "T1105, T1204.004, T1218.011, T1059"
	strings:
		$server = /(curl|wget)(\.exe)?\"?\s[^\n\x00]{0,120}https?:\/\/[\w.-]{4,80}:(1224|1244|1245)\/(client|pdown|payload|brow|node|keys|uploads)\b/ nocase ascii wide
		$ferret = /\.npl[\"']?\s{0,2}(&&|&amp;&amp;|;|\|)\s{0,4}[^\n\x00]{0,40}python[23]?(\.exe)?[\"']?\s{1,4}[^\n\x00]{0,80}\.npl\b/ nocase ascii wide
		$n2 = /python[23]?(\.exe)?[\"']?\s{1,4}[^\n\x00]{0,60}\.n2[\/\\](pay|bow|adc|mlip)\b/ nocase ascii wide
		$panel = /rundll32(\.exe)?\"?\s[^\n\x00]{1,160}[,\s]\s{0,2}CtrlPanel\s{1,4}S-[2-9]-[0-9]{1,3}-[0-9]{2,8}-/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}

rule implant_update_by_pasted_command
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "command line as pages that ask for a repair have people paste it: an archive or script fetched into a temporary folder, unpacked and started out of sight"
		reference = "https://attack.mitre.org/techniques/T1204/004/"
		severity = "high"
		score = 75
		attack = "T1204.004, T1105, T1059.004"
	strings:
		$unix = /\bnohup[ \t]{1,4}(bash[ \t]{1,4}-c[ \t]{1,4}[\"']?)?curl[ \t][^\n]{0,300}\.(zip|tar\.gz|tgz|sh)\b[^\n]{0,120}(&&|;)[^\n]{0,160}\b(ba|z)?sh[ \t]{1,4}[^\n\-]{1,120}/
		$unix_late = /\bcurl[ \t][^\n]{0,200}[ \t](-o|--output)[ \t]{1,4}[\"']?\/(var\/tmp|tmp|Users\/Shared|private\/tmp)\/[^\s]{1,60}\.(zip|tar\.gz|tgz|sh)\b[^\n]{0,240}(&&|;)[^\n]{0,120}\bnohup[ \t]{1,4}(ba|z)?sh[ \t]/
		$windows = /curl(\.exe)?\"?\s[^\n\x00]{0,160}-o\s{0,2}\"?(%temp%|%tmp%|\$env:temp)\\[^\n\x00]{1,60}\.zip[^\n\x00]{0,240}expand-archive[^\n\x00]{0,240}(wscript|cscript|mshta)/ nocase ascii wide
	condition:
		filesize < 256MB and uint32(0) != 0x464c457f and any of them
}

rule implant_cobalt_strike_pipe
{
	meta:
		author = "Picket"
		date = "2026-11-26"
		description = "named pipe with a name that Cobalt Strike gives when nobody changes it"
		reference = "https://attack.mitre.org/software/S0154/"
		severity = "high"
		score = 85
		attack = "T1559, T1090.001"
	strings:
		$pipe = /\\pipe\\{1,2}(msagent_[0-9a-f]{1,8}|postex_(ssh_)?[0-9a-f]{4}|MSSE-[0-9]{1,4}-server)\b/ nocase ascii wide
		$sysmon = /PipeName[\"']?[>:=\s\"']{1,6}\\{1,2}(msagent_[0-9a-f]{1,8}|postex_(ssh_)?[0-9a-f]{4}|MSSE-[0-9]{1,4}-server)\b/ nocase ascii wide
	condition:
		filesize < 256MB and any of them
}
