#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Indicator sets: what each format means, what is not looked for, and that hits are found where they are.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build} TOP=${TOP:-$PWD}
}
setup() { cd "$BATS_TEST_TMPDIR"; }

scan() { run --separate-stderr "$BIN/picket-scan" "$@"; }
json() { jq -r "$1" <<< "$output"; }
is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; echo "$stderr"; return 1; }; }

@test "hash, name and C2 in one pass, and exit 1" {
	mkdir t; echo "visit evil.com now" > t/a; echo x > t/b; echo y > t/keygen.exe; ln -s a t/x.lnk; echo z > t/z
	printf 'evil.com;80;C2 of case 7\n' > c2.txt
	printf '\\\\keygen\\.exe$;70\n\\.lnk$\n' > filename.txt
	md5sum t/b > hash.txt
	scan -q --ioc c2.txt --ioc filename.txt --ioc hash.txt t
	is "$status" 1
	is "$output" "ioc:domain t/a
ioc:hash t/b
ioc:filename t/keygen.exe
ioc:filename t/x.lnk"
	scan -q --json --ioc . t
	is "$(json 'select(.path == "t/a") | [.rule, .namespace, .meta.indicator, .meta.description, .meta.score, .meta.line, .strings[0].offset, .strings[0].data, .score, .total, .level] | @csv')" \
		'"ioc:domain","c2.txt","evil.com","C2 of case 7",80,1,6,"evil.com",80,80,"alert"'
	is "$(json 'select(.path == "t/b") | [.rule, .namespace, .meta.indicator, .meta.description, .strings[0].name, .score, .level] | @csv')" \
		"\"ioc:hash\",\"hash.txt\",\"$(md5sum < t/b | cut -d' ' -f1)\",\"t/b\",\"md5\",75,\"warning\""
	is "$(json 'select(.type == "hit" and .path == "t/b") | .sha256')" "$(sha256sum < t/b | cut -d' ' -f1)"
	is "$(json 'select(.path == "t/x.lnk") | [.rule, .strings[0].name, .strings[0].data] | @csv')" '"ioc:filename","path",".lnk"'
	is "$(json 'select(.type == "summary") | [.complete, .hits, .indicators] | @csv')" 'true,4,4'
	scan -q -s --ioc c2.txt --ioc hash.txt t/b
	is "${lines[1]}" "hash.txt: $(md5sum < t/b | cut -d' ' -f1)"
}

@test "clean is exit 0; with rules of YARA too" {
	echo hello > a; printf 'evil.com\n' > c2.txt; printf 'rule hello { strings: $a = "hello" condition: $a }' > r.yar
	scan --ioc c2.txt a
	is "$status" 0; is "$output" ""
	scan -q --ioc c2.txt -r r.yar a
	is "$status" 1; is "$output" "hello a"
}

@test "all three hashes, of small files and of those larger than a slot" {
	mkdir t; head -c 3000 /dev/urandom > t/small; head -c 6000000 /dev/urandom > t/large; : > t/empty
	for f in small large; do
		for sum in md5sum sha1sum sha256sum; do
			"$sum" < "t/$f" | cut -c1-64 | tr a-f A-F | tr -d ' -' > hash.txt
			scan -q --ioc hash.txt t
			is "$status" 1; is "$output" "ioc:hash t/$f"
		done
	done
	echo 00000000000000000000000000000000 > hash.txt
	scan --ioc hash.txt t; is "$status" 0
	md5sum t/empty t/small > hash.txt
	scan --ioc hash.txt t; is "$output" "ioc:hash t/small"; [[ $stderr == *"line 1: the hash of an empty file"* ]]
}

@test "names: the full path, whatever the operand is; of what cannot be scanned too" {
	mkdir -p t/sub; echo x > t/sub/abc; mkfifo t/fifo-bad; truncate -s 3M t/big-bad
	printf '^%s/t/sub/abc$\nbad$\n' "$PWD" > filename.txt
	scan -q --max-scan 1M --ioc filename.txt t
	is "$status" 1
	is "$output" "ioc:filename t/big-bad
ioc:filename t/fifo-bad
ioc:filename t/sub/abc"
	cd t/sub; scan -q --ioc ../../filename.txt abc; is "$output" "ioc:filename abc"
	scan -q --ioc ../../filename.txt ../../t/sub/../sub/abc; is "$output" "ioc:filename ../../t/sub/../sub/abc"
}

