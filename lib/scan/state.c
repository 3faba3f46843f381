/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a scan: a journal that grows while it runs, and an index over the lines of earlier ones. */
#include "statelines.h"

#include <errno.h>
#include <fcntl.h>
#include <picket/io.h>
#include <sodium.h>
#include <sys/file.h>
#include <unistd.h>

#define BUFFER (64u << 10)              /* bytes that a kill may cost: those files are scanned again */
#define FLUSH_EVERY_NS 500000000u       /* or so long */
#define FINE_NS ((int64_t)100000000)    /* the clock of a file system that counts nanoseconds is not behind by more */
#define COARSE_NS ((int64_t)2000000000) /* one that counts seconds, or two */

struct slot {
	uint64_t hash; /* of the key; 0: empty */
	uint64_t at;
	uint32_t n;
	bool journal; /* else in STATE */
};
struct pk_scanstate {
	char *path, *journal_path;
	int last, journal; /* descriptors; last -1: not used */
	struct stat last_st, journal_st;
	const struct pk_ruleset *set;
	uint8_t id[PK_SCANSTATE_ID];
	unsigned char hash_key[crypto_shorthash_KEYBYTES];
	struct slot *slots;
	size_t cap, used; /* cap: 0 or a power of two */
	uint64_t known_last, known_killed;
	struct pk_time started;
	struct pk_buf out, line; /* not yet written; a line that was read */
	uint64_t flushed_ns;
	struct pk_err failed; /* the first failure to write, if any */
	bool is_failed;
};

/* --- the index ---------------------------------------------------------------------------------------- */

static uint64_t hash_of(const struct pk_scanstate *s, struct pk_str key)
{
	uint64_t h;

	crypto_shorthash((unsigned char *)&h, (const unsigned char *)key.p, key.n, s->hash_key);
	return h ? h : 1;
}

/* Two paths of one hash are taken for one: the later wins, and the other is scanned again. */
static struct slot *slot_of(struct slot *slots, size_t cap, uint64_t hash)
{
	size_t i = (size_t)hash & (cap - 1);

	while (slots[i].hash != 0 && slots[i].hash != hash)
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

static int grow_index(struct pk_scanstate *s, struct pk_err *err)
{
	size_t cap = s->cap ? s->cap * 2 : 1024;
	struct slot *slots = NULL;

	if (s->used < s->cap / 2)
		return 0;
	if (s->used >= PK_SCANSTATE_MAX_FILES)
		return pk_fail(err, PK_ELIMIT, 0, "more than %u files", PK_SCANSTATE_MAX_FILES);
	slots = calloc(cap, sizeof(*slots));
	if (!slots)
		return pk_fail_oom(err);
	for (size_t i = 0; i < s->cap; i++)
		if (s->slots[i].hash != 0)
			*slot_of(slots, cap, s->slots[i].hash) = s->slots[i];
	free(s->slots);
	s->slots = slots;
	s->cap = cap;
	return 0;
}

static int enter(struct pk_scanstate *s, struct pk_str line, uint64_t at, bool journal, struct pk_err *err)
{
	struct pk_str key = pk_stateline_key(line);
	struct slot *slot = NULL;
	uint64_t hash;

	if (key.n == 0 || line.n > PK_SCANSTATE_MAX_LINE || !pk_stateline_is_whole(line))
		return 0;
	if (grow_index(s, err) < 0)
		return -1;
	hash = hash_of(s, key);
	slot = slot_of(s->slots, s->cap, hash);
	s->used += slot->hash == 0;
	*slot = (struct slot){hash, at, (uint32_t)line.n, journal};
	++*(journal ? &s->known_killed : &s->known_last);
	return 0;
}

/* --- files -------------------------------------------------------------------------------------------- */

static void put_header(const struct pk_scanstate *s, struct pk_buf *b)
{
	size_t start = b->n;
	struct pk_json j = {.out = b};

	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "picket-scan-state");
	pk_json_kint(&j, "v", 1);
	pk_json_khex(&j, "rules", s->id, sizeof(s->id));
	pk_stateline_seal(b, start);
}

