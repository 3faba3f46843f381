# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
setup() {
	head -c 2000000 /dev/zero >plain
	printf '# two\n%s\n%s\n' age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj \
		age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg >readers
}
input=plain
command=(picket-bundle encrypt -R readers)
