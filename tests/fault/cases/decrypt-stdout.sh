# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
setup() {
	age-keygen -o identity 2>/dev/null &&
		head -c 300000 /dev/zero | age -r "$(age-keygen -y identity)" -o sealed.age
}
input=sealed.age
command=(picket-bundle decrypt -i identity)
