/* SPDX-License-Identifier: Apache-2.0 */
/* The parser child's work over a hostile payload: walking the tar against the records, and following the hints.
 *
 * The input is members, each "@NAME" in a line and then its content up to the next such line; a line "@" alone begins
 * a frame. Headers, frames, seek table and the age file are put around it here, so that what is searched is what stands
 * in the members. */
#include "../../lib/bundle/tell.h"

#include <picket/age.h>

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pk_age_identities *ids;
static struct pk_age_recipients to;
static struct pk_frame_packer *packer;

static int hear(void *ctx, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	uint64_t *heard = ctx;

	(void)err;
	if (bytes.n > PK_TELL_MAX || !strchr("htksrnmcbdp", (int)what))
		__builtin_trap();
	*heard += bytes.n;
	return 0;
}

static void put_frame(struct pk_buf *payload, struct pk_buf *table, struct pk_buf *plain)
{
	size_t n = 0;
	void *at = NULL;
	struct pk_seek_entry e = {0};

	if (!plain->n || plain->n > PK_FRAME_MAX)
		return;
	at = pk_buf_room(payload, pk_frame_bound());
	if (!at || pk_frame_pack(packer, plain->p, plain->n, at, pk_frame_bound(), &n, NULL) < 0)
		abort();
	payload->n += n;
	e = (struct pk_seek_entry){(uint32_t)n, (uint32_t)plain->n};
	pk_buf_put(table, &e, sizeof(e));
	pk_buf_reset(plain);
}

static void put_member(struct pk_buf *plain, struct pk_str name, struct pk_str content)
{
	static const uint8_t zero[PK_TAR_BLOCK];

	if (name.n == 0 || name.n > PK_TAR_MAX_NAME)
		return;
	pk_tar_put_header(plain, name, content.n);
	pk_buf_put_str(plain, content);
	pk_buf_put(plain, zero, pk_tar_padding(content.n));
}

static void make_payload(struct pk_str in, struct pk_buf *payload)
{
	static const uint8_t zeros[PK_TAR_END];
	PK_AUTO(pk_buf) plain = {0}, table = {0};

	while (in.n) {
		struct pk_str name = {0}, content = {0};

		if (in.p[0] != '@' || !pk_str_line(&in, &name))
			break;
		name = pk_str_n(name.p + 1, name.n - 1);
		if (in.n) {
			const char *end = in.p[0] == '@' ? in.p - 1 : memmem(in.p, in.n, "\n@", 2);

			content = pk_str_n(in.p, end ? (size_t)(end + 1 - in.p) : in.n);
			in = pk_str_n(in.p + content.n, in.n - content.n);
		}
		if (name.n)
			put_member(&plain, name, content);
		else
			put_frame(payload, &table, &plain);
	}
	pk_buf_put(&plain, zeros, sizeof(zeros));
	put_frame(payload, &table, &plain);
	pk_buf_put_seek_table(payload, (const struct pk_seek_entry *)(void *)table.p,
			      table.n / sizeof(struct pk_seek_entry));
}

static void begin(void)
{
	static const char secret[] = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
	static const char reader[] = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

	if (pk_crypto_init(NULL) < 0 || pk_age_identities_new(&ids, NULL) < 0 ||
	    pk_age_identities_add(ids, pk_str(secret), NULL) < 0 ||
	    pk_age_recipients_add(&to, pk_str(reader), NULL) < 0 || pk_frame_packer_new(1, &packer, NULL) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_buf) payload = {0}, sealed = {0};
	struct pk_age_writer *w = NULL;
	struct pk_age_file *age = NULL;
	uint64_t heard = 0;
	const struct pk_teller t = {&heard, hear, NULL, NULL};
	int fd;

	if (!ids)
		begin();
	make_payload(pk_str_n(data, size), &payload);
	if (pk_age_writer_new(&to, pk_sink_buf(&sealed), NULL, &w, NULL) < 0 ||
	    pk_age_write(w, payload.p, payload.n, NULL) < 0 || pk_age_writer_finish(w, NULL) < 0)
		abort();
	pk_age_writer_free(w);
	fd = memfd_create("bundle", MFD_CLOEXEC);
	if (fd < 0 || write(fd, sealed.p, sealed.n) != (ssize_t)sealed.n)
		abort();
	if (pk_age_file_open(fd, ids, false, &age, NULL) == 0) {
		(void)!pk_parse_walk(age, false, &t, NULL);
		(void)!pk_parse_open(age, &t, NULL);
		(void)!pk_parse_records(age, &t, NULL);
		(void)!pk_parse_content(age, 1, false, &t, NULL);
		(void)!pk_parse_content(age, 1, true, &t, NULL);
		pk_age_file_free(age);
	}
	close(fd);
	return 0;
}
