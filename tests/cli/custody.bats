#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The custody log: what a line says, checkpoints and receipts, every way to tamper with it, exports for court.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build}
	umask 022
	export XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/usa/.config
	mkdir -p "$BATS_FILE_TMPDIR/usa" "$BATS_FILE_TMPDIR/jpn"
	cd "$BATS_FILE_TMPDIR/usa"
	"$BIN/picket-key" new lead --org CPT-7 --nation USA -q
	(cd ../jpn && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new jpn --nation JPN -q)
	(cd ../jpn && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" roster add ../usa/lead.party --signer jpn -qy)
	"$BIN/picket-key" roster add ../jpn/jpn.party --signer lead -qy
	mkdir tree && echo evidence > tree/file
	"$BIN/picket-bundle" seal --to lead --signer lead -o a.age tree -q
	"$BIN/picket-case" init case --party lead --place "room 5" --reason "order 12/26" --author ann -q
	"$BIN/picket-case" import case a.age -i lead.identity --author ann -q
	"$BIN/picket-case" custody case --checkpoint --signer lead -o first.note
	"$BIN/picket-case" custody case --export jsonl -o first.jsonl
	for i in 1 2 3; do
		"$BIN/picket-case" custody case --add transfer-out --object "stick $i" --reason "to the lab" --author bob
	done
	"$BIN/picket-case" custody case --checkpoint --signer lead -o second.note
	"$BIN/picket-case" custody case --export jsonl -o log.jsonl
}

setup() { # each test has its own copy
	cp -a "$BATS_FILE_TMPDIR/usa" "$BATS_FILE_TMPDIR/jpn" "$BATS_TEST_TMPDIR/"
	cd "$BATS_TEST_TMPDIR/usa"
	export XDG_CONFIG_HOME=$PWD/.config
}

