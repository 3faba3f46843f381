#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# picket-key: keys, tickets, signatures and the roster: files, messages, exit codes.
bats_require_minimum_version 1.5.0
load json

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build}
	umask 022
	export XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/home/.config
	mkdir -p "$BATS_FILE_TMPDIR/home" "$BATS_FILE_TMPDIR/ally"
	cd "$BATS_FILE_TMPDIR/home"
	"$BIN/picket-key" new lead --org CPT-7 --nation USA -q
	(cd ../ally && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new jpn --org "JCDC, Tokyo" --nation JPN -q)
	(cd ../ally && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new phl --nation PHL --issuer no --signer jpn -q)
	"$BIN/picket-key" roster add ../ally/jpn.party --signer lead -q
	printf 'field notes\n' > notes
	"$BIN/picket-key" sign notes --signer lead
}

setup() { # each test has its own copy of the station
	cp -a "$BATS_FILE_TMPDIR/home" "$BATS_FILE_TMPDIR/ally" "$BATS_TEST_TMPDIR/"
	cd "$BATS_TEST_TMPDIR/home"
	export XDG_CONFIG_HOME=$PWD/.config ALLY=$BATS_TEST_TMPDIR/ally
	ROSTER=$XDG_CONFIG_HOME/picket/roster
}

key() { run --separate-stderr "$BIN/picket-key" "$@"; }
is() { # exit code, then a piece of standard error
	[ "$status" -eq "$1" ] || { echo "exit $status: $stderr"; return 1; }
	[[ $stderr == *"$2"* ]] || { echo "message: $stderr"; return 1; }
}
ticket() { key ticket --signer lead --mission HARBOR -o visit "$@"; }

@test "roster: nobody's organisation is another party's name" {
	key roster add "$ALLY/phl.party" --signer lead; is 0 ""
	key new usx --org jpn --nation USA; is 0 ""
	key roster add usx.party --signer lead
	is 2 "the organisation of party 'usx' has the name of party 'jpn', which is of another one"
	key new CPT-7 --org X --nation USA; is 0 ""
	key roster add CPT-7.party --signer lead
	is 2 "the organisation of party 'lead' has the name of party 'CPT-7', which is of another one"
	sed -i 's/^org: .*/org: ORG/' usx.party
	key roster add usx.party --signer lead; is 0 ""
	sed -i 's/^org: .*/org: jpn/' usx.party
	key roster add usx.party --replace --signer lead
	is 2 "the organisation of party 'usx' has the name of party 'jpn'"
	# nor is one read that has such a pair, whoever signed it
	sed -i 's/^org: ORG$/org: jpn/' "$ROSTER" && rm "$ROSTER.minisig"
	key sign "$ROSTER" --signer lead -x "$ROSTER.minisig"; is 0 ""
	key roster list
	is 1 "the organisation of party 'usx' has the name of party 'jpn'"
}

@test "new: stock files, secrets for their owner only" {
	for f in identity signkey notekey cosignkey; do [ "$(stat -c %a lead.$f)" = 600 ]; done
	[ "$(sed -n 2p lead.identity)" = "# public key: $(cat lead.recipient)" ]
	[[ $(sed -n 1p lead.identity) == "# created: "*Z ]]
	[[ $(sed -n 3p lead.identity) == AGE-SECRET-KEY-1* ]]
	grep -qx "recipient: $(cat lead.recipient)" lead.party
	grep -qx "sign: $(sed -n 2p lead.signpub)" lead.party
	grep -qx "note: $(cat lead.notepub)" lead.party
	grep -qx "cosign: $("$BIN/picket-key" show --json lead.cosignkey | jq -r .cosign)" lead.party
	[ "$(ls | wc -l)" -eq 10 ]
}

@test "new: the first party signs and pins the roster, later ones need the lead" {
	key roster verify --roster "$ALLY/.config/picket/roster"
	is 0 ""
	[[ $output == *"version 2 of "*"Z, 2 parties, signed by its pinned lead 'jpn'" ]]
	key new second --nation USA
	is 0 "not in the roster yet: picket-key roster add ./second.party --signer lead"
	[ -e second.identity ]
	key new third --nation USA --signer second
	is 2 "only its lead 'lead' can change the roster"
	[ ! -e third.identity ]
	key new third --nation USA --signer lead
	is 0 "entered into the roster"
	key new lead2 --nation USA --signer nobody
	is 2 "no signing key 'nobody.signkey' in '.' or"
}

@test "new: usage, and nothing is ever overwritten" {
	key new; is 2 "an operand is missing"
	key new x; is 2 "give --nation CODE"
	key new x --nation usa; is 2 "ISO 3166-1 alpha-3"
	key new x --nation USB; is 2 "'USB'"
	key new ../x --nation USA; is 2 "is no party name"
	key new x --nation USA --org $'two\nlines'; is 2 "one line of printable text"
	key new lead --nation USA; is 2 "'./lead.identity' exists already"
	key new jpn --nation USA --signer lead; is 2 "has a party 'jpn' already"
	[ ! -e jpn.signkey ]
	touch y.notepub
	key new y --nation USA; is 2 "'./y.notepub' exists already"
	[ ! -e y.identity ]
}

