#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ends a command by a signal while it writes, and looks at what it leaves.

interrupted.py SIGNAL FOLDER WATCH [--feed FILE] -- COMMAND...: runs COMMAND, sends SIGNAL once a file that matches WATCH is
below FOLDER, waits, and prints the names of all files below FOLDER that were not there before. --feed: standard input is the
first 200,000 bytes of FILE, and does not end. Ends as a shell says how COMMAND did: 128 and the signal. A command that was
done before the signal came is run again, without what it wrote."""
import fnmatch, os, signal, subprocess, sys, time

def files(folder):
    return {os.path.join(d, f) for d, _, names in os.walk(folder) for f in names}


def run(sig, folder, watch, feed, command, before):
    p = subprocess.Popen(command, stdin=subprocess.PIPE if feed else subprocess.DEVNULL, preexec_fn=lambda: [
        signal.signal(s, signal.SIG_DFL) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)])
    if feed:
        with open(feed, "rb") as f:
            p.stdin.write(f.read(200000))
        p.stdin.flush()
    while p.poll() is None:
        if any(fnmatch.fnmatch(os.path.basename(f), watch) for f in files(folder) - before):
            p.send_signal(sig)
            break
        time.sleep(0.002)
    code = p.wait()
    if feed:
        p.stdin.close()
    return code


def main():
    at = sys.argv.index("--")
    sig, folder, watch = getattr(signal, "SIG" + sys.argv[1]), sys.argv[2], sys.argv[3]
    feed = sys.argv[5] if at > 4 else None
    before = files(folder)
    for _ in range(20):
        code = run(sig, folder, watch, feed, sys.argv[at + 1:], before)
        left = files(folder) - before
        if code != 0:
            break
        for f in left:
            os.unlink(f)
    for f in sorted(left):
        print(os.path.relpath(f, folder))
    sys.exit(128 - code if code < 0 else code)


main()
