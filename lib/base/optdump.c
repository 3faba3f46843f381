/* SPDX-License-Identifier: Apache-2.0 */
/* The man page's frame and the shell completions, from the same tables as the parser. */
#include "opt.h"
#include <picket/json.h>

/* --- mdoc -------------------------------------------------------------------------------------------- */

/* Text of our own tables into mdoc: only the backslash and a leading dot or quote matter. */
static void put_mdoc(struct pk_buf *b, const char *z)
{
	if (*z == '.' || *z == '\'')
		pk_buf_puts(b, "\\&");
	for (; *z; z++) {
		if (*z == '\\')
			pk_buf_puts(b, "\\e");
		else if (*z == '-')
			pk_buf_puts(b, "\\-");
		else if (strchr(".?!", *z) && z[1] == ' ') /* a sentence begins a line */
			pk_buf_putf(b, "%c\n", *z++);
		else
			pk_buf_put_c(b, *z);
	}
}

/* "CASE BUNDLE..." as arguments: words in brackets are optional. */
static void put_mdoc_operands(struct pk_buf *b, const char *operands)
{
	struct pk_str rest = pk_str(operands), word;

	while (rest.n && pk_str_split(&rest, ' ', &word)) {
		bool optional = word.n > 2 && word.p[0] == '[';
		struct pk_str name = word;
		bool many;

		if (optional)
			name = (struct pk_str){word.p + 1, word.n - 1};
		if (name.n && name.p[name.n - 1] == ']')
			name.n--;
		many = pk_str_ends(name, PK_STR("..."));
		if (many)
			name.n -= 3;
		pk_buf_putf(b, ".%s %.*s%s\n", optional ? "Op Ar" : "Ar", PK_STR_ARG(name), many ? " ..." : "");
	}
}

static void put_mdoc_opts(struct pk_buf *b, const struct pk_opt *table)
{
	PK_EACH_OPT(o, table) {
		pk_buf_puts(b, ".It");
		if (o->letter)
			pk_buf_putf(b, " Fl %c ,", o->letter);
		pk_buf_puts(b, " Fl \\-");
		put_mdoc(b, o->name);
		if (pk_opt_takes_arg(o))
			pk_buf_putf(b, " Ar %s", o->arg);
		pk_buf_put_c(b, '\n');
		put_mdoc(b, o->help);
		if (o->type == PK_OPT_CHOICE) {
			pk_buf_puts(b, ":\n");
			for (int i = 0; o->values[i]; i++)
				pk_buf_putf(b, ".Cm %s%s\n", o->values[i], o->values[i + 1] ? " ," : "");
		} else {
			pk_buf_puts(b, o->type == PK_OPT_LIST ? " (may repeat)\n" : "\n");
		}
	}
}

static void put_mdoc_list(struct pk_buf *b, const struct pk_opt *one, const struct pk_opt *two)
{
	pk_buf_puts(b, ".Bl -tag -width Ds\n");
	put_mdoc_opts(b, one);
	put_mdoc_opts(b, two);
	pk_buf_puts(b, ".El\n");
}

