#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Looks for secrets in everything that can be seen of a tool at work.

secrets.py FOLDER SECRETS WATCH -- COMMAND...: runs COMMAND in FOLDER, stops it (and its children) when the pattern WATCH
matches a file, and demands of each process:
- no secret in what a core image would hold: all readable memory but what is marked as not to be dumped;
- what holds one is locked, and neither a file nor inherited by a child;
- no secret in its command line or environment, no core file allowed.
Then lets it finish, and demands exit 0 (or 3) and no secret in what it printed. Descriptor 9 is the file SECRETS_FD9 names. SECRETS names key files: minisign and note secret
keys, age identities, and passphrases (NAME.pass). With gcore at hand a real core image is searched as well. Exits 77 when
memory cannot be read here."""
import base64, fnmatch, glob, hashlib, os, shutil, signal, subprocess, sys, tempfile, time

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32_bytes(text):
    acc = bits = 0
    out = bytearray()
    for c in text.lower().rsplit("1", 1)[1][:-6]:
        acc, bits = acc << 5 | CHARSET.index(c), bits + 5
        if bits >= 8:
            bits -= 8
            out.append(acc >> bits & 255)
    return bytes(out)


def forms(path):
    """Every form in which the secret of a file may lie in memory."""
    text = open(path).read()
    name = os.path.basename(path)
    if path.endswith(".pass"):
        return {name: text.strip().encode()}
    lines = [l for l in text.splitlines() if l and not l.startswith(("#", "untrusted comment:"))]
    line = lines[0]
    out = {f"{name} as text": line.encode()[-40:]}
    if line.startswith("AGE-SECRET-KEY-1"):
        key = bech32_bytes(line)
        out[f"{name} as bytes"] = key
        out[f"{name} clamped"] = bytes([key[0] & 248]) + key[1:31] + bytes([key[31] & 127 | 64])
        return out
    if line.startswith("PRIVATE+KEY+"):
        seed = base64.b64decode(line.split("+", 4)[4])[1:33]
    else:
        seed = base64.b64decode(line)[54 + 8:54 + 40]
    out[f"{name} as bytes"] = seed
    out[f"{name} expanded"] = hashlib.sha512(seed).digest()[:32]
    return out


def mappings(pid):
    """(description, start, end, flags) of what can be read."""
    head = None
    for line in open(f"/proc/{pid}/smaps"):
        word = line.split()
        if word[0] == "VmFlags:":
            if head and "r" in head[1] and "[v" not in head[0]:
                start, end = (int(x, 16) for x in head[2].split("-"))
                yield head[0], start, end, word[1:]
        elif "-" in word[0] and not word[0].endswith(":"):
            head = (line.strip(), word[1], word[0])


def check_process(pid, secrets, is_child):
    wrong, total, held = [], 0, set()
    with open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for where, start, end, flags in mappings(pid):
            try:
                mem.seek(start)
                data = mem.read(end - start)
            except (OSError, ValueError):
                continue
            total += len(data)
            for name, secret in secrets.items():
                if secret not in data:
                    continue
                held.add(name)
                if "dd" not in flags:
                    wrong.append(f"{name} would be in a core image: {where}")
                if "lo" not in flags:
                    wrong.append(f"{name} is in memory that may be swapped: {where}")
                if is_child:
                    wrong.append(f"{name} is in a child: {where}")
    for what in "cmdline", "environ":
        text = open(f"/proc/{pid}/{what}", "rb").read()
        wrong += [f"{name} is in {what}" for name, secret in secrets.items() if secret in text]
    for line in open(f"/proc/{pid}/limits"):
        if line.startswith("Max core file size") and line.split()[4:6] != ["0", "0"]:
            wrong.append("a core file is allowed: " + line.strip())
    return wrong, total, held


def children(pid):
    out = []
    for task in glob.glob(f"/proc/{pid}/task/*/children"):
        for c in open(task).read().split():
            out += [int(c)] + children(int(c))
    return out


def real_core(pid, secrets):
    if not shutil.which("gcore"):
        return []
    with tempfile.TemporaryDirectory() as tmp:
        subprocess.run(["gcore", "-o", f"{tmp}/core", str(pid)], capture_output=True, check=False)
        core = b"".join(open(f, "rb").read() for f in glob.glob(f"{tmp}/core*"))
    return [f"{name} is in the core image" for name, secret in secrets.items() if secret in core]


def attempt(folder, secrets, watch, command):
    """None when it was over before it could be stopped."""
    before = set(os.listdir(folder))
    output = tempfile.TemporaryFile()
    with open(os.environ.get("SECRETS_FD9", "/dev/null"), "rb") as f:
        os.dup2(f.fileno(), 9)
    p = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, stdin=subprocess.DEVNULL, pass_fds=[9])
    while not any(fnmatch.fnmatch(f, watch) for f in set(os.listdir(folder)) - before):
        if p.poll() is not None:
            break
        time.sleep(0.0005)
    time.sleep(0.02)
    wrong, total, held, n = [], 0, set(), 0
    if p.poll() is None:
        pids = [p.pid]
        os.kill(p.pid, signal.SIGSTOP)
        for pid in children(p.pid):
            try:
                os.kill(pid, signal.SIGSTOP)
                pids.append(pid)
            except ProcessLookupError:
                pass  # one that ended meanwhile
        try:
            for pid in pids:
                try:
                    w, t, h = check_process(pid, secrets, pid != p.pid)
                except (FileNotFoundError, ProcessLookupError):
                    continue
                wrong, total, held, n = wrong + w, total + t, held | h, n + 1
            wrong += real_core(p.pid, secrets)
        except PermissionError:
            total = 0
        for pid in reversed(pids):
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass
        if not total:
            p.kill()
            sys.exit(77)
    p.wait()
    output.seek(0)
    said = output.read()
    wrong += [f"{name} was printed" for name, secret in secrets.items() if secret in said]
    if p.returncode not in (0, 3):
        wrong.append(f"exit {p.returncode}: {said.decode(errors='replace')[-300:]}")
    for f in set(os.listdir(folder)) - before:
        os.unlink(os.path.join(folder, f))
    return (wrong, total, held, n) if n or wrong else None


folder, names, watch = sys.argv[1:4]
command = sys.argv[sys.argv.index("--") + 1:]
secrets = {}
for f in names.split():
    secrets |= forms(f)
for _ in range(20):
    result = attempt(folder, secrets, watch, command)
    if result:
        break
else:
    sys.exit("it was never caught at work")
wrong, total, held, n = result
print(f"{n} processes, {total >> 10} KiB searched for {len(secrets)} forms; held, guarded: {', '.join(sorted(held)) or 'none'}")
for w in wrong:
    print(w)
sys.exit(bool(wrong))
