# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What --json prints.

keys_once() { # reads JSON Lines: there is one, and in no object a key is twice
	python3 -c '
import json, sys
def once(pairs):
    keys = [k for k, v in pairs]
    twice = sorted({k for k in keys if keys.count(k) > 1})
    if twice:
        sys.exit(f"twice: {twice} in {pairs}")
    return dict(pairs)
lines = [json.loads(line, object_pairs_hook=once) for line in sys.stdin]
if not lines or not all(isinstance(o, dict) and "type" in o for o in lines):
    sys.exit("no object of a type")
'
}
