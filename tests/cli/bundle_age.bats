#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-bundle encrypt and decrypt: usage, messages, exit codes, outputs that appear whole or not at all.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} TESTS=$PWD/tests DIR=$BATS_FILE_TMPDIR
	cat > "$DIR/key" <<- 'END'
		# created for these tests only

		AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX
	END
	chmod 600 "$DIR/key"
	export TO=age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj
	export OTHER=age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg
	head -c 200000 /dev/urandom > "$DIR/plain"
	"$BIN/picket-bundle" encrypt -r $TO -o "$DIR/sealed" "$DIR/plain"
}

encrypt() { run --separate-stderr "$BIN/picket-bundle" encrypt "$@"; }
decrypt() { run --separate-stderr "$BIN/picket-bundle" decrypt "$@"; }
says() { # exactly one line of message, exit code first
	[ "$status" -eq "$1" ] || { echo "exit $status: $stderr"; return 1; }
	[ "${#stderr_lines[@]}" -eq 1 ] || { echo "lines: $stderr"; return 1; }
	[[ $stderr == "picket-bundle: "*"$2"* ]] || { echo "message: $stderr"; return 1; }
}
usage() { # message and a hint
	[ "$status" -eq 2 ] || { echo "exit $status: $stderr"; return 1; }
	[[ ${stderr_lines[0]} == "picket-bundle: "*"$1"* ]] || { echo "message: $stderr"; return 1; }
	[[ ${stderr_lines[1]} == "try 'picket-bundle "*" --help'" ]] || { echo "hint: $stderr"; return 1; }
}

@test "what was sealed opens, from files and through pipes" {
	"$BIN/picket-bundle" decrypt -i "$DIR/key" "$DIR/sealed" | cmp - "$DIR/plain"
	"$BIN/picket-bundle" encrypt -r $OTHER -r $TO < "$DIR/plain" |
		"$BIN/picket-bundle" decrypt -i "$DIR/key" -o "$DIR/out" -
	cmp "$DIR/out" "$DIR/plain"
	[ "$(stat -c %a "$DIR/out")" = 600 ]
	dd if="$DIR/sealed" bs=1 status=none | "$BIN/picket-bundle" decrypt -i "$DIR/key" | cmp - "$DIR/plain"
}

@test "encrypt: usage" {
	encrypt; usage "who can open it?"
	encrypt -r age1nonsense; usage "malformed recipient 'age1nonsense'"
	encrypt -r "AGE${TO#age}"; usage "does not start with 'age1'"
	encrypt -r "${TO%?}q"; usage "checksum"
	encrypt -r "ssh-ed25519 AAAA"; usage "ssh"
	encrypt -p -r $TO; usage "do not go together"
	encrypt --passphrase-fd 42; usage "descriptor 42 is not open"
	encrypt --passphrase-fd x; usage "--passphrase-fd takes a number"
	encrypt -r $TO a b; usage "'b' is one operand too many"
	encrypt -r $TO -o a -o b; usage "--output is given twice"
	encrypt --nonsense; usage "unknown option '--nonsense'"
	encrypt --passphrase-fd 3 3< /dev/null; usage "the passphrase is empty"
}

@test "encrypt: recipients files" {
	printf '# who\n\n%s\r\n  %s\n' $OTHER $TO > "$DIR/to"
	"$BIN/picket-bundle" encrypt -R "$DIR/to" "$DIR/plain" | "$BIN/picket-bundle" decrypt -i "$DIR/key" |
		cmp - "$DIR/plain"
	encrypt -R "$DIR/none"; says 4 "cannot open '$DIR/none': No such file"
	printf '%s\nage1x\n' $TO > "$DIR/bad"
	encrypt -R "$DIR/bad"; says 4 "'$DIR/bad' line 2: malformed recipient 'age1x'"
	echo '# nobody' > "$DIR/empty"
	encrypt -R "$DIR/empty"; says 4 "'$DIR/empty' holds no recipient"
	cat "$DIR/key" > "$DIR/secret"
	encrypt -R "$DIR/secret"; says 4 "an identity, which is secret"
	[[ $stderr != *GFPYY* ]]
}