/* The prose of docs/man goes where the marker is; what follows OPTIONS is prose again. */
static void put_mdoc_page(struct pk_buf *b, const struct pk_tool *tool)
{
	pk_buf_puts(b, ".\\\" SPDX-License-Identifier: Apache-2.0\n.Dd @DATE@\n.Dt ");
	for (const char *c = tool->name; *c; c++)
		pk_buf_put_c(b, *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c);
	pk_buf_putf(b, " 1\n.Os Picket %s\n.Sh NAME\n.Nm %s\n.Nd %s\n.Sh SYNOPSIS\n", PK_VERSION, tool->name,
		    tool->summary);
	PK_EACH_VERB(v, tool) {
		pk_buf_puts(b, ".Nm\n");
		if (v->name)
			pk_buf_putf(b, ".Cm %s\n", v->name);
		pk_buf_puts(b, ".Op Ar options\n");
		put_mdoc_operands(b, v->operands ? v->operands : "");
	}
	pk_buf_puts(b, ".\\\" @DESCRIPTION@\n");
	if (!pk_tool_has_verbs(tool)) {
		pk_buf_puts(b, ".Sh OPTIONS\n.Bl -tag -width Ds\n");
		put_mdoc_opts(b, tool->verbs->opts);
		put_mdoc_opts(b, tool->common);
		put_mdoc_opts(b, pk_opt_builtin);
		pk_buf_puts(b, ".El\n");
	} else {
		pk_buf_puts(b, ".Sh VERBS\n");
		PK_EACH_VERB(v, tool) {
			pk_buf_putf(b, ".Ss %s\n.Nm\n.Cm %s\n.Op Ar options\n", v->name, v->name);
			put_mdoc_operands(b, v->operands ? v->operands : "");
			pk_buf_puts(b, ".Pp\n");
			put_mdoc(b, v->summary);
			pk_buf_put_c(b, '\n');
			if (v->opts && v->opts->name)
				put_mdoc_list(b, v->opts, NULL);
		}
		pk_buf_puts(b, ".Sh OPTIONS\nWith every verb:\n");
		put_mdoc_list(b, tool->common, pk_opt_builtin);
	}
	pk_buf_puts(b, ".\\\" @REST@\n");
}

/* --- completions ------------------------------------------------------------------------------------- */

static void put_words(struct pk_buf *b, const struct pk_opt *table)
{
	PK_EACH_OPT(o, table)
		pk_buf_putf(b, " --%s", o->name);
}

static void put_bash_function(struct pk_buf *b, const struct pk_tool *tool)
{
	for (const char *c = tool->name; *c; c++)
		pk_buf_put_c(b, *c == '-' ? '_' : *c);
}

static void put_choices(struct pk_buf *b, const struct pk_opt *o, char sep)
{
	for (int i = 0; o->values[i]; i++) {
		if (i)
			pk_buf_put_c(b, sep);
		pk_buf_puts(b, o->values[i]);
	}
}

/* "case $prev in ..." for the options that take one of a few words; nothing when there are none. */
static void put_bash_choices(struct pk_buf *b, const struct pk_opt *table, const char *indent)
{
	bool any = false;

	PK_EACH_OPT(o, table) {
		if (o->type != PK_OPT_CHOICE)
			continue;
		if (!any)
			pk_buf_putf(b, "%scase $prev in\n", indent);
		any = true;
		pk_buf_putf(b, "%s--%s) COMPREPLY=($(compgen -W '", indent, o->name);
		put_choices(b, o, ' ');
		pk_buf_puts(b, "' -- \"$cur\")); return ;;\n");
	}
	if (any)
		pk_buf_putf(b, "%sesac\n", indent);
}

static void put_bash_verbs(struct pk_buf *b, const struct pk_tool *tool)
{
	pk_buf_puts(b, "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\tonly=1 words='");
	PK_EACH_VERB(v, tool) {
		const char *before = v > tool->verbs ? v[-1].name : "";
		size_t n = pk_str_find(pk_str(v->name), ' ');

		if (strncmp(before, v->name, n) == 0 && before[n] == ' ')
			continue;
		pk_buf_putf(b, "%.*s ", (int)n, v->name);
	}
	pk_buf_puts(b, "--help --version'\n\telse\n\t\tcase \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n");
	PK_EACH_VERB(v, tool) {
		pk_buf_putf(b, "\t\t'%s'%s)\n", v->name, strchr(v->name, ' ') ? "" : "\\ *");
		put_bash_choices(b, v->opts, "\t\t\t");
		pk_buf_puts(b, "\t\t\twords='");
		put_words(b, v->opts);
		put_words(b, tool->common);
		pk_buf_puts(b, " --help' ;;\n");
	}
	pk_buf_puts(b, "\t\t*) only=1 words='--help"); /* the second word of a verb */
	PK_EACH_VERB(v, tool)
		if (strchr(v->name, ' '))
			pk_buf_puts(b, strchr(v->name, ' '));
	pk_buf_puts(b, "' ;;\n\t\tesac\n\tfi\n");
}

