#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# All vectors of the age test suite through picket-bundle decrypt. TAP. The vectors come from npm into build/npm, once;
# without npm or a network everything is one skipped test.
set -eu
cd "$(dirname "$0")/../.."
npm=$PWD/build/npm
BIN=${BIN:-$PWD/build}

if ! [ -e "$npm/node_modules/cctv-age/index.js" ]; then
	npm install --silent --prefix "$npm" --no-save cctv-age age-encryption > /dev/null 2>&1 || {
		echo "1..0 # SKIP npm packages cctv-age and age-encryption cannot be had"
		exit 0
	}
fi
exec node tests/vectors/cctv.mjs "$npm/node_modules" "$BIN/picket-bundle"