@test "decrypt: usage, and what is wrong with an identity file" {
	decrypt -i "$DIR/none" "$DIR/sealed"; says 4 "cannot open '$DIR/none': No such file"
	decrypt -i "$DIR/key" "$DIR/none"; says 4 "cannot open '$DIR/none': No such file"
	decrypt -i "$DIR/key" "$DIR/"; says 4 "Is a directory"
	for bad in 'AGE-SECRET-KEY-1QQQ' "$TO" 'AGE-PLUGIN-X-1QQ' '-----BEGIN OPENSSH PRIVATE KEY-----' '' nonsense \
		'age-secret-key-1gfpyysjzgfpyysjzgfpyysjzgfpyysjzgfpyysjzgfpyysjzgfpq4egaex' \
		'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEQ'; do
		(umask 077; echo "$bad" > "$DIR/badkey")
		decrypt -i "$DIR/badkey" "$DIR/sealed"; says 4 "identity '$DIR/badkey': "
		[[ $stderr != *GFPYY* ]]
	done
	decrypt -i "$DIR/key" a b; usage "one operand too many"
}

@test "decrypt: an identity that others can read is warned about, and works" {
	cp "$DIR/key" "$DIR/loose"
	chmod 644 "$DIR/loose"
	decrypt -i "$DIR/loose" -o "$DIR/out" "$DIR/sealed"
	says 0 "warning: others can read the identity file '$DIR/loose'"
	decrypt -q -i "$DIR/loose" -o "$DIR/out" "$DIR/sealed"
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
}

@test "decrypt: no identity matches" {
	"$BIN/picket-bundle" encrypt -r $OTHER -o "$DIR/other" "$DIR/plain"
	decrypt -i "$DIR/key" "$DIR/other"; says 10 "no identity matches any of the 1 recipients"
	decrypt "$DIR/other"; says 10 "no identity"
	echo 'right' | "$BIN/picket-bundle" encrypt --passphrase-fd 0 -o "$DIR/pass" "$DIR/plain"
	decrypt --passphrase-fd 3 "$DIR/pass" 3<<< wrong; says 10 "sealed by a passphrase"
	decrypt -i "$DIR/key" "$DIR/pass"; says 10 "sealed by a passphrase"
	"$BIN/picket-bundle" decrypt -p --passphrase-fd 3 -i "$DIR/key" "$DIR/pass" 3<<< right | cmp - "$DIR/plain"
}

@test "decrypt: a passphrase from a descriptor opens the file with -i too, after those of identity files" {
	cd "$DIR"
	echo own | "$BIN/picket-bundle" encrypt --passphrase-fd 0 -o own.age plain
	echo first | "$BIN/picket-bundle" encrypt --passphrase-fd 0 -o key1.age key
	echo second | "$BIN/picket-bundle" encrypt --passphrase-fd 0 -o key2.age key
	"$BIN/picket-bundle" decrypt -i key --passphrase-fd 3 own.age 3<<< own | cmp - plain
	printf 'first\nsecond\nown\n' > lines
	"$BIN/picket-bundle" decrypt -i key1.age -i key2.age --passphrase-fd 3 own.age 3< lines | cmp - plain
	"$BIN/picket-bundle" decrypt -i key1.age -i key2.age --passphrase-fd 3 sealed 3< lines | cmp - plain
	decrypt -i key2.age -i key1.age --passphrase-fd 3 own.age 3< lines
	says 4 "identity 'key2.age': sealed by a passphrase, and none that was given opens it"
	decrypt -i key --passphrase-fd 3 own.age 3<<< wrong; says 10 "sealed by a passphrase, and none that was given opens it"
	decrypt -i key1.age --passphrase-fd 3 own.age 3<<< first
	usage "'own.age': sealed by a passphrase: passphrase from descriptor 3: the passphrase is empty"
	decrypt -i key own.age
	says 10 "sealed by a passphrase, and none was given: use --passphrase-fd, or leave out -i to be asked"
}

@test "decrypt: an identity file that no passphrase opens is named as that, and none is asked for" {
	cd "$DIR"
	"$BIN/picket-bundle" encrypt -r $OTHER -o tokey.age key
	run --separate-stderr setsid -w "$BIN/picket-bundle" decrypt -i tokey.age sealed
	says 4 "identity 'tokey.age': an age file that is sealed to a key, not by a passphrase: open it first"
	head -c 30 tokey.age > cutkey.age
	run --separate-stderr setsid -w "$BIN/picket-bundle" decrypt -i cutkey.age sealed
	says 4 "identity 'cutkey.age': malformed header: the header is cut"
}