static void put_bash(struct pk_buf *b, const struct pk_tool *tool)
{
	pk_buf_puts(b, "# SPDX-License-Identifier: Apache-2.0\n# shellcheck shell=bash disable=SC2207,SC2034\n_");
	put_bash_function(b, tool);
	pk_buf_puts(b, "()\n{\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} only='' words\n"
		       "\tCOMPREPLY=()\n");
	put_bash_choices(b, tool->common, "\t");
	if (pk_tool_has_verbs(tool)) {
		put_bash_verbs(b, tool);
	} else {
		put_bash_choices(b, tool->verbs->opts, "\t");
		pk_buf_puts(b, "\twords='");
		put_words(b, tool->verbs->opts);
		put_words(b, tool->common);
		pk_buf_puts(b, " --help --version'\n");
	}
	pk_buf_puts(b, "\tif [[ $cur == -* || -n $only ]]; then\n"
		       "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n\telse\n"
		       "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n\tfi\n}\ncomplete -o filenames -F _");
	put_bash_function(b, tool);
	pk_buf_putf(b, " %s\n", tool->name);
}

/* Text inside single quotes of zsh's _arguments: no quote, bracket or colon may stay. */
static void put_zsh_text(struct pk_buf *b, const char *z)
{
	for (; *z; z++) {
		if (*z == '\'')
			pk_buf_puts(b, "'\\''");
		else if (*z == '[' || *z == ']' || *z == ':')
			pk_buf_putf(b, "\\%c", *z);
		else
			pk_buf_put_c(b, *z);
	}
}

static void put_zsh_opts(struct pk_buf *b, const struct pk_opt *table)
{
	PK_EACH_OPT(o, table) {
		pk_buf_putf(b, " \\\n\t\t'%s--%s%s[", o->type == PK_OPT_LIST ? "*" : "", o->name,
			    pk_opt_takes_arg(o) ? "=" : "");
		put_zsh_text(b, o->help);
		pk_buf_put_c(b, ']');
		if (o->type == PK_OPT_CHOICE) {
			pk_buf_putf(b, ":%s:(", o->arg);
			put_choices(b, o, ' ');
			pk_buf_put_c(b, ')');
		} else if (pk_opt_takes_arg(o)) {
			pk_buf_putf(b, ":%s:_files", o->arg);
		}
		pk_buf_put_c(b, '\'');
	}
}

static void put_zsh(struct pk_buf *b, const struct pk_tool *tool)
{
	pk_buf_putf(b, "#compdef %s\n# SPDX-License-Identifier: Apache-2.0\n", tool->name);
	if (!pk_tool_has_verbs(tool)) {
		pk_buf_puts(b, "_arguments");
		put_zsh_opts(b, tool->verbs->opts);
		put_zsh_opts(b, tool->common);
		put_zsh_opts(b, pk_opt_builtin);
		pk_buf_puts(b, " \\\n\t\t'*:file:_files'\n");
		return;
	}
	pk_buf_puts(b, "local -a verbs=(\n");
	PK_EACH_VERB(v, tool) {
		pk_buf_putf(b, "\t'%s:", v->name);
		put_zsh_text(b, v->summary);
		pk_buf_puts(b, "'\n");
	}
	pk_buf_puts(b, ")\nif (( CURRENT == 2 )); then\n\t_describe verb verbs\n\treturn\nfi\n"
		       "case \"$words[2] $words[3]\" in\n");
	PK_EACH_VERB(v, tool) {
		bool two = strchr(v->name, ' ') != NULL;

		pk_buf_putf(b, "'%s'%s)\n\t_arguments", v->name, two ? "" : "\\ *");
		put_zsh_opts(b, v->opts);
		put_zsh_opts(b, tool->common);
		put_zsh_opts(b, pk_opt_builtin);
		pk_buf_puts(b, " \\\n\t\t'*:file:_files' ;;\n");
	}
	pk_buf_puts(b, "esac\n");
}

