/* SPDX-License-Identifier: Apache-2.0 */
/* picket-bundle encrypt: a plain age file from any input. */
#include "verbs.h"

#include <picket/age.h>
#include <picket/io.h>

#include <unistd.h>

static struct pk_strv recipients, recipient_files;
static bool by_passphrase;
static int passphrase_fd = -1;
static const char *output;

static const struct pk_opt opts[] = {
	{'r', "recipient", PK_OPT_LIST, &recipients, "RECIPIENT", "who can open the result (age1...)", NULL},
	{'R', "recipients-file", PK_OPT_LIST, &recipient_files, "FILE", "the same from a file, one a line", NULL},
	{'p', "passphrase", PK_OPT_FLAG, &by_passphrase, NULL, "seal by a passphrase instead", NULL},
	{0, "passphrase-fd", PK_OPT_FD, &passphrase_fd, "N", "read the passphrase from descriptor N", NULL},
	{'o', "output", PK_OPT_STR, &output, "FILE", "write here instead of to standard output", NULL},
	PK_OPT_END,
};

static int choose(struct pk_age_recipients *to, struct pk_err *err)
{
	if ((by_passphrase || passphrase_fd >= 0) && recipients.n + recipient_files.n)
		return pk_fail(err, PK_EUSAGE, 0, "a passphrase and recipients do not go together");
	if (by_passphrase || passphrase_fd >= 0)
		return pk_secret_ask(&to->passphrase, "Passphrase: ", true, passphrase_fd, err);
	if (recipients.n + recipient_files.n == 0)
		return pk_fail(err, PK_EUSAGE, 0, "who can open it? give -r RECIPIENT, -R FILE or -p");
	for (size_t i = 0; i < recipients.n; i++)
		if (pk_age_recipients_add(to, pk_str(recipients.v[i]), err) < 0) {
			if (err->kind == PK_EFORMAT)
				err->kind = PK_EUSAGE;
			return -1;
		}
	for (size_t i = 0; i < recipient_files.n; i++)
		if (pk_age_recipients_add_file(to, recipient_files.v[i], err) < 0)
			return -1;
	return 0;
}

static int copy(int in, const char *name, struct pk_age_writer *w, struct pk_err *err)
{
	uint64_t done = 0;
	size_t room = 0, n = 0;

	do {
		if (pk_age_writer_take(w, in, name, &n, err) < 0)
			return -1;
		done += n;
		pk_msg_progress("%s: %llu MiB sealed", name, (unsigned long long)done >> 20);
	} while (n);
	do {
		void *to = NULL;

		pk_age_writer_space(w, &to, &room);
		if (pk_read_full(in, to, room, &n, err) < 0)
			return pk_wrap(err, "'%s'", name);
		if (pk_age_writer_filled(w, n, err) < 0)
			return -1;
		done += n;
		pk_msg_progress("%s: %llu MiB sealed", name, (unsigned long long)done >> 20);
	} while (n == room);
	return 0;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_age_recipients) to = {0};
	PK_AUTO(pk_outfile) out = PK_OUTFILE_INIT;
	PK_AUTOPTR(pk_workers) workers = bundle_workers();
	PK_AUTOPTR(pk_age_writer) w = NULL;
	pk_autoclose int in = -1;
	const char *name;

	if (bundle_check_output(output, argc, argv, passphrase_fd, &recipient_files, err) < 0 || choose(&to, err) < 0 ||
	    bundle_open_input(argc, argv, &name, &in, err) < 0)
		return -1;
	if (!output && isatty(STDOUT_FILENO))
		return pk_fail(err, PK_EUSAGE, 0, "sealed bytes do not go to a terminal: give -o FILE");
	if (pk_outfile_open(&out, output, 0, err) < 0 ||
	    pk_age_writer_new(&to, pk_outfile_sink(&out), workers, &w, err) < 0 || copy(in, name, w, err) < 0 ||
	    pk_age_writer_finish(w, err) < 0 || pk_outfile_commit(&out, err) < 0)
		return -1;
	return PK_EXIT_OK;
}

const struct pk_verb bundle_encrypt = {
	.name = "encrypt",
	.operands = "[FILE]",
	.summary = "seal any bytes into a plain age file",
	.opts = opts,
	.max_operands = 1,
	.run = run,
};
