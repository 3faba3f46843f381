#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the named Debian packages that are missing; without the right to, prints the line that would.
set -eu
command -v dpkg-query >/dev/null || {
	echo "this is not Debian: make sure that these are there, by whatever name: $*" >&2
	exit 0
}
missing=
for package in "$@"; do
	state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || :)
	[ "$state" = 'install ok installed' ] && continue
	# these may have come another way; Debian's would then not go in beside them
	case $package in
	npm | nodejs) command -v npm >/dev/null && continue ;;
	golang-go) command -v go >/dev/null && continue ;;
	esac
	missing="$missing $package"
done
[ -n "$missing" ] || exit 0
install="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" -eq 0 ]; then
	as_root=
elif command -v sudo >/dev/null && sudo true; then
	as_root=sudo
else
	printf '%s\n' 'packages are missing; as root, run' "    apt-get update && $install" 'and try again' >&2
	exit 1
fi
echo "installing$missing"
# shellcheck disable=SC2086
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive $install >/dev/null
