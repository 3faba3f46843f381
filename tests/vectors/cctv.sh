#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# All vectors of the age test suite through picket-bundle decrypt. TAP. `make npm` fetches them.
set -eu
cd "$(dirname "$0")/../.."
BIN=${BIN:-$PWD/build}

if ! [ -e build/npm/node_modules/cctv-age/index.js ]; then
	echo '1..0 # SKIP the npm package cctv-age is not there: make npm'
	exit 0
fi
exec node tests/vectors/cctv.mjs "$PWD/build/npm/node_modules" "$BIN/picket-bundle"