@test "names that are no UTF-8, and hostile ones" {
	mkdir t; : > t/$'evil\xff\n.exe'; : > t/$'\e[31mevil'
	printf 'evil\\xff\n\\x1b\\[31m\n' > filename.txt
	scan -q --json --ioc filename.txt t
	is "$(json 'select(.type == "hit") | .path_b64 // empty' | base64 -d | xxd -p)" "$(printf 't/evil\xff\n.exe' | xxd -p)"
	is "$(json 'select(.type == "hit") | .strings[0].data_b64 // empty')" "$(printf 'evil\xff' | base64)"
	is "$(json 'select(.type == "summary") | .hits')" 2
	scan -q --ioc filename.txt t; [[ $output != *$'\e'* ]]
}

@test "an address is not part of another, a domain not of a longer one; UTF-16 too" {
	mkdir t; printf '110.0.0.15' > t/no1; printf 'not-evil.com evil.com.au' > t/no2; printf '10.0.0.1' > t/ip
	printf 'GET http://www.EVIL.com/' > t/dom; printf 'e\0v\0i\0l\0.\0c\0o\0m\0' > t/wide; printf '45.9.151.7 ' > t/net
	printf '10.0.0.1\nevil[.]com\n45.9.148.0/22\n' > c2.txt
	scan -q --ioc c2.txt t
	is "$output" "ioc:domain t/dom
ioc:address t/ip
ioc:network t/net
ioc:domain t/wide"
}

@test "what is not looked for is told with file and line, and is not clean" {
	echo x > a
	printf 'good$;50\n(?=x)y;50\n\nfoo;bar\n' > filename.txt
	printf '00000000000000000000000000000000\nzzz\n' > hash.txt
	printf '{"type":"bundle","objects":[{"type":"indicator","id":"indicator--7","pattern_type":"stix","pattern":"[file:size > 7]"}]}' > s.json
	scan --ioc . a
	is "$status" 3; is "$output" ""
	[[ $stderr == *"'filename.txt', line 2: YARA does not take '(?=x)y'"* ]]
	[[ $stderr == *"'filename.txt', line 4: 'bar' is no score"* ]]
	[[ $stderr == *"'hash.txt', line 2: 'zzz' is no hash"* ]]
	[[ $stderr == *"'s.json': indicator 'indicator--7' is not looked for: what it compares is not looked for: [file:size > 7]"* ]]
	scan -q --json --ioc . a
	is "$(json 'select(.type == "indicators") | [.set, .taken, .not_evaluated] | @csv')" '"filename.txt",1,2
"hash.txt",1,1
"s.json",0,1'
	is "$(json 'select(.type == "indicator-problem") | .set' | sort | uniq -c | awk '{print $1 $2}' | tr '\n' ' ')" '2filename.txt 1hash.txt 1s.json '
	scan --strict --ioc . a; is "$status" 2
}

@test "a set of unknown kind is refused by name, with the way out" {
	echo x > a; printf 'evil.exe;60\n' > case7.txt; printf 'evil.com\n' > c2.txt
	scan --ioc case7.txt --ioc c2.txt a
	is "$status" 3; [[ $stderr == *"'case7.txt': it is not clear what kind of set this is: put one of hash"* ]]
	scan --ioc case7.txt a
	is "$status" 2; [[ $stderr == *"no indicator is left"* ]]
	scan --ioc absent.txt a; is "$status" 4; [[ $stderr == *"'absent.txt'"* ]]
	mkdir empty; scan --ioc empty a; is "$status" 2; [[ $stderr == *"no *.txt"* ]]
	scan --min-score 101 --ioc c2.txt a; is "$status" 2
}

@test "known-good hashes silence a file; a negative score takes off; thresholds count" {
	mkdir t; echo "evil.com" > t/known; echo "evil.com x" > t/other; echo "evil.com testcase" > t/fp
	printf 'evil.com;70\n' > c2.txt; sha256sum t/known > trusted-hashes.txt
	printf 'rule fp { meta: score = -80 strings: $a = "testcase" condition: $a }' > r.yar
	scan -q --ioc . -r r.yar t
	is "$status" 1; is "$output" "ioc:domain t/other"
	scan -q --json --ioc . -r r.yar t
	is "$(json 'select(.type == "suppressed") | [.path, .why, .by, .hits, .total] | @csv')" '"t/fp","false-positive","fp",1,0
"t/known","known-good","trusted-hashes.txt",1,70'
	is "$(json 'select(.type == "summary") | [.complete, .hits, .suppressed, .suppressed_by.score] | @csv')" 'true,1,2,'
	scan -q --min-score 71 --ioc . -r r.yar t; is "$status" 0; is "$output" ""
	scan -q --min-score 70 --ioc . -r r.yar t; is "$status" 1
}

