#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The external variables of rules: as docs/externals.md says, and the same for every tool that scans.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export BIN=${BIN:-$PWD/build} DIR=$BATS_FILE_TMPDIR TOP=$PWD
	cat > "$DIR/v.yar" <<- 'END'
		rule v_age { condition: age >= 0 and age < 0.5 }
		rule v_extension { condition: extension == ".php" }
		rule v_filemode { condition: filemode == 0o104750 and filemode & 0o4000 != 0 }
		rule v_filename { condition: filename == "Shell.PHP" }
		rule v_filepath { condition: filepath endswith "/www" }
		rule v_filetype { condition: filetype == "PHP" }
		rule v_group { condition: group == "4321" }
		rule v_language { condition: language == "ja-JP" }
		rule v_osversion { condition: osversion == 0 }
		rule v_owner { condition: owner == "root" }
		rule v_permissions { condition: permissions == "-rwsr-x---" }
		rule v_timezone { condition: timezone == "Asia/Tokyo" }
		rule v_unpack_parent { condition: unpack_parent == "" }
		rule v_unpack_source { condition: unpack_source == "" }
	END
}
setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; return 1; }; }
need_root() { [ "$(id -u)" = 0 ] || skip "needs root, to give a file away"; }

# An image with one file in it.
image() {
	mkdir -p root/etc/default root/srv/www
	echo 'root:x:0:0::/root:/bin/sh' > root/etc/passwd
	echo 'root:x:0:' > root/etc/group
	echo Asia/Tokyo > root/etc/timezone
	echo 'LANG="ja_JP.UTF-8"' > root/etc/default/locale
	printf '<?php echo 1;' > root/srv/www/Shell.PHP
	chown 0:4321 root/srv/www/Shell.PHP
	chmod 4750 root/srv/www/Shell.PHP
}

@test "picket-scan sets them from the file" {
	need_root
	image
	run "$BIN/picket-scan" -q -r "$DIR/v.yar" root/srv/www/Shell.PHP
	is "$(awk '{print $1}' <<< "$output" | grep -vE 'v_(age|language|timezone)' | tr '\n' ' ')" \
		"v_extension v_filemode v_filename v_filepath v_filetype v_group v_osversion v_owner v_permissions v_unpack_parent v_unpack_source "
	# birth times are the file system's to give
	if [ "$(stat -c %W root/srv/www/Shell.PHP)" -gt 0 ]; then grep -q v_age <<< "$output"; fi
}

@test "picket-collect sets them from the record: the same hits" {
	need_root
	image
	cat > d.yaml <<- 'END'
		name: WebFiles
		doc: x
		sources:
		- type: FILE
		  attributes: {paths: ['/srv/www/*']}
		supported_os: [Linux]
	END
	"$BIN/picket-key" new lead --org O --nation USA --roster roster > /dev/null
	"$BIN/picket-collect" -q --root root --definitions d.yaml -a WebFiles --no-walk --unsigned --to lead.recipient --roster roster \
		--rules "$DIR/v.yar" -o b.age
	"$BIN/picket-bundle" decrypt -i lead.identity b.age | zstd -dc | tar -xf - --wildcards 'meta/records-*'
	hits=$(cat meta/records-* | jq -r 'select(.t == "h") | .rule' | sort -u | tr '\n' ' ')
	want="v_extension v_filemode v_filename v_filepath v_filetype v_group v_language v_osversion v_owner v_permissions v_timezone v_unpack_parent v_unpack_source "
	if [ "$(stat -c %W root/srv/www/Shell.PHP)" -gt 0 ]; then want="v_age $want"; fi
	is "$hits" "$want"
	# what a scan of the bundle needs is in it
	is "$(cat meta/records-* | jq -r 'select(.t == "b") | .host | "\(.timezone) \(.language)"')" "Asia/Tokyo ja-JP"
}

@test "stock yara hits the same with the same values" {
	need_root
	image
	# a number for a name cannot be given on its command line
	chgrp 0 root/srv/www/Shell.PHP
	chmod 4750 root/srv/www/Shell.PHP
	sed 's/group == "4321"/group == "root"/' "$DIR/v.yar" > v.yar
	yara -w -d filename=Shell.PHP -d filepath=root/srv/www -d extension=.php -d filetype=PHP -d owner=root -d group=root \
		-d permissions=-rwsr-x--- -d timezone= -d language= -d unpack_parent= -d unpack_source= -d filemode=35304 -d osversion=0 \
		-d age=0.25 v.yar root/srv/www/Shell.PHP > want
	"$BIN/picket-scan" -q -r v.yar root/srv/www/Shell.PHP > got || true
	zone=$(cat /etc/timezone 2> /dev/null || true)
	[ "$zone" != Asia/Tokyo ] || skip "this host is in Tokyo"
	[ "$(stat -c %W root/srv/www/Shell.PHP)" -gt 0 ] || sed -i /v_age/d want
	cmp want got || { diff want got; return 1; }
}

@test "an age that is not known is undefined" {
	image 2> /dev/null || true
	echo 'rule a { condition: age >= 0 } rule b { condition: age < 0 } rule c { condition: not (age >= 0) } rule d { condition: not defined age }' > a.yar
	# what /proc shows has no birth time
	run "$BIN/picket-scan" -q -r a.yar /proc/version
	is "$output" "d /proc/version"
}

@test "the words of docs/externals.md are those of the table, in its order" {
	grep -oE 'AT\([0-9]+, "[^"]+"' "$TOP/lib/scan/externals.c" | sed 's/.*"\(.*\)"/\1/' | awk '!seen[$0]++' > code
	sed -n '/^## File types/,$p' "$TOP/docs/externals.md" | sed -n 's/^| `\([^`]*\)` |.*/\1/p' > doc
	[ -s code ]
	cmp code doc || { diff code doc; return 1; }
	grep -oE '\{"[a-z_]+", PK_SCAN_' "$TOP/lib/scan/compile.c" | grep -oE '[a-z_]+"' | tr -d '"' | sort > code
	sed -n '/^## File types/q; s/^| `\([^`]*\)` |.*/\1/p' "$TOP/docs/externals.md" | sort > doc
	cmp code doc || { diff code doc; return 1; }
}
