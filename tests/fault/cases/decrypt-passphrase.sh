# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# An identity file wrapped by passphrase, and an armored file; the passphrase comes on standard input.
setup() {
	age-keygen -o identity 2>/dev/null || return
	echo secret >passphrase
	"$bin/picket-bundle" encrypt --passphrase-fd 3 -o wrapped identity 3<passphrase || return
	head -c 200000 /dev/zero | age -a -r "$(age-keygen -y identity)" -o sealed.asc
}
input=passphrase
command=(picket-bundle decrypt --passphrase-fd 0 -i wrapped -o plain sealed.asc)
outputs=(plain)