@test "known-good hashes alone look for nothing, and that is no scan" {
	echo x > a; sha256sum a > trusted-hashes.txt; echo 00112233445566778899aabbccddeeff > hash.txt
	echo 'rule x { strings: $a = "x" condition: $a }' > r.yar
	for how in "" --json; do
		scan $how --ioc trusted-hashes.txt a
		is "$status" 2
		[[ $stderr == *"hashes that are known to be good are all that is given"* ]]
		[[ $stderr != *"files scanned"* ]]
	done
	scan --ioc trusted-hashes.txt --pid $$; is "$status" 2
	scan --ioc trusted-hashes.txt --ioc hash.txt a; is "$status" 0
	scan --ioc trusted-hashes.txt -r r.yar a; is "$status" 0
}

@test "keywords with score and description, and those that have semicolons" {
	cat > keywords.txt <<- 'END'
		alpha;80;what alpha is

		# said above
		beta;5
		gamma; 70 ; spaces around
		delta;rm -rf;now
		epsilon;80;one;two
		zeta;x;60;of zeta;x
		eta;101;no score
		theta;x;55;of theta
		iota;50;7
		;80;kappa
		lambda;60;
	END
	sed -E '/^#/d; /^$/d' keywords.txt > lines
	cat > want <<- 'END'
		"alpha",80,"what alpha is",1
		"beta",5,"said above",4
		"gamma",70,"spaces around",5
		"delta;rm -rf;now",,"said above",6
		"epsilon;80;one;two",,"said above",7
		"zeta;x;60;of zeta;x",,"said above",8
		"eta;101;no score",,"said above",9
		"theta;x",55,"of theta",10
		"iota;50",7,"said above",11
		";80;kappa",,"said above",12
		"lambda",60,"said above",13
	END
	scan -q --json --ioc keywords.txt lines
	is "$status" 1
	is "$(json 'select(.type == "hit") | [.meta.indicator, .meta.score, .meta.description, .meta.line] | @csv' | sort)" "$(sort want)"
}