static void put_fish_opts(struct pk_buf *b, const struct pk_tool *tool, const char *verb, const struct pk_opt *table)
{
	PK_EACH_OPT(o, table) {
		pk_buf_putf(b, "complete -c %s", tool->name);
		if (verb) {
			size_t n = pk_str_find(pk_str(verb), ' ');

			pk_buf_putf(b, " -n '__fish_seen_subcommand_from %.*s", (int)n, verb);
			if (verb[n])
				pk_buf_putf(b, "; and __fish_seen_subcommand_from%s", verb + n);
			pk_buf_put_c(b, '\'');
		}
		if (o->letter)
			pk_buf_putf(b, " -s %c", o->letter);
		pk_buf_putf(b, " -l %s", o->name);
		if (o->type == PK_OPT_CHOICE) {
			pk_buf_puts(b, " -x -a '");
			put_choices(b, o, ' ');
			pk_buf_put_c(b, '\'');
		} else if (pk_opt_takes_arg(o)) {
			pk_buf_puts(b, " -r");
		}
		pk_buf_puts(b, " -d '");
		for (const char *c = o->help; *c; c++)
			pk_buf_puts(b, *c == '\'' ? "\\'" : (char[]){*c, 0});
		pk_buf_puts(b, "'\n");
	}
}

static void put_fish(struct pk_buf *b, const struct pk_tool *tool)
{
	pk_buf_puts(b, "# SPDX-License-Identifier: Apache-2.0\n");
	PK_EACH_VERB(v, tool) {
		if (v->name) {
			size_t n = pk_str_find(pk_str(v->name), ' ');

			if (v->name[n])
				pk_buf_putf(b, "complete -c %s -n '__fish_seen_subcommand_from %.*s' -a %s\n",
					    tool->name, (int)n, v->name, v->name + n + 1);
			pk_buf_putf(b, "complete -c %s -n __fish_use_subcommand -f -a %.*s\n", tool->name, (int)n,
				    v->name);
		}
		put_fish_opts(b, tool, v->name, v->opts);
	}
	put_fish_opts(b, tool, NULL, tool->common);
	put_fish_opts(b, tool, NULL, pk_opt_builtin);
}

/* --- json -------------------------------------------------------------------------------------------- */

static void put_json_opts(struct pk_json *j, const char *key, const struct pk_opt *table)
{
	pk_json_key(j, key);
	pk_json_begin(j, '[');
	PK_EACH_OPT(o, table) {
		pk_json_begin(j, '{');
		if (o->letter)
			pk_json_kstr(j, "letter", pk_str_n(&o->letter, 1));
		pk_json_kz(j, "name", o->name);
		if (pk_opt_takes_arg(o))
			pk_json_kz(j, "arg", o->arg);
		pk_json_kz(j, "help", o->help);
		pk_json_end(j, '}');
	}
	pk_json_end(j, ']');
}

static void put_json(struct pk_buf *b, const struct pk_tool *tool)
{
	struct pk_json j = {.out = b};

	pk_json_begin(&j, '{');
	pk_json_kz(&j, "name", tool->name);
	pk_json_kz(&j, "summary", tool->summary);
	pk_json_key(&j, "verbs");
	pk_json_begin(&j, '[');
	PK_EACH_VERB(v, tool) {
		pk_json_begin(&j, '{');
		pk_json_kz(&j, "name", v->name);
		pk_json_kz(&j, "operands", v->operands ? v->operands : "");
		pk_json_kz(&j, "summary", v->summary ? v->summary : tool->summary);
		put_json_opts(&j, "options", v->opts);
		pk_json_end(&j, '}');
	}
	pk_json_end(&j, ']');
	put_json_opts(&j, "common", tool->common);
	put_json_opts(&j, "builtin", pk_opt_builtin);
	pk_json_end(&j, '}');
	pk_buf_put_c(b, '\n');
}

bool pk_opt_put_dump(struct pk_buf *b, const struct pk_tool *tool, struct pk_str kind)
{
	static const struct {
		const char *kind;
		void (*put)(struct pk_buf *b, const struct pk_tool *tool);
	} kinds[] = {
		{"mdoc", put_mdoc_page}, {"bash", put_bash}, {"zsh", put_zsh}, {"fish", put_fish}, {"json", put_json},
	};

	for (size_t i = 0; i < PK_LEN(kinds); i++) {
		if (pk_str_eq(pk_str(kinds[i].kind), kind)) {
			kinds[i].put(b, tool);
			return true;
		}
	}
	return false;
}
