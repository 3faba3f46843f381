# SPDX-License-Identifier: Apache-2.0
# Joins the frame that a tool prints with --dump=mdoc and the prose of docs/man/TOOL.mdoc (-v prose=FILE): the
# section DESCRIPTION goes before the options, all others after. -v date="Month D, YYYY".
function put(description,    line, here) {
	while ((getline line < prose) > 0) {
		if (line ~ /^\.\\" SPDX/)
			continue
		if (line ~ /^\.Sh /)
			here = (line == ".Sh DESCRIPTION")
		if (here == description)
			print line
	}
	close(prose)
}
/@DESCRIPTION@/ { put(1); next }
/@REST@/ { put(0); next }
{ sub(/@DATE@/, date); print }
