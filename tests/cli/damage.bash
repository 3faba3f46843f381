# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Damage that is one: a byte that is written anew may have been that byte.

flip() { # FILE OFFSET
	printf '%b' "\\x$(printf %x $(($(od -An -tu1 -j"$2" -N1 "$1") ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