@test "a first line that names its columns is no indicator" {
	echo "visit evil.com" > a
	sum=$(md5sum < a | cut -d' ' -f1)
	for head in md5,name 'sha256;comment' Hash 'SHA-256,file' 'Indicator;score;description' $'MD5\tname' 'file hash,seen'; do
		for name in hash.txt list.csv; do
			rm -f ./*.txt ./*.csv
			printf '# a feed\n\n%s\r\n%s\r\n' "$head" "$sum" > $name
			scan -q --json --ioc $name a
			is "$status" 1
			is "$(json 'select(.type == "hit") | .rule')" ioc:hash
			is "$(json 'select(.type == "summary") | [.complete, .indicators] | @csv')" true,1
		done
	done
	for name in c2.txt list.csv; do
		rm -f ./*.txt ./*.csv
		printf 'domain,comment\nevil.com,bad\n' > $name
		scan -q --json --ioc $name a
		is "$(json 'select(.type == "hit") | [.rule, .meta.line] | @csv')" '"ioc:domain",2'
		is "$(json 'select(.type == "summary") | [.complete, .indicators] | @csv')" true,1
	done
	# further down, or another word: a fault
	printf '%s\nmd5\n' "$sum" > hash.txt
	scan -q --json --ioc hash.txt a
	is "$(json 'select(.type == "summary") | .complete')" false
	printf 'md5sums of june\n%s\n' "$sum" > hash.txt
	scan -q --json --ioc hash.txt a
	is "$(json 'select(.type == "summary") | .complete')" false
	echo md5,name > hash.txt
	scan --ioc hash.txt a; is "$status" 2
}

@test "a MISP event without any to_ids is looked for, and that is told" {
	echo evil.com > a; echo bad.example > b
	jq -n '{Event: {info: "x", Attribute: [{type: "domain", value: "evil.com"}, {type: "comment", value: "no more"}],
		Object: [{Attribute: [{type: "domain", value: "bad.example"}, {type: "text", value: "x"}]}]}}' > misp.json
	scan --json --ioc misp.json a b
	is "$(json 'select(.type == "hit") | .path' | tr '\n' ' ')" "a b "
	is "$(json 'select(.type == "summary") | .complete')" true
	[[ $stderr == *"2 attributes are looked for though none says that it is meant for detection (to_ids)"* ]]
	[[ $stderr == *"2 attributes are left out"* ]]
	# one that has the key is enough to take those that have not as not meant
	for v in true false; do
		jq --argjson v $v '.Event.Object[0].Attribute[0].to_ids = $v' misp.json > some.json
		scan --json --ioc some.json a b
		if [ $v = true ]; then is "$(json 'select(.type == "hit") | .path')" b; else is "$status" 2; fi
		[[ $stderr != *"are looked for though"* ]]
	done
}

@test "a folder's sets are known by their names in either case" {
	mkdir i; echo "evil.com bad.example" > a
	echo evil.com > i/C2.TXT; echo bad.example > i/domains.Csv
	echo '{"Event": {"info": "x", "Attribute": [{"type": "md5", "value": "'"$(md5sum < a | cut -d' ' -f1)"'", "to_ids": true}]}}' > i/e.JSON
	scan -q --ioc i a
	is "$output" "ioc:domain a
ioc:domain a
ioc:hash a"
}

@test "without scores every hit is told" {
	echo "evil.com" > a; printf 'evil.com\n' > c2.txt; printf 'rule low { meta: score = 0 condition: true }' > r.yar
	scan -q --ioc c2.txt -r r.yar a
	is "$output" "low a
ioc:domain a"
}

@test "STIX and MISP" {
	mkdir t; echo hello > t/a; echo "run http://bad.example/x" > t/b; echo 1 > t/evil.exe
	jq -n --arg h "$(sha256sum < t/a | cut -d' ' -f1)" '{type: "bundle", id: "bundle--1", objects: [
		{type: "indicator", id: "indicator--1", name: "Dropper", pattern_type: "stix", pattern: "[file:hashes.\u0027SHA-256\u0027 = \u0027\($h)\u0027]"},
		{type: "indicator", id: "indicator--2", name: "URL", pattern_type: "stix", pattern: "[url:value = \u0027http://bad.example/x\u0027] OR [file:name = \u0027evil.exe\u0027]"}]}' > stix.json
	jq -n --arg h "$(md5sum < t/a | cut -d' ' -f1)" '{Event: {info: "OSINT", Attribute: [
		{type: "filename|md5", value: "x.exe|\($h)", to_ids: true, comment: ""}, {type: "comment", value: "x", to_ids: false}]}}' > misp.json
	scan --json --ioc stix.json --ioc misp.json t
	is "$status" 1
	is "$(json 'select(.type == "hit") | [.path, .rule, .namespace, .meta.description] | @csv')" '"t/a","ioc:hash","misp.json","OSINT: x.exe"
"t/a","ioc:hash","stix.json","Dropper"
"t/b","ioc:url","stix.json","URL"
"t/evil.exe","ioc:filename","stix.json","URL"'
	is "$(json 'select(.type == "summary") | .complete')" true
	[[ $stderr == *"1 attributes are left out"* ]]
}

@test "a path that libyara cannot get through costs itself, and is told" {
	mkdir t; echo "evil.com" > t/a
	printf '(a+)+(a+)+(a+)+$;50\n' > filename.txt; printf 'evil.com\n' > c2.txt
	long=$(printf 'a%.0s' {1..250})b; : > "t/$long"
	scan --json --ioc . t
	is "$(json 'select(.type == "hit") | [.path, .rule] | @csv')" '"t/a","ioc:domain"'
	[ "$status" -eq 1 ]
}

@test "a hundred thousand hashes, and every one of ten is found" {
	mkdir t; for i in 0 1 2 3 4 5 6 7 8 9; do echo "file $i" > t/$i; done
	{ python3 -c 'import hashlib
for i in range(100000): print(hashlib.sha256(b"%d" % i).hexdigest())'; sha256sum t/*; } > hash.txt
	scan -q --json --ioc hash.txt t
	is "$(json 'select(.type == "summary") | [.hits, .indicators] | @csv')" 10,100010
}
