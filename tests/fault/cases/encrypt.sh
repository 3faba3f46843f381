# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
setup() { head -c 300000 /dev/zero >plain; }
command=(picket-bundle encrypt -r age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj -o sealed.age plain)
outputs=(sealed.age)
