#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times commands against each other: measure.py [-n RUNS] NAME COMMAND [NAME COMMAND]...

Commands (shell text) run in turn, A B C A B C ..., after one round that is not counted; each figure is the median
over the rounds, ratios are medians of the ratios round by round (the first command over the others), so that a
machine whose speed drifts does no harm. Peak memory is the largest of a command's processes, as the kernel
accounts it. Output of the commands is thrown away; one that cannot be run ends it all."""
import os, sys, time


def run(command):
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        null = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.execv("/bin/bash", ["bash", "-o", "pipefail", "-c", command])
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - start
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def median(values):
    values = sorted(values)
    return values[len(values) // 2]


def main(args):
    runs = 5
    if args[:1] == ["-n"]:
        runs, args = int(args[1]), args[2:]
    names, commands = args[0::2], args[1::2]
    results = {name: [] for name in names}
    for i in range(runs + 1):
        for name, command in zip(names, commands):
            result = run(command)
            if result[3] in (126, 127):
                sys.exit(f"measure.py: '{name}' cannot be run: {command}")
            if i:
                results[name].append(result)
    first = results[names[0]]
    print(f"  {'':34} {'wall s':>8} {'cpu s':>8} {'peak MiB':>9}  exit  {names[0]} / this: wall, cpu")
    for name in names:
        r = results[name]
        ratio = median([a[0] / b[0] for a, b in zip(first, r)])
        cpu = median([a[1] / b[1] for a, b in zip(first, r)])
        print(f"  {name:34} {median([x[0] for x in r]):8.3f} {median([x[1] for x in r]):8.3f} "
              f"{median([x[2] for x in r]):9.1f}  {r[-1][3]:4}  {ratio:6.2f} {cpu:6.2f}")


main(sys.argv[1:])