custody() { run --separate-stderr "$BIN/picket-case" custody "$@"; }
ally() { (cd ../jpn && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-case" "$@"); }
is() { # exit code, then a piece of standard error
	[ "$status" -eq "$1" ] || { echo "exit $status: $stderr $output"; return 1; }
	[[ $stderr == *"$2"* ]] || { echo "message: $stderr"; return 1; }
}
finds() { # a piece of standard output, with exit 1
	[ "$status" -eq 1 ] && [[ $output == *"fault: "*"$1"* ]] || { echo "exit $status: $output $stderr"; return 1; }
}
sql() { sqlite3 case/case.db "DROP TRIGGER IF EXISTS custody_delete; DROP TRIGGER IF EXISTS custody_update; $1"; }
# rewrite CASE FROM TO: its history, with new leaves and no head remembered, as whoever has the case can
rewrite() {
	python3 - "$@" <<-'P'
		import hashlib, sqlite3, sys
		db = sqlite3.connect(sys.argv[1] + "/case.db")
		db.executescript("DROP TRIGGER IF EXISTS custody_delete; DROP TRIGGER IF EXISTS custody_update; DELETE FROM head")
		for seq, line in db.execute("SELECT seq, line FROM custody").fetchall():
		    line = line.replace(sys.argv[2], sys.argv[3])
		    leaf = hashlib.sha256(b"\0" + line.encode()).digest()
		    db.execute("UPDATE custody SET line = ?, leaf = ? WHERE seq = ?", (line, leaf, seq))
		db.commit()
	P
}
# forge: phl, whom both rosters have, makes another history of lead's case: forged, forged.jsonl, and with phl's note key
# forged.note, true.note (the real one's) and long.note
forge() {
	mkdir ../phl
	(cd ../phl && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new phl --nation PHL -q)
	"$BIN/picket-key" roster add ../phl/phl.party --signer lead -qy
	(cd ../jpn && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" roster add ../phl/phl.party --signer jpn -qy)
	cp -a case true
	cp -a case forged
	rewrite forged '"room 5"' '"room 6"'
	"$BIN/picket-case" custody forged --export jsonl -o forged.jsonl
	cp -a forged long
	"$BIN/picket-case" custody long --add copy --object x --reason y
	for log in true forged long; do
		sqlite3 $log/case.db "DELETE FROM meta WHERE key = 'key'"
		"$BIN/picket-case" custody $log --checkpoint --signer ../phl/phl.signkey -o $log.note
	done
	# that the forgery is one: the same log's name and number of lines, another root
	[ "$(sed -n 1,2p forged.note)" = "$(sed -n 1,2p second.note)" ]
	[ "$(sed -n 3p forged.note)" != "$(sed -n 3p second.note)" ]
	[ "$(sed -n 3p true.note)" = "$(sed -n 3p second.note)" ]
}

@test "a line says who, when, where, what, why and with what" {
	[ "$(head -1 log.jsonl | jq -r 'keys_unsorted | join(" ")')" = \
		"v seq t team actor key action object place reason tool version settings name" ]
	[ "$(jq -r .seq log.jsonl | xargs)" = "0 1 2 3 4 5 6" ]
	[ "$(jq -r .action log.jsonl | xargs)" = "init roster receive import transfer-out transfer-out transfer-out" ]
	[ "$(jq -r .actor log.jsonl | xargs)" = "ann ann ann ann bob bob bob" ]
	[ "$(jq -r .reason log.jsonl | sort -u | xargs)" = "order 12/26 to the lab" ]
	[ "$(jq -r .place log.jsonl | sort -u)" = "room 5" ]
	[ "$(jq -r .team log.jsonl | sort -u)" = CPT-7 ]
	[ "$(jq -r .key log.jsonl | sort -u)" = "$(cut -d+ -f1,2 lead.notepub)" ]
	[ "$(jq -r '.tool, .version' log.jsonl | sort -u | xargs)" = "$(cat "$BATS_TEST_DIRNAME/../../VERSION") picket-case" ]
	# the settings are the command line
	want=$(printf '%s\0' custody case --add transfer-out --object "stick 2" --reason "to the lab" --author bob | sha256sum | cut -c1-64)
	[ "$(jq -r 'select(.object == "stick 2").settings' log.jsonl)" = "$want" ]
	custody case --add destroy --object "stick 1" --reason "owner's wish" --place "the owner's office"; is 0
	[ "$("$BIN/picket-case" custody case --json | jq -r 'select(.action == "destroy").place')" = "the owner's office" ]
}

@test "usage" {
	custody; is 2 "which case?"
	custody case --add eat --object x --reason y; is 2 "--add"
	custody case --add copy --object x; is 2 "--add needs --object and --reason"
	custody case --add copy --object $'a\nb' --reason y; is 2 "one line of visible text"
	custody case --add copy --object x --reason ''; is 2 "--add needs"
	custody case --add copy --object x --reason y --author ''; is 2 "the author's name (--author) must be one line of visible text"
	run --separate-stderr "$BIN/picket-case" init authorless --author ''; is 2 "--author"
	[ ! -e authorless ]
	custody case --head --verify; is 2 "exclude each other"
	custody case --against first.note; is 2 "--against and --log go with"
	custody case --signer lead; is 2 "goes with --checkpoint and --cosign"
	custody case --since first.note; is 2 "goes with --checkpoint"
	custody --log log.jsonl; is 2 "--against and --log go with"
	custody case --cosign first.note; is 2 "give --signer NAME"
	custody case --verify --against missing; is 4 "missing"
	custody --verify --log lead.party; is 1
	"$BIN/picket-case" init other -q
	run -2 "$BIN/picket-case" init x --party nobody
	run -2 "$BIN/picket-case" init x --team $'two\nlines'
}

@test "one log, one key" {
	"$BIN/picket-key" new second --nation USA --signer lead -q
	custody case --checkpoint --signer second; is 2 "signed by the note key 'lead+"
	"$BIN/picket-case" init free -q
	custody free --checkpoint --signer second; is 0
	custody free --checkpoint --signer lead; is 2 "signed by the note key 'second+"
	custody free --add copy --object x --reason y; is 0
	[ "$("$BIN/picket-case" custody free --export jsonl | jq -r .key | xargs)" = "null $(cut -d+ -f1,2 second.notepub)" ]
}

@test "verify: a sound log, with and without its case" {
	custody case --verify --against first.note --against second.note --log first.jsonl; is 0 "7 lines, no fault found"
	[ "$(grep -c "signed by lead" <<<"$output")" -eq 2 ]
	[[ $output == *"all 4 lines of the export are in the log of 7"* ]]
	custody --verify --log log.jsonl --against first.note --against second.note; is 0 "7 lines, no fault found"
	# the ally, who has nothing but the export, the checkpoint and the roster
	(cd ../jpn && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-case" custody --verify --log ../usa/log.jsonl --against ../usa/second.note)
	# a tree head that somebody wrote down
	"$BIN/picket-case" custody case --head > head.txt
	custody --verify --log log.jsonl --against head.txt; is 0; [[ $output == *"as far as its keeper does"* ]]
	XDG_CONFIG_HOME=$PWD/none custody --verify --log log.jsonl --against first.note; is 0; [[ $output == *"no roster"* ]]
}

@test "the signer's keys need no home, and are warned of when others can read them" {
	run --separate-stderr env -u HOME -u XDG_CONFIG_HOME "$BIN/picket-case" custody case --checkpoint --signer ./lead.signkey; is 0 ""
	[ -z "$stderr" ]
	[[ $output == *"— "* ]]
	run --separate-stderr env -u HOME -u XDG_CONFIG_HOME "$BIN/picket-case" custody case --checkpoint --signer lead; is 0 ""
	chmod 644 lead.notekey
	custody case --checkpoint --signer lead; is 0 "warning: others can read the secret keys './lead.*': chmod 600"
	custody case --cosign first.note --signer lead; is 0 "warning: others can read the secret keys './lead.*': chmod 600"
}

@test "verify: a dropped tail" {
	head -6 log.jsonl > cut.jsonl
	custody --verify --log cut.jsonl; is 0 # nothing in a log tells that its end is missing
	custody --verify --log cut.jsonl --against first.note; is 0
	custody --verify --log cut.jsonl --against second.note
	finds "the log ends after 6 lines, but there is a checkpoint of 7 signed by lead: its tail was dropped"
	sql "DELETE FROM custody WHERE seq = 6"
	custody case --verify; finds "shorter than the 7 lines of which a tree head was shown: its tail was dropped"
	custody case --verify --log log.jsonl; finds "the log ends after 6 lines, the export has 7: its tail was dropped"
	sql "DELETE FROM head"
	custody case --verify; is 0
	custody case --verify --against second.note; finds "its tail was dropped"
}

@test "verify: a dropped middle" {
	sed 3d log.jsonl > cut.jsonl
	custody --verify --log cut.jsonl; finds "custody line 2 is missing: it was dropped"
	sed 2,4d log.jsonl > cut.jsonl
	custody --verify --log cut.jsonl; finds "custody lines 1 to 3 are missing: they were dropped"
	# numbered anew, the checkpoints tell
	sed 3d log.jsonl | jq -c '.seq = input_line_number - 1' > cut.jsonl
	custody --verify --log cut.jsonl; is 0
	custody --verify --log cut.jsonl --against first.note; finds "history was rewritten"
	sql "DELETE FROM custody WHERE seq = 3; UPDATE custody SET seq = seq - 1 WHERE seq > 3; DELETE FROM head"
	custody case --verify --log log.jsonl; finds "line 4 of the export is not in the log: it was dropped"
}

@test "verify: another order" {
	{ head -3 log.jsonl; sed -n 5p log.jsonl; sed -n 4p log.jsonl; tail -2 log.jsonl; } > moved.jsonl
	custody --verify --log moved.jsonl; finds "custody line 3 stands after line 4: lines were repeated or put in another order"
	sed 2p log.jsonl > twice.jsonl
	custody --verify --log twice.jsonl; finds "custody line 1 stands after line 1"
	sql "DELETE FROM head; UPDATE custody SET seq = 99 WHERE seq = 3; UPDATE custody SET seq = 3 WHERE seq = 4; UPDATE custody SET seq = 4 WHERE seq = 99"
	custody case --verify --log log.jsonl; finds "line 4 of the export is line 5 of the log: lines were put in another order"
}

@test "verify: one beginning, one key" {
	{ cat log.jsonl; head -1 log.jsonl | jq -c '.seq = 7'; } > twice.jsonl
	custody --verify --log twice.jsonl; finds "custody line 7 begins a case again: only line 0 does"
	jq -c 'if .seq == 6 then .key = "evil+00000000" else . end' log.jsonl > other.jsonl
	custody --verify --log other.jsonl; finds "custody line 6 names another key than the lines before it: one log has one key"
	jq -c 'if .seq == 6 then .key = null else . end' log.jsonl > none.jsonl
	custody --verify --log none.jsonl; finds "custody line 6 names no key, and lines before it do"
}

@test "verify: a rewritten history" {
	sed '5s/stick 1/stick 9/' log.jsonl > other.jsonl
	custody --verify --log other.jsonl; is 0
	custody --verify --log other.jsonl --against first.note; is 0
	custody --verify --log other.jsonl --against second.note
	finds "the first 7 lines are not those of the checkpoint signed by lead: the log's history was rewritten"
	sql "UPDATE custody SET line = replace(line, 'stick 1', 'stick 9')"
	custody case --verify; finds "custody line 4 was changed"
	custody case --verify --log log.jsonl; finds "line 5 of the export is another in the log: it was rewritten"
	custody case --verify --against second.note; finds "history was rewritten"
	run -1 "$BIN/picket-case" check case
}

@test "verify: a last line that is cut, an empty line, a line too long" {
	head -c -7 log.jsonl > cut.jsonl
	custody --verify --log cut.jsonl; finds "line 7 of the log, its last, is cut: it does not end"
	custody --verify --log cut.jsonl --against first.note; finds "is cut"
	[[ $output == *"the first 4 of 6 lines are those of the checkpoint"* ]]
	custody --verify --log cut.jsonl --against second.note; finds "the log ends after 6 lines, but there is a checkpoint of 7"
	custody case --verify --log cut.jsonl; finds "line 7 of the export, its last, is cut"
	[[ $output == *"all 6 lines of the export are in the log of 7"* ]]
	sed '3s/$/\n/' log.jsonl > gap.jsonl
	custody --verify --log gap.jsonl; finds "line 4 of the log is empty"
	[ "$(grep -c ^fault <<<"$output")" -eq 1 ]
	custody case --verify --log gap.jsonl; finds "line 4 of the export is empty"
	[ "$(grep -c ^fault <<<"$output")" -eq 1 ]
	sed '3s/.*//' log.jsonl > gone.jsonl
	custody --verify --log gone.jsonl; finds "custody line 2 is missing"; finds "line 3 of the log is empty"
	sed "3s/^{/{\"x\":\"$(head -c 70000 /dev/zero | tr '\0' x)\",/" log.jsonl > long.jsonl
	custody --verify --log long.jsonl; finds "line 3 of the log: "
	jq -c '.seq -= 1' log.jsonl | sed 1d > begun.jsonl
	custody --verify --log begun.jsonl; finds "custody line 0 does not begin a case"
	# the case's own
	sql "DELETE FROM head; UPDATE custody SET line = '' WHERE seq = 3"
	custody case --verify; finds "line 4 of the log is empty"; finds "custody line 3 was changed"
	run -1 "$BIN/picket-case" check case
}

@test "verify: the proof before a checkpoint" {
	"$BIN/picket-case" custody case --checkpoint --signer lead --since first.note -o third
	"$BIN/picket-case" custody case --export jsonl -o now.jsonl
	[ "$(head -1 third)" = "old 4" ]
	[ "$(sed '/^$/q' third | wc -l)" -gt 2 ]
	custody case --verify --against third; is 0
	custody --verify --log now.jsonl --against third; is 0
	to=A
	[ "$(sed -n '2s/^\(.\).*/\1/p' third)" != A ] || to=B
	sed "2s/^./$to/" third > flipped
	custody --verify --log now.jsonl --against flipped
	finds "the proof before the checkpoint does not lead from 4 lines to its 7: it was changed, or is another's"
	custody case --verify --against flipped; finds "the proof before the checkpoint"
	sed '1s/4/3/' third > other; custody case --verify --against other; finds "does not lead from 3 lines to its 7"
	sed '1s/4/7/' third > other; custody case --verify --against other; finds "does not lead from 7 lines to its 7"
	sed '1s/4/9/' third > other; custody case --verify --against other; finds "does not lead from 9 lines to its 7"
	sed '2d' third > other; custody case --verify --against other; finds "does not lead from 4 lines to its 7"
	{ echo "old 7"; echo; cat second.note; } > other; custody case --verify --against other; is 0
	{ echo "old 0"; echo; cat second.note; } > other; custody case --verify --against other; is 0
	# of lines that are not there, nothing is said
	head -3 log.jsonl > short.jsonl
	custody --verify --log short.jsonl --against third; finds "its tail was dropped"
	[ "$(grep -c ^fault <<<"$output")" -eq 1 ]
}

@test "verify: what is no custody log, and checkpoints that do not count" {
	printf '{"a":1}\n' > x; custody --verify --log x; finds "not a custody line of version 1"
	printf 'x' > x; custody --verify --log x; finds "line 1 of the log, its last, is cut"
	: > x; custody --verify --log x; is 4 "it is empty"
	printf '\n' > x; custody --verify --log x; finds "line 1 of the log is empty"
	jq -c 'del(.actor)' log.jsonl > x; custody --verify --log x; finds "'actor' must be visible text"
	jq -c '.place = "a\nb"' log.jsonl > x; custody --verify --log x; finds "'place' must be visible text or null"
	sed '2s/"v":1/"v":1,"seq":1/' log.jsonl > x; custody --verify --log x; finds "line 2 of the log: not valid JSON"
	jq -c '.team = if .seq == 2 then "X" else .team end' log.jsonl > x; custody --verify --log x; finds "of another team's log"
	"$BIN/picket-case" init other --party lead -q
	"$BIN/picket-case" custody other --checkpoint --signer lead -o other.note
	custody case --verify --against other.note; finds "the checkpoint is of another log"
	sed '2s/7/6/' second.note > forged.note
	custody case --verify --against forged.note; finds "the note's signature by 'lead' does not fit"
	(cd ../jpn && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new stranger --nation JPN --signer jpn -q)
	"$BIN/picket-case" init mine --team CPT-7 -q
	"$BIN/picket-case" custody mine --checkpoint --signer ../jpn/stranger.signkey -o stranger.note
	custody mine --verify --against stranger.note; finds "not signed by a party of the roster"
	custody case --verify --against log.jsonl; is 4 "log.jsonl"
}

# A signed note over a text, by the key in NAME.notekey.
sign_note() { # NAME.notekey TEXT
	python3 - "$@" <<-'P'
		import base64, ctypes, sys
		sodium = ctypes.CDLL("libsodium.so.23")
		text = sys.argv[2].encode() + b"\n"
		_, _, name, hash, key = open(sys.argv[1]).read().strip().split("+", 4)
		seed = base64.b64decode(key)[1:]
		pk, sk, sig = (ctypes.create_string_buffer(n) for n in (32, 64, 64))
		sodium.crypto_sign_seed_keypair(pk, sk, seed)
		sodium.crypto_sign_detached(sig, None, text, ctypes.c_ulonglong(len(text)), sk)
		sys.stdout.buffer.write(text + f"\n— {name} {base64.b64encode(bytes.fromhex(hash) + sig.raw).decode()}\n".encode())
	P
}

@test "verify: a checkpoint that nobody vouches for convicts no log" {
	"$BIN/picket-key" new nobody --nation USA --roster ../nobody.roster -q
	origin=$(head -1 second.note)
	root=$(head -c 32 /dev/urandom | base64)
	sign_note nobody.notekey "$origin"$'\n5\n'"$root" > rogue
	sign_note nobody.notekey "$origin"$'\n99\n'"$root" > rogue99
	# the log's own line, damaged
	{ head -n 4 rogue; sed -n 5p second.note; } > torn
	# and an ally's cosignature alone
	ally init case --party jpn -q
	ally custody case --cosign ../usa/second.note --signer jpn -o receipt
	{ head -n 4 rogue; grep '^— jpn' ../jpn/receipt; } > seen
	for note in rogue rogue99 torn seen; do
		custody case --verify --against $note; finds "the checkpoint of "
		[[ $output != *rewritten* ]] || { echo "$note: $output"; return 1; }
		[[ $output != *dropped* ]] || { echo "$note: $output"; return 1; }
		run -1 --separate-stderr "$BIN/picket-case" custody case --export text --against $note
		[[ $output != *"history was rewritten"* ]]
		[[ $output != *"tail was dropped"* ]]
	done
	jq -c '.t = "1795797690"' log.jsonl > x; custody --verify --log x; finds "it has no time with 9 decimals"
	jq -c '.t = "5.00000000"' log.jsonl > x; custody --verify --log x; finds "it has no time with 9 decimals"
	# what is wrong with the first line is said once
	jq -c '.seq -= 1' log.jsonl | sed 1d > begun.jsonl
	custody --verify --log begun.jsonl --against second.note; finds "custody line 0 does not begin a case"
	[ "$(grep -c "does not begin a case" <<< "$output")" -eq 1 ]
	[[ $output == *"note: the log does not say whose it is: whether the checkpoint is of it was not checked"* ]]
}

@test "checkpoint: none of a log that does not check" {
	# refused FAULT: whoever asks, and however; nothing is written, in the case or beside it
	refused() {
		local before after
		before=$(sqlite3 case/case.db .dump | sha256sum)
		for how in "--signer lead -o new" "-o new" "--signer lead" "--signer lead --since first.note -o new"; do
			# shellcheck disable=SC2086
			custody case --checkpoint $how
			is 1 "warning: the custody log: $1" || { echo "$how"; return 1; }
			is 1 "picket-case: no checkpoint is made of a custody log that does not check: see 'picket-case custody case --verify'"
			[ -z "$output" ]
			[ ! -e new ]
		done
		after=$(sqlite3 case/case.db .dump | sha256sum)
		[ "$before" = "$after" ]
		custody case --verify; finds "$1"
	}
	cp -a case whole
	sql "DELETE FROM custody WHERE seq = 6"
	refused "the custody log is shorter than the 7 lines of which a tree head was shown: its tail was dropped"
	rm -rf case && cp -a whole case
	sql "UPDATE custody SET line = replace(line, 'stick 1', 'stick 9')"
	refused "custody line 4 was changed"
	rm -rf case && cp -a whole case
	sql "DELETE FROM custody WHERE seq = 3; DELETE FROM head"
	refused "custody line 3 is missing: it was dropped"
	rm -rf case && cp -a whole case
	rewrite case 'stick 1' 'stick 9'
	sqlite3 whole/case.db "ATTACH 'case/case.db' AS c; INSERT INTO c.head SELECT * FROM head"
	refused "the custody log is not the one of which a tree head of 7 lines was shown: its history was rewritten"
	# a sound one is signed as before
	rm -rf case && cp -a whole case
	custody case --checkpoint --signer lead -o new; is 0 ""
	cmp new second.note
}

@test "json: every form prints its result as an object, and the export has its own" {
	custody case --verify --json; is 0 ""
	[ "$(jq -c '[.type, .v, .lines, .faults, .label]' <<< "$output")" = '["verify",1,7,0,"unlabelled"]' ]
	custody --verify --log log.jsonl --json; is 0 ""
	[ "$(jq -c '[.type, .lines, .faults, .label]' <<< "$output")" = '["verify",7,0,null]' ]
	sed 3d log.jsonl > cut.jsonl
	custody --verify --log cut.jsonl --json; is 1 ""
	[ "$(jq -r .type <<< "$output" | xargs)" = "finding verify" ]
	[ "$(jq -r 'select(.type == "finding").text' <<< "$output")" = "custody line 2 is missing: it was dropped" ]
	[ "$(jq -r 'select(.type == "verify").faults' <<< "$output")" -eq 1 ]
	# a checkpoint is in its object, or in its file
	head=$("$BIN/picket-case" custody case --head --json)
	custody case --checkpoint --signer lead --json; is 0 ""
	[ "$(jq -r '[.type, .signed, .output // "none"] | join(" ")' <<< "$output")" = "checkpoint true none" ]
	[ "$(jq -c '[.origin, .size, .root, .label]' <<< "$output")" = "$(jq -c '[.origin, .size, .root, .label]' <<< "$head")" ]
	jq -j .note <<< "$output" | cmp - second.note
	custody case --checkpoint --signer lead --since first.note --json -o since.note; is 0 ""
	[ "$(jq -r '[.type, .signed, .output, .note // "none"] | join(" ")' <<< "$output")" = "checkpoint true since.note none" ]
	"$BIN/picket-case" custody case --checkpoint --signer lead --since first.note | cmp - since.note
	custody case --checkpoint --json; is 0 ""
	jq -e '.signed == false and (.note | startswith("CPT-7/case/"))' <<< "$output"
	# the ally's receipt, and ours
	ally init jcase --party jpn -q
	ally custody jcase --cosign ../usa/second.note --signer jpn --json -o seen.note -q > cosigned
	[ "$(jq -r '[.type, .size, .signed, .output] | join(" ")' cosigned)" = "cosigned 7 true seen.note" ]
	custody case --receipt ../jpn/seen.note --json; is 0 ""
	[ "$(jq -r '[.type, .size, .origin] | join(" ")' <<< "$output")" = "receipt 7 $(head -1 second.note)" ]
	custody case --add copy --object "stick 3" --reason "for the lab" --json; is 0 ""
	[ "$(jq -c '[.type, .action, .object]' <<< "$output")" = '["added","copy","stick 3"]' ]
	# what is refused prints none
	sql "UPDATE custody SET line = replace(line, 'stick 1', 'stick 9')"
	custody case --checkpoint --json; is 1 "no checkpoint is made of a custody log that does not check"
	[ -z "$output" ]
	for form in jsonl text jsonld; do
		custody case --export $form --json -o none; is 2 "--json does not go with --export"
		[ -z "$output" ]
		[ ! -e none ]
	done
}

@test "another party's checkpoint says nothing of a log: verify, export, receipt" {
	forge
	key=$(cut -d+ -f1,2 lead.notepub)
	other="the checkpoint is signed by 'phl', and the log's key is $key: it is another's"
	for note in forged true long; do
		custody case --verify --against $note.note; finds "$other"
		[[ $output != *"rewritten"* && $output != *"dropped"* ]] || { echo "$output"; return 1; }
		custody --verify --log log.jsonl --against $note.note; finds "$other"
		for form in text jsonld jsonl; do
			custody --export $form --log log.jsonl --against $note.note; is 1 "warning: the custody log: $other"
		done
		custody case --export text --against $note.note; is 1 "warning: the custody log: $other"
		[[ $output == *"THIS LOG DOES NOT CHECK: 1 fault"*"  - $other"* ]]
	done
	custody --verify --log forged.jsonl --against forged.note; finds "$other"
	custody forged --export text; is 1 "the checkpoint is not signed by the log's key $key: it is another's" # one that it keeps
	XDG_CONFIG_HOME=$PWD/none custody --verify --log log.jsonl --against forged.note
	finds "the checkpoint is not signed by the log's key $key: it is another's"
	# a log whose lines name the other's key: the roster knows of which team that is
	rewrite forged "$key" "$(cut -d+ -f1,2 ../phl/phl.notepub)"
	"$BIN/picket-case" custody forged --checkpoint --signer ../phl/phl.signkey -o mine.note
	"$BIN/picket-case" custody forged --export jsonl -o mine.jsonl
	custody --verify --log mine.jsonl --against mine.note
	finds "the checkpoint is signed by 'phl' of 'phl', and the log is that of 'CPT-7': it is another's"
	custody --verify --log mine.jsonl --against second.note; finds "the checkpoint is signed by 'lead', and the log's key is phl+"
	# no receipt for ours either
	before=$("$BIN/picket-case" custody case --head)
	for note in forged true; do
		custody case --receipt $note.note
		is 1 "it is not a checkpoint of this case's log: the checkpoint is not signed by the log's key $key: it is another's"
	done
	[ "$("$BIN/picket-case" custody case --head)" = "$before" ]
	[ "$(sqlite3 case/case.db "SELECT count(*) FROM head WHERE note LIKE '%— phl%'")" -eq 0 ]
	# the honest one is none the worse
	custody case --verify --against second.note; is 0 "no fault found"
	[[ $output == *"lines are those of the checkpoint signed by lead"* ]]
	custody --export text --log log.jsonl --against second.note; is 0 ""
}

@test "another party's checkpoint is not cosigned, and the log's own is after it" {
	forge
	ally init case --party jpn -q
	before=$(ally custody case --head)
	for note in forged true long; do # before the first, and after it
		run -1 ally custody case --cosign ../usa/$note.note --signer jpn -o receipt
		[[ $output == *"it is signed by 'phl', and the log is that of 'CPT-7': it is another's"* ]] || { echo "$note: $output"; return 1; }
	done
	[ ! -e ../jpn/receipt ]
	[ "$(ally custody case --head)" = "$before" ]
	[ "$(sqlite3 ../jpn/case/case.db "SELECT count(*) FROM cosigned")" -eq 0 ]
	ally custody case --cosign ../usa/first.note --signer jpn -o receipt
	for note in forged true long; do
		run -1 ally custody case --cosign ../usa/$note.note --signer jpn -o other
		[[ $output == *"it is signed by 'phl', and the log is that of 'CPT-7': it is another's"* ]] || { echo "$note: $output"; return 1; }
	done
	custody case --receipt ../jpn/receipt; is 0
	"$BIN/picket-case" custody case --checkpoint --signer lead --since ../jpn/receipt -o third
	ally custody case --cosign ../usa/third --signer jpn -o receipt2
	custody case --receipt ../jpn/receipt2; is 0
	[ "$(sqlite3 ../jpn/case/case.db "SELECT group_concat(size) FROM cosigned")" = 4,8 ]
	# of the same organisation, but not the key that was cosigned first
	(cd ../phl && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new mate --org CPT-7 --nation USA --signer phl -q)
	(cd ../jpn && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" roster add ../phl/mate.party --signer jpn -qy)
	cp -a case taken
	sqlite3 taken/case.db "DELETE FROM meta WHERE key = 'key'"
	"$BIN/picket-case" custody taken --checkpoint --signer ../phl/mate.signkey --since ../jpn/receipt2 -o fourth
	run -1 ally custody case --cosign ../usa/fourth --signer jpn -o other
	[[ $output == *"it is signed by 'mate', and not with the key of the first checkpoint of this log that was cosigned here: one log has one key"* ]]
	[ ! -e ../jpn/other ]
	[ "$(sqlite3 ../jpn/case/case.db "SELECT group_concat(size) FROM cosigned")" = 4,8 ]
	"$BIN/picket-case" custody case --checkpoint --signer lead --since ../jpn/receipt2 -o fifth
	ally custody case --cosign ../usa/fifth --signer jpn -o receipt3
}

@test "a log whose lines name no key: what was not checked is said" {
	"$BIN/picket-case" init free --team CPT-7 -q
	"$BIN/picket-case" custody free --export jsonl -o free.jsonl
	"$BIN/picket-case" custody free --checkpoint --signer lead -o free.note
	custody --verify --log free.jsonl --against free.note; is 0 "no fault found"
	[[ $output == *"note: the log's lines name no key: whether the checkpoint is its team's own was not checked"* ]]
	[[ $output == *"the first 1 of 1 lines are those of the checkpoint signed by lead"* ]]
	# the case knows its key
	custody free --verify --against free.note; is 0 "no fault found"
	[[ $output != *"not checked"* ]]
	# a team that no party is of
	run --separate-stderr "$BIN/picket-case" init local --party lead --team nobody
	is 0 "--team 'nobody' is not the organisation of 'lead' in the roster: allies will cosign no checkpoint of this case"
	"$BIN/picket-case" custody local --checkpoint --signer lead -o local.note
	custody local --verify --against local.note; is 0 "no fault found"
	[[ $output == *"note: no party of the roster is of 'nobody': whether the log is that team's was not checked"* ]]
	ally init case --party jpn -q
	run -1 ally custody case --cosign ../usa/local.note --signer jpn
	[[ $output == *"it is signed by 'lead', and the log is that of 'nobody': it is another's"* ]]
	# without a key of its own, a case has signed nothing
	"$BIN/picket-case" init keyless -q
	cp -a keyless signed
	"$BIN/picket-case" custody signed --checkpoint --signer lead -o signed.note
	custody keyless --receipt signed.note; is 1 "it is signed by 'lead', and this case has no note key: it is another's"
}

@test "receipts: the ally cosigns what continues what it saw, and nothing else" {
	ally init case --party jpn -q
	ally custody case --cosign ../usa/first.note --signer jpn -o receipt1
	custody case --receipt ../jpn/receipt1; is 0
	custody case --verify --against ../jpn/receipt1; is 0
	[[ $output == *"signed by lead and seen by jpn at 20"* ]]
	# the second only with a proof
	run -2 ally custody case --cosign ../usa/second.note --signer jpn -o receipt2
	[[ $output == *"without a proof that it continues the 4 lines seen before"* ]]
	"$BIN/picket-case" custody case --checkpoint --signer lead --since ../jpn/receipt1 -o third
	[ "$(head -1 third)" = "old 4" ]
	ally custody case --cosign ../usa/third --signer jpn -o receipt2
	[ ! -e ../jpn/receipt3 ]
	custody case --receipt ../jpn/receipt2; is 0
	# going back, and another history of the same length
	run -1 ally custody case --cosign ../usa/first.note --signer jpn -o receipt3
	[[ $output == *"fewer than the 8 seen before: the log was cut"* ]]
	sql "DELETE FROM custody WHERE seq > 7"
	rewrite case 'stick 1' 'stick 9'
	custody case --checkpoint --signer lead -o forged; is 0 ""
	run -1 ally custody case --cosign ../usa/forged --signer jpn -o receipt3
	[[ $output == *"two different trees of 8 lines: the log's history was rewritten"* ]]
	# nor one that is longer, with a proof that leads from the forged lines
	"$BIN/picket-case" custody case --add transfer-out --object "stick 4" --reason "to the lab" --author bob
	"$BIN/picket-case" custody case --checkpoint --signer lead --since forged -o longer
	[ "$(head -1 longer)" = "old 8" ]
	run -1 ally custody case --cosign ../usa/longer --signer jpn -o receipt3
	[[ $output == *"does not lead from the 8 lines seen before"* ]]
	[ ! -e ../jpn/receipt3 ]
	custody case --checkpoint --signer lead --since ../jpn/receipt2; is 4 "not of this log"
	# the receipts tell, wherever the forger deleted the rest
	custody case --verify --against ../jpn/receipt2; finds "signed by lead and seen by jpn"
	# both sides have it on record
	[ "$(ally custody case --json | jq -r 'select(.action == "cosign").line | "\(.size) \(.signed_by)"' | xargs)" = "4 lead 8 lead" ]
}

@test "receipts: a checkpoint with an empty extension line is none, whoever reads it" {
	ally init case --party jpn -q
	# signed as it should be, with lead's key
	head -3 second.note > text
	for text in "$(cat text; printf '\nx')" "$(cat text; printf 'x\n\ny')"; do
		sign_note lead.notekey "$text" > empty.note
		custody case --verify --against empty.note; is 4 "checkpoint: an extension line is empty"
		custody case --receipt empty.note; is 1 "checkpoint: an extension line is empty"
		run -1 ally custody case --cosign ../usa/empty.note --signer jpn
		[[ $output == *"checkpoint: an extension line is empty"* ]]
	done
}

@test "receipts: a note with as many signatures as can be is not cosigned" {
	ally init case --party jpn -q
	for i in {1..99}; do sed -n "5s/— lead/— other$i/p" second.note; done | cat second.note - > full.note
	custody case --verify --against full.note; is 0 "no fault found"
	before=$(ally custody case --head)
	run -1 ally custody case --cosign ../usa/full.note --signer jpn -o receipt
	[[ $output == *"it has 100 signatures, which is all that a note can have: none can be added"* ]]
	[ ! -e ../jpn/receipt ]
	[ "$(ally custody case --head)" = "$before" ]
	[ "$(sqlite3 ../jpn/case/case.db "SELECT count(*) FROM cosigned")" -eq 0 ]
	sed '$d' full.note > room.note
	ally custody case --cosign ../usa/room.note --signer jpn -o receipt
	[ "$(grep -c ^— ../jpn/receipt)" -eq 100 ]
	custody case --receipt ../jpn/receipt; is 0
}

@test "receipts: a station's key sees one history of a log, whatever case is asked" {
	ally init case --party jpn -q
	ally init other --party jpn -q
	cp -a case forked
	for branch in case forked; do
		"$BIN/picket-case" custody $branch --add copy --object "$branch" --reason y
		"$BIN/picket-case" custody $branch --checkpoint --signer lead --since second.note -o $branch.note
	done
	ally custody case --cosign ../usa/case.note --signer jpn -o receipt
	run -1 ally custody other --cosign ../usa/forked.note --signer jpn -o no
	[[ $output == *"two different trees of "*" lines: the log's history was rewritten"* ]]
	run -1 ally custody other --cosign ../usa/first.note --signer jpn -o no
	[[ $output == *"are fewer than the"*"seen before: the log was cut"* ]]
	[ ! -e ../jpn/no ]
	[ -z "$(sqlite3 ../jpn/other/case.db "SELECT * FROM cosigned")" ]
	# the same one, and what continues it, in either case; then no longer what continues the older one alone
	ally custody other --cosign ../usa/case.note --signer jpn -o again
	"$BIN/picket-case" custody case --add copy --object w --reason y
	"$BIN/picket-case" custody case --checkpoint --signer lead --since case.note -o next.note
	ally custody other --cosign ../usa/next.note --signer jpn -o receipt2
	"$BIN/picket-case" custody case --add copy --object x --reason y
	"$BIN/picket-case" custody case --checkpoint --signer lead --since case.note -o stale.note
	run -2 ally custody case --cosign ../usa/stale.note --signer jpn -o no
	[[ $output == *"it comes without a proof that it continues the "*" lines seen before"* ]]
	"$BIN/picket-case" custody case --checkpoint --signer lead --since next.note -o last.note
	ally custody case --cosign ../usa/last.note --signer jpn -o receipt3
	custody case --receipt ../jpn/receipt3; is 0
	# the case is lost: the key still knows
	rm -r ../jpn/case ../jpn/other
	ally init anew --party jpn -q
	run -1 ally custody anew --cosign ../usa/forked.note --signer jpn -o no
	# another key of the station has seen nothing; a memory that was damaged is no memory, and one that was cut is
	memory=../jpn/.config/picket/cosigned
	[ "$(stat -c %a $memory)" = 600 ]
	[ "$(cut -d' ' -f2 $memory | sort -n | uniq -d)" = "" ]
	printf 'jpn+00000000 5 half' >> $memory
	run -1 ally custody anew --cosign ../usa/forked.note --signer jpn -o no
	[ "$(tail -c1 $memory | xxd -p)" = 0a ]
	[ "$(grep -c half $memory)" -eq 0 ]
	echo 'jpn+00000000 5 half' >> $memory
	run -2 ally custody anew --cosign ../usa/last.note --signer jpn -o no
	[[ $output == *"cosigned': line "*" is none of a cosigned checkpoint: the station's memory"* ]]
	rm $memory && mkdir $memory
	run -4 ally custody anew --cosign ../usa/last.note --signer jpn -o no
	[[ $output == *"the station's memory of what it cosigned"* ]]
	[ ! -e ../jpn/no ]
}

@test "receipts: a key does not follow another one into the other branch, nor a log to another key" {
	ally init case --party jpn -q
	ally init other --party jpn -q
	(cd ../jpn && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new jpn2 --nation JPN --signer jpn -q)
	cp -a case forked
	"$BIN/picket-case" custody case --checkpoint --signer lead --since second.note -o case.note
	for n in 1 2 3; do "$BIN/picket-case" custody forked --add copy --object "$n" --reason y; done
	"$BIN/picket-case" custody forked --checkpoint --signer lead --since second.note -o f1.note
	"$BIN/picket-case" custody forked --add copy --object 4 --reason y
	"$BIN/picket-case" custody forked --checkpoint --signer lead --since f1.note -o f2.note
	ally custody case --cosign ../usa/case.note --signer jpn -o receipt
	ally custody other --cosign ../usa/f1.note --signer jpn2 -o receipt2
	run -1 ally custody other --cosign ../usa/f2.note --signer jpn -o no
	[[ $output == *"this key has cosigned "*" of the log's lines in another case, and "*" were cosigned in this one"* ]]
	ally custody other --cosign ../usa/f2.note --signer jpn2 -o receipt3
	# nor does another key of the team take a log over in another case
	mkdir ../phl
	(cd ../phl && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new twin --org CPT-7 --nation USA -q)
	(cd ../jpn && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" roster add ../phl/twin.party --signer jpn -qy)
	cp -a case taken
	sqlite3 taken/case.db "DELETE FROM meta WHERE key = 'key'"
	"$BIN/picket-case" custody taken --checkpoint --signer ../phl/twin.signkey --since case.note -o taken.note
	ally init third --party jpn -q
	run -1 ally custody third --cosign ../usa/taken.note --signer jpn -o no
	[[ $output == *"it is signed by 'twin', and not with the key of the first checkpoint of this log that was cosigned here: one log has one key"* ]]
	[ ! -e ../jpn/no ]
}

@test "receipts: a station without a folder of its own says what it cannot know" {
	first="warning: the first checkpoint of this log that this case cosigns: whether another case of this station has cosigned another one is not known"
	cosigns() { # CASE NOTE
		cd ../jpn
		run -0 --separate-stderr env -u XDG_CONFIG_HOME -u HOME "$BIN/picket-case" custody "$1" --cosign "../usa/$2" --signer jpn --roster .config/picket/roster
		cd ../usa
	}
	ally init case --party jpn -q
	ally init other --party jpn -q
	# both branches of a log that was forked, by one key
	cp -a case forked
	for branch in case forked; do
		"$BIN/picket-case" custody $branch --add copy --object "$branch" --reason y
		"$BIN/picket-case" custody $branch --checkpoint --signer lead --since second.note -o $branch.note
	done
	cosigns case case.note; is 0 "$first"
	cosigns other forked.note; is 0 "$first"
	# what it has cosigned, it knows
	cosigns case case.note; [ -z "$stderr" ]
	"$BIN/picket-case" custody case --checkpoint --signer lead --since case.note -o next.note
	cosigns case next.note; [ -z "$stderr" ]
	run -1 ally custody case --cosign ../usa/forked.note --signer jpn
	# another log of the same team is another one
	"$BIN/picket-case" init second --party lead -q
	"$BIN/picket-case" custody second --checkpoint --signer lead -o its.note
	cosigns case its.note; is 0 "$first"
	# whoever holds the one log and a receipt of the other sees it
	custody case --verify --against case.note; is 0
	custody case --verify --against forked.note; finds "history was rewritten"
}

@test "receipts: what is refused" {
	ally init case --party jpn -q
	"$BIN/picket-case" custody case --head > head.txt
	run -1 ally custody case --cosign ../usa/head.txt --signer jpn; [[ $output == *"it is not signed"* ]]
	run -1 ally custody case --cosign ../usa/log.jsonl --signer jpn
	sed '2s/4/5/' first.note > forged
	run -1 ally custody case --cosign ../usa/forged --signer jpn; [[ $output == *"does not fit"* ]]
	custody case --receipt first.note; is 1 "bears no cosignature of a party of the roster"
	ally custody case --cosign ../usa/first.note --signer jpn -o receipt
	# by a revoked ally
	"$BIN/picket-key" roster revoke jpn --signer lead --since 2026-01-01 -q
	custody case --receipt ../jpn/receipt; is 1 "party 'jpn' was revoked"
	"$BIN/picket-case" init other --party lead -q
	custody other --receipt ../jpn/receipt; is 1 "not a checkpoint of this case's log"
	sed -i '$s/./&/;$s/AAA/AAB/;$s/\(.*\)\(.\)=$/\1A=/' ../jpn/receipt
	custody case --receipt ../jpn/receipt; is 1 ""
}

@test "receipts: those of several allies for one checkpoint are kept together" {
	forge
	(cd ../phl && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" roster add ../usa/lead.party --signer phl -qy)
	(cd ../phl && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-case" init case --party phl -q)
	ally init case --party jpn -q
	ally custody case --cosign ../usa/second.note --signer jpn -o receipt
	(cd ../phl && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-case" custody case --cosign ../usa/second.note --signer phl -o receipt)
	cosigned() { sqlite3 case/case.db "SELECT note FROM head WHERE size = 7" | sed -n 's/^— \([a-z]*\) .*/\1/p' | xargs; }
	cp -a case again
	custody case --receipt ../jpn/receipt; is 0
	[ "$(cosigned)" = "lead jpn" ]
	# lines of nobody, however long, push nothing out
	{ cat ../phl/receipt; echo "— zzz $(head -c 600 /dev/urandom | base64 -w0)"; } > padded
	custody case --receipt padded; is 0
	[ "$(cosigned)" = "lead jpn phl" ]
	for note in ../jpn/receipt ../phl/receipt padded; do
		custody case --receipt $note; is 0
		[ "$(cosigned)" = "lead jpn phl" ]
	done
	# nor does the checkpoint, made again
	custody again --receipt padded; is 0
	sqlite3 again/case.db "DROP TRIGGER custody_delete; DELETE FROM custody WHERE seq > 6"
	custody again --checkpoint --signer lead; is 0
	[ "$(sqlite3 again/case.db "SELECT note FROM head WHERE size = 7" | grep -c '^— phl ')" -eq 1 ]
	for form in text jsonld; do
		custody case --export $form; is 0 ""
		[ "$(grep -o '— [a-z]* ' <<<"$output" | sort | uniq -c | xargs)" = "1 — jpn 2 — lead 1 — phl" ] || { echo "$form: $output"; return 1; }
	done
	[[ $output != *zzz* ]]
	sqlite3 case/case.db "SELECT note FROM head WHERE size = 7" | sed '$d' > merged
	custody case --verify --against merged; is 0
	[[ $output == *"signed by lead and seen by jpn at 20"*", phl at 20"* ]]
	# another root was shown of as many lines
	sqlite3 case/case.db "UPDATE head SET root = zeroblob(32) WHERE size = 7"
	custody case --receipt ../jpn/receipt; is 1 "the case has shown another tree head of 7 lines"
}

@test "receipts: a cosignature from before the last line, or of a time that has not come" {
	ally init case --party jpn -q
	# by the clock of that station, the lines are of years to come
	rewrite case '"t":"17' '"t":"19'
	"$BIN/picket-case" custody case --checkpoint --signer lead -o ahead.note
	ally custody case --cosign ../usa/ahead.note --signer jpn -o receipt
	before=$("$BIN/picket-case" custody case --head)
	custody case --receipt ../jpn/receipt; is 1 "seen by 'jpn' at 20"; is 1 "Z, before custody line 6 was written"
	[ "$("$BIN/picket-case" custody case --head)" = "$before" ]
	[ "$(sqlite3 case/case.db "SELECT count(*) FROM head WHERE note LIKE '%— jpn%'")" -eq 0 ]
	custody case --verify --against ../jpn/receipt; finds "the checkpoint of 7 lines: seen by 'jpn' at 20"
	[[ $output == *", before custody line 6 was written"* ]]
	"$BIN/picket-case" custody case --export jsonl -o now.jsonl
	custody --verify --log now.jsonl --against ../jpn/receipt; finds ", before custody line 6 was written"
	custody --export text --log now.jsonl --against ../jpn/receipt; is 1 ", before custody line 6 was written"
	[[ $output == *"THIS LOG DOES NOT CHECK: 1 fault"* ]]
	custody case --verify; is 0
	# one that an older version took
	sqlite3 case/case.db "UPDATE head SET note = CAST(readfile('../jpn/receipt') AS TEXT) WHERE size = 7"
	custody case --verify; finds "the checkpoint of 7 lines that the case keeps: seen by 'jpn' at 20"
	[ "$(grep -c ^fault <<<"$output")" -eq 1 ]
	for form in text jsonld jsonl; do
		custody case --export $form; is 1 "the checkpoint of 7 lines that the case keeps: seen by 'jpn' at 20"
	done
	XDG_CONFIG_HOME=$PWD/none custody case --verify; is 0
}

@test "receipts: of an ally that is revoked by now, no new one" {
	ally init case --party jpn -q
	ally custody case --cosign ../usa/first.note --signer jpn -o receipt1
	"$BIN/picket-case" custody case --checkpoint --signer lead --since first.note -o third
	ally custody case --cosign ../usa/third --signer jpn -o receipt2
	custody case --receipt ../jpn/receipt1; is 0
	sleep 1.1
	"$BIN/picket-key" roster revoke jpn --signer lead -q
	custody case --receipt ../jpn/receipt2; is 1 "it is cosigned by 'jpn', which is revoked"
	[ "$(sqlite3 case/case.db "SELECT count(*) FROM head WHERE note LIKE '%— jpn%'")" -eq 1 ]
	# what was taken before counts, and can be taken again
	custody case --receipt ../jpn/receipt1; is 0
	custody case --verify --against ../jpn/receipt1; is 0
	custody case --verify; is 0
	custody case --export text; is 0 ""
}

@test "export: a document for court, complete and always the same" {
	ally init case --party jpn -q
	ally custody case --cosign ../usa/second.note --signer jpn -o receipt
	custody case --receipt ../jpn/receipt; is 0
	custody case --export text -o a.txt; is 0
	[ "$(stat -c %a a.txt)" = 600 ]
	"$BIN/picket-case" custody case --export text | cmp - a.txt
	[ "$(grep -c '^Line ' a.txt)" -eq 8 ]
	for word in when who action object where why with leaf; do [ "$(grep -c "^  $word " a.txt)" -eq 8 ]; done
	grep -q '^— lead ' a.txt
	grep -q '^— jpn ' a.txt
	grep -qF "root     $("$BIN/picket-case" custody case --head | sed -n 3p)" a.txt
	for leaf in $(sed -n 's/^  leaf *//p' a.txt); do echo "$leaf"; done > leaves
	"$BIN/picket-case" custody case --export jsonl | while IFS= read -r line; do
		{ printf '\0'; printf '%s' "$line"; } | sha256sum | cut -c1-64
	done | cmp - leaves
	# from the exported log alone: the same but for the label, which it has not, and the checkpoints, which are given
	"$BIN/picket-case" custody case --export jsonl -o now.jsonl
	"$BIN/picket-case" custody --export text --log now.jsonl --against first.note --against ../jpn/receipt > b.txt
	sed 1d a.txt | cmp - b.txt
	# names from outside do no harm
	custody case --add copy --object 'a\b' --reason "$(printf 'x\xe2\x80\xaey')"; is 2 "visible"
}

# nodes FILE: whatever has a type and is no literal has an identifier of its own, and every reference is to one of these
nodes() {
	python3 - "$1" <<-'P'
		import json, re, sys
		doc = json.load(open(sys.argv[1]))
		ids, refs = set(), []
		def walk(v):
		    if isinstance(v, list):
		        for x in v: walk(x)
		    if not isinstance(v, dict) or "@value" in v: return
		    if set(v) == {"@id"}:
		        refs.append(v["@id"])
		        return
		    assert "@type" in v and "@id" in v, "a node without type or identifier: %s" % v
		    assert re.fullmatch(r"kb:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", v["@id"]), v["@id"]
		    assert v["@id"] not in ids, "an identifier twice: %s" % v
		    ids.add(v["@id"])
		    for k, x in v.items():
		        for name in [k] + ([x] if k == "@type" else []):
		            assert name.startswith("@") or name.split(":")[0] in doc["@context"], name
		        walk(x)
		for n in doc["@graph"]: walk(n)
		assert refs and all(r in ids for r in refs), [r for r in refs if r not in ids]
		for n in doc["@graph"]:
		    if n["@type"] == "case-investigation:ProvenanceRecord": assert "uco-core:object" in n, n
	P
}

@test "export: CASE/UCO, every reference resolved" {
	custody case --export jsonld -o a.json; is 0
	"$BIN/picket-case" custody case --export jsonld | cmp - a.json
	nodes a.json
	grep -q '"uco-observable:hash":{"@id":"kb:' a.json
	# a checkpoint that is given and kept is there once
	custody case --export jsonld --against second.note -o b.json; is 0
	cmp a.json b.json
	python3 - a.json log.jsonl <<-'P'
		import json, sys
		doc = json.load(open(sys.argv[1]))
		lines = open(sys.argv[2]).read().splitlines()
		nodes = {n["@id"]: n for n in doc["@graph"]}
		assert len(nodes) == len(doc["@graph"]), "an identifier twice"
		kinds = {}
		for n in nodes.values():
		    kinds.setdefault(n["@type"], []).append(n)
		actions = kinds["case-investigation:InvestigativeAction"]
		records = kinds["case-investigation:ProvenanceRecord"]
		assert [r["uco-core:description"] for r in records] == lines
		assert len(actions) == len(lines)
		for a, line in zip(actions, map(json.loads, lines)):
		    assert a["uco-core:name"] == line["action"]
		    assert nodes[a["uco-action:object"]["@id"]]["uco-core:name"] == line["object"]
		    assert nodes[a["uco-action:performer"]["@id"]]["uco-core:name"] == line["actor"]
		    assert nodes[a["uco-action:location"]["@id"]]["uco-core:name"] == line["place"]
		    assert nodes[a["uco-action:instrument"]["@id"]]["uco-tool:version"] == line["version"]
		assert actions[1]["case-investigation:wasInformedBy"]["@id"] == actions[0]["@id"]
		notes = [n for n in kinds["uco-observable:ObservableObject"] if "checkpoint" in n["uco-core:name"]]
		assert len(notes) == 2, notes
	P
	custody --export jsonld --log first.note; is 1 "line 4 of the log is empty"
	run -4 bash -c '"$BIN/picket-case" custody case --export text > /dev/full'
}

@test "export: CASE/UCO of times that have no date there" {
	for t in 253402300800.000000000 -62135596800.000000001 9223372036854775807.999999999 253402300799.999999999 -62135596800.000000000; do
		jq -c --arg t "$t" 'if .seq > 1 then .t = $t else . end' log.jsonl > far.jsonl
		custody --verify --log far.jsonl
		rm -f far.json
		custody --export jsonld --log far.jsonl -o far.json
		nodes far.json
		python3 - far.json "$t" <<-'P'
			import json, re, sys
			graph = json.load(open(sys.argv[1]))["@graph"]
			dates = json.dumps(graph).count('"xsd:dateTime"')
			assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", v) for v in re.findall(r'"xsd:dateTime", "@value": "([^"]*)"', json.dumps(graph)))
			tags = [n["uco-core:tag"] for n in graph if "uco-core:tag" in n]
			if sys.argv[2] in ("253402300799.999999999", "-62135596800.000000000"):
			    assert dates == 7 * 3 and not tags, (dates, tags)
			else:
			    assert dates == 2 * 3 and tags == ["time " + sys.argv[2] + ", in seconds since 1970"] * 10, (dates, tags)
		P
	done
}

@test "the label of the case is on what is printed and exported of it" {
	head() { "$BIN/picket-case" custody "$1" "${@:2}" --json | jq -c 'select(.type == "head") | has("label"), .label'; }
	label="TLP:AMBER REL TO JPN,USA CAVEATS LES ORIGINATOR lead"
	"$BIN/picket-bundle" seal --to lead --signer lead --tlp AMBER --rel-to USA,JPN --caveats LES -o b.age tree -q
	"$BIN/picket-case" init marked --party lead -q
	# before anything is in it there is none, and a log alone has none
	[ "$(head marked | xargs)" = "true null" ]
	custody marked --export text; is 0 ""
	[ "${lines[0]}" = "CHAIN OF CUSTODY" ]
	"$BIN/picket-case" import marked b.age -i lead.identity -q
	[ "$(head marked | xargs)" = "true $label" ]
	[ "$(head marked --head | xargs)" = "true $label" ]
	[ "$("$BIN/picket-case" custody marked --json | jq -r 'has("label")' | sort -u)" = true ]
	[ "$(head case | xargs)" = "true unlabelled" ]
	custody marked --export text; is 0
	[ "${lines[0]}" = "$label" ]
	[ "${lines[1]}" = "CHAIN OF CUSTODY" ]
	"$BIN/picket-case" custody case --export text | sed -n 1p | grep -qx "unlabelled: not releasable"
	"$BIN/picket-case" custody marked --export jsonl -o marked.jsonl
	custody --export text --log marked.jsonl; is 0 ""
	[ "${lines[0]}" = "CHAIN OF CUSTODY" ]
	[[ $output != *TLP:* ]]
	custody marked --export jsonld -o marked.json; is 0
	nodes marked.json
	python3 - marked.json "$label" <<-'P'
		import json, sys
		graph = json.load(open(sys.argv[1]))["@graph"]
		marking, = [n for n in graph if n["@type"] == "uco-marking:MarkingDefinition"]
		assert marking["uco-marking:definition"]["uco-marking:statement"] == sys.argv[2], marking
		for n in graph:
		    assert n is marking or n["uco-core:objectMarking"]["@id"] == marking["@id"], n
	P
	custody --export jsonld --log marked.jsonl; is 0 ""
	[[ $output != *objectMarking* ]]
	[[ $output != *MarkingDefinition* ]]
}

# faulty LOG N FAULT [OPTION...]: all three exports of it say so, and end with 1; N lines have an entry.
faulty() {
	local form from=(--log "$1")
	[ "$1" != case ] || from=(case)
	for form in text jsonld jsonl; do
		rm -f out
		custody "${from[@]}" --export $form -o out "${@:4}"
		is 1 "warning: the custody log: $3" || { echo "$form of $1"; return 1; }
		[ -s out ]
		[ $form != text ] || cp out out.txt
		[ $form != jsonld ] || cp out out.json
	done
	[ "$1" = case ] || cmp "$1" out
	if [ "$1" = case ]; then # its label
		[ "$(sed -n 1p out.txt)" = "unlabelled: not releasable" ]
		sed -i 1d out.txt
	fi
	[ "$(sed -n 1p out.txt)" = "CHAIN OF CUSTODY" ]
	[[ $(sed -n 3p out.txt) =~ ^"THIS LOG DOES NOT CHECK: "[1-9][0-9]*" fault"s?$ ]]
	sed -n '4,/^$/p' out.txt | grep -qF -- "  - $3" || { head -9 out.txt; return 1; }
	[ "$(grep -c '^Line [0-9]*$' out.txt)" -eq "$2" ]
	nodes out.json || return 1
	python3 - out.json "$2" "$3" <<-'P'
		import json, sys
		graph = json.load(open(sys.argv[1]))["@graph"]
		nodes = {n["@id"]: n for n in graph}
		assert len(nodes) == len(graph), "an identifier twice"
		def kind(k): return [n for n in graph if n["@type"] == k]
		top, = kind("case-investigation:Investigation")
		faults = kind("uco-core:Annotation")
		assert top["uco-core:description"].startswith("THIS LOG DOES NOT CHECK: %d fault" % len(faults)), top
		assert any(sys.argv[3] in f["uco-core:statement"] for f in faults), faults
		assert all(f["uco-core:object"]["@id"] == top["@id"] for f in faults)
		actions = kind("case-investigation:InvestigativeAction")
		assert len(actions) == int(sys.argv[2]), len(actions)
		for a in actions:
		    assert a.get("case-investigation:wasInformedBy", a)["@id"] in nodes
		assert len(top["uco-core:object"]) == len(kind("case-investigation:ProvenanceRecord"))
		assert all(o["@id"] in nodes for o in top["uco-core:object"])
	P
}

@test "export: a log that does not check makes no clean document" {
	sed 3d log.jsonl > x; faulty x 6 "custody line 2 is missing: it was dropped"
	sed 1d log.jsonl > x; faulty x 6 "custody line 0 is missing: it was dropped"
	grep -q '^  log  *unknown$' out.txt
	{ head -3 log.jsonl; sed -n 5p log.jsonl; sed -n 4p log.jsonl; tail -2 log.jsonl; } > x
	faulty x 7 "custody line 3 stands after line 4: lines were repeated or put in another order"
	sed 2p log.jsonl > x; faulty x 8 "custody line 1 stands after line 1"
	head -c -7 log.jsonl > x; faulty x 6 "line 7 of the log, its last, is cut"
	grep -q '^Line 7 of the log, which is no custody line$' out.txt
	sed '3s/$/\n/' log.jsonl > x; faulty x 7 "line 4 of the log is empty"
	sed '3s/.*/\xff<b>/' log.jsonl > x; faulty x 6 "line 3 of the log: "
	grep -qF '  text     \xff<b>' out.txt
	{ head -2 log.jsonl; printf 'x\nx\n'; tail -n +5 log.jsonl; } > x; faulty x 5 "line 3 of the log: "
	# what only a checkpoint finds
	sed '5s/stick 1/stick 9/' log.jsonl > x; faulty x 7 "the first 7 lines are not those of the checkpoint signed by lead" --against second.note
	head -6 log.jsonl > x; faulty x 6 "the log ends after 6 lines" --against second.note
	custody --export text --log log.jsonl --against first.note --against second.note; is 0 ""
	[ -z "$stderr" ]
	[[ $output != *"DOES NOT CHECK"* ]]
	# the case's own
	sql "UPDATE custody SET line = replace(line, 'stick 1', 'stick 9')"
	faulty case 7 "custody line 4 was changed"
	sql "DELETE FROM custody WHERE seq = 6"
	faulty case 6 "the custody log is shorter than the 7 lines of which a tree head was shown"
	sql "UPDATE custody SET line = 'x' WHERE seq = 2"
	faulty case 5 "line 3 of the log: "
}

@test "a log of nothing but faults: a thousand are told, the others counted" {
	head -c 5000 /dev/zero | tr '\0' '\n' > empty.jsonl
	run -1 --separate-stderr "$BIN/picket-case" custody --verify --log empty.jsonl
	[ "$(grep -c 'is empty' <<< "$output$stderr")" -eq 1000 ]
	[[ $output$stderr == *"there are more: from here on they are counted only"* ]]
}

@test "findings that cannot be told are a failure, with its reason" {
	[ -w /dev/full ] || skip "no /dev/full"
	sed 3d log.jsonl > few.jsonl
	head -c 5000 /dev/zero | tr '\0' '\n' > many.jsonl # more than a buffer holds
	for log in few many; do
		for json in "" --json; do
			run -4 --separate-stderr bash -c '"$BIN/picket-case" custody --verify --log $0.jsonl $1 > /dev/full' $log $json
			[ "$stderr" = "picket-case: cannot write to standard output: No space left on device" ] || { echo "$stderr"; return 1; }
		done
	done
	sql "DELETE FROM custody WHERE seq = 2"
	for json in "" --json; do
		run -4 --separate-stderr bash -c '"$BIN/picket-case" check case $1 > /dev/full' - $json
		[[ $stderr == *"picket-case: cannot write to standard output: No space left on device" ]] || { echo "$stderr"; return 1; }
	done
}
