/* SPDX-License-Identifier: Apache-2.0 */
/* picket-bundle decrypt: the plain bytes of an age file, with an exit code for each class of refusal. */
#include "verbs.h"

#include <picket/age.h>
#include <picket/io.h>

static struct pk_strv identities;
static bool by_passphrase;
static int passphrase_fd = -1;
static const char *output;

static const struct pk_opt opts[] = {
	{'i', "identity", PK_OPT_LIST, &identities, "FILE", "a file of identities, or - for standard input", NULL},
	{'p', "passphrase", PK_OPT_FLAG, &by_passphrase, NULL,
	 "ask for a passphrase if the file needs one (the default without -i, and with --passphrase-fd)", NULL},
	{0, "passphrase-fd", PK_OPT_FD, &passphrase_fd, "N",
	 "read passphrases from descriptor N, one a line: first those of sealed identity files, as they are given, "
	 "then the "
	 "file's own",
	 NULL},
	{'o', "output", PK_OPT_STR, &output, "FILE",
	 "write here instead of to standard output; nothing appears unless all of it is genuine", NULL},
	PK_OPT_END,
};

static int copy(struct pk_age_reader *r, const char *name, struct pk_outfile *out, struct pk_err *err)
{
	pk_autofree uint8_t *bytes = malloc(BUNDLE_IO_BYTES);
	uint64_t done = 0;
	size_t n;

	if (!bytes)
		return pk_fail_oom(err);
	for (;;) {
		if (pk_age_read(r, bytes, BUNDLE_IO_BYTES, &n, err) < 0)
			return pk_wrap(err, "'%s'", name);
		if (n == 0)
			return 0;
		if (pk_outfile_write(out, bytes, n, err) < 0)
			return -1;
		done += n;
		pk_msg_progress("%s: %llu MiB opened", name, (unsigned long long)done >> 20);
	}
}

static int decrypt(int argc, char **argv, struct pk_err *err)
{
	PK_AUTOPTR(pk_age_identities) ids = NULL;
	PK_AUTOPTR(pk_workers) workers = bundle_workers();
	PK_AUTOPTR(pk_age_reader) r = NULL;
	PK_AUTO(pk_outfile) out = PK_OUTFILE_INIT;
	pk_autoclose int in = -1;
	const char *name;

	if (pk_strv_has(&identities, "-") && (argc == 0 || strcmp(argv[0], "-") == 0))
		return pk_fail(err, PK_EUSAGE, 0,
			       "standard input cannot be both the identities and the file: name one");
	if (bundle_check_output(output, argc, argv, passphrase_fd, &identities, err) < 0 ||
	    pk_age_identities_load(&identities, by_passphrase, passphrase_fd, &pk_msg_events, &ids, err) < 0 ||
	    bundle_open_input(argc, argv, &name, &in, err) < 0)
		return -1;
	if (pk_age_reader_new(in, ids, workers, &r, err) < 0)
		return pk_wrap(err, "'%s'", name);
	pk_age_identities_free(pk_steal(&ids)); /* not needed for the rest, which may take hours */
	if (pk_outfile_open(&out, output, 0, err) < 0 || copy(r, name, &out, err) < 0 ||
	    pk_outfile_commit(&out, err) < 0)
		return -1;
	return PK_EXIT_OK;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	int code = decrypt(argc, argv, err);

	if (code < 0 && err->code) {
		pk_msg_error(err);
		return err->code;
	}
	return code;
}

const struct pk_verb bundle_decrypt = {
	.name = "decrypt",
	.operands = "[FILE]",
	.summary = "open a plain age file, binary or armored",
	.opts = opts,
	.max_operands = 1,
	.run = run,
};
