#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Files of ours open with stock age and with the TypeScript age of npm, and theirs with ours. The npm cases are
# skipped when `make npm` could not fetch the package.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} NPM=$PWD/build/npm/node_modules TESTS=$PWD/tests
	export DIR=$BATS_FILE_TMPDIR
	age-keygen -o "$DIR/key" 2> /dev/null
	age-keygen -o "$DIR/key2" 2> /dev/null
	age-keygen -y "$DIR/key" > "$DIR/pub"
	age-keygen -y "$DIR/key2" > "$DIR/pub2"
	chmod 600 "$DIR/key" "$DIR/key2"
	for n in 0 1 65535 65536 65537 131072; do
		head -c $n /dev/urandom > "$DIR/plain.$n"
	done
}

each_size() {
	for plain in "$DIR"/plain.*; do
		"$@" "$plain" || { echo "failed for ${plain##*/}"; return 1; }
	done
}

needs_npm() { [ -e "$NPM/age-encryption" ] || skip "npm package age-encryption is not there"; }
npm_age() { node "$TESTS/interop/age.mjs" "$NPM" "$@"; }

ours_to_stock() {
	"$BIN/picket-bundle" encrypt -r "$(cat "$DIR/pub")" "$1" | age -d -i "$DIR/key" | cmp - "$1"
}
stock_to_ours() { age -r "$(cat "$DIR/pub")" "$1" | "$BIN/picket-bundle" decrypt -i "$DIR/key" | cmp - "$1"; }
stock_armor_to_ours() {
	age -a -r "$(cat "$DIR/pub")" "$1" | "$BIN/picket-bundle" decrypt -i "$DIR/key" | cmp - "$1"
}
ours_to_npm() {
	"$BIN/picket-bundle" encrypt -r "$(cat "$DIR/pub")" -o "$DIR/x.age" "$1"
	npm_age decrypt -i "$(grep -v '^#' "$DIR/key")" < "$DIR/x.age" > "$DIR/x"
	cmp "$DIR/x" "$1"
}
npm_to_ours() {
	npm_age encrypt -r "$(cat "$DIR/pub")" < "$1" > "$DIR/x.age"
	"$BIN/picket-bundle" decrypt -i "$DIR/key" "$DIR/x.age" | cmp - "$1"
}

@test "ours opens with stock age, every size" { each_size ours_to_stock; }
@test "stock age's opens with ours, every size" { each_size stock_to_ours; }
@test "stock age's armored file opens with ours, every size" { each_size stock_armor_to_ours; }
@test "ours opens with npm age, every size" { needs_npm; each_size ours_to_npm; }
@test "npm age's opens with ours, every size" { needs_npm; each_size npm_to_ours; }

@test "a file to several recipients opens for each of them" {
	"$BIN/picket-bundle" encrypt -R "$DIR/pub" -R "$DIR/pub2" -o "$DIR/two.age" "$DIR/plain.65537"
	for k in key key2; do
		age -d -i "$DIR/$k" "$DIR/two.age" | cmp - "$DIR/plain.65537"
		"$BIN/picket-bundle" decrypt -i "$DIR/$k" "$DIR/two.age" | cmp - "$DIR/plain.65537"
	done
	age -R "$DIR/pub" -R "$DIR/pub2" "$DIR/plain.1" | "$BIN/picket-bundle" decrypt -i "$DIR/key2" |
		cmp - "$DIR/plain.1"
}

@test "an ssh recipient of stock age's beside ours is passed over" {
	command -v ssh-keygen > /dev/null || skip "no ssh-keygen"
	ssh-keygen -q -t ed25519 -N '' -f "$DIR/ssh"
	age -R "$DIR/ssh.pub" -R "$DIR/pub" "$DIR/plain.1" | "$BIN/picket-bundle" decrypt -i "$DIR/key" |
		cmp - "$DIR/plain.1"
}

@test "passphrases: ours opens with stock age, and stock age's with ours" {
	printf 'pass word\n' | "$BIN/picket-bundle" encrypt --passphrase-fd 0 -o "$DIR/p.age" "$DIR/plain.65536"
	"$TESTS/terminal.py" 'pass word' -- age -d -o "$DIR/p" "$DIR/p.age"
	cmp "$DIR/p" "$DIR/plain.65536"
	"$TESTS/terminal.py" 'pass word' 'pass word' -- age -p -o "$DIR/q.age" "$DIR/plain.65536"
	"$BIN/picket-bundle" decrypt --passphrase-fd 3 "$DIR/q.age" 3<<< 'pass word' | cmp - "$DIR/plain.65536"
}

