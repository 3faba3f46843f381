#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the tools say of themselves: man pages, completions, help. TAP.
set -u
cd "$(dirname "$0")/.." || exit 1
count=0
verdict() { # NAME COMMAND...: what the command prints is what is wrong
	local name=$1 wrong code
	shift
	wrong=$("$@" 2>&1)
	code=$?
	count=$((count + 1))
	if [ "$code" -eq 0 ] && [ -z "$wrong" ]; then echo "ok $count - $name"; else
		echo "not ok $count - $name"
		printf '%s\n' "exit $code" "$wrong" | head -n 30 | sed 's/^/# /'
	fi
}

make_docs() { "${MAKE:-make}" --no-print-directory docs >/dev/null; }

# Every option of the table is in the help of its verb, and every verb in the help of the tool.
help_is_complete() {
	local tool=$1 verb
	build/"$tool" --dump=json | jq -r '.verbs[] | .name as $v | .options[] | [$v // "", .name] | @tsv' |
		while IFS=$'\t' read -r verb option; do
			# shellcheck disable=SC2086
			build/"$tool" $verb --help | grep -q -e "--$option" || echo "$tool $verb: no help for --$option"
		done
	build/"$tool" --dump=json | jq -r '.verbs[].name // empty' | while read -r verb; do
		build/"$tool" --help | grep -q "^  $verb" || echo "$tool: no help for $verb"
	done
	return 0
}

# One letter means one option, and one name one option, within a verb.
no_option_twice() {
	build/"$1" --dump=json | jq -r '(.common + .builtin) as $c | .verbs[] | .name as $v
		| ((.options + $c) | (map(.letter // empty), map(.name)) | group_by(.)[] | select(length > 1) | .[0])
		| "\($v): \(.) is there twice"'
}

words_are_our_style() {
	build/"$1" --dump=json | jq -r '[.summary, (.verbs[] | .summary, .options[].help), .common[].help] | .[]' |
		grep -E '^[A-Z][a-z]|\.$'
	return 0
}

verdict 'man pages and completions can be made' make_docs
for tool in tools/picket-*.c; do
	tool=$(basename "$tool" .c)
	verdict "$tool: the man page has no mistakes" mandoc -Tlint -W warning "build/docs/man/$tool.1"
	verdict "$tool: the completion for bash has no mistakes" shellcheck -s bash "build/docs/bash/$tool"
	if command -v zsh >/dev/null; then verdict "$tool: so for zsh" zsh -n "build/docs/zsh/_$tool"; fi
	if command -v fish >/dev/null; then verdict "$tool: so for fish" fish -n "build/docs/fish/$tool.fish"; fi
	verdict "$tool: the help has every verb and option" help_is_complete "$tool"
	verdict "$tool: no option is there twice" no_option_twice "$tool"
	verdict "$tool: help is in lower case without full stops" words_are_our_style "$tool"
done
echo "1..$count"
