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
		$a3 = "reptile_" fullword
		$a4 = "khook_"
		$a5 = "suterusu" nocase
		$a6 = "adore-ng"
		$a7 = "is_invisible" fullword
		$a8 = "kovid" fullword
		$a9 = "hide_module" fullword
		$b1 = "module_hide" fullword
		$b2 = "give_root" fullword
		$b3 = "module_hidden" fullword
	condition:
		uint32(0) == 0x464c457f and uint16(16) == 1 and filesize < 8MB and $m and (any of ($a1, $a2, $a5, $a6) or 3 of them)
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
		$d = "dlsym" fullword
		$n = "RTLD_NEXT"
		$r = "readdir"
	condition:
		uint32(0) == 0x464c457f and filesize < 4MB and any of ($a*) and any of ($d, $n, $r)
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