@test "passphrases: ours opens with npm age, and npm age's with ours" {
	needs_npm
	printf 'pass word\n' | "$BIN/picket-bundle" encrypt --passphrase-fd 0 -o "$DIR/p.age" "$DIR/plain.65536"
	npm_age decrypt -p 'pass word' < "$DIR/p.age" > "$DIR/p"
	cmp "$DIR/p" "$DIR/plain.65536"
	npm_age encrypt -p 'pass word' < "$DIR/plain.65536" > "$DIR/q.age"
	"$BIN/picket-bundle" decrypt --passphrase-fd 3 "$DIR/q.age" 3<<< 'pass word' | cmp - "$DIR/plain.65536"
}

@test "an identity file wrapped by stock age opens, binary and armored" {
	"$TESTS/terminal.py" 'key pass' 'key pass' -- age -p -o "$DIR/key.age" "$DIR/key"
	"$TESTS/terminal.py" 'key pass' 'key pass' -- age -p -a -o "$DIR/key.asc" "$DIR/key"
	age -R "$DIR/pub" -o "$DIR/w.age" "$DIR/plain.65537"
	for k in key.age key.asc; do
		"$BIN/picket-bundle" decrypt --passphrase-fd 3 -i "$DIR/$k" "$DIR/w.age" 3<<< 'key pass' |
			cmp - "$DIR/plain.65537"
	done
	run --separate-stderr "$BIN/picket-bundle" decrypt --passphrase-fd 3 -i "$DIR/key.age" "$DIR/w.age" 3<<< 'wrong'
	[ "$status" -eq 4 ]
	[[ $stderr == *"key.age"*"passphrase"* ]]
}

@test "a file for a post-quantum and a classic reader opens for the classic one" {
	needs_npm
	pq=$(npm_age new-pq)
	npm_age encrypt -r "$(npm_age public "$pq")" -r "$(cat "$DIR/pub")" < "$DIR/plain.65537" > "$DIR/mixed.age" ||
		skip "this npm age does not mix them"
	grep -aq '^-> mlkem768x25519 ' "$DIR/mixed.age"
	"$BIN/picket-bundle" decrypt -i "$DIR/key" "$DIR/mixed.age" | cmp - "$DIR/plain.65537"
}

@test "post-quantum files, both ways with npm age, every size" {
	needs_npm
	pq=$(npm_age new-pq)
	(umask 077; printf '%s\n' "$pq" > "$DIR/pq")
	npm_age public "$pq" > "$DIR/pq.pub"
	for plain in "$DIR"/plain.*; do
		"$BIN/picket-bundle" encrypt -R "$DIR/pq.pub" -o "$DIR/pq.age" "$plain"
		npm_age decrypt -i "$pq" < "$DIR/pq.age" > "$DIR/x"
		cmp "$DIR/x" "$plain"
		npm_age encrypt -r "$(cat "$DIR/pq.pub")" < "$plain" > "$DIR/pq2.age"
		"$BIN/picket-bundle" decrypt -i "$DIR/pq" "$DIR/pq2.age" | cmp - "$plain"
	done
	run --separate-stderr "$BIN/picket-bundle" decrypt -i "$DIR/key" "$DIR/pq.age"
	[ "$status" -eq 10 ]
	[[ $stderr == *"1 of them post-quantum"* ]]
	run --separate-stderr "$BIN/picket-bundle" encrypt -R "$DIR/pq.pub" -R "$DIR/pub" "$DIR/plain.1"
	[ "$status" -eq 2 ]
	[[ $stderr == *"do not go together"* ]]
}

@test "5 GiB both ways, in 64 MiB of address space" {
	limit=65536
	(ulimit -v $limit; "$BIN/picket-bundle" --version > /dev/null) || limit=unlimited # a sanitizer build
	size=$((5 << 30))
	truncate -s $size "$DIR/big"
	(ulimit -v $limit; exec "$BIN/picket-bundle" encrypt -R "$DIR/pub" "$DIR/big") |
		age -d -i "$DIR/key" | cmp -n $size - /dev/zero
	[ "${PIPESTATUS[*]}" = "0 0 0" ]
	age -R "$DIR/pub" "$DIR/big" | (ulimit -v $limit; exec "$BIN/picket-bundle" decrypt -i "$DIR/key") |
		tee >(wc -c > "$DIR/count") | cmp -n $size - /dev/zero
	while ! [ -s "$DIR/count" ]; do sleep 0.1; done
	[ "$(cat "$DIR/count")" -eq $size ]
	rm "$DIR/big"
}
