#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What all tools have in common: help, version, usage errors, closed and full outputs, completions.
bats_require_minimum_version 1.5.0

setup() {
	TOP=${TOP:-$BATS_TEST_DIRNAME/../..}
	BIN=${BIN:-$TOP/build}
	cd "$BATS_TEST_TMPDIR" || return
	tools=("$BIN"/picket-*)
	name=
}

each() { # FUNCTION: with every tool in $tool and $name
	local tool
	for tool in "${tools[@]}"; do
		[ -x "$tool" ] && [ -f "$tool" ] && [[ $tool != *.full ]] || continue
		name=${tool##*/}
		"$1" "$tool" || { echo "failed: $name: status $status: $output"; return 1; }
	done
	[ -n "$name" ]
}

says_version() {
	run -0 --separate-stderr "$1" --version || return 1
	[ "$output" = "$name $(cat "$TOP/VERSION")" ]
	[ -z "$stderr" ]
}
says_help() {
	run -0 --separate-stderr "$1" --help || return 1
	[[ $output == "usage: $name "* ]]
	[ -z "$stderr" ]
}
refuses_option() {
	run -2 --separate-stderr "$1" --no-such-option || return 1
	[ -z "$output" ]
	[[ $stderr == "$name: unknown option '--no-such-option'"*"try '$name --help'" ]]
}
full_disk() { # bats would call a redirect's failure its own
	run -4 --separate-stderr bash -c '"$1" --help >/dev/full' - "$1" || return 1
	[[ $stderr == "$name: cannot write to standard output: No space left on device" ]]
}
closed_pipe() {
	run -0 bash -c 'set +o pipefail; "$1" --help | true; echo "${PIPESTATUS[0]}"' - "$1" || return 1
	[[ $output == *0 || $output == *"$name: cannot write to standard output: Broken pipe"*4 ]]
}
closed_fds() {
	run -0 bash -c '"$1" --version <&- 2>&-' - "$1" || return 1
	run -0 bash -c '"$1" --version >&- 2>&- || test $? -eq 4' - "$1" || return 1
}
hostile_words() {
	run -2 --separate-stderr "$1" $'--\033[31m\nx' || return 1
	[[ $stderr != *$'\033'* ]]
	[[ $stderr == *'\x1b[31m\x0ax'* ]]
}
no_words() { # an empty command line: usage for most, never a signal
	run "$1" </dev/null
	[ "$status" -le 14 ]
}
ignores_environment() {
	run -0 env LD_LIBRARY_PATH=/nonexistent MALLOC_PERTURB_=1 LC_ALL=xx_XX.bad TZ=:/etc/passwd "$1" --version || return 1
}
refuses_descriptors() { # every verb that reads a passphrase
	local verb n
	while IFS= read -r verb; do
		for n in 99 2147483648 4294967295 4294967296 18446744073709551614 18446744073709551615; do
			# shellcheck disable=SC2086
			run -2 --separate-stderr "$1" $verb --passphrase-fd $n </dev/null || return 1
			[[ -z $output && $stderr == "$name: --passphrase-fd: descriptor $n is not open"* ]] || return 1
		done
		for n in -1 x '' 18446744073709551616; do
			# shellcheck disable=SC2086
			run -2 --separate-stderr "$1" $verb --passphrase-fd "$n" </dev/null || return 1
			[[ -z $output && $stderr == "$name: --passphrase-fd takes a number, not '$n'"* ]] || return 1
		done
		verbs+=("$name $verb")
	done < <("$1" --dump=json | jq -r '.verbs[] | select(any(.options[]; .name == "passphrase-fd")) | .name // ""')
}
bash_completes() {
	"$1" --dump=bash >complete
	run -0 bash -c '. ./complete; f=_${1//-/_}; COMP_WORDS=("$1" --he); COMP_CWORD=1; "$f"; echo "${COMPREPLY[*]}"' - "$name" || return 1
	[ "$output" = --help ]
}

@test "every tool says its version" { each says_version; }
@test "every tool says what it can do" { each says_help; }
@test "an unknown option is a usage error with a hint" { each refuses_option; }
@test "a full disk behind standard output is a failure" { each full_disk; }
@test "a closed pipe is no crash" { each closed_pipe; }
@test "closed standard descriptors are no crash" { each closed_fds; }
@test "hostile bytes of the command line do not reach the terminal" { each hostile_words; }
@test "an empty command line is no crash" { each no_words; }
@test "the environment of the host changes nothing" { each ignores_environment; }
@test "bash completes options" { each bash_completes; }
@test "a passphrase is read from an open descriptor or from none" {
	verbs=()
	each refuses_descriptors
	printf '%s\n' "${verbs[@]}"
	[[ " ${verbs[*]} " == *"picket-bundle decrypt "*"picket-case custody "*"picket-collect "*"picket-key sign "*"picket-kit build "*"picket-scan "* ]]
}
