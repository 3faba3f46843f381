/* SPDX-License-Identifier: Apache-2.0 */
/* Picket's own definitions, limits and coverage table, carried in every executable. */
#include <picket/definition.h>

/* One line a file: puts its bytes between two symbols. */
#define FILE_BYTES(sym, name) \
	__asm__(".pushsection .rodata\n" \
		"pk_rule_" #sym ": .incbin \"rules/artifacts/" name "\"\n" \
		"pk_rule_" #sym "_end: .byte 0\n" \
		".popsection\n"); \
	extern const char pk_rule_##sym[], pk_rule_##sym##_end[];

FILE_BYTES(applications, "applications.yaml")
FILE_BYTES(browsers, "browsers.yaml")
FILE_BYTES(containers, "containers.yaml")
FILE_BYTES(logs, "logs.yaml")
FILE_BYTES(mail, "mail.yaml")
FILE_BYTES(packages, "packages.yaml")
FILE_BYTES(proc, "proc.yaml")
FILE_BYTES(profiles, "profiles.yaml")
FILE_BYTES(shell, "shell.yaml")
FILE_BYTES(ssh, "ssh.yaml")
FILE_BYTES(base, "system.yaml")
FILE_BYTES(web, "web.yaml")
FILE_BYTES(limits, "limits.txt")
FILE_BYTES(coverage, "coverage.tsv")

#define ENTRY(sym, name) \
	{ \
		name, pk_rule_##sym, pk_rule_##sym##_end \
	}
static const struct {
	const char *name, *from, *to;
} files[] = {
	ENTRY(applications, "applications.yaml"),
	ENTRY(browsers, "browsers.yaml"),
	ENTRY(containers, "containers.yaml"),
	ENTRY(logs, "logs.yaml"),
	ENTRY(mail, "mail.yaml"),
	ENTRY(packages, "packages.yaml"),
	ENTRY(proc, "proc.yaml"),
	ENTRY(profiles, "profiles.yaml"),
	ENTRY(shell, "shell.yaml"),
	ENTRY(ssh, "ssh.yaml"),
	ENTRY(base, "system.yaml"),
	ENTRY(web, "web.yaml"),
	ENTRY(limits, "limits.txt"),
	ENTRY(coverage, "coverage.tsv"),
};

const char *const pk_builtin_rules[] = {
	"applications.yaml", "browsers.yaml", "containers.yaml", "logs.yaml",    "mail.yaml",
	"packages.yaml",     "proc.yaml",     "profiles.yaml",   "shell.yaml",   "ssh.yaml",
	"system.yaml",       "web.yaml",      "limits.txt",      "coverage.tsv", NULL,
};

bool pk_builtin_rule(const char *name, struct pk_str *ret)
{
	for (size_t i = 0; i < PK_LEN(files); i++)
		if (strcmp(files[i].name, name) == 0) {
			*ret = pk_str_n(files[i].from, (size_t)(files[i].to - files[i].from));
			return true;
		}
	return false;
}

int pk_definitions_load_builtin(struct pk_definitions *d, struct pk_err *err)
{
	for (size_t i = 0; i < PK_LEN(files); i++) {
		struct pk_str text = pk_str_n(files[i].from, (size_t)(files[i].to - files[i].from));

		if (pk_str_ends(pk_str(files[i].name), PK_STR(".yaml")) &&
		    pk_definitions_load(d, files[i].name, text, err) < 0)
			return -1;
	}
	return 0;
}
