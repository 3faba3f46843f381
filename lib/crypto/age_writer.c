/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing: plain bytes in, an age file out, many chunks a write. */
#include "age_int.h"

#include <sodium.h>
#include <stdlib.h>

#define BATCH 16 /* chunks for one call of the sink: 1 MiB */

struct pk_age_writer {
	struct pk_sink sink;
	struct age_stream stream;
	uint64_t index;
	uint8_t *plain; /* one chunk, held back until it is known whether more follows */
	size_t plain_n;
	uint8_t *sealed; /* BATCH chunks */
	size_t sealed_n;
	bool failed, finished;
};

static int start(struct pk_age_writer *w, const struct pk_age_recipients *to, struct pk_err *err)
{
	uint8_t key[AGE_FILE_KEY], nonce[AGE_NONCE];
	PK_AUTO(pk_buf) header = {0};
	int r;

	randombytes_buf(key, sizeof(key));
	randombytes_buf(nonce, sizeof(nonce));
	r = age_header_write(to, key, &header, err);
	if (r == 0)
		r = age_stream_init(&w->stream, key, nonce, err);
	sodium_memzero(key, sizeof(key));
	if (r < 0)
		return -1;
	pk_buf_put(&header, nonce, sizeof(nonce));
	if (pk_buf_check(&header, err) < 0)
		return -1;
	return w->sink.write(w->sink.ctx, header.p, header.n, err);
}

int pk_age_writer_new(const struct pk_age_recipients *to, struct pk_sink sink, struct pk_age_writer **ret,
		      struct pk_err *err)
{
	PK_AUTOPTR(pk_age_writer) w = NULL;

	if (pk_crypto_init(err) < 0)
		return -1;
	w = calloc(1, sizeof(*w));
	if (!w)
		return pk_fail_oom(err);
	w->sink = sink;
	w->plain = malloc(PK_AGE_CHUNK);
	w->sealed = malloc(BATCH * AGE_SEALED_CHUNK);
	if (!w->plain || !w->sealed)
		return pk_fail_oom(err);
	if (start(w, to, err) < 0)
		return -1;
	*ret = pk_steal(&w);
	return 0;
}

static int flush(struct pk_age_writer *w, struct pk_err *err)
{
	if (w->sealed_n && w->sink.write(w->sink.ctx, w->sealed, w->sealed_n, err) < 0) {
		w->failed = true;
		return -1;
	}
	w->sealed_n = 0;
	return 0;
}

static int seal(struct pk_age_writer *w, const void *p, size_t n, bool last, struct pk_err *err)
{
	if (w->sealed_n + n + AGE_TAG > BATCH * AGE_SEALED_CHUNK && flush(w, err) < 0)
		return -1;
	age_chunk_seal(&w->stream, w->index++, last, p, n, w->sealed + w->sealed_n);
	w->sealed_n += n + AGE_TAG;
	return 0;
}

static int check_usable(const struct pk_age_writer *w, struct pk_err *err)
{
	if (w->finished)
		return pk_fail(err, PK_EINTERNAL, 0, "written to after its end");
	if (w->failed)
		return pk_fail(err, PK_ESYS, 0, "cannot write: an earlier write failed");
	return 0;
}

int pk_age_write(struct pk_age_writer *w, const void *p, size_t n, struct pk_err *err)
{
	const uint8_t *u = p;

	if (check_usable(w, err) < 0)
		return -1;
	while (n) {
		size_t take = PK_MIN(n, PK_AGE_CHUNK - w->plain_n);

		if (w->plain_n == PK_AGE_CHUNK) { /* more follows: it was not the last */
			if (seal(w, w->plain, PK_AGE_CHUNK, false, err) < 0)
				return -1;
			w->plain_n = 0;
			continue;
		}
		if (w->plain_n == 0 && n > PK_AGE_CHUNK) { /* straight from the caller's memory */
			if (seal(w, u, PK_AGE_CHUNK, false, err) < 0)
				return -1;
			u += PK_AGE_CHUNK;
			n -= PK_AGE_CHUNK;
			continue;
		}
		memcpy(w->plain + w->plain_n, u, take);
		w->plain_n += take;
		u += take;
		n -= take;
	}
	return 0;
}

int pk_age_writer_finish(struct pk_age_writer *w, struct pk_err *err)
{
	if (check_usable(w, err) < 0 || seal(w, w->plain, w->plain_n, true, err) < 0 || flush(w, err) < 0)
		return -1;
	w->finished = true;
	return 0;
}

void pk_age_writer_free(struct pk_age_writer *w)
{
	if (!w)
		return;
	if (w->plain)
		sodium_memzero(w->plain, PK_AGE_CHUNK);
	free(w->plain);
	free(w->sealed);
	age_stream_done(&w->stream);
	free(w);
}