@test "decrypt: identities from standard input" {
	cd "$DIR"
	"$BIN/picket-bundle" decrypt -i - sealed < key | cmp - plain
	"$BIN/picket-bundle" encrypt -r $OTHER -o other plain
	cat key | "$BIN/picket-bundle" decrypt -i - sealed | cmp - plain
	run --separate-stderr "$BIN/picket-bundle" decrypt -i - other < key
	says 10 "no identity matches"
	echo locked | "$BIN/picket-bundle" encrypt --passphrase-fd 0 -o key.age key
	"$BIN/picket-bundle" decrypt -i - --passphrase-fd 3 sealed < key.age 3<<< locked | cmp - plain
	for input in '' -; do
		run --separate-stderr "$BIN/picket-bundle" decrypt -i - $input < key
		usage "standard input cannot be both the identities and the file"
	done
	run --separate-stderr "$BIN/picket-bundle" decrypt -i - -i - sealed < key
	usage "-i - is given twice"
	run --separate-stderr "$BIN/picket-bundle" decrypt -i - --passphrase-fd 0 sealed < key
	usage "-i - and --passphrase-fd 0 do not go together"
	run --separate-stderr "$BIN/picket-bundle" decrypt -i - sealed < /dev/null
	says 4 "identity 'standard input': holds no identity"
	cp key keycopy
	run --separate-stderr "$BIN/picket-bundle" decrypt -i - -o keycopy sealed < keycopy
	usage "descriptor 0 is read, and the output 'keycopy' is the same file"
	cmp key keycopy
	"$BIN/picket-bundle" encrypt -r $TO -o ./- plain
	run --separate-stderr "$BIN/picket-bundle" decrypt -i key -o opened ./-
	[ "$status" -eq 0 ]
	cmp opened plain
}

