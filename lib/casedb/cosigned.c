/* SPDX-License-Identifier: Apache-2.0 */
/* The station's memory of what it has cosigned. */
#include "cosigned.h"

#include <picket/io.h>
#include <picket/roster.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define MAX_MEMORY (64u << 20)

void pk_cosigned_done(struct pk_cosigned *m)
{
	pk_cleanup_close(&m->fd);
	free(m->path);
	pk_buf_done(&m->key);
	pk_buf_done(&m->log_key);
	*m = (struct pk_cosigned)PK_COSIGNED_INIT;
}

static bool take_line(struct pk_str line, struct pk_str key, struct pk_str origin, struct pk_cosigned *ret)
{
	struct pk_str name, size, root, log_key;
	uint8_t hash[32];
	uint64_t n = 0;

	if (!pk_str_split(&line, ' ', &name) || !pk_str_split(&line, ' ', &size) || !pk_str_split(&line, ' ', &root) ||
	    !pk_str_split(&line, ' ', &log_key) || !log_key.n || !line.n || !pk_str_u64(size, INT64_MAX, &n) || !n ||
	    !pk_hex_decode(root, hash, sizeof(hash)))
		return false;
	if (!pk_str_eq(name, key) || !pk_str_eq(line, origin) || (ret->there && n <= ret->size))
		return true;
	ret->there = true;
	ret->size = n;
	memcpy(ret->root, hash, sizeof(hash));
	pk_buf_reset(&ret->log_key);
	pk_buf_put_str(&ret->log_key, log_key);
	return true;
}

int pk_cosigned_find(struct pk_str text, struct pk_str key, struct pk_str origin, struct pk_cosigned *ret,
		     size_t *ret_end, struct pk_err *err)
{
	size_t no = 0;

	/* a last line without its end was being written when the station stopped: its cosignature never left */
	while (text.n && text.p[text.n - 1] != '\n')
		text.n--;
	*ret_end = text.n;
	for (struct pk_str line; text.n && pk_str_line(&text, &line);)
		if (++no, !take_line(line, key, origin, ret))
			return pk_fail(err, PK_EUSAGE, 0,
				       "line %zu is none of a cosigned checkpoint: the station's memory of what it "
				       "cosigned was "
				       "damaged, and must be put back, or aside",
				       no);
	return ret->log_key.oom ? pk_fail_oom(err) : 0;
}

static void put_key(struct pk_buf *b, const struct pk_note_pub *key)
{
	pk_buf_putf(b, "%s+", key->name);
	pk_buf_put_hex(b, key->hash, sizeof(key->hash));
}

static int load(struct pk_cosigned *m, struct pk_str origin, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	size_t end = 0;

	if (pk_read_all(m->fd, MAX_MEMORY, &text, err) < 0 ||
	    pk_cosigned_find(pk_buf_str(&text), pk_buf_str(&m->key), origin, m, &end, err) < 0)
		return pk_wrap(err, "'%s'", m->path);
	if (ftruncate(m->fd, (off_t)end) < 0 || lseek(m->fd, (off_t)end, SEEK_SET) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot write '%s'", m->path);
	return 0;
}

int pk_cosigned_open(const struct pk_note_pub *key, struct pk_str origin, struct pk_cosigned *ret, struct pk_err *err)
{
	PK_AUTO(pk_cosigned) m = PK_COSIGNED_INIT;
	PK_AUTO(pk_buf) path = {0};
	struct pk_err none = {0};

	if (pk_station_path("cosigned", &path, &none) < 0) {
		if (none.kind == PK_EUSAGE)
			return 0;
		*err = none;
		return -1;
	}
	put_key(&m.key, key);
	if (pk_buf_check(&m.key, err) < 0 || pk_make_parents(path.p, err) < 0)
		return -1;
	m.path = pk_buf_take(&path);
	m.fd = open(m.path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (m.fd < 0 || flock(m.fd, LOCK_EX) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s', the station's memory of what it cosigned",
			       m.path);
	if (load(&m, origin, err) < 0)
		return -1;
	*ret = m;
	m = (struct pk_cosigned)PK_COSIGNED_INIT;
	return 0;
}

int pk_cosigned_add(struct pk_cosigned *m, const struct pk_checkpoint *cp, const struct pk_note_pub *log_key,
		    struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};

	if (m->fd < 0 || (m->there && m->size == cp->size))
		return 0;
	pk_buf_put_str(&line, pk_buf_str(&m->key));
	pk_buf_putf(&line, " %llu ", (unsigned long long)cp->size);
	pk_buf_put_hex(&line, cp->root, sizeof(cp->root));
	pk_buf_put_c(&line, ' ');
	put_key(&line, log_key);
	pk_buf_put_c(&line, ' ');
	pk_buf_put_str(&line, cp->origin);
	pk_buf_put_c(&line, '\n');
	if (pk_buf_check(&line, err) < 0)
		return -1;
	if (pk_write_full(m->fd, line.p, line.n, err) < 0)
		return pk_wrap(err, "'%s'", m->path);
	return fsync(m->fd) < 0 ? pk_fail(err, PK_ESYS, errno, "cannot write '%s'", m->path) : 0;
}
