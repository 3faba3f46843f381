#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command on a terminal of its own and answers its prompts.

terminal.py ANSWER... -- COMMAND...   Each answer is typed once the terminal shows a new prompt (text ending in ": ").
What the terminal showed goes to standard error, the exit code is the command's. The command's standard input and
output stay what they are, only /dev/tty is the new terminal; it must have its echo back at the end (exit 99)."""
import os, pty, select, signal, sys, termios

split = sys.argv.index("--")
answers, command = sys.argv[1:split], sys.argv[split + 1:]
leader, follower = pty.openpty()
before = termios.tcgetattr(follower)[3]
pid = os.fork()
if pid == 0:
    os.setsid()
    import fcntl
    fcntl.ioctl(follower, termios.TIOCSCTTY, 0)
    os.close(leader)
    os.close(follower)
    os.execvp(command[0], command)
seen, shown = b"", b""
status = None
while status is None:
    ready, _, _ = select.select([leader], [], [], 0.05)
    if ready:
        chunk = os.read(leader, 4096)
        seen += chunk
        shown += chunk
        if seen.endswith(b": ") and answers:
            seen = b""
            answer = answers.pop(0)
            if answer == "^C":
                os.write(leader, b"\x03")
            else:
                os.write(leader, answer.encode() + b"\n")
    done, code = os.waitpid(pid, os.WNOHANG)
    if done:
        status = code
echo = termios.tcgetattr(follower)[3]
sys.stderr.write(shown.decode(errors="replace"))
if echo != before:
    sys.exit(99)
sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