@test "new --passphrase: every secret file is locked, and opens again" {
	echo "correct horse" > pass
	key new locked --nation USA --signer lead --passphrase --passphrase-fd 3 3< pass
	is 0 "entered into the roster"
	run ! grep -q AGE-SECRET-KEY locked.identity
	run ! grep -q PRIVATE locked.notekey locked.cosignkey
	head -c 21 locked.identity | grep -q age-encryption.org/v1
	head -c 21 locked.notekey | grep -q age-encryption.org/v1
	head -c 21 locked.cosignkey | grep -q age-encryption.org/v1
	"$BIN/picket-key" sign notes --signer locked -x by-locked --passphrase-fd 3 3< pass
	key verify notes -x by-locked --party locked
	is 0 ""
	key sign notes --signer locked --passphrase-fd 3 3<<< "wrong"
	is 4 "wrong passphrase"
}

@test "new --post-quantum: opens what it is to open, and does not mix with classic recipients" {
	key new pq --nation USA --signer lead --post-quantum; is 0 "entered into the roster"
	[[ $(cat pq.recipient) == age1pq1* ]]
	[[ $(sed -n 3p pq.identity) == AGE-SECRET-KEY-PQ-1* ]]
	"$BIN/picket-bundle" encrypt -R pq.recipient notes | "$BIN/picket-bundle" decrypt -i pq.identity | cmp - notes
	key show pq.recipient; is 0 ""
	key roster verify; is 0 ""
	ticket --to pq; is 0 ""
	rm visit.*
	ticket --to pq --to lead; is 2 "do not go together"
}

