#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The traps of static linking, for every release tool: what is linked in, how it is hardened, how large it is, and
# that it opens nothing of the host's libraries, locales, converters, name services or configuration. TAP.
set -u
cd "$(dirname "$0")/.." || exit 1
count=0
ok() { count=$((count + 1)); echo "ok $count - $*"; }
not_ok() { count=$((count + 1)); echo "not ok $count - $*"; }
skip() { count=$((count + 1)); echo "ok $count - $1 # SKIP $2"; }
verdict() { # NAME WRONG: WRONG is empty when all is well
	if [ -z "$2" ]; then ok "$1"; else
		not_ok "$1"
		printf '%s\n' "$2" | head -n 20 | sed 's/^/# /'
	fi
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

budget() { # stripped megabytes
	case $1 in
	picket-key | picket-bundle) echo 3 ;;
	picket-case) echo 9 ;;
	*) echo 8 ;;
	esac
}

# Functions of the C library that read the host's files or load its code.
never='iconv_open|getpw(nam|uid|ent)(_r)?|getgr(nam|gid|ent)(_r)?|getaddrinfo|getnameinfo|gethostby(name|addr)(2|_r)?|getservby(name|port)(_r)?|setlocale|wordexp|system|popen|posix_spawnp?'

linked_in() {
	local tool=$1 full=build/release/$1.full wrong
	wrong=$(nm "$full" | awk '$2 ~ /^[TW]$/ {print $3}' | grep -Ex "$never")
	# dlopen is in every static program, for the C library's own converters: the linker tells when others call it
	wrong+=$(grep -o "Using '[a-z_]*' in statically linked.*" "build/release/$tool.link")
	verdict "$tool has nothing that loads the host's code or names" "$wrong"
}

hardened() {
	local tool=$1 wrong='' elf
	elf=$(readelf -hlWd "build/$tool")
	grep -q 'Type: *DYN' <<<"$elf" || wrong+='not position-independent '
	! grep -q INTERP <<<"$elf" || wrong+='wants a dynamic loader '
	! grep -q '(NEEDED)' <<<"$elf" || wrong+='wants libraries '
	grep -q GNU_RELRO <<<"$elf" || wrong+='no RELRO '
	grep -q 'FLAGS_1.*NOW' <<<"$elf" || wrong+='no NOW '
	grep -q 'GNU_STACK.* RW ' <<<"$elf" || wrong+='executable stack '
	! grep -q 'LOAD.* RWE ' <<<"$elf" || wrong+='writable code '
	nm "build/release/$tool.full" | grep -q ' T __stack_chk_fail$' || wrong+='no stack protector '
	! readelf -SW "build/$tool" | grep -q ' \.symtab ' || wrong+='not stripped '
	verdict "$tool is static, position-independent and hardened" "$wrong"
}

small() {
	local tool=$1 size max
	size=$(stat -c %s "build/$tool")
	max=$(($(budget "$tool") * 1000000))
	if [ "$size" -le "$max" ]; then ok "$tool has $size bytes of at most $max"; else
		not_ok "$tool has $size bytes, more than $max"
	fi
}

# What no tool may open, wherever it runs. What is opened beneath a root that the user named is evidence, and picket-scan
# reads the host's accounts as text, for the external variable `owner` (its man page says so).
foreign='\.so([."]|$)|/locale|gconv|nsswitch|openssl\.cnf|/etc/(ld\.so|passwd|group|hosts|resolv|services|localtime)|/usr/(lib|share)|/lib/|/ssl/|terminfo|magic'

watched() { # NAME ROOT COMMAND...: fails when the command opens what is the host's, or runs another program
	local name=$1 root=$2 wrong allowed=
	shift 2
	case $name in 'picket-scan --rules'*) allowed='"/etc/passwd", O_RDONLY' ;; esac
	if [ -n "$root" ]; then set -- chroot "$root" "$@"; fi
	: >"$work/trace"
	strace -f -qq -e trace=open,openat,openat2,execve,execveat,uselib,connect,mmap -o "$work/trace" "$@" \
		>"$work/out" 2>"$work/err" </dev/null
	# chroot(1) itself loads libraries: what counts starts at the tool's own execve
	wrong=$(awk '/execve\("[^"]*\/picket-/ && !on { on = 1; next } on' "$work/trace" | grep -E "execve|connect\(|PROT_EXEC.*, [0-9]+, |\"[^\"]*($foreign)" |
		grep -vE "MAP_ANONYMOUS|RESOLVE_IN_ROOT${allowed:+|$allowed}")
	grep -q 'picket-.*= 0$' "$work/trace" || wrong="it did not start: $(cat "$work/err")"
	verdict "$name" "$wrong"
}

# Small real work, where nothing need be prepared: the arguments, which name files below the folder $1.
work_of() {
	case $2 in
	picket-bundle)
		echo encrypt -r age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj -o "$1/x.age" ;;
	picket-scan) echo --rules "$1/rules.yar" --archives "$1/in" ;;
	picket-collect) echo --plan --root "$1/in" ;;
	picket-case) echo init "$1/x.case" ;;
	picket-key) echo new "$1/x" ;;
	picket-kit) echo show "$1/in/file" ;;
	esac
}

prepare() { # FOLDER
	mkdir -p "$1/in"
	echo text >"$1/in/file"
	(cd "$1/in" && python3 "$OLDPWD/tests/cli/scan_archive.py" a.zip a.tar.gz utf8.zip a.rpm)
	printf 'rule t { strings: %sa = "text" condition: %sa }\n' '$' '$' >"$1/rules.yar"
}

# In the normal root and, as root, in an empty one.
runs() {
	local tool=$1 words
	prepare "$work/normal"
	read -r -a words <<<"$(work_of "$work/normal" "$tool")"
	watched "$tool --version opens nothing of the host" '' "$PWD/build/$tool" --version
	watched "$tool --help opens nothing of the host" '' "$PWD/build/$tool" --help
	watched "$tool ${words[0]} opens nothing of the host" '' "$PWD/build/$tool" "${words[@]}"
	if [ "$(id -u)" -ne 0 ]; then
		skip "$tool in an empty root" 'chroot needs root'
		return
	fi
	rm -rf "$work/root"
	prepare "$work/root"
	cp "build/$tool" "$work/root/"
	read -r -a words <<<"$(work_of / "$tool")"
	watched "$tool --version in an empty root" "$work/root" "/$tool" --version
	watched "$tool ${words[0]} in an empty root" "$work/root" "/$tool" "${words[@]}"
}

tools=$(cd tools && echo picket-*.c)
for tool in $tools; do
	tool=${tool%.c}
	linked_in "$tool"
	hardened "$tool"
	small "$tool"
	if ! strace -o /dev/null true 2>/dev/null; then
		skip "$tool under strace" 'processes cannot be traced here'
		continue
	fi
	runs "$tool"
done
echo "1..$count"