@test "decrypt: what is no age file" {
	decrypt -i "$DIR/key" /dev/null; says 11 "'/dev/null': not an age file"
	decrypt -i "$DIR/key" "$DIR/plain"; says 11 "not an age file"
	sed 's,^age-encryption.org/v1$,age-encryption.org/v2,' "$DIR/sealed" > "$DIR/v2"
	decrypt -i "$DIR/key" "$DIR/v2"; says 11 "not version 1"
	{ echo age-encryption.org/v1; head -c 2000000 /dev/zero | tr '\0' x; } > "$DIR/long"
	decrypt -i "$DIR/key" "$DIR/long"; says 11 "header over a limit of Picket: the header is larger than 1048576 bytes"
	{ echo age-encryption.org/v1; yes -- "-> x
" | head -n 1200; echo "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"; } > "$DIR/many"
	decrypt -i "$DIR/key" "$DIR/many"; says 11 "header over a limit of Picket: more than 512 recipients"
	[[ $stderr != *malformed* ]]
	{ printf 'age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 23\n%s\n' AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
		echo "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"; } > "$DIR/slow"
	decrypt --passphrase-fd 3 "$DIR/slow" 3<<< x
	says 11 "header over a limit of Picket: the passphrase's work factor 23 is above the limit of 22"
	[[ $stderr != *malformed* ]]
}

@test "decrypt: with -o nothing appears unless all of it is genuine" {
	head -c 190000 "$DIR/sealed" > "$DIR/cut"
	decrypt -i "$DIR/key" -o "$DIR/new" "$DIR/cut"; says 13 "damaged"
	echo before > "$DIR/old"
	decrypt -i "$DIR/key" -o "$DIR/old" "$DIR/cut"; says 13 "damaged"
	[ ! -e "$DIR/new" ]
	[ "$(cat "$DIR/old")" = before ]
	run -1 grep '\.part$' <(ls "$DIR")
	"$BIN/picket-bundle" decrypt -i "$DIR/key" "$DIR/cut" > "$DIR/prefix" || [ $? -eq 13 ]
	[ "$(stat -c %s "$DIR/prefix")" -eq 131072 ] # whole chunks only
	cmp -n 131072 "$DIR/prefix" "$DIR/plain"
}

@test "an output that is what is read, by any name, is refused; any other is replaced" {
	mkdir "$DIR/same"
	cd "$DIR/same"
	cp "$DIR/key" key
	cp "$DIR/sealed" sealed
	cp "$DIR/plain" plain
	echo $TO > to
	echo pass > pass
	for f in key sealed plain to pass; do
		ln -s $f $f.symlink
		ln $f $f.link
	done
	sha256sum * > sums
	for way in '' .symlink .link; do
		encrypt -r $TO -o plain$way plain; usage "'plain' is read, and the output 'plain$way' is the same file"
		encrypt -r $TO -o plain plain$way; usage "'plain$way' is read, and the output 'plain' is the same file"
		encrypt -R to -o to$way plain; usage "'to' is read, and the output 'to$way' is the same file"
		decrypt -i key -o sealed$way sealed; usage "'sealed' is read, and the output 'sealed$way' is the same file"
		decrypt -i key -o key$way sealed; usage "'key' is read, and the output 'key$way' is the same file"
		decrypt -i key$way -o key sealed; usage "'key$way' is read, and the output 'key' is the same file"
		encrypt -r $TO -o plain$way < plain; usage "descriptor 0 is read, and the output 'plain$way' is the same file"
		encrypt --passphrase-fd 3 -o pass$way plain 3< pass; usage "descriptor 3 is read, and the output 'pass$way'"
		decrypt -i key -o sealed$way - < sealed; usage "descriptor 0 is read, and the output 'sealed$way' is the same file"
	done
	sha256sum -c --quiet sums
	[ "$(ls | wc -l)" -eq 16 ]
	echo before > old
	encrypt -r $TO -o old plain
	[ "$status" -eq 0 ]
	echo before > new
	decrypt -i key -o new old
	[ "$status" -eq 0 ]
	cmp new plain
	encrypt -r $TO -o /dev/null /dev/null # no file
	[ "$status" -eq 0 ]
}

@test "decrypt: a signal leaves no unfinished file" {
	mkdir "$DIR/ended"
	for s in INT:130 TERM:143 HUP:129; do
		run --separate-stderr "$TESTS/cli/interrupted.py" "${s%:*}" "$DIR/ended" '*.part' --feed "$DIR/sealed" -- \
			"$BIN/picket-bundle" decrypt -i "$DIR/key" -o "$DIR/ended/out"
		[ "$status" -eq "${s#*:}" ] || { echo "exit $status: $stderr"; return 1; }
		[ -z "$output" ] || { echo "left: $output"; return 1; }
	done
}

@test "outputs that cannot be written" {
	run --separate-stderr bash -c '"$BIN/picket-bundle" decrypt -i "$DIR/key" "$DIR/sealed" > /dev/full'
	says 4 "No space left on device"
	run --separate-stderr bash -c '"$BIN/picket-bundle" encrypt -r $TO "$DIR/plain" > /dev/full'
	says 4 "No space left on device"
	run --separate-stderr bash -c 'set -o pipefail; "$BIN/picket-bundle" encrypt -r $TO < /dev/zero | head -c 1000 > /dev/null'
	says 4 "Broken pipe"
	encrypt -r $TO -o "$DIR/none/x" "$DIR/plain"; says 4 "cannot create '$DIR/none/x': No such file"
	decrypt -i "$DIR/key" -o /dev/null "$DIR/sealed"
	[ "$status" -eq 0 ]
	[ -c /dev/null ]
}

@test "the passphrase is asked on the terminal, which gets its echo back" {
	command -v python3 > /dev/null || skip "no python3"
	t="$TESTS/terminal.py"
	"$t" secret secret -- "$BIN/picket-bundle" encrypt -p -o "$DIR/t.age" "$DIR/plain" 2> "$DIR/shown"
	run -1 grep secret "$DIR/shown"
	"$t" secret -- "$BIN/picket-bundle" decrypt "$DIR/t.age" 2> /dev/null | cmp - "$DIR/plain"
	[ "${PIPESTATUS[*]}" = "0 0" ]
	"$t" secret -- "$BIN/picket-bundle" decrypt < "$DIR/t.age" 2> /dev/null | cmp - "$DIR/plain"
	run "$t" one two -- "$BIN/picket-bundle" encrypt -p -o "$DIR/u.age" "$DIR/plain"
	[ "$status" -eq 2 ]
	[[ $output == *"the two passphrases differ"* ]]
	[ ! -e "$DIR/u.age" ]
	run "$t" '^C' -- "$BIN/picket-bundle" decrypt "$DIR/t.age"
	[ "$status" -eq 130 ]
	run "$t" '' -- "$BIN/picket-bundle" decrypt "$DIR/t.age"
	[ "$status" -eq 2 ]
	[[ $output == *"the passphrase is empty"* ]]
}

@test "without a terminal the message names the way out" {
	echo 'right' | "$BIN/picket-bundle" encrypt --passphrase-fd 0 -o "$DIR/pass" "$DIR/plain"
	run --separate-stderr setsid -w "$BIN/picket-bundle" decrypt "$DIR/pass"
	says 4 "use --passphrase-fd"
}
