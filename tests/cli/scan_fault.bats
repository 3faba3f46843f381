#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# One rule that fails on a file costs that rule on that file, is named, and takes no hit of another rule along.
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	export BIN=${BIN:-$PWD/build}
	cd "$BATS_TEST_TMPDIR"
	export XDG_CACHE_HOME=$PWD/cache
	# enough of "a" for the expression below to run out of libyara's regex fibers
	(head -c 200000 /dev/zero | tr '\0' a; echo hello) > evil
	echo hello > good
	NEVER='for all i in (1..100000000000) : (i > 0)'
	FIBERS='/a(a|b|aa|ab){200,1000}[0-9]x/'
	for i in $(seq 200); do echo "rule t$i { strings: \$a = \"hello\" condition: \$a }"; done > many.yar
}

scan() { run --separate-stderr timeout 120 "$BIN/picket-scan" --json "$@"; }
json() { jq -r "$1" <<< "$output"; }
is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; echo "$stderr"; return 1; }; }
hits() { json 'select(.type == "hit") | .rule' | sort | tr '\n' ' '; }
left_out() { json 'select(.type == "not-evaluated") | .rule + ":" + .why' | sort | tr '\n' ' '; }
complete() { json 'select(.type == "summary") | .complete'; }

@test "stock yara loses every hit of such a file" {
	(echo "rule fib { strings: \$a = $FIBERS condition: \$a }"; cat many.yar) > r.yar
	is "$(yara -w r.yar evil 2> /dev/null | wc -l)" 0
}

@test "regex fibers: that rule, those that name it, and no other" {
	(head -100 many.yar
		echo "rule fib { strings: \$a = $FIBERS condition: \$a }"
		echo "rule names_it { condition: fib or true }"
		echo "rule names_that { condition: not names_it }"
		echo "rule in_a_set { condition: none of (fi*) }"
		echo "rule well { condition: t1 and filesize > 1 }"
		tail -100 many.yar) > r.yar
	for partition in never always; do
		scan --partition $partition -r r.yar evil good
		is "$status" 1
		is "$(left_out)" "fib:regex-fibers in_a_set:regex-fibers names_it:regex-fibers names_that:regex-fibers "
		is "$(json 'select(.type == "hit" and .path == "evil") | .rule' | wc -l)" 201
		is "$(json 'select(.type == "hit" and .path == "good") | .rule' | wc -l)" 203
		is "$(complete)" false
	done
}

@test "two slow rules among hundreds, in one file of rules" {
	(head -150 many.yar
		echo "rule slow1 { condition: filesize > 6 and $NEVER }"
		tail -50 many.yar
		echo "rule slow2 { strings: \$a = \"hello\" condition: filesize > 6 and \$a and $NEVER }"
		echo "rule fine { condition: true }") > r.yar
	scan -a 4 -r r.yar evil good
	is "$status" 1
	is "$(left_out)" "slow1:timeout slow2:timeout "
	is "$(json 'select(.type == "hit" and .path == "evil")' | grep -c '"rule"')" 201
	is "$(json 'select(.type == "summary") | [.scanned, .failed, .not_evaluated] | @csv')" 2,0,2
}

@test "a global rule that fails leaves its namespace open, no other one" {
	printf 'global rule g { condition: filesize < 10 or %s }\nrule a { condition: true }\n' "$NEVER" > g.yar
	echo 'rule b { condition: true }' > b.yar
	scan -a 2 -r g.yar -r b.yar evil good
	is "$(left_out)" "a:timeout g:timeout "
	is "$(json 'select(.type == "hit") | .path + ":" + .rule' | sort | tr '\n' ' ')" "evil:b good:a good:b good:g "
}

@test "what is included may name anything" {
	mkdir r; echo "rule slow { condition: filesize > 6 and $NEVER }" > r/i.yar
	printf 'rule before { condition: true }\ninclude "i.yar"\nrule after { condition: true }\n' > r/m.yar
	scan -a 2 -r r/m.yar evil
	is "$(hits)" "before "
	is "$(left_out)" "after:timeout slow:timeout "
}

@test "strings with too many matches are noted, the hit stays" {
	head -c 1200000 /dev/zero | tr '\0' b > b
	echo 'rule b { strings: $b = "b" condition: $b } rule c { condition: true }' > r.yar
	scan -r r.yar b
	is "$(hits)" "b c "
	is "$(left_out)" "b:too-many-matches "
	is "$status$(complete)" 1false
}

@test "no hit but a rule that failed is not clean" {
	echo "rule fib { strings: \$a = $FIBERS condition: \$a }" > r.yar
	scan -r r.yar evil; is "$status" 3; is "$(complete)" false
	scan -r r.yar good; is "$status" 0
}

@test "many files that all provoke it end in bounded time" {
	mkdir t; for i in $(seq 40); do cp evil "t/$i"; done
	(cat many.yar; echo "rule slow { condition: filesize > 6 and $NEVER }") > r.yar
	SECONDS=0
	scan -a 1 -p 2 -r r.yar t
	[ $SECONDS -lt 100 ]
	is "$(json 'select(.type == "hit") | .rule' | wc -l)" 8000
	is "$(json 'select(.type == "not-evaluated") | .rule' | uniq -c | awk '{print $1, $2}')" "40 slow"
}

@test "a rule that uses a refused module costs itself and who names it" {
	printf 'import "pe"\nimport "magic"\n\nrule m { condition: magic.type() contains "x" }\nrule n { condition: m or true }\nrule ok { condition: true }\nrule bad_line { condition: $x }\n' > bad.yar
	scan -r bad.yar -r many.yar good
	[[ $stderr == *"'bad.yar', line 4: rule 'm' is left out: the module 'magic' would read"* ]]
	[[ $stderr == *"'bad.yar', line 5: rule 'n' is left out"* ]]
	[[ $stderr == *"'bad.yar', line 7: undefined string"* ]]
	sed -i '$d' bad.yar
	scan -r bad.yar good
	is "$status" 1; is "$(hits)" "ok "
	is "$(json 'select(.type == "summary") | [.rules_refused, .rule_files_broken, .complete] | @csv')" 2,0,false
	printf 'import "magic"\nglobal rule m { condition: magic.type() contains "x" }\nrule o { condition: true }\n' > g.yar
	scan -r g.yar -r many.yar good
	[[ $stderr == *"'g.yar', line 1: the file is refused: the module 'magic'"* ]]
}