/* Nobody else may have had a hand in it. */
static int check_owner(int fd, const char *path, struct stat *ret, struct pk_err *err)
{
	if (fstat(fd, ret) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot examine '%s'", path);
	if (!S_ISREG(ret->st_mode))
		return pk_fail(err, PK_EUSAGE, 0, "'%s' is not a regular file", path);
	if (ret->st_uid != geteuid() || (ret->st_mode & 022) || ret->st_nlink > 1)
		return pk_fail(err, PK_EUSAGE, 0,
			       "'%s' could be changed by others, who could hide files from the scan: remove it", path);
	return 0;
}

/* Goes over whole lines; *ret_end is behind the last. *ret_ours is false when they are of other rules, or no state. */
static int read_lines(struct pk_scanstate *s, int fd, bool journal, uint64_t *ret_end, bool *ret_ours,
		      struct pk_err *err)
{
	PK_AUTO(pk_buf) header = {0};
	PK_AUTO(pk_buf) chunk = {0};
	uint64_t at = 0;
	size_t got = 1;

	*ret_end = 0;
	*ret_ours = false;
	put_header(s, &header);
	if (pk_buf_check(&header, err) < 0)
		return -1;
	while (got > 0) {
		char *room = pk_buf_room(&chunk, PK_SCANSTATE_MAX_LINE + 1);
		struct pk_str rest, line;

		if (!room)
			return pk_fail_oom(err);
		if (pk_pread_full(fd, room, PK_SCANSTATE_MAX_LINE + 1, at + chunk.n, &got, err) < 0)
			return -1;
		chunk.n += got;
		for (rest = pk_buf_str(&chunk); memchr(rest.p, '\n', rest.n) && pk_str_line(&rest, &line);
		     at += line.n + 1) {
			if (at > 0) {
				if (enter(s, line, at, journal, err) < 0)
					return -1;
				continue;
			}
			if (!pk_str_eq(line, pk_str_n(header.p, header.n - 1)))
				return 0;
			*ret_ours = true;
		}
		if (rest.n > PK_SCANSTATE_MAX_LINE)
			break; /* no line of ours; what follows is not used */
		if (rest.n > 0)
			memmove(chunk.p, rest.p, rest.n);
		chunk.n = rest.n;
	}
	*ret_end = at;
	return 0;
}

static int open_last(struct pk_scanstate *s, struct pk_err *err)
{
	uint64_t end;
	bool ours;

	s->last = open(s->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (s->last < 0)
		return errno == ENOENT ? 0 : pk_fail(err, PK_ESYS, errno, "cannot open '%s'", s->path);
	if (check_owner(s->last, s->path, &s->last_st, err) < 0)
		return -1;
	if (read_lines(s, s->last, false, &end, &ours, err) < 0)
		return pk_wrap(err, "'%s'", s->path);
	return 0;
}

static int open_journal(struct pk_scanstate *s, struct pk_err *err)
{
	PK_AUTO(pk_buf) header = {0};
	uint64_t end = 0;
	bool ours = false;

	s->journal = open(s->journal_path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (s->journal < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", s->journal_path);
	if (check_owner(s->journal, s->journal_path, &s->journal_st, err) < 0)
		return -1;
	if (flock(s->journal, LOCK_EX | LOCK_NB) < 0)
		return pk_fail(err, errno == EWOULDBLOCK ? PK_EUSAGE : PK_ESYS, errno == EWOULDBLOCK ? 0 : errno,
			       "'%s' is in use by another scan", s->journal_path);
	if (read_lines(s, s->journal, true, &end, &ours, err) < 0)
		return pk_wrap(err, "'%s'", s->journal_path);
	/* a line that a kill cut off must not become the beginning of the next */
	if (ftruncate(s->journal, ours ? (off_t)end : 0) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot write '%s'", s->journal_path);
	if (ours)
		return 0;
	put_header(s, &header);
	if (pk_buf_check(&header, err) < 0)
		return -1;
	if (pk_write_full(s->journal, header.p, header.n, err) < 0)
		return pk_wrap(err, "'%s'", s->journal_path);
	return 0;
}

int pk_scanstate_open(const char *path, bool changed, const uint8_t id[PK_SCANSTATE_ID], const struct pk_ruleset *set,
		      struct pk_scanstate **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_scanstate) s = calloc(1, sizeof(*s));
	PK_AUTO(pk_buf) name = {0};

	if (!s)
		return pk_fail_oom(err);
	*s = (struct pk_scanstate){
		.last = -1, .journal = -1, .set = set, .started = pk_time_now(), .flushed_ns = pk_time_mono_ns()};
	memcpy(s->id, id, sizeof(s->id));
	pk_buf_putf(&name, "%s.journal", path);
	s->path = pk_str_dup(pk_str(path));
	s->journal_path = pk_buf_take(&name);
	if (!s->path || !s->journal_path)
		return pk_fail_oom(err);
	if (pk_seed(s->hash_key, sizeof(s->hash_key), err) < 0 || (changed && open_last(s, err) < 0) ||
	    open_journal(s, err) < 0)
		return -1;
	*ret = pk_steal(&s);
	return 0;
}

void pk_scanstate_free(struct pk_scanstate *s)
{
	if (!s)
		return;
	if (s->last >= 0)
		close(s->last);
	if (s->journal >= 0)
		close(s->journal);
	free(s->path);
	free(s->journal_path);
	free(s->slots);
	pk_buf_done(&s->out);
	pk_buf_done(&s->line);
	free(s);
}

void pk_scanstate_counts(const struct pk_scanstate *s, uint64_t *ret_last, uint64_t *ret_killed)
{
	*ret_last = s->known_last;
	*ret_killed = s->known_killed;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool pk_scanstate_is_own(const struct pk_scanstate *s, const struct stat *st)
{
	return is_same_file(st, &s->journal_st) || (s->last >= 0 && is_same_file(st, &s->last_st));
}

/* --- what is known ------------------------------------------------------------------------------------- */

/* The line about a path, in s->line. */
static const struct slot *read_line(struct pk_scanstate *s, struct pk_str path)
{
	PK_AUTO(pk_buf) key = {0};
	const struct slot *slot = NULL;
	char *room = NULL;
	size_t got = 0;

	if (s->cap == 0)
		return NULL;
	pk_stateline_put_key(&key, path);
	if (key.oom)
		return NULL;
	slot = slot_of(s->slots, s->cap, hash_of(s, pk_buf_str(&key)));
	if (slot->hash == 0)
		return NULL;
	pk_buf_reset(&s->line);
	room = pk_buf_room(&s->line, slot->n + 1u);
	if (!room || pk_pread_full(slot->journal ? s->journal : s->last, room, slot->n, slot->at, &got, NULL) < 0 ||
	    got != slot->n || !pk_str_starts(pk_str_n(room, got), pk_buf_str(&key)) || room[key.n] != '"')
		return NULL;
	s->line.n = got;
	return slot;
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool pk_scanstate_find(struct pk_scanstate *s, struct pk_str path, const struct stat *st, struct pk_scanseen *ret)
{
	struct stat was;

	return read_line(s, path) && pk_scanseen_parse(pk_buf_str(&s->line), s->set, NULL, &was, ret) &&
	       is_same_file(st, &was) && st->st_size == was.st_size && is_same_time(&st->st_mtim, &was.st_mtim) &&
	       is_same_time(&st->st_ctim, &was.st_ctim);
}

/* --- what is kept ---------------------------------------------------------------------------------------- */

static void flush(struct pk_scanstate *s)
{
	struct pk_err err = {0};

	if (!s->is_failed &&
	    (pk_buf_check(&s->out, &err) < 0 || pk_write_full(s->journal, s->out.p, s->out.n, &err) < 0)) {
		s->failed = err;
		s->is_failed = true;
	}
	pk_buf_reset(&s->out);
	s->flushed_ns = pk_time_mono_ns();
}

static void flush_if_due(struct pk_scanstate *s)
{
	if (s->out.n >= BUFFER || pk_time_mono_ns() - s->flushed_ns >= FLUSH_EVERY_NS)
		flush(s);
}

/* Changed so shortly before the scan that another change could have left the same times behind, or since. */
static bool is_too_fresh(const struct pk_scanstate *s, const struct timespec *changed)
{
	int64_t slack = changed->tv_nsec == 0 ? COARSE_NS : FINE_NS, ns = (int64_t)s->started.nsec - slack;
	struct pk_time before = {s->started.sec, 0};

	for (; ns < 0; ns += 1000000000)
		before.sec--;
	before.nsec = (uint32_t)ns;
	return pk_time_cmp((struct pk_time){changed->tv_sec, (uint32_t)changed->tv_nsec}, before) >= 0;
}

void pk_scanstate_put(struct pk_scanstate *s, const struct pk_scantree_file *f)
{
	/* of an archive there are more outcomes than its own, and members have no times to go by */
	if (f->verdict != PK_SCAN_SCANNED || !f->result || !f->st || f->opened || f->result->note_count > 0 ||
	    f->result->more || f->ioc_why || is_too_fresh(s, &f->st->st_ctim))
		return;
	pk_scanseen_put_line(&s->out, s->set, f, pk_time_now());
	flush_if_due(s);
}

void pk_scanstate_put_again(struct pk_scanstate *s, struct pk_str path)
{
	const struct slot *slot = read_line(s, path);

	if (!slot || slot->journal)
		return; /* it is in the journal already */
	pk_buf_put_str(&s->out, pk_buf_str(&s->line));
	pk_buf_put_c(&s->out, '\n');
	flush_if_due(s);
}

static void sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	pk_autofree char *folder = pk_str_dup(slash ? pk_str_n(path, (size_t)(slash - path) + 1) : PK_STR("."));
	pk_autoclose int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0)
		(void)fsync(fd); /* not every file system can; the rename itself is done */
}

int pk_scanstate_commit(struct pk_scanstate *s, struct pk_err *err)
{
	flush(s);
	if (s->is_failed) {
		if (err)
			*err = s->failed;
		return pk_wrap(err, "what this scan saw is not kept: '%s'", s->journal_path);
	}
	if (fsync(s->journal) < 0 && errno != EINVAL && errno != ENOTSUP)
		return pk_fail(err, PK_ESYS, errno, "what this scan saw is not kept: cannot write '%s'",
			       s->journal_path);
	if (rename(s->journal_path, s->path) < 0)
		return pk_fail(err, PK_ESYS, errno, "what this scan saw is not kept: cannot create '%s'", s->path);
	sync_folder(s->path);
	return 0;
}
