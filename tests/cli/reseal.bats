#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-bundle countersign, rewrap and release, what import makes of them, and that no label gives way quietly.
bats_require_minimum_version 1.5.0
load damage

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build}
	export XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/.config
	umask 022
	cd "$BATS_FILE_TMPDIR"
	"$BIN/picket-key" new lead --org CPT-7 --nation USA -q
	for p in mate:USA jpn:JPN phl:PHL esp:ESP; do
		mkdir "${p%:*}"
		(cd "${p%:*}" && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new "${p%:*}" --org "ORG-${p%:*}" --nation "${p#*:}" -q)
		"$BIN/picket-key" roster add "${p%:*}/${p%:*}.party" --signer lead -q
	done
	# a station outside, which nobody's roster has
	mkdir stranger && (cd stranger && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new stranger --nation USA -q)
	mkdir tree && seq 30000 > tree/a && head -c 300000 /dev/urandom > tree/b
	"$BIN/picket-bundle" seal --to lead --signer lead --mission HARBOR --tlp AMBER --rel-to USA,JPN,PHL -o b.age tree -q
	"$BIN/picket-bundle" seal --to lead --signer lead --tlp RED --rel-to USA,JPN --originator ORG-jpn -o red.age tree -q
	"$BIN/picket-bundle" seal --to lead --signer lead -o none.age tree -q
	"$BIN/picket-bundle" seal --to lead --unsigned -o u.age tree -q
}

setup() { cd "$BATS_FILE_TMPDIR" && rm -rf work && mkdir work && cp ./*.age* work && cd work || exit; }

bundle() { run --separate-stderr "$BIN/picket-bundle" "$@"; }
pcase() { run --separate-stderr "$BIN/picket-case" "$@"; }
is() { # exit code, then a piece of standard error
	[ "$status" -eq "$1" ] || { echo "exit $status: $stderr"; return 1; }
	[[ $stderr == *"$2"* ]] || { echo "message: $stderr"; return 1; }
}
has() { [[ $output == *"$1"* ]] || { echo "output: $output"; return 1; }; }
rewrap() { bundle rewrap b.age --to jpn -i ../lead.identity --signer ../lead.signkey -o r.age; is 0 ""; }
has_stock() { command -v minisign > /dev/null || skip "no minisign"; }

# --- countersign ---------------------------------------------------------------------------------------

@test "countersign: who, when, where, of exactly this file" {
	bundle countersign b.age --signer ../lead.signkey --place "Camp X, gate 2" --person "Sgt Y"
	is 0 "wrote 'b.age.receipt' and its .minisig"
	[ "$(stat -c %a b.age.receipt)" = 600 ]
	[ "$(sed -n 's/^blake2b: //p' b.age.receipt)" = "$(b2sum < b.age | cut -d' ' -f1)" ]
	[ "$(sed 's/: .*//' b.age.receipt | tr '\n' ' ')" = "picket-receipt blake2b size verdict ticket bundle time place person signer " ]
	bundle verify b.age
	is 0 ""
	has ", by 'lead', at Camp X, gate 2, Sgt Y"
	bundle verify b.age --json
	printf '%s\n' "$output" | jq -e '.receipt == "holds" and .receipt_signer == "lead" and .receipt_place == "Camp X, gate 2" and .receipt_verdict == "ok"'
	bundle countersign b.age --signer ../lead.signkey --place "Camp X"
	is 2 "'b.age.receipt' exists already and is never overwritten"
}

@test "countersign: stock minisign checks the receipt, and by its hash the bundle" {
	has_stock
	bundle countersign b.age --signer ../lead.signkey --place here
	minisign -V -q -p ../lead.signpub -m b.age.receipt
	echo "$(sed -n 's/^blake2b: //p' b.age.receipt)  b.age" | b2sum -c --quiet
	sed -i 's/^place: .*/place: there/' b.age.receipt
	run ! minisign -V -q -p ../lead.signpub -m b.age.receipt
}

@test "countersign: what does not verify is refused, or attested as found" {
	printf 'x' >> b.age
	bundle countersign b.age --signer ../lead.signkey --place here
	is 1 "'b.age' is not countersigned: altered: the signature does not fit"
	[ ! -e b.age.receipt ]
	[ ! -e b.age.receipt.minisig ]
	bundle countersign b.age --signer ../lead.signkey --place here --as-found
	is 0 "altered"
	grep -qx 'verdict: altered' b.age.receipt
	bundle countersign u.age --signer ../lead.signkey --place here --as-found
	is 0 "unsigned"
	bundle verify u.age
	is 1 ""
	has "; found to be unsigned"
}

@test "countersign: only a party of the roster, with one line each" {
	bundle countersign b.age --signer ../stranger/stranger.signkey --place here
	is 2 "the signer's key is nobody's in the roster"
	bundle countersign b.age --signer ../lead.signkey --place $'two\nlines'
	is 2 "one printable line each"
	bundle countersign b.age --signer ../lead.signkey
	is 2 "give --signer NAME and --place TEXT"
	bundle countersign b.age --signer ../lead.signkey --place here --roster /nonexistent
	is 4 "/nonexistent"
	[ ! -e b.age.receipt ]
}