@test "sign and verify: by the roster, by key, and everything that is wrong" {
	key verify notes
	is 0 ""
	[ "${lines[0]}" = "notes: good signature by 'lead' (USA, CPT-7)" ]
	[[ ${lines[1]} == "trusted comment: timestamp:"*" file:notes hashed" ]]
	key verify notes -p lead.signpub; is 0 ""
	key verify notes -p "$(sed -n 2p lead.signpub)"; is 0 ""
	key verify notes -p "$ALLY/jpn.signpub"; is 1 "signed by another key"
	key verify notes --party jpn; is 1 "signed by another key"
	key verify notes --party nobody; is 2 "no party 'nobody'"
	key verify lead.party; is 1 "not signed: there is no 'lead.party.minisig'"
	key verify missing; is 4 "cannot open 'missing'"
	echo more >> notes
	key verify notes; is 1 "the signature does not fit the file"
	sed -i 's/^trusted comment: .*/trusted comment: mine/' notes.minisig
	printf 'field notes\n' > notes
	key verify notes --json; is 1 "the trusted comment was changed"
	[ "$(jq -r '.type, .v, .valid, .party' <<< "$output" | xargs)" = "signature 1 false null" ]
	rm notes.minisig
	(cd "$ALLY" && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" sign "$BATS_TEST_TMPDIR/home/notes" --signer phl)
	key verify notes; is 1 "which nobody in the roster has"
}

@test "sign: a comment of its own, and loose key files get a warning" {
	key sign notes --signer ./lead.signkey -t "for the record"; is 0 ""
	[ "$(sed -n 3p notes.minisig)" = "trusted comment: for the record" ]
	key sign notes --signer lead -x notes; is 2 "'notes' exists already, is no signature, and is not overwritten"
	key sign notes --signer lead -x lead.signkey; is 2 "'lead.signkey' exists already"
	key sign notes --signer lead -t $'a\nb'; is 2 "not one line"
	chmod 644 lead.signkey
	key sign notes --signer lead; is 0 "others can read the secret keys"
	cp "$ALLY/jpn.party" lead.party
	key sign notes --signer lead; is 4 "is not the party of"
	key sign notes; is 2 "give --signer NAME"
}

@test "sign: only a signature by the same key is replaced" {
	cp notes.minisig by-lead
	key new mate --nation USA --signer lead; is 0 ""
	key sign notes --signer mate
	is 2 "'notes.minisig' is a signature by another key, and is not overwritten: give another name with -x, or remove it"
	cmp notes.minisig by-lead
	key sign notes --signer mate -x by-lead
	is 2 "'by-lead' is a signature by another key"
	cmp notes.minisig by-lead
	key sign notes --signer mate -x by-mate; is 0 ""
	echo more >> notes
	key sign notes --signer lead -t anew; is 0 ""
	run ! cmp notes.minisig by-lead
	# its number, and yet not its signature
	sed '4s/./\x41/9' by-lead > notes.minisig
	key sign notes --signer lead; is 2 "'notes.minisig' is a signature by another key"
	echo mine > notes.minisig
	key sign notes --signer lead; is 2 "'notes.minisig' exists already, is no signature, and is not overwritten"
	[ "$(cat notes.minisig)" = mine ]
	ln -sf by-mate notes.minisig
	key sign notes --signer lead; is 2 "'notes.minisig' is a signature by another key"
	key verify notes -x by-mate; is 1 "the signature does not fit the file"
	[ -L notes.minisig ]
}

@test "sign and verify: names and comments of any text, escaped where they are shown" {
	while IFS='|' read -r name signed shown; do
		f=$(printf "$name")
		echo x > "$f"
		key sign "$f" --signer lead < /dev/null; is 0 ""
		[ "$(sed -n 3p "$f.minisig" | cut -f2)" = "file:$signed" ]
		key verify "$f" < /dev/null; is 0 ""
		[[ ${lines[1]} == "trusted comment: timestamp:"*" file:$shown hashed" ]]
	done << 'END'
\xe2\x9c\x88\xef\xb8\x8f.txt|✈\xef\xb8\x8f.txt|✈\\xef\\xb8\\x8f.txt
bad \xff|bad \xff|bad \\xff
two\nlines|two\x0alines|two\\x0alines
a\tfile:b|a\x09file:b|a\\x09file:b
a\\\\b|a\\\\b|a\\\\\\\\b
END
	f=$(head -c 255 /dev/zero | tr '\0' '\377')
	echo x > "$f"
	key sign "$f" -x long.minisig --signer lead; is 0 ""
	key verify "$f" -x long.minisig; is 0 ""
}

@test "keys are found in the station's folder too" {
	mkdir -p "$XDG_CONFIG_HOME/picket/keys"
	mv lead.* "$XDG_CONFIG_HOME/picket/keys/"
	key sign notes --signer lead; is 0 ""
	key verify notes; is 0 ""
}

@test "ticket: opaque outside, chained to the issuer, checked against label and roster" {
	ticket --to lead --to jpn --tlp AMBER --rel-to USA,JPN,PHL --caveats ORCON --valid 12h
	is 0 "wrote 'visit.ticket'"
	for f in ticket ticket.minisig terms signkey notekey; do [ "$(stat -c %a visit.$f)" = 600 ]; done
	key verify visit.ticket; is 0 ""
	[ "$(sed 's/:.*//' visit.ticket | xargs)" = "picket-ticket id sign note not-before not-after uses terms-sha256 label-sha256" ]
	run ! grep -qi -e harbor -e lead -e amber visit.ticket visit.ticket.minisig
	grep -qx "label: TLP:AMBER REL TO JPN,PHL,USA" visit.terms
	grep -qx "mission: HARBOR" visit.terms
	grep -qx "caveats: ORCON" visit.terms
	grep -qx "recipient: $(tr -d '\n' < lead.recipient | sha256sum | cut -d' ' -f1)" visit.terms
	grep -qx "terms-sha256: $(sha256sum visit.terms | cut -d' ' -f1)" visit.ticket
	[ $(($(date -d "$(sed -n 's/not-after: //p' visit.ticket)" +%s) - $(date -d "$(sed -n 's/not-before: //p' visit.ticket)" +%s))) -eq 43200 ]
	ticket --to lead; is 2 "exists already"
}

@test "ticket: refusals" {
	ticket --to jpn; is 2 "stays with the nations of its issuer and originators"
	ticket --to jpn --tlp GREEN; is 2 "stays with the nations of its issuer and originators"
	ticket --to jpn --tlp GREEN --rel-to USA; is 2 "its nation is not in REL TO"
	ticket --to "$ALLY/phl.recipient" --tlp GREEN --rel-to PHL; is 2 "is nobody in the roster"
	ticket --to nobody --tlp GREEN --rel-to PHL; is 2 "is no party of the roster, no 'age1...' and no file"
	ticket --to lead --tlp PINK; is 2 "--tlp takes"
	ticket --to lead --tlp RED --rel-to US; is 2 "no ISO 3166-1 alpha-3 code"
	for o in "--rel-to USA" "--originator lead" "--caveats ORCON"; do
		ticket --to lead $o; is 2 "--rel-to, --originator and --caveats need --tlp"
	done
	for c in orcon Orcon "NO FOREIGn"; do
		ticket --to lead --tlp RED --caveats "$c"; is 2 "has small letters, and caveats are in capitals: '${c^^}'"
	done
	for v in never 0s -1d 101y 900000y 292000000000y 9223372036854775807s; do
		ticket --to lead --valid "$v"; is 2 "--valid takes a duration such as 12h, 30d or 1y, of 100 years at most, not '$v'"
	done
	ticket --to lead --not-before 9990-01-01 --valid 30y; is 2 "cannot end after the year 9999"
	ticket --to lead --not-before tomorrow; is 2 "--not-before takes a time"
	ticket; is 2 "needs --mission, --to and -o"
	key ticket --signer "$ALLY/phl.signkey" --mission X --to lead -o visit; is 2 "is not in the roster"
	key roster add "$ALLY/phl.party" --signer lead; is 0 ""
	key ticket --signer "$ALLY/phl.signkey" --mission X --to lead -o visit; is 2 "may not issue tickets"
	[ ! -e visit.ticket ]
	ticket --to lead; is 0 "unlabelled: it stays with parties of USA"
	grep -qx "label: unlabelled" visit.terms
}

@test "show: every kind of file, people's way and JSON" {
	ticket --to lead --tlp AMBER --rel-to FVEY --uses many; is 0 ""
	for f in lead.recipient lead.signpub lead.signkey lead.notepub lead.notekey lead.cosignkey lead.party visit.ticket visit.terms; do
		key show $f; is 0 ""
		[ -n "$output" ]
		key show --json $f; is 0 ""
		jq -e '.type and .v == 1' <<< "$output"
		[[ $output != *PRIVATE* && $output != *AGE-SECRET* ]]
	done
	key show visit.ticket; [[ $output == *"uses"*"many"* ]]
	key show visit.terms; [[ $output == *"TLP:AMBER REL TO AUS,CAN,GBR,NZL,USA ORIGINATOR lead"* ]]
	rm visit.*
	ticket --to lead --tlp AMBER --rel-to FVEY --caveats ORCON,LES --originator JCDC; is 0 "warning: originator 'JCDC' is nobody in the roster: "
	key show visit.terms --json
	jq -e '.label == "TLP:AMBER REL TO AUS,CAN,GBR,NZL,USA CAVEATS LES,ORCON ORIGINATOR JCDC" and .originator == "JCDC" and .caveats == "LES,ORCON"' <<< "$output"
	key show lead.identity; is 2 "its public half is in the .recipient file"
	key show "$ROSTER"; is 2 "roster list"
	key show notes; is 4 "not a party, ticket, terms or key file"
	key show missing; is 4 "missing"
}

@test "roster: list, JSON, fingerprints that agree on both sides" {
	key roster list; is 0 ""
	[ "$(awk '{print $1, $2}' <<< "$output" | xargs)" = "NAME NATION lead USA jpn JPN" ]
	key roster list --json; is 0 ""
	here=$(jq -r 'select(.name == "jpn") | .fingerprint' <<< "$output")
	key show --json "$ALLY/jpn.party"
	[ "$here" = "$(jq -r .fingerprint <<< "$output")" ]
	[[ $here =~ ^([0-9a-f]{4}\ ){9}[0-9a-f]{4}$ ]]
	key roster add "$ALLY/phl.party" --signer lead --fingerprint "$here"; is 1 "has another fingerprint"
	key show --json "$ALLY/phl.party"
	key roster add "$ALLY/phl.party" --signer lead --fingerprint "$(jq -r .fingerprint <<< "$output" | tr a-f A-F)"
	is 0 "signed version 3"
	[[ $stderr != *"compare the fingerprint"* ]]
}

@test "json: what has --json prints an object of its type, each key once; what has not refuses it" {
	object() { # TYPE: of all that was printed
		keys_once <<< "$output" || return 1
		[ "$(jq -r .type <<< "$output" | sort -u)" = "$1" ] || { echo "not $1: $output"; return 1; }
	}
	key roster verify --json; is 0 ""; object roster
	jq -e '.version == 2 and .parties == 2 and .lead == "lead" and .revoked_tickets == 0' <<< "$output"
	cp "$ROSTER" old
	key new mate --nation USA --signer lead --json; is 0 ""; object party
	[ "$output" = "$("$BIN/picket-key" show mate.party --json)" ]
	key ticket --signer lead --to lead --mission M -o json --json; is 0 ""; object ticket
	[ "$output" = "$("$BIN/picket-key" show json.ticket --json)" ]
	key sign notes --signer lead --comment 'seen "twice"' --json; is 0 ""; object signed
	jq -e '.file == "notes" and .signature == "notes.minisig" and .trusted_comment == "seen \"twice\""' <<< "$output"
	key verify notes --json; is 0 ""; object signature
	key roster change jpn --issuer no --signer lead; is 0 ""
	key roster revoke json.ticket --signer lead; is 0 ""
	key roster diff old "$ROSTER" --json; is 1 ""; object change
	[ "$(jq -r '[.how, .party // .ticket, .what] | @csv' <<< "$output")" = '"changed","jpn","may no longer issue"
"added","mate",
"added","'"$(sed -n 's/^id: //p' json.ticket)"'","revoked"' ]
	key roster diff "$ROSTER" old --json; is 1 ""; object change
	[ "$(jq -r .how <<< "$output" | sort | xargs)" = "changed removed removed" ]
	key roster list --json; is 0 ""; object party
	for verb in add change revoke pin update; do
		key roster $verb x --json; is 2 "unknown option '--json'"
		run -0 "$BIN/picket-key" roster $verb --help
		[[ $output != *--json* ]]
	done
}

@test "roster add: usage and replacing" {
	key roster; is 2 "needs a second word"
	key roster eat; is 2 "there is no 'roster eat'"
	key roster add "$ALLY/jpn.party" --signer lead; is 2 "has a party 'jpn' already"
	key roster add "$ALLY/jpn.party" --signer lead --replace --issuer no --valid-to 2030-01-01; is 0 "signed version 3"
	key roster list --json
	[ "$(jq -r 'select(.name == "jpn") | .issuer, .valid_to' <<< "$output" | xargs)" = "false 1893456000" ]
	key roster add "$ALLY/phl.party"; is 2 "give --signer NAME"
	key roster add "$ALLY/phl.party" --signer "$ALLY/jpn.signkey"; is 2 "only its lead 'lead' can sign"
	sed -i 's/^nation: .*/nation: XXX/' "$ALLY/phl.party"
	key roster add "$ALLY/phl.party" --signer lead; is 4 "line 4: 'XXX' is no ISO"
	XDG_CONFIG_HOME=$PWD/none key roster list; is 2 "there is no roster"
}

@test "roster: changed, rolled back, unsigned or another's is refused" {
	cp "$ROSTER" old; cp "$ROSTER.minisig" old.minisig
	"$BIN/picket-key" roster add "$ALLY/phl.party" --signer lead -q
	key roster verify; is 0 ""
	cp "$ROSTER" new; cp "$ROSTER.minisig" new.minisig
	sed -i s/PHL/USA/ "$ROSTER"
	key roster verify; is 1 "the signature does not fit"
	key verify notes; is 4 "the signature does not fit"
	cp old "$ROSTER"; cp old.minisig "$ROSTER.minisig"
	key roster verify; is 1 "version 2 is older than 3"
	cp new "$ROSTER"; rm "$ROSTER.minisig"
	key roster verify; is 1 "not signed: there is no"
	cp "$ALLY/.config/picket/roster" "$ROSTER"; cp "$ALLY/.config/picket/roster.minisig" "$ROSTER.minisig"
	key roster verify; is 1 "signed by another key"
	key roster pin --yes; is 1 "another lead's key is pinned"
}

@test "roster: every verb that needs one says 1 when it cannot be believed, and signs nothing" {
	cp "$ROSTER" old; cp "$ROSTER.minisig" old.minisig
	"$BIN/picket-key" roster add "$ALLY/phl.party" --signer lead -q
	verbs=(list "list --json" verify "add $ALLY/phl.party --replace --signer lead" "change jpn --issuer no --signer lead" "revoke jpn --signer lead"
		"diff old" "update old" "pin old --yes")
	cp old "$ROSTER"; cp old.minisig "$ROSTER.minisig"
	for v in "${verbs[@]}"; do
		key roster $v; is 1 "is older than 3" || { echo "$v"; return 1; }
		[ -z "$output" ]
		cmp old "$ROSTER"
	done
	sed -i s/JPN/USA/ "$ROSTER"
	cp "$ROSTER" altered
	for v in "${verbs[@]::8}" "pin --yes"; do
		key roster $v; is 1 "the signature does not fit" || { echo "$v"; return 1; }
		cmp altered "$ROSTER"
	done
	echo > "$ROSTER"
	for v in "${verbs[@]::8}"; do
		key roster $v; is 1 "" || { echo "$v"; return 1; }
	done
	# another file that is no roster is not the station's
	cp altered no; echo >> no
	cp old "$ROSTER"; cp old.minisig "$ROSTER.minisig"; rm "$ROSTER.pin"
	key roster pin --yes; is 0 ""
	key roster diff no; is 4 "no"
	key roster pin no --yes; is 1 "no"
}

@test "roster pin: another station takes it over by its lead's fingerprint" {
	mkdir -p two
	cp "$ROSTER" two/r; cp "$ROSTER.minisig" two/r.minisig
	key roster verify --roster two/r; is 2 "is not pinned here"
	key roster pin --roster two/r; is 2 "compare this fingerprint"
	[ ! -e two/r.pin ]
	key roster pin --roster two/r --fingerprint 0000; is 1 "has another fingerprint"
	fp=$("$BIN/picket-key" show --json lead.party | jq -r .fingerprint)
	key roster pin --roster two/r --fingerprint "$fp"; is 0 "pinned 'two/r' to 'lead'"
	key roster verify --roster two/r; is 0 ""
	# a newer one is taken over and remembered
	"$BIN/picket-key" roster add "$ALLY/phl.party" --signer lead -q
	cp two/r old; cp two/r.minisig old.minisig
	cp "$ROSTER" two/r; cp "$ROSTER.minisig" two/r.minisig
	key roster verify --roster two/r; is 0 ""
	cp old two/r; cp old.minisig two/r.minisig
	key roster verify --roster two/r; is 1 "is older than"
}

@test "roster pin: an ally with a roster of its own joins another lead's" {
	mkdir joiner && cp -r "$ALLY/.config" joiner/ # which started one when it made its keys
	mine=joiner/.config/picket/roster
	cp "$mine" before
	joins() { XDG_CONFIG_HOME=$PWD/joiner/.config run --separate-stderr "$BIN/picket-key" roster "$@"; }
	fp=$("$BIN/picket-key" show --json lead.party | jq -r .fingerprint)
	joins pin "$ROSTER" --fingerprint "$fp"; is 1 "another lead's key is pinned for '$PWD/$mine': give --replace"
	cp -r joiner unpinned && rm unpinned/.config/picket/roster.pin
	XDG_CONFIG_HOME=$PWD/unpinned/.config run --separate-stderr "$BIN/picket-key" roster pin "$ROSTER" -y
	is 1 "which is not pinned: give --replace to put this one in its place"
	cmp unpinned/.config/picket/roster before
	joins pin "$ROSTER" --replace; is 2 "compare this fingerprint"
	joins pin "$ROSTER" --replace --fingerprint 0000; is 1 "has another fingerprint"
	cmp "$mine" before
	joins pin "$ROSTER" --replace --fingerprint "$fp"; is 0 "pinned '$PWD/$mine' to 'lead'"
	cmp "$mine" "$ROSTER"
	joins verify; is 0 ""
	# an older one of the same lead is none to go back to, and of a third nothing without asking
	cp "$ROSTER" old; cp "$ROSTER.minisig" old.minisig
	"$BIN/picket-key" roster add "$ALLY/phl.party" --signer lead -q
	joins pin "$ROSTER" -qy; is 0 ""
	joins pin old --replace -qy; is 1 "is older than"
	cp "$ROSTER" forged; echo >> forged; cp "$ROSTER.minisig" forged.minisig
	joins pin forged --replace -qy; is 1 "forged"
	joins pin nowhere --replace -qy; is 4 "nowhere"
	cmp "$mine" "$ROSTER"
	# a station that has none yet
	XDG_CONFIG_HOME=$PWD/fresh run -0 "$BIN/picket-key" roster pin "$ROSTER" --fingerprint "$fp"
	cmp fresh/picket/roster "$ROSTER"
}

@test "roster revoke: parties and tickets; the lead stays" {
	key roster revoke jpn --signer lead --since 2026-01-01; is 0 "signed version 3"
	key roster list; [[ $output == *"jpn"*"revoked"* ]]
	ticket --to jpn --tlp GREEN --rel-to JPN; is 2 "was revoked at 2026-01-01T00:00:00Z"
	ticket --to lead; is 0 ""
	key roster revoke visit.ticket --signer lead; is 0 "signed version 4"
	grep -qx "revoked-ticket: $(sed -n 's/^id: //p' visit.ticket)" "$ROSTER"
	key roster revoke lead --signer lead; is 2 "start a new roster"
	key roster revoke nobody --signer lead; is 2 "no ticket id and no ticket file"
	key roster verify; is 0 ""
}

@test "roster revoke: once more moves it earlier, and never later" {
	key roster revoke jpn --signer lead --since 2026-03-04; is 0 "signed version 3"
	cp "$ROSTER" before
	for s in 2026-03-04 2026-03-05 2099-01-01 ""; do
		key roster revoke jpn --signer lead ${s:+--since $s}
		is 0 "'jpn' is revoked since 2026-03-04T00:00:00Z already: nothing changes, and nothing was signed"
		cmp "$ROSTER" before
	done
	key roster revoke jpn; is 0 "already"
	key roster revoke jpn --since soon; is 2 "--since takes a time"
	key roster revoke jpn --signer lead --since 2026-03-03; is 0 "signed version 4"
	grep -qx "revoked: 2026-03-03T00:00:00Z" "$ROSTER"
	# one that was meant for later begins now
	key roster add "$ALLY/phl.party" --signer lead; is 0 ""
	key roster revoke phl --signer lead --since 2099-01-01; is 0 "signed version 6"
	key roster revoke phl --signer lead; is 0 "signed version 7"
	run ! grep -q "^revoked: 2099" "$ROSTER"
	id=$(printf '%032d' 7)
	key roster revoke "$id" --signer lead; is 0 "signed version 8"
	key roster revoke "$id" --signer lead; is 0 "ticket '$id' is revoked already"
	key roster verify; [[ $output == *"version 8 of"* ]]
}

@test "roster add --replace: says what changes before it signs, and lets no revoked key back in" {
	revoked() { key roster list --json; [ "$(jq -r 'select(.name == "jpn") | .revoked' <<< "$output")" = "$1" ]; }
	key roster revoke jpn --signer lead --since 2026-03-04; is 0 ""
	was=1772582400
	sed 's/^nation: .*/nation: USA/' "$ALLY/jpn.party" > changed.party
	cp "$ROSTER" before
	key roster add changed.party --replace; is 2 "give --signer NAME"
	[ "$output" = "~ jpn (USA, JCDC, Tokyo): nation 'USA', was 'JPN'" ]
	cmp "$ROSTER" before
	key roster add changed.party --replace --signer lead --yes; is 0 "'jpn' stays revoked since 2026-03-04T00:00:00Z: it has keys that were revoked then; to come back it needs new ones alone"
	[ "$output" = "~ jpn (USA, JCDC, Tokyo): nation 'USA', was 'JPN'" ]
	revoked $was
	key roster add "$ALLY/jpn.party" --replace --signer lead -q; is 0 ""
	[ "$output" = "~ jpn (JPN, JCDC, Tokyo): nation 'JPN', was 'USA'" ]
	revoked $was
	# later in its own text, or with one key alone that was revoked
	sed 's/^issuer: .*/&\nrevoked: 2026-03-05T00:00:00Z/' "$ALLY/jpn.party" > later.party
	key roster add later.party --replace --signer lead; is 0 "stays revoked since 2026-03-04"
	revoked $was
	mkdir anew && (cd anew && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new jpn --org "JCDC, Tokyo" --nation JPN -q)
	for k in recipient sign note cosign; do
		sed "s|^$k: .*|$(grep "^$k: " "$ALLY/jpn.party")|" anew/jpn.party > mixed.party
		key roster add mixed.party --replace --signer lead; is 0 "stays revoked since 2026-03-04"
		revoked $was
		key roster add "$ALLY/jpn.party" --replace --signer lead -q; is 0 ""
	done
	# an earlier one counts
	sed 's/^issuer: .*/&\nrevoked: 2026-03-03T00:00:00Z/' "$ALLY/jpn.party" > earlier.party
	key roster add earlier.party --replace --signer lead; is 0 ""
	[[ $stderr != *"stays revoked"* ]]
	[ "$output" = "~ jpn (JPN, JCDC, Tokyo): revoked since 2026-03-03T00:00:00Z" ]
	# new keys alone
	key roster add anew/jpn.party --replace --signer lead; is 0 ""
	[[ $stderr != *"stays revoked"* ]]
	[[ $output == "~ jpn (JPN, JCDC, Tokyo): new recipient age1"*", another signing key, another note key, another cosignature key, no longer revoked" ]]
	revoked null
	key roster add "$ALLY/phl.party" --replace --signer lead; is 2 "the roster has no party 'phl' to replace"
}

@test "roster: no version follows the last, and what is there stays readable" {
	last=9223372036854775807
	sed -i "s/^version: .*/version: ${last%7}6/" "$ROSTER" && rm "$ROSTER.minisig"
	key sign "$ROSTER" --signer lead -x "$ROSTER.minisig"; is 0 ""
	mkdir two && cp "$ROSTER" two/r && cp "$ROSTER.minisig" two/r.minisig
	key roster pin --roster two/r -qy; is 0 ""
	key roster change jpn --issuer no --signer lead; is 0 "signed version $last"
	cp "$ROSTER" before; cp "$ROSTER.minisig" before.minisig
	for v in "revoke jpn" "change jpn --issuer yes" "add $ALLY/phl.party"; do
		key roster $v --signer lead
		is 4 "version $last is the highest that there can be, and no other can follow: begin a new roster with another lead's key"
		cmp "$ROSTER" before
		cmp "$ROSTER.minisig" before.minisig
	done
	key new third --nation USA --signer lead; is 4 "is the highest that there can be"
	[ ! -e third.party ]
	key roster verify; is 0 ""
	key roster update "$ROSTER" --roster two/r; is 0 "took over version $last"
	key roster list --roster two/r; is 0 ""
}

@test "party: keys that are one, a validity that never begins, a recipient that nothing can be sealed to" {
	as_note() { # PARTYFILE NAME ALG: its signing key as a key of notes (1) or cosignatures (4)
		python3 -c 'import base64, hashlib, sys
key = base64.b64decode(next(l[6:] for l in open(sys.argv[1]) if l.startswith("sign: ")))[10:]
data = bytes([int(sys.argv[3])]) + key
print("%s+%s+%s" % (sys.argv[2], hashlib.sha256(sys.argv[2].encode() + b"\n" + data).hexdigest()[:8], base64.b64encode(data).decode()))' "$@"
	}
	sed "s|^note: .*|note: $(as_note "$ALLY/phl.party" phl 1)|" "$ALLY/phl.party" > one.party
	key roster add one.party --signer lead; is 4 "the signing key of party 'phl' is its note key too: each needs a key of its own"
	key show one.party; is 4 "the signing key of party 'phl' is its note key too"
	sed "s|^cosign: .*|cosign: $(as_note "$ALLY/jpn.party" phl 4)|" "$ALLY/phl.party" > two.party
	key roster add two.party --signer lead; is 2 "the signing key of party 'jpn' is the cosignature key of party 'phl': each needs a key of its own"
	sed 's/^issuer: .*/&\nvalid-from: 2026-01-02T00:00:00Z\nvalid-to: 2026-01-01T00:00:00Z/' "$ALLY/phl.party" > never.party
	key roster add never.party --signer lead; is 4 "line 11: party 'phl' would never be valid: its validity ends before it begins"
	sed 's/^issuer: .*/&\nvalid-from: 2027-01-01T00:00:00Z/' "$ALLY/phl.party" > from.party
	key roster add from.party --signer lead --valid-to 2026-12-31; is 2 "party 'phl' would never be valid"
	sed 's/^recipient: .*/recipient: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z/' "$ALLY/phl.party" > weak.party
	key roster add weak.party --signer lead; is 2 "a recipient of party 'phl' is a weak key (a point of low order), which nothing can be sealed to"
	key roster verify; [[ $output == *"version 2 of"* ]]
}

@test "roster change: validity and the right to issue" {
	key roster change jpn --signer lead --issuer no --valid-from 2026-01-01 --valid-to 2030-01-01; is 0 "signed version 3"
	key roster list --json
	[ "$(jq -r 'select(.name == "jpn") | .issuer, .valid_from, .valid_to' <<< "$output" | xargs)" = "false 1767225600 1893456000" ]
	key roster change jpn --signer lead --valid-to ever --valid-from ever; is 0 "signed version 4"
	key roster list --json
	[ "$(jq -r 'select(.name == "jpn") | .issuer, .valid_from, .valid_to' <<< "$output" | xargs)" = "false null null" ]
	key roster change jpn --signer lead; is 2 "what is to change?"
	key roster change nobody --signer lead --issuer no; is 2 "no party 'nobody'"
	key roster change jpn --signer lead --valid-to soon; is 2 "--valid-to takes a time"
	key roster change jpn --signer lead --valid-from 2031-01-01 --valid-to 2030-01-01; is 2 "would never be valid"
	key roster change jpn --issuer no; is 2 "give --signer NAME"
	key roster change jpn --issuer no --signer "$ALLY/jpn.signkey"; is 2 "only its lead 'lead' can sign"
	key roster verify; [[ $output == *"version 4 of"* ]]
}

@test "roster update: a newer one of the pinned lead, and nothing else" {
	mkdir two
	cp "$ROSTER" two/r; cp "$ROSTER.minisig" two/r.minisig
	key roster pin --roster two/r --yes; is 0 ""
	cp "$ROSTER" old; cp "$ROSTER.minisig" old.minisig
	"$BIN/picket-key" roster add "$ALLY/phl.party" --signer lead -q
	"$BIN/picket-key" roster revoke "$(printf '%032d' 7)" --signer lead -q
	cp "$ROSTER" new; cp "$ROSTER.minisig" new.minisig
	key roster update new --roster two/r; is 0 "took over version 4"
	[ "${lines[0]}" = "+ phl (PHL, phl)" ]
	[ "${lines[1]}" = "+ ticket 00000000000000000000000000000007 is revoked" ]
	cmp new two/r; cmp new.minisig two/r.minisig
	grep -qx "version: 4" two/r.pin
	key roster update new --roster two/r; is 0 "is version 4 already"
	# rolled back, another text of the same version, another key, changed, unsigned
	key roster update old --roster two/r; is 1 "version 2 is older than 4"
	cp -a "$XDG_CONFIG_HOME" fork
	cp old fork/picket/roster; cp old.minisig fork/picket/roster.minisig
	sed -i "s/^version: .*/version: 2/; s/^sha256: .*/sha256: $(sha256sum old | cut -c1-64)/" fork/picket/roster.pin
	for v in 3 4; do XDG_CONFIG_HOME=$PWD/fork "$BIN/picket-key" roster change jpn --issuer no --valid-to 203$v-01-01 --signer lead -q; done
	key roster update fork/picket/roster --roster two/r; is 1 "has seen another version 4"
	key roster update "$ALLY/.config/picket/roster" --roster two/r; is 1 "signed by another key"
	sed s/PHL/USA/ new > changed; cp new.minisig changed.minisig
	key roster update changed --roster two/r; is 1 "the signature does not fit"
	cp new bare
	key roster update bare --roster two/r; is 1 "not signed: there is no 'bare.minisig'"
	key roster update missing --roster two/r; is 4 "missing"
	key roster update new --roster two/none; is 2 "there is no roster"
	cmp new two/r; cmp new.minisig two/r.minisig
	key roster verify --roster two/r; is 0 ""
}

@test "roster: a save that was cut at any point leaves one version or the next" {
	mkdir -p two
	cp "$ROSTER" old; cp "$ROSTER.minisig" old.minisig; cp "$ROSTER.pin" old.pin
	"$BIN/picket-key" roster add "$ALLY/phl.party" --signer lead -q
	state() { cp "$1" two/r; cp "$2.minisig" two/r.minisig; cp "$3.pin" two/r.pin; rm -f two/r.minisig.new; [ -z "${4-}" ] || cp "$4" two/r.minisig.new; }
	cp "$ROSTER" new; cp "$ROSTER.minisig" new.minisig; cp "$ROSTER.pin" new.pin
	state old old old new.minisig # the signature was written aside
	key roster verify --roster two/r; is 0 ""; [[ $output == *"version 2 of"* ]]
	head -c 100 new.minisig > half
	state old old old half
	key roster verify --roster two/r; is 0 ""; [[ $output == *"version 2 of"* ]]
	state new old old new.minisig # the text was replaced
	key roster verify --roster two/r; is 0 ""; [[ $output == *"version 3 of"* ]]
	grep -qx "version: 3" two/r.pin
	state new new old # all but the pin
	key roster verify --roster two/r; is 0 ""; [[ $output == *"version 3 of"* ]]
	state old old new # and whoever puts the old one back is found
	key roster verify --roster two/r; is 1 "version 2 is older than 3"
	# the next change mends what was left
	state new old old new.minisig
	"$BIN/picket-key" roster change jpn --issuer no --signer lead --roster two/r -q
	key roster verify --roster two/r; is 0 ""; [[ $output == *"version 4 of"* ]]
	[ ! -e two/r.minisig.new ]
	# also one that is cut itself, before the text is written
	state new old old new.minisig
	"$BIN/picket-key" new large --post-quantum --nation USA --signer lead -q
	[ "$(stat -c %s "$ROSTER")" -gt 1024 ]
	run -4 bash -c 'trap "" XFSZ; ulimit -f 1; "$BIN/picket-key" roster update "$1" --roster two/r' - "$ROSTER"
	key roster verify --roster two/r; is 0 ""; [[ $output == *"version 3 of"* ]]
	cmp two/r.minisig new.minisig
	key roster update "$ROSTER" --roster two/r; is 0 ""
	key roster verify --roster two/r; is 0 ""; [[ $output == *"version 4 of"* ]]
}

@test "roster update: killed at any point, the roster can be loaded" {
	mkdir two
	"$BIN/picket-key" roster add "$ALLY/phl.party" --signer lead -q
	for n in 0 1 2 3 4 5 6 7 8 9; do
		"$BIN/picket-key" roster change jpn --valid-to "203$n-01-01" --signer lead -q
		if [ ! -e two/r.pin ]; then
			cp "$ROSTER" two/r; cp "$ROSTER.minisig" two/r.minisig
			"$BIN/picket-key" roster pin --roster two/r -qy
		fi
		timeout -s KILL "0.00$n" "$BIN/picket-key" roster update "$ROSTER" --roster two/r -q || true
		key roster verify --roster two/r; is 0 ""
	done
	key roster update "$ROSTER" --roster two/r; is 0 ""
	cmp "$ROSTER" two/r
}

@test "roster diff: who came, went and changed, in words" {
	cp "$ROSTER" old
	key roster diff old; is 0 ""
	[ -z "$output" ]
	"$BIN/picket-key" roster add "$ALLY/phl.party" --signer lead -q
	"$BIN/picket-key" roster revoke jpn --signer lead --since 2026-03-04 -q
	key roster diff old; is 1 ""
	[ "${lines[0]}" = "- phl (PHL, phl)" ]
	[ "${lines[1]}" = "~ jpn (JPN, JCDC, Tokyo): no longer revoked" ]
	key roster diff old "$ROSTER"; is 1 ""
	[ "${lines[0]}" = "~ jpn (JPN, JCDC, Tokyo): revoked since 2026-03-04T00:00:00Z" ]
	[ "${lines[1]}" = "+ phl (PHL, phl)" ]
	cp "$ROSTER" old
	"$BIN/picket-key" roster revoke phl --signer lead -q
	(cd "$ALLY" && XDG_CONFIG_HOME=$PWD/.config "$BIN/picket-key" new third --nation PHL --issuer no --signer jpn -q)
	key roster add "$ALLY/third.party" --signer lead -y; is 0 ""
	key roster change third --valid-to 2031-02-03 --issuer yes --signer lead; is 0 ""
	key roster diff old "$ROSTER"; is 1 ""
	[[ ${lines[0]} == "~ phl (PHL, phl): revoked since 20"* ]]
	[ "${lines[1]}" = "+ third (PHL, third)" ]
	sed "/^name: third/,\$ s/^recipient: .*/recipient: $(cat "$ALLY/jpn.recipient")/; /^name: jpn/,/^cosign/ s/^recipient: .*/recipient: $(cat "$ALLY/third.recipient")/" "$ROSTER" > newer
	key roster diff "$ROSTER" newer; is 1 ""
	[ "${lines[0]}" = "~ jpn (JPN, JCDC, Tokyo): new recipient $(head -c 16 "$ALLY/third.recipient")..., no longer recipient $(head -c 16 "$ALLY/jpn.recipient")..." ]
	key roster diff old missing; is 4 "missing"
	key roster diff lead.party; is 4 "lead.party"
}

@test "names from files never reach the terminal raw" {
	evil=$'x\033[2Jy'
	printf 'x\n' > "$evil"
	cp notes.minisig "$evil.minisig"
	key verify "$evil"; is 1 'x\x1b[2Jy'
	[[ $stderr != *$'\033'* ]]
}