@test "import: a receipt that holds raises trust to countersigned, with a custody line" {
	bundle countersign b.age --signer ../lead.signkey --place "Camp X" --person "Sgt Y"
	"$BIN/picket-case" init c -q
	pcase import c b.age -i ../lead.identity --json
	is 0 "(countersigned)"
	printf '%s\n' "$output" | jq -e '.trust == "countersigned" and .state == "imported"'
	pcase bundles c --json
	printf '%s\n' "$output" | jq -e '.trust == "countersigned"'
	pcase custody c
	has "verdict=holds receipt_signer=lead receipt_time="
	has "receipt_place=Camp X receipt_person=Sgt Y receipt_found=ok"
	ls c/bundles/*.age.receipt c/bundles/*.age.receipt.minisig
	pcase check c
	is 0 "sound"
}

@test "import: a receipt that does not hold is said and raises nothing" {
	# altered text; another file's; a stranger's; one of a later time than now
	bundle countersign b.age --signer ../lead.signkey --place here
	bundle countersign none.age --signer ../lead.signkey --place here
	cp b.age.receipt good && cp b.age.receipt.minisig good.minisig
	sed -i 's/^place: .*/place: there/' b.age.receipt
	bundle verify b.age
	is 1 ""
	has "not believed: the receipt was altered"
	"$BIN/picket-case" init c -q
	pcase import c b.age -i ../lead.identity
	is 0 "its receipt is not believed: the receipt was altered"
	is 0 "(ticketed)"
	pcase custody c
	has "verdict=refused why=the receipt was altered"
	cp none.age.receipt b.age.receipt && cp none.age.receipt.minisig b.age.receipt.minisig
	bundle verify b.age
	is 1 ""
	has "the receipt of 'lead' is of another file"
	(cd ../stranger && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" sign ../work/good --signer stranger.signkey -x stranger.minisig -q)
	cp good b.age.receipt && mv ../stranger/stranger.minisig b.age.receipt.minisig
	bundle verify b.age
	is 1 ""
	has "which nobody in the roster has"
	rm b.age.receipt.minisig
	bundle verify b.age
	is 1 ""
	has "the receipt is not signed"
}

reattest() { # SED: the receipt of b.age changed and signed again by its signer
	cp good.receipt b.age.receipt
	sed -i "$1" b.age.receipt
	rm -f b.age.receipt.minisig
	"$BIN/picket-key" sign b.age.receipt --signer ../lead.signkey -q
}

@test "import: a receipt that says something else of its file does not hold" {
	bundle countersign b.age --signer ../lead.signkey --place here
	cp b.age.receipt good.receipt
	for what in "bundle s/^bundle: .*/bundle: $(printf '%032d' 0)/" "ticket s/^ticket: .*/ticket: $(printf '%032d' 0)/" "size s/^size: .*/size: 1/"; do
		reattest "${what#* }"
		bundle verify b.age
		is 1 ""
		has "receipt    not believed: the receipt of 'lead' is of another ${what%% *}"
		rm -rf c && "$BIN/picket-case" init c -q
		pcase import c b.age -i ../lead.identity
		is 0 "its receipt is not believed: the receipt of 'lead' is of another ${what%% *}"
		is 0 "(ticketed)"
	done
	reattest "s/^signer: .*/signer: other/"
	bundle verify b.age
	is 1 ""
	has "receipt    not believed: the receipt names 'other' and is signed by 'lead'"
	reattest "s/^time: .*/time: $(date -u -d '+2 days' +%Y-%m-%dT%H:%M:%SZ)/"
	bundle verify b.age
	is 1 ""
	has "receipt    not believed: the receipt of 'lead' is of a time that has not come"
	# of the original and of a rewrap, with its own size each
	reattest ""
	rewrap
	bundle verify r.age
	is 0 ""
	reattest "s/^size: .*/size: $(stat -c %s r.age)/"
	cp b.age.receipt r.age.receipt && cp b.age.receipt.minisig r.age.receipt.minisig
	bundle verify r.age
	is 1 ""
	has "is of another size"
	rm r.age.receipt*
	bundle countersign r.age --signer ../lead.signkey --place here
	bundle verify r.age
	is 0 ""
	has ", by 'lead', at here"
}

@test "import: a receipt from before the ticket's validity is said" {
	bundle countersign b.age --signer ../lead.signkey --place here
	cp b.age.receipt good.receipt
	reattest "s/^time: .*/time: 2020-01-01T00:00:00Z/"
	bundle verify b.age
	is 0 ""
	has "; BEFORE its ticket is valid, from $(sed -n 's/^not-before: //p' b.age.ticket)"
	bundle verify b.age --json
	printf '%s\n' "$output" | jq -e '.receipt == "holds" and .receipt_early'
	"$BIN/picket-case" init c -q
	pcase import c b.age -i ../lead.identity
	is 0 "its receipt is of a time before its ticket is valid"
	pcase custody c
	has "receipt_early=1"
}

@test "import: a receipt that found the bundle altered raises nothing, whenever it comes" {
	bundle countersign b.age --signer ../lead.signkey --place here
	cp b.age.receipt good.receipt
	reattest "s/^verdict: ok/verdict: altered/"
	"$BIN/picket-case" init c -q
	pcase import c b.age -i ../lead.identity
	is 0 "(ticketed)"
	pcase custody c
	has "verdict=holds receipt_signer=lead"
	has "receipt_found=altered"
	cp b.age.receipt late && cp b.age.receipt.minisig late.minisig
	rm b.age.receipt b.age.receipt.minisig
	"$BIN/picket-case" init d -q
	pcase import d b.age -i ../lead.identity
	is 0 "(ticketed)"
	mv late b.age.receipt && mv late.minisig b.age.receipt.minisig
	pcase import d b.age -i ../lead.identity
	is 0 "its receipt changes nothing: it says that the bundle was not in order"
	for case in c d; do
		pcase bundles $case --json
		printf '%s\n' "$output" | jq -e '.trust == "ticketed"'
	done
}

@test "import: a receipt that comes later raises trust then" {
	"$BIN/picket-case" init c -q
	pcase import c b.age -i ../lead.identity
	is 0 "(ticketed)"
	bundle countersign b.age --signer ../mate/mate.signkey --place "Camp X"
	pcase import c b.age -i ../lead.identity
	is 0 "its receipt is new: countersigned"
	pcase bundles c --json
	printf '%s\n' "$output" | jq -e '.trust == "countersigned"'
	pcase import c b.age -i ../lead.identity
	is 0 "this file is in the case already"
	[ "$("$BIN/picket-case" custody c | grep -c 'verdict=holds receipt_signer=mate')" -eq 1 ]
	pcase check c
	is 0 "sound"
}

@test "import: what was attested as found altered is not countersigned" {
	bundle countersign u.age --signer ../lead.signkey --place here --as-found
	"$BIN/picket-case" init c -q
	pcase import c u.age -i ../lead.identity
	is 1 "unsigned"
	pcase import c u.age -i ../lead.identity --accept "the courier is known"
	is 0 "(quarantined, accepted: unsigned)"
}

# --- rewrap --------------------------------------------------------------------------------------------

@test "rewrap: a new reader, the payload and the old readers untouched" {
	rewrap
	is 0 "let in: jpn JPN"
	is 0 "a rewrap revokes nobody"
	n=$(sed -n 's/^payload-bytes: //p' r.age.rewrap)
	cmp <(tail -c "$n" b.age) <(tail -c "$n" r.age)
	for who in ../lead.identity ../jpn/jpn.identity; do
		bundle verify r.age -i $who
		is 0 ""
		has "'lead' let in jpn (JPN): within its label"
		has "contents   verified"
	done
	[ "$(grep -ac '^-> X25519' b.age)" -eq 1 ]
	[ "$(grep -ac '^-> X25519' r.age)" -eq 2 ]
	bundle verify b.age -i ../jpn/jpn.identity
	is 4 "no identity matches"
	bundle open r.age -i ../jpn/jpn.identity -C out
	is 0 "2 files"
	cmp out/root/"$BATS_FILE_TMPDIR"/tree/b ../tree/b
	bundle list r.age -i ../jpn/jpn.identity
	is 0 ""
	[ "${lines[0]}" = "TLP:AMBER REL TO JPN,PHL,USA ORIGINATOR lead" ]
	command -v age > /dev/null && age -d -i ../jpn/jpn.identity r.age | cmp - <(age -d -i ../lead.identity b.age)
}

@test "rewrap: the whole label is said, and the signed record stays as it was" {
	bundle seal --to lead --signer ../lead.signkey --tlp AMBER --rel-to USA,JPN --caveats LES,ORCON -o l.age ../tree
	bundle rewrap l.age --to jpn -i ../lead.identity --signer ../lead.signkey -o m.age
	is 0 "TLP:AMBER REL TO JPN,USA CAVEATS LES,ORCON ORIGINATOR lead"
	grep -qx "label: TLP:AMBER REL TO JPN,USA" m.age.rewrap
	[ "$(grep -c LES m.age.rewrap)" -eq 0 ]
	bundle verify m.age -i ../jpn/jpn.identity
	is 0 ""
	has "label      TLP:AMBER REL TO JPN,USA CAVEATS LES,ORCON ORIGINATOR lead"
}

@test "share: what is unlabelled is not public for saying so" {
	bundle share none.age --to mate -i ../lead.identity --signer ../lead.signkey --path '*' --tlp CLEAR -o s.age
	is 0 ""
	bundle verify s.age -i ../mate/mate.identity
	is 0 ""
	has "label      unlabelled"
	bundle share none.age --to mate -i ../lead.identity --signer ../lead.signkey --path '*' --tlp AMBER -o t.age
	is 0 ""
	bundle verify t.age -i ../mate/mate.identity
	has "label      TLP:AMBER"
}

@test "rewrap: the original comes back byte for byte, by the verb and by stock tools" {
	has_stock
	bundle countersign b.age --signer ../lead.signkey --place here
	rewrap
	bundle rewrap r.age --original -o back.age
	is 0 "wrote 'back.age'"
	cmp back.age b.age
	for s in .minisig .ticket .ticket.minisig .receipt .receipt.minisig; do cmp back.age$s b.age$s; done
	n=$(sed -n 's/^payload-bytes: //p' r.age.rewrap)
	{ cat r.age.orig-header; tail -c "$n" r.age; } | cmp - b.age
	minisign -V -q -P "$(sed -n 's/^sign: //p' r.age.ticket)" -x r.age.orig.minisig -m back.age
	[[ $(minisign -V -Q -p ../lead.signpub -m r.age) == "picket rewrap "*" orig=$(b2sum < b.age | cut -d' ' -f1)" ]]
	minisign -V -q -p ../lead.signpub -m r.age.rewrap
	bundle rewrap b.age --original -o x.age
	is 2 "'b.age' was not rewrapped"
	bundle rewrap r.age --original -o back.age
	is 2 "exists already and is never overwritten"
}

@test "rewrap: an ally who was let in lets in another, and the record names both" {
	rewrap
	bundle rewrap r.age --to phl -i ../jpn/jpn.identity --signer ../jpn/jpn.signkey -o rr.age
	is 0 "let in: phl PHL"
	bundle verify rr.age -i ../phl/phl.identity
	is 0 ""
	[ "$(printf '%s\n' "$output" | grep -c '^rewrapped')" -eq 2 ]
	has "'jpn' let in phl (PHL)"
	has "'lead' let in jpn (JPN)"
	bundle rewrap rr.age --original -o back.age
	cmp back.age b.age
	bundle rewrap rr.age --to jpn -i ../lead.identity --signer ../lead.signkey -o x.age
	is 2 "nobody new is named"
	# the first record cannot be left out or exchanged
	cp r.age.rewrap rr.age.rewrap
	bundle verify rr.age
	is 1 ""
	has "altered"
}

@test "rewrap: the label decides, and no refusal leaves anything behind" {
	before=$(ls)
	bundle rewrap b.age --to esp -i ../lead.identity --signer ../lead.signkey -o x.age
	is 2 "TLP:AMBER REL TO JPN,PHL,USA ORIGINATOR lead may not be released to 'esp' (ESP): its nation is not in REL TO"
	bundle rewrap none.age --to jpn -i ../lead.identity --signer ../lead.signkey -o x.age
	is 2 "without REL TO it stays with the nations of its issuer and originators"
	bundle rewrap none.age --to phl --to mate -i ../lead.identity --signer ../phl/phl.signkey -o x.age
	is 2 "'phl'"
	bundle rewrap b.age --to ../stranger/stranger.recipient -i ../lead.identity --signer ../lead.signkey -o x.age
	is 2 "is nobody in the roster"
	bundle rewrap b.age --to jpn -i ../lead.identity --signer ../stranger/stranger.signkey -o x.age
	is 2 "nobody's in the roster"
	bundle rewrap b.age --to jpn -i ../jpn/jpn.identity --signer ../lead.signkey -o x.age
	is 4 "no identity matches"
	bundle rewrap u.age --to jpn -i ../lead.identity --signer ../lead.signkey -o x.age
	is 1 "'u.age' is unsigned and is not rewrapped"
	bundle rewrap b.age --to lead -i ../lead.identity --signer ../lead.signkey -o x.age
	is 2 "nobody new is named"
	bundle rewrap b.age --to jpn -i ../lead.identity -o x.age
	is 2 "give --to PARTY and --signer NAME"
	[ "$(ls)" = "$before" ]
	touch x.age.rewrap
	bundle rewrap b.age --to jpn -i ../lead.identity --signer ../lead.signkey -o x.age
	is 2 "'x.age.rewrap' exists already"
	rm x.age.rewrap
	[ "$(ls)" = "$before" ]
}

@test "rewrap: an altered bundle is refused, inside and outside" {
	cp b.age good
	flip b.age 100000
	bundle rewrap b.age --to jpn -i ../lead.identity --signer ../lead.signkey -o x.age
	is 1 "'b.age' is altered and is not rewrapped"
	[ ! -e x.age ]
}

@test "rewrap: classic and post-quantum readers do not mix" {
	mkdir pq && (cd pq && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new pq --post-quantum --nation JPN -q)
	cp -r ../.config . && export XDG_CONFIG_HOME=$PWD/.config
	"$BIN/picket-key" roster add pq/pq.party --signer ../lead.signkey -q
	bundle rewrap b.age --to pq -i ../lead.identity --signer ../lead.signkey -o x.age
	is 2 "post-quantum and classic readers do not go together: this file's are classic"
	bundle seal --to pq --signer ../lead.signkey --tlp AMBER --rel-to USA,JPN -o q.age ../tree
	is 0 ""
	bundle rewrap q.age --to jpn -i pq/pq.identity --signer ../lead.signkey -o x.age
	is 2 "this file's are post-quantum"
}

@test "rewrap: a piece of what lies beside it missing, altered or of another is found" {
	rewrap
	for s in .minisig .ticket .ticket.minisig .orig-header .orig.minisig .rewrap.minisig; do
		mv r.age$s hold
		bundle verify r.age
		is 1 ""
		has "unsigned: there is no 'r.age$s'"
		mv hold r.age$s
	done
	mv r.age.orig-header hold
	bundle verify r.age
	has ", which is missing beside a rewrapped bundle: its signatures are there and cannot be checked"
	mv hold r.age.orig-header
	for s in .minisig .orig-header .orig.minisig .rewrap .rewrap.minisig; do
		cp r.age$s hold
		n=$(stat -c %s hold)
		for at in 25 $((n / 2)) $((n - 3)); do
			cp hold r.age$s
			printf '%b' "\\x$(printf %x $(($(od -An -tu1 -j$at -N1 hold) ^ 1)))" | dd of=r.age$s bs=1 seek="$at" conv=notrunc status=none
			bundle verify r.age -i ../jpn/jpn.identity
			# the untrusted comment of a signature says nothing
			[ "$status" -eq 1 ] || { [[ $s == *.minisig ]] && [ "$at" -eq 25 ]; } || { echo "$s at $at: $output"; return 1; }
		done
		cp hold r.age$s
	done
	rm r.age.rewrap
	bundle verify r.age
	is 1 ""
	has "altered"
}

@test "rewrap: by a party that is revoked or unknown to this station" {
	rewrap
	cp -r ../.config . && export XDG_CONFIG_HOME=$PWD/.config
	bundle rewrap r.age --to phl -i ../jpn/jpn.identity --signer ../jpn/jpn.signkey -o rr.age
	sed 's/^revoked: .*//' ../jpn/jpn.party > jpn.party && echo "revoked: 2026-01-01T00:00:00Z" >> jpn.party
	"$BIN/picket-key" roster add jpn.party --replace --signer ../lead.signkey -q || skip "the roster cannot revoke here"
	bundle verify rr.age
	is 1 ""
	has "revoked: it was rewrapped"
}

@test "rewrap: by a party whose validity had ended" {
	rewrap
	cp -r ../.config . && export XDG_CONFIG_HOME=$PWD/.config
	bundle rewrap r.age --to phl -i ../jpn/jpn.identity --signer ../jpn/jpn.signkey -o rr.age
	is 0 ""
	sed '/^valid-to: /d' ../jpn/jpn.party > jpn.party && echo "valid-to: 2026-01-01T00:00:00Z" >> jpn.party
	"$BIN/picket-key" roster add jpn.party --replace --signer ../lead.signkey -q
	bundle verify rr.age
	is 1 ""
	has "expired: it was rewrapped, and the record of the rewrap: party 'jpn' was valid until 2026-01-01T00:00:00Z"
	"$BIN/picket-case" init c -q
	pcase import c rr.age -i ../lead.identity
	is 1 "expired: it was rewrapped, and the record of the rewrap: party 'jpn' was valid until 2026-01-01T00:00:00Z"
}

forge() { # FILE SED...: its record changed, record and file signed again by the re-sealer, 'lead' or $forger
	local f=$1 e sum comment key=../lead.signkey
	[ "${forger:-lead}" = lead ] || key=../$forger/$forger.signkey
	shift
	for e; do sed -i -e "$e" "$f.rewrap"; done
	sum=$(b2sum < "$f" | cut -d' ' -f1)
	sed -i "s/^result: .*/result: $sum/" "$f.rewrap"
	comment="picket rewrap $(sed -n 's/^bundle: //p' "$f.rewrap") orig=$(sed -n 's/^original: //p' "$f.rewrap")"
	rm "$f.minisig" "$f.rewrap.minisig"
	"$BIN/picket-key" sign "$f" --signer "$key" -t "$comment" -q
	"$BIN/picket-key" sign "$f.rewrap" --signer "$key" -t "$comment" -q
}
hash_of() { tr -d '\n' < "$1" | sha256sum | cut -d' ' -f1; }
not_believed() { # WORDS: verify, open and import of r.age
	bundle verify r.age
	is 1 ""
	has "altered: $1"
	bundle open r.age -i ../lead.identity -C "out-$RANDOM"
	is 1 "'r.age' is altered and is not opened: $1"
	rm -rf c && "$BIN/picket-case" init c -q
	pcase import c r.age -i ../lead.identity
	is 1 "altered: $1"
}

@test "rewrap: a record signed by the re-sealer is held against header, label and roster" {
	rewrap
	mkdir good && cp r.age* good
	esp=$(hash_of ../esp/esp.recipient) jpn=$(hash_of ../jpn/jpn.recipient)
	forge r.age "s/^time: /&/"
	bundle verify r.age -i ../lead.identity
	is 0 ""
	forge r.age "s/^added: .*/added: $esp esp ESP/"
	not_believed "it was rewrapped, and its record lets in 'esp' (ESP) within its label, TLP:AMBER REL TO JPN,PHL,USA"
	forge r.age "s/^added: .*/added: $esp jpn JPN/"
	not_believed "it was rewrapped, and its record calls a key of 'esp' (ESP) one of 'jpn' (JPN)"
	forge r.age "s/^added: .*/added: $jpn phl PHL/"
	not_believed "it was rewrapped, and its record calls a key of 'jpn' (JPN) one of 'phl' (PHL)"
	forge r.age "s/^added: .*/added: $jpn jpn USA/"
	not_believed "it was rewrapped, and its record calls a key of 'jpn' (JPN) one of 'jpn' (USA)"
	forge r.age "s/^added: .*/added: $(hash_of ../mate/mate.recipient) lead USA/"
	not_believed "it was rewrapped, and its record calls a key of 'mate' (USA) one of 'lead' (USA)"
	forge r.age "s/^signer: .*/signer: mate/"
	not_believed "it was rewrapped, and the record of the rewrap names 'mate' and is signed by 'lead'"
	forge r.age "s/^signer: .*/signer: lead/" "s/^from: .*/from: $(printf '%0128d' 0)/"
	bundle verify r.age
	is 1 ""
	has "a record of an earlier rewrap is missing"
	cp good/* .
	forge r.age "s/^added: .*/added: $jpn jpn JPN/" "s/^label: .*/label: TLP:CLEAR/"
	not_believed "it was rewrapped, and its record lets in JPN within a label that stays with USA, its issuer's nation"
	forge r.age "s/^label: .*/label: TLP:GREEN REL TO JPN,USA/"
	bundle verify r.age
	is 0 ""
	bundle verify r.age -i ../lead.identity
	is 1 ""
	has "it was rewrapped as TLP:GREEN REL TO JPN,USA, and its terms say TLP:AMBER REL TO JPN,PHL,USA"
	bundle open r.age -i ../lead.identity -C out
	is 1 "and its terms say TLP:AMBER REL TO JPN,PHL,USA"
	[ ! -e out ]
	rm -rf c && "$BIN/picket-case" init c -q
	pcase import c r.age -i ../lead.identity
	is 1 "altered"
	forge r.age "s/^label: .*/label: TLP:AMBER REL TO JPN,PHL,USA/" \
		"s/^added: .*/added: $(hash_of ../lead.recipient) lead USA/"
	bundle verify r.age -i ../jpn/jpn.identity
	is 1 ""
	has "it was rewrapped for the reader $(hash_of ../lead.recipient | head -c 16)..., whom its terms name"
	forge r.age "s/^added: .*/added: $jpn jpn JPN/"
	bundle verify r.age -i ../jpn/jpn.identity
	is 0 ""
}

@test "rewrap: a record of another file or bundle, signed by the re-sealer" {
	rewrap
	mkdir good && cp r.age* good
	zeros=$(printf '%0128d' 0)
	for e in "s/^\\(original\\|from\\): .*/\\1: $zeros/" "s/^payload-bytes: .*/&0/"; do
		cp good/* .
		forge r.age "$e"
		not_believed "the record of the rewrap is of another file"
	done
	cp good/* .
	forge r.age "s/^bundle: .*/bundle: ${zeros::32}/"
	not_believed "the record of the rewrap is of another bundle"
	cp good/* .
	sed -i "s/^result: .*/result: $zeros/" r.age.rewrap
	rm r.age.rewrap.minisig && "$BIN/picket-key" sign r.age.rewrap --signer ../lead.signkey -q
	not_believed "the record of the rewrap is of another file"
}

# SED...: the earlier record of rr.age changed and signed again by its signer, and so the newer one, which is right
forge_earlier() {
	cp good/* .
	sed -i "${@/#/-e}" r.age.rewrap
	rm r.age.rewrap.minisig rr.age.rewrap.minisig
	"$BIN/picket-key" sign r.age.rewrap --signer ../lead.signkey -q
	sed -i -e "s|^previous: .*|previous: $(base64 -w0 r.age.rewrap)|" \
		-e "s|^previous-signature: .*|previous-signature: $(base64 -w0 r.age.rewrap.minisig)|" rr.age.rewrap
	"$BIN/picket-key" sign rr.age.rewrap --signer ../jpn/jpn.signkey -q
	bundle verify rr.age
}

@test "rewrap: an earlier record that is signed again is held against the newer one" {
	rewrap
	bundle rewrap r.age --to phl -i ../jpn/jpn.identity --signer ../jpn/jpn.signkey -o rr.age
	is 0 ""
	mkdir good && cp r.age.* rr.age* good
	forge_earlier "s/^time: /&/"
	is 0 ""
	zeros=$(printf '%0128d' 0)
	for e in "s/^result: .*/result: $zeros/" "s/^\(original\|from\): .*/\1: $zeros/" "s/^bundle: .*/bundle: ${zeros::32}/" \
		"s/^payload-bytes: .*/&0/"; do
		forge_earlier "$e"
		is 1 ""
		has "altered: it was rewrapped, and the records of the rewraps do not follow on each other"
	done
	forge_earlier "s/^label: .*/label: TLP:GREEN REL TO JPN,USA/"
	is 1 ""
	has "altered: it was rewrapped, and the records of its rewraps say different labels"
	# one reader named twice, and another let in
	cp good/* .
	sed -i "s/^added: .*/$(grep '^added: ' r.age.rewrap)/" rr.age.rewrap
	rm rr.age.rewrap.minisig && "$BIN/picket-key" sign rr.age.rewrap --signer ../jpn/jpn.signkey -q
	bundle verify rr.age
	is 1 ""
	has "altered: it was rewrapped, and its records let in the reader "
	has " twice"
}

@test "rewrap: readers in the header are those of the original and of the records" {
	rewrap
	bundle rewrap r.age --to phl -i ../jpn/jpn.identity --signer ../lead.signkey -o rr.age
	is 0 ""
	jpn=$(hash_of ../jpn/jpn.recipient) phl=$(hash_of ../phl/phl.recipient)
	cp r.age.rewrap r.record && mkdir one && cp r.age* one
	for s in "" .minisig .rewrap .rewrap.minisig; do cp rr.age$s r.age$s; done
	# the first rewrap dropped: one stanza is nobody's
	forge r.age "s/^from: .*/from: $(sed -n 's/^original: //p' r.record)/" "/^previous/d"
	not_believed "its header has 2 more readers than the original, and its records let in 1"
	# three named, two there
	forge r.age "s/^added: .*/added: $(printf '%s\n' "$(hash_of ../mate/mate.recipient) mate USA" "$jpn jpn JPN" "$phl phl PHL" | sort | sed '2,$s/^/added: /' | paste -sd'|')/"
	sed -i 's/|/\n/g' r.age.rewrap
	forge r.age
	not_believed "its header has 2 more readers than the original, and its records let in 3"
	# a stanza of the original exchanged for another, one taken out, one added of another kind
	cp one/r.age* .
	n=$(sed -n 's/^payload-bytes: //p' r.age.rewrap)
	head -c -"$n" r.age > header && tail -c "$n" r.age > payload
	{ head -n 1 header; sed -n 4,5p header; sed -n 2,3p header; tail -n 1 header; } > swapped
	cat swapped payload > r.age
	forge r.age
	not_believed "its header is not the original's with more readers: not every reader of the old header is there as it was"
	sed '2,3d' header | cat - payload > r.age
	forge r.age
	not_believed "its header is not the original's with more readers: not every reader"
	{ sed '$d' header; printf -- '-> grease x\n\n'; tail -n 1 header; cat payload; } > r.age
	forge r.age
	not_believed "its header is not the original's with more readers: readers of another kind were added: 'grease'"
}

@test "import: original and rewrap are one bundle, whichever comes first" {
	rewrap
	for order in "b.age r.age" "r.age b.age"; do
		rm -rf c
		"$BIN/picket-case" init c -q
		# shellcheck disable=SC2086
		pcase import c $order -i ../lead.identity
		is 0 "its records are in the case already"
		[ "$("$BIN/picket-case" bundles c --json | wc -l)" -eq 1 ]
		[ "$("$BIN/picket-case" custody c | grep -c "rewrap.*'lead' let in jpn (JPN): within its label")" -eq 1 ]
		pcase check c
		is 0 "sound"
	done
	ls c/bundles/*.age.orig-header c/bundles/*.age.rewrap
	# and the ally, who was let in
	rm -rf c && "$BIN/picket-case" init c -q
	pcase import c r.age -i ../jpn/jpn.identity
	is 0 "(ticketed)"
}

@test "import: a receipt of the original counts for its rewrap" {
	bundle countersign b.age --signer ../lead.signkey --place here
	rewrap
	"$BIN/picket-case" init c -q
	pcase import c r.age -i ../jpn/jpn.identity
	is 0 "(countersigned)"
}

# --- beyond the label ------------------------------------------------------------------------------------

@test "override: two persons, recorded and signed by both" {
	bundle rewrap b.age --to esp -i ../lead.identity --signer ../lead.signkey -o x.age --override why
	is 2 "go together"
	bundle rewrap b.age --to esp -i ../lead.identity --signer ../lead.signkey -o x.age --override why --second ../lead.signkey
	is 2 "the second person must be another party than 'lead'"
	bundle rewrap b.age --to esp -i ../lead.identity --signer ../lead.signkey -o x.age --override why --second ../stranger/stranger.signkey
	is 2 "the key of the second person is nobody's in the roster"
	bundle rewrap b.age --to esp -i ../lead.identity --signer ../lead.signkey -o x.age --override why --second ../esp/esp.signkey
	is 2 "'esp' is the second person of an override that lets 'esp' in: it takes somebody else"
	bundle seal --to lead --to esp --signer ../lead.signkey --tlp AMBER --rel-to USA -o x.age ../tree --override why --second ../esp/esp.signkey
	is 2 "'esp' is the second person"
	[ -z "$(ls x.age*)" ]
	bundle rewrap b.age --to esp -i ../lead.identity --signer ../lead.signkey -o x.age --override "wildfire, by telephone" --second ../mate/mate.signkey
	is 0 "let in: esp ESP"
	bundle verify x.age -i ../esp/esp.identity
	is 0 ""
	has "let in esp (ESP): OVERRIDE by 'lead' and 'mate': wildfire, by telephone"
	"$BIN/picket-case" init c -q
	pcase import c x.age -i ../lead.identity
	is 0 ""
	pcase custody c
	has "OVERRIDE by 'lead' and 'mate': wildfire, by telephone"
	bundle rewrap b.age --to jpn -i ../lead.identity --signer ../lead.signkey -o y.age --override why --second ../mate/mate.signkey
	is 0 "no override was needed, and none is recorded"
	grep -qx "authority: label" y.age.rewrap
}

@test "override: a record signed by the re-sealer is held against the override in it" {
	for b in "b r" "none n"; do
		bundle rewrap "${b% *}.age" --to esp -i ../lead.identity --signer ../lead.signkey --second ../mate/mate.signkey --override why -o "${b#* }.age"
		is 0 ""
	done
	mkdir good && cp r.age* good
	esp=$(hash_of ../esp/esp.recipient) phl=$(hash_of ../phl/phl.recipient)
	forge r.age "s/^time: /&/"
	bundle verify r.age
	is 0 ""
	refused() { # MESSAGE SED...
		said=$1 && shift
		cp good/* .
		forge r.age "$@"
		bundle verify r.age
		is 1 ""
		has "altered: it was rewrapped, and "
		has "$said"
	}
	other=$(for key in release release-signature release-second; do echo "s|^$key: .*|$(grep "^$key: " n.age.rewrap)|"; done)
	refused "this authority and its releases do not go together" "s/^authority: .*/authority: label/"
	refused "the release of 'lead' is not what the rewrap says it is" "s/^authority: .*/authority: originator/"
	refused "the override of 'lead' is for other readers" "s/^added: .*/added: $phl phl PHL/"
	refused "the override of 'lead' does not name the reader ffff" "s/^added: .*/&\nadded: $(printf 'f%.0s' {1..64}) fra FRA/"
	refused "the override of 'lead' is of other material: bundle " "$other"
	refused "the record of the rewrap is of another ticket" "s/^ticket: .*/ticket: $(printf '%032d' 0)/"
	for by in "lead is of another rewrap" "mate/mate does not fit"; do # the file's own signature
		cp good/* .
		rm r.age.minisig && "$BIN/picket-key" sign r.age --signer "../${by%% *}.signkey" -t other -q
		bundle verify r.age
		is 1 ""
		has "the signature of 'lead' ${by#* }"
	done
	cp good/* .
	forge r.age "s/^signer: .*/signer: mate/"
	rm r.age.rewrap.minisig && "$BIN/picket-key" sign r.age.rewrap --signer ../mate/mate.signkey -q
	bundle verify r.age
	is 1 ""
	has "the override is of 'lead', and 'mate' rewrapped it"
}

revoke() { # PARTY, on a station of its own
	cp -r ../.config . && export XDG_CONFIG_HOME=$PWD/.config
	sed '/^revoked: /d' "../$1/$1.party" > "$1.party" && echo "revoked: 2026-01-01T00:00:00Z" >> "$1.party"
	"$BIN/picket-key" roster add "$1.party" --replace --signer ../lead.signkey -q
}

@test "override: the second person is judged when it comes in, whatever time the record says" {
	bundle rewrap b.age --to esp -i ../lead.identity --signer ../lead.signkey -o r.age --override why --second ../mate/mate.signkey
	is 0 ""
	forge r.age "s/^time: .*/time: 2025-12-31T00:00:00Z/"
	bundle verify r.age
	is 0 ""
	bundle rewrap b.age --to esp -i ../lead.identity --signer ../lead.signkey -o later.age --override why --second ../mate/mate.signkey
	revoke mate
	for f in r later; do
		bundle verify $f.age
		is 1 ""
		has "revoked: it was rewrapped, and the override is signed by 'mate', which is revoked"
	done
	"$BIN/picket-case" init c -q
	pcase import c r.age -i ../lead.identity
	is 1 "revoked: it was rewrapped, and the override is signed by 'mate', which is revoked"
}

@test "override: at sealing, verify says what import says of one that is not believed" {
	bundle seal --to lead --to esp --signer ../lead.signkey --tlp AMBER --rel-to USA -o s.age ../tree --override "they found it" --second ../mate/mate.signkey
	is 0 ""
	revoke mate
	"$BIN/picket-case" init c -q
	pcase import c s.age -i ../lead.identity
	is 0 "the override it was sealed under is not believed: the release: party 'mate' was revoked at 2026-01-01T00:00:00Z"
	bundle verify s.age -i ../lead.identity
	is 1 ""
	has "contents   verified"
	has "override   not believed: the release: party 'mate' was revoked at 2026-01-01T00:00:00Z"
	bundle verify s.age -i ../lead.identity --json
	printf '%s\n' "$output" | jq -e '.overrides[0].verdict == "refused"'
}

@test "originator control: an originator who is revoked releases nothing, whatever time the record says" {
	bundle release red.age --to mate --reason x --signer ../jpn/jpn.signkey -o rel
	bundle rewrap red.age --to mate -i ../lead.identity --signer ../lead.signkey -o r.age --release rel
	is 0 ""
	forge r.age "s/^time: .*/time: 2025-12-31T00:00:00Z/"
	bundle rewrap red.age --to mate -i ../lead.identity --signer ../lead.signkey -o later.age --release rel
	revoke jpn
	for f in r later; do
		bundle verify $f.age
		is 1 ""
		has "revoked: it was rewrapped, and the release is signed by 'jpn', which is revoked"
	done
}

# --- whose word a rewrap is ------------------------------------------------------------------------------

not_releasable() { # WORDS: verify, open, share, rewrap and import of r.age
	bundle verify r.age -i ../lead.identity
	is 1 ""
	has "signature  not releasable: it was rewrapped by "
	has "$1"
	bundle verify r.age -i ../lead.identity --json
	printf '%s\n' "$output" | jq -e '.signature == "not releasable" and .contents == "verified"'
	rm -rf out c s.age* again.age*
	bundle open r.age -i ../lead.identity -C out
	is 0 "warning: 'r.age': not releasable: it was rewrapped by "
	is 0 "$1"
	bundle share r.age --to lead -i ../lead.identity --signer ../lead.signkey --path '*' -o s.age
	is 1 "'r.age' is not shared: not releasable: it was rewrapped by "
	bundle rewrap r.age --to mate -i ../lead.identity --signer ../lead.signkey -o again.age
	is 1 "'r.age' is not releasable and is not rewrapped: it was rewrapped by "
	[ -z "$(ls s.age* again.age*)" ]
	"$BIN/picket-case" init c -q
	pcase import c r.age -i ../lead.identity
	is 1 "not releasable: it was rewrapped by "
	is 1 "$1"
	is 1 "kept as quarantine/"
	pcase import c r.age -i ../lead.identity --accept "known by telephone"
	is 0 "(quarantined, accepted: not releasable)"
}
path_of() { # PARTY, with what is behind its name
	[ "$1" = lead ] && echo "../$1$2" || echo "../$1/$1$2"
}
releases() { # FILE BASIS READER-HASH PARTY [SECOND]: SEDs that put such a signed release into its record
	# $of: the ticket that it is of, another than the file's
	local sum
	sum=$(sed -n 's/^terms-sha256: //p' "$1.ticket")
	{
		printf 'picket-release: 1\nterms-sha256: %s\nticket-sha256: %s\nbundle: %s\n' "$sum" \
			"$(sha256sum < "${of:-$1.ticket}" | cut -c1-64)" "$(sed -n 's/^bundle: //p' "$1.rewrap")"
		printf 'basis: %s\nrecipient: %s\nreason: x\n' "$2" "$3"
		printf 'time: %s\nsigner: %s\n' "$(sed -n 's/^time: //p' "$1.rewrap")" "$4"
		[ -z "${5:-}" ] || printf 'second: %s\n' "$5"
	} > made
	rm -f made.*minisig
	echo "/^release/d"
	for p in "$4" ${5:+"$5"}; do
		"$BIN/picket-key" sign made --signer "$(path_of "$p" .signkey)" -t picket-release -q
		mv made.minisig "made.$p.minisig"
	done
	printf 's|^authority: .*|authority: %s\\nrelease: %s\\nrelease-signature: %s%s|\n' "$2" "$(base64 -w0 made)" \
		"$(base64 -w0 "made.$4.minisig")" "${5:+\\nrelease-second: $(base64 -w0 "made.$5.minisig")}"
}

@test "rewrap: a release by who is no originator lets nobody in" {
	bundle release red.age --to mate --reason x --signer ../jpn/jpn.signkey -o rel
	bundle rewrap red.age --to mate -i ../lead.identity --signer ../lead.signkey -o r.age --release rel
	is 0 ""
	bundle verify r.age -i ../lead.identity
	is 0 ""
	mkdir good && cp r.age* good
	mate=$(hash_of ../mate/mate.recipient)
	# the re-sealer's own, and another's
	for who in lead phl; do
		cp good/* .
		forge r.age "$(releases r.age originator "$mate" $who)"
		not_releasable "TLP:RED REL TO JPN,USA ORIGINATOR ORG-jpn may not be released to 'mate' (USA): TLP:RED is for those alone whom its originator named; only a release signed by 'ORG-jpn' changes that"
	done
	# nobody needed it: said who let whom in, it would be wrong all the same
	cp good/* .
	forge r.age "$(releases r.age originator "$mate" phl | sed '/^.^release.d$/d')"
	[ "$(grep -c '^release: ' r.age.rewrap)" = 2 ]
	not_releasable "the release is of 'phl', who is no originator of it"
	mv made needless && mv made.phl.minisig needless.minisig
	bundle rewrap red.age --to mate -i ../lead.identity --signer ../lead.signkey -o two.age --release rel --release needless
	is 2 "the release is of 'phl', who is no originator of it"
	[ -z "$(ls two.age*)" ]
	# an override of another's material, and the label alone
	cp good/* .
	forge r.age "$(releases r.age override "$mate" lead phl)"
	not_releasable "only a release signed by 'ORG-jpn' changes that"
	cp good/* .
	forge r.age "/^release/d" "s/^authority: .*/authority: label/"
	not_releasable "may not be released to 'mate' (USA): TLP:RED is for those alone whom its originator named"
	# the originator's own rewrap needs no release
	forger=jpn
	forge r.age "s/^signer: .*/signer: jpn/"
	bundle verify r.age -i ../lead.identity
	is 0 ""
}

@test "rewrap: a release and an override are of one ticket, whatever its terms" {
	bundle release red.age --to mate --reason x --signer ../jpn/jpn.signkey -o rel
	bundle rewrap red.age --to mate -i ../lead.identity --signer ../lead.signkey -o r.age --release rel
	is 0 ""
	of=b.age.ticket
	forge r.age "$(releases r.age originator "$(hash_of ../mate/mate.recipient)" jpn)"
	bundle verify r.age -i ../lead.identity
	is 1 ""
	has "altered: it was rewrapped, and the release of 'jpn' is of other material: another ticket's"
	of=red.age.ticket
	bundle rewrap b.age --to esp -i ../lead.identity --signer ../lead.signkey --second ../mate/mate.signkey --override why -o o.age
	is 0 ""
	forger=lead
	forge o.age "$(releases o.age override "$(hash_of ../esp/esp.recipient)" lead mate)"
	bundle verify o.age -i ../lead.identity
	is 1 ""
	has "altered: it was rewrapped, and the override of 'lead' is of other material: another ticket's"
}

@test "rewrap: an override is the originator's, whoever signs it with whom" {
	bundle rewrap b.age --to esp -i ../lead.identity --signer ../lead.signkey --second ../mate/mate.signkey --override why -o r.age
	is 0 ""
	mkdir good && cp r.age* good
	esp=$(hash_of ../esp/esp.recipient) none=$(printf 'f%.0s' {1..64})
	forger=lead
	forge r.age "$(releases r.age override "$esp" lead phl)"
	bundle verify r.age -i ../lead.identity
	is 0 ""
	forger=jpn
	forge r.age "s/^signer: .*/signer: jpn/" "$(releases r.age override "$esp" jpn phl)"
	not_releasable "only a release signed by 'lead' changes that"
	# for readers whom the roster does not know, too
	forge r.age "s/^added: .*/added: $none fra FRA/" "$(releases r.age override "$none" jpn phl)"
	not_releasable "only a release signed by 'lead' lets in whom the label does not"
	forger=lead
	cp good/* .
	forge r.age "s/^added: .*/added: $none fra FRA/" "$(releases r.age override "$none" lead phl)"
	bundle verify r.age -i ../lead.identity
	is 0 ""
	has "let in fra (FRA), 1 of 1 keys unknown to the roster: OVERRIDE by 'lead' and 'phl'"
}

@test "rewrap: an earlier one is asked too, of who made it" {
	bundle rewrap b.age --to esp -i ../lead.identity --signer ../lead.signkey --second ../mate/mate.signkey --override why -o r.age
	bundle rewrap r.age --to phl -i ../lead.identity --signer ../jpn/jpn.signkey -o rr.age
	is 0 ""
	bundle verify rr.age -i ../phl/phl.identity
	is 0 ""
	forger=jpn
	forge r.age "s/^signer: .*/signer: jpn/" "$(releases r.age override "$(hash_of ../esp/esp.recipient)" jpn phl)"
	forge rr.age "s|^previous: .*|previous: $(base64 -w0 r.age.rewrap)|" \
		"s|^previous-signature: .*|previous-signature: $(base64 -w0 r.age.rewrap.minisig)|"
	bundle verify rr.age -i ../phl/phl.identity
	is 1 ""
	has "not releasable: it was rewrapped by 'jpn', and TLP:AMBER REL TO JPN,PHL,USA ORIGINATOR lead may not be released to 'esp' (ESP)"
}

@test "rewrap: readers were valid when it was made" {
	rewrap
	revoke jpn
	for id in "" "-i ../lead.identity"; do
		# shellcheck disable=SC2086
		bundle verify r.age $id
		is 1 ""
		has "not releasable: it was rewrapped by 'lead', and party 'jpn' was revoked at 2026-01-01T00:00:00Z"
	done
	not_releasable "party 'jpn' was revoked at 2026-01-01T00:00:00Z"
	forge r.age "s/^time: .*/time: 2025-12-31T00:00:00Z/"
	bundle verify r.age -i ../lead.identity
	is 0 ""
}

@test "rewrap: a reader's validity that ended since changes nothing" {
	rewrap
	cp -r ../.config . && export XDG_CONFIG_HOME=$PWD/.config
	sed '/^valid-to: /d' ../jpn/jpn.party > jpn.party && echo "valid-to: 2026-01-01T00:00:00Z" >> jpn.party
	"$BIN/picket-key" roster add jpn.party --replace --signer ../lead.signkey -q
	not_releasable "party 'jpn' "
	forge r.age "s/^time: .*/time: 2025-12-31T00:00:00Z/"
	bundle verify r.age -i ../lead.identity
	is 0 ""
}

# two bundles under one ticket for many
two_bundles() { # LABEL OPTIONS
	"$BIN/picket-key" ticket --signer ../lead.signkey --mission HARBOR --to lead "$@" --uses many -o mt -q
	for n in 1 2; do
		bundle seal --to lead --ticket mt -o m$n.age ../tree
		is 0 ""
	done
}

@test "override: it is for one bundle, not for every other one of its ticket" {
	two_bundles --tlp AMBER --rel-to USA,JPN
	bundle rewrap m1.age --to esp -i ../lead.identity --signer ../lead.signkey -o r1.age --override "this host" --second ../mate/mate.signkey
	is 0 ""
	# the second person never saw the other one
	bundle rewrap m2.age --to esp -i ../lead.identity --signer ../lead.signkey -o r.age --override forged --second ../phl/phl.signkey
	is 0 ""
	for k in release release-signature release-second; do sed -i "s|^$k: .*|$(grep "^$k: " r1.age.rewrap)|" r.age.rewrap; done
	forge r.age
	not_believed "it was rewrapped, and the override of 'lead' is of other material: bundle $(sed -n 's/^bundle: \(........\).*/\1/p' r1.age.rewrap)"
}

@test "originator control: a release is of one bundle, not of every other one of its ticket" {
	two_bundles --tlp AMBER --rel-to USA,JPN --originator jpn
	bundle release m1.age --to esp --reason "this host" --signer ../jpn/jpn.signkey -o rel
	is 0 "wrote 'rel'"
	bundle rewrap m2.age --to esp -i ../lead.identity --signer ../lead.signkey -o x.age --release rel
	is 2 "the release of 'jpn' is of other material"
	bundle share m2.age --to esp -i ../lead.identity --signer ../lead.signkey --path '*' -o x.age --release rel
	is 2 "the release of 'jpn' is of other material"
	bundle rewrap m1.age --to esp -i ../lead.identity --signer ../lead.signkey -o x.age --release rel
	is 0 "let in: esp ESP"
	bundle verify x.age
	is 0 ""
	bundle share m1.age --to esp -i ../lead.identity --signer ../lead.signkey --path '*' -o s.age --release rel
	is 0 ""
	bundle verify s.age -i ../esp/esp.identity
	is 0 ""
}

@test "override: at sealing it is in the signed records, and a custody line" {
	bundle seal --to lead --to esp --signer ../lead.signkey --tlp AMBER --rel-to USA -o s.age ../tree
	is 2 "'esp' (ESP): its nation is not in REL TO"
	bundle seal --to lead --to esp --signer ../lead.signkey --tlp AMBER --rel-to USA -o s.age ../tree --override why
	is 2 "go together"
	bundle seal --to lead --to esp --signer ../lead.signkey --tlp AMBER --rel-to USA -o s.age ../tree --override "they found it" --second ../mate/mate.signkey
	is 0 ""
	bundle verify s.age -i ../esp/esp.identity
	is 0 ""
	has "override   by 'lead' and 'mate' for esp (ESP): they found it"
	bundle verify s.age -i ../esp/esp.identity --json
	printf '%s\n' "$output" | jq -e '.overrides == [{"verdict":"holds","signer":"lead","second":"mate","reason":"they found it","for":["esp"]}]'
	bundle verify s.age
	[[ $output != *override* ]]
	"$BIN/picket-case" init c -q
	pcase import c s.age -i ../lead.identity
	is 0 "(ticketed)"
	is 0 "it was sealed beyond its label, by override of 'lead' and 'mate': they found it"
	pcase custody c
	has "signer=lead second=mate override_reason=they found it recipients=1"
	bundle seal --to lead --unsigned -o w.age ../tree --override why --second ../mate/mate.signkey
	is 2 "--override and --second go with --signer"
}

@test "originator control: only the originator's signed release lets others in" {
	bundle rewrap red.age --to mate -i ../lead.identity --signer ../lead.signkey -o x.age
	is 2 "TLP:RED is for those alone whom its originator named"
	bundle rewrap red.age --to mate -i ../lead.identity --signer ../lead.signkey -o x.age --override why --second ../mate/mate.signkey
	is 2 "only a release signed by 'ORG-jpn' changes that"
	bundle release red.age --to mate --reason "cleared by J2" --signer ../jpn/jpn.signkey -o rel
	is 0 "collected for 'lead': a release by 'jpn' counts only where the label names it as the originator, or its organisation 'ORG-jpn'"
	is 0 "wrote 'rel' and its .minisig"
	bundle rewrap red.age --to mate -i ../lead.identity --signer ../lead.signkey -o x.age --release rel
	is 0 "let in: mate USA"
	bundle verify x.age -i ../mate/mate.identity
	is 0 ""
	has "let in mate (USA): released by 'jpn': cleared by J2"
	# of other material; for other readers; by another than the originator; altered
	bundle rewrap b.age --to esp -i ../lead.identity --signer ../lead.signkey -o y.age --release rel
	is 2 "the release of 'jpn' is of other material: bundle $(sed -n 's/^bundle: \(........\).*/\1/p' rel)"
	bundle rewrap red.age --to mate --to esp -i ../lead.identity --signer ../lead.signkey -o y.age --release rel
	is 2 "does not name the recipient"
	bundle release red.age --to mate --reason x --signer ../phl/phl.signkey -o phlrel
	bundle rewrap red.age --to mate -i ../lead.identity --signer ../lead.signkey -o y.age --release phlrel
	is 2 "only a release signed by 'ORG-jpn' changes that"
	sed -i 's/J2/J3/' rel
	bundle rewrap red.age --to mate -i ../lead.identity --signer ../lead.signkey -o y.age --release rel
	is 1 "the release was altered"
	[ ! -e y.age ]
}
