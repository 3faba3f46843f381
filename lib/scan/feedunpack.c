/* SPDX-License-Identifier: Apache-2.0 */
/* Archives of a tree: what is in them is fed like files, within limits, and every limit that was reached is an outcome. */
#include "feed.h"

#include <errno.h>
#include <picket/io.h>
#include <sys/mman.h>
#include <unistd.h>

#define PATIENCE_SECONDS 5u /* of processor beyond the time limit, which the parent sees to */
#define NS 1000000000u

/* What is left for one file of the tree, archives in archives included. */
struct budget {
	uint64_t bytes, entries, ns;
	const char *spent; /* the limit that was reached, which ends all of it; else NULL */
};
struct pk_feed_nest {
	struct pk_feed_nest *outer;
	struct budget *budget;
	unsigned depth;
	uint64_t members;
	uint64_t size, out;        /* of the archive; what came out */
	const char *type;          /* unpack_parent */
	struct pk_buf source;      /* unpack_source */
	struct pk_buf path;        /* as shown, of the member at hand */
	struct pk_buf absolute;    /* the same without links; empty when there is none */
	size_t path_n, absolute_n; /* up to and including "!/" */
	struct pk_buf bytes;       /* of the member at hand, while they are few */
	int fd;                    /* a memory file with all of them, or -1 */
	uint64_t member_size;
	bool too_large, no_memory;
	bool open; /* a member began and its end was not heard */
	uint8_t flags;
	uint32_t mode;
};

static void nest_done(struct pk_feed_nest *n)
{
	pk_buf_done(&n->source);
	pk_buf_done(&n->path);
	pk_buf_done(&n->absolute);
	pk_buf_done(&n->bytes);
	if (n->fd >= 0)
		close(n->fd);
}

/* --- beginning ---------------------------------------------------------------------------------------- */

void pk_feed_archive_done(struct pk_feed_archive *a)
{
	pk_unpack_free(a->unpack);
	free(a->path);
}

/* The first and the last bytes; false when they cannot be had, which the scanner will find out too. */
static bool look(const struct pk_scantree *t, const struct pk_feed_entry *e, struct pk_buf *bytes, struct pk_str *head,
		 struct pk_str *tail)
{
	size_t head_n = (size_t)PK_MIN(e->length, (uint64_t)PK_UNPACK_HEAD), got = 0;
	size_t tail_n = (size_t)PK_MIN(e->length, (uint64_t)PK_UNPACK_TAIL);

	if (e->slot >= 0) {
		*head = pk_str_n(t->p.slots->base + e->offset, head_n);
		*tail = pk_str_n(t->p.slots->base + e->offset + e->length - tail_n, tail_n);
		return true;
	}
	if (!pk_buf_room(bytes, head_n + tail_n) || pk_pread_full(e->fd, bytes->p, head_n, 0, &got, NULL) < 0 ||
	    got != head_n || pk_pread_full(e->fd, bytes->p + head_n, tail_n, e->length - tail_n, &got, NULL) < 0)
		return false;
	*head = pk_str_n(bytes->p, head_n);
	*tail = pk_str_n(bytes->p + head_n, got);
	return true;
}

int pk_feed_archive_begin(struct pk_scantree *t, struct pk_feed_entry *e, struct pk_str first,
			  struct pk_feed_archive *ret, struct pk_err *err)
{
	bool spent = t->nest && t->nest->budget->spent, sealed = strcmp(pk_scan_filetype(first.p, first.n), "AGE") == 0;
	const struct pk_scantree_unpack *u = t->p.unpack;
	PK_AUTO(pk_buf) bytes = {0};
	struct pk_str head = {0}, tail = {0};
	enum pk_unpack_guess guess = PK_UNPACK_NO;
	struct pk_err why = {0};
	struct pk_unpack_params params;

	/* what is cut at a limit is told as such, and nothing more comes out of it */
	if (u && !sealed && !spent && look(t, e, &bytes, &head, &tail))
		guess = pk_unpack_guess(head, tail);
	if (guess == PK_UNPACK_NO && (!sealed || spent))
		return 0;
	e->opened = true;
	ret->path = strdup(e->path);
	if (!ret->path)
		return pk_fail_oom(err);
	ret->verdict = PK_SCAN_SKIPPED;
	if (sealed) {
		ret->why = "encrypted";
		ret->type = "AGE";
		snprintf(ret->detail, sizeof(ret->detail), "sealed with age; of a bundle, --bundle looks into it");
		return 0;
	}
	ret->maybe = guess == PK_UNPACK_MAYBE;
	ret->type = pk_scan_filetype(head.p, head.n);
	ret->size = e->length;
	if (guess == PK_UNPACK_FOREIGN) {
		ret->why = "archive-format";
		snprintf(ret->detail, sizeof(ret->detail), "%s", ret->type);
		return 0;
	}
	if (t->nest && t->nest->depth >= u->depth) {
		if (ret->maybe)
			return 0;
		ret->why = "archive-depth";
		snprintf(ret->detail, sizeof(ret->detail), "more than %u in each other", u->depth);
		return 0;
	}
	params = (struct pk_unpack_params){
		.input = {.fd = e->fd, .p = e->slot >= 0 ? t->p.slots->base + e->offset : NULL, .n = e->length},
		.slots = t->p.slots,
		.sandbox = u->sandbox,
		.cpu_seconds = (unsigned)PK_MIN(u->max_ns / NS, (uint64_t)86400) + PATIENCE_SECONDS,
	};
	if (pk_unpack_new(&params, &ret->unpack, &why) < 0) {
		ret->verdict = PK_SCAN_FAILED;
		ret->why = "archive-crashed";
		snprintf(ret->detail, sizeof(ret->detail), "%.*s", (int)sizeof(ret->detail) - 1, why.msg);
	}
	return 0;
}

/* --- names -------------------------------------------------------------------------------------------- */

/* What is in "a.log.gz" is "a.log"; what has no suffix that we know holds "data". */
static struct pk_str bare_name(struct pk_str path, struct pk_str *ret_more)
{
	static const struct {
		const char *suffix, *instead;
	} suffixes[] = {{".gz", ""},      {".bz2", ""},      {".xz", ""},      {".zst", ""},
			{".lzma", ""},    {".lz", ""},       {".Z", ""},       {".tgz", ".tar"},
			{".txz", ".tar"}, {".tbz2", ".tar"}, {".svgz", ".svg"}};
	size_t slash = path.n;

	while (slash > 0 && path.p[slash - 1] != '/')
		slash--;
	path = pk_str_n(path.p + slash, path.n - slash);
	*ret_more = PK_STR("");
	for (size_t i = 0; i < PK_LEN(suffixes); i++) {
		struct pk_str s = pk_str(suffixes[i].suffix);

		if (path.n > s.n && pk_str_ends(path, s)) {
			*ret_more = pk_str(suffixes[i].instead);
			return pk_str_n(path.p, path.n - s.n);
		}
	}
	return PK_STR("data");
}

static void cut_to(struct pk_buf *b, size_t n)
{
	if (b->n > n) {
		b->n = n;
		b->p[n] = '\0';
	}
}

/* What leads to a root or to here is left out; "..", which nothing follows, stays. */
static struct pk_str clean_name(struct pk_str name)
{
	for (;;) {
		if (name.n > 0 && name.p[0] == '/')
			name = pk_str_n(name.p + 1, name.n - 1);
		else if (pk_str_starts(name, PK_STR("./")))
			name = pk_str_n(name.p + 2, name.n - 2);
		else
			return name;
	}
}

static void name_member(struct pk_feed_nest *n, struct pk_str archive, const struct pk_unpack_event *ev)
{
	struct pk_str name = clean_name(ev->bytes), more = PK_STR("");

	if ((ev->flags & PK_UNPACK_NAMELESS) || name.n == 0)
		name = bare_name(archive, &more);
	cut_to(&n->path, n->path_n);
	pk_buf_put_str(&n->path, name);
	pk_buf_put_str(&n->path, more);
	if (n->absolute_n == 0)
		return;
	cut_to(&n->absolute, n->absolute_n);
	pk_buf_put_str(&n->absolute, name);
	pk_buf_put_str(&n->absolute, more);
}

void pk_feed_member_externals(struct pk_scantree *t, const struct pk_feed_entry *e, struct pk_scan_externals *ext)
{
	const struct pk_scan_meta meta = {.mode = e->st.st_mode};

	pk_scan_externals_path(ext, pk_str(e->path + e->member), &t->lower);
	pk_scan_externals_meta(ext, &meta, t->host, &t->metatext);
	/* an archive's numbers are of the host where it was made, and mostly none */
	ext->owner = ext->group = PK_STR("");
	if (e->st.st_mode == 0)
		ext->permissions = PK_STR("");
	ext->unpack_parent = pk_str(t->nest->type);
	ext->unpack_source = pk_buf_str(&t->nest->source);
}

/* --- members ------------------------------------------------------------------------------------------ */

static void member_begin(struct pk_feed_nest *n, const struct pk_unpack_event *ev)
{
	n->open = true;
	n->flags = ev->flags;
	n->mode = ev->mode;
	n->member_size = 0;
	n->too_large = n->no_memory = false;
	pk_buf_reset(&n->bytes);
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

/* Small members go by way of a slot, large ones get a memory file. */
static int member_bytes(struct pk_scantree *t, struct pk_feed_nest *n, struct pk_str bytes, struct pk_err *err)
{
	n->member_size += bytes.n;
	if (n->member_size > PK_UNPACK_MAX_MEMBER) {
		n->too_large = true;
		if (n->fd >= 0)
			close(n->fd);
		n->fd = -1;
	}
	if (n->too_large || n->no_memory)
		return 0;
	if (n->fd < 0 && n->bytes.n + bytes.n <= PK_SLOT_BYTES) {
		pk_buf_put_str(&n->bytes, bytes);
		return pk_buf_check(&n->bytes, err);
	}
	if (pk_scantree_room(t, n->member_size, err) < 0)
		return -1;
	if (n->fd < 0) {
		n->fd = memfd_create("member", MFD_CLOEXEC);
		n->no_memory = n->fd < 0 || pk_write_full(n->fd, n->bytes.p, n->bytes.n, NULL) < 0;
	}
	n->no_memory = n->no_memory || pk_write_full(n->fd, bytes.p, bytes.n, NULL) < 0;
	return 0;
}

/* What there is of the member at hand is scanned. `cut`: it is not all. */
static int member_end(struct pk_scantree *t, struct pk_feed_nest *n, enum pk_scan_verdict cut_as, const char *cut,
		      const char *detail, struct pk_err *err)
{
	struct pk_feed_content c = {
		.path = pk_buf_str(&n->path),
		.member = n->path_n,
		.fd = -1,
		.bytes = pk_buf_str(&n->bytes),
		.size = n->member_size,
		.mode = n->mode,
		.cut = cut,
		.cut_as = cut_as,
		.cut_detail = detail,
	};
	char text[64];

	n->open = false;
	/* what comes with bytes is scanned whatever it says it is: in a cpio the last of several hard links has them */
	if ((n->flags & (PK_UNPACK_FOLDER | PK_UNPACK_LINK | PK_UNPACK_SPECIAL)) && n->member_size == 0 && cut)
		return pk_feed_member_outcome(t, c.path, c.member, cut_as, cut, detail, err);
	if ((n->flags & PK_UNPACK_FOLDER) && n->member_size == 0)
		return 0;
	if ((n->flags & (PK_UNPACK_LINK | PK_UNPACK_SPECIAL)) && n->member_size == 0)
		return pk_feed_member_outcome(t, c.path, c.member, PK_SCAN_SKIPPED,
					      n->flags & PK_UNPACK_LINK ? "link" : "special", "", err);
	if (n->too_large) {
		(void)snprintf(text, sizeof(text), "more than %u bytes", PK_UNPACK_MAX_MEMBER);
		return pk_feed_member_outcome(t, c.path, c.member, PK_SCAN_SKIPPED, "too-large", text, err);
	}
	if (n->no_memory)
		return pk_feed_member_outcome(t, c.path, c.member, PK_SCAN_FAILED, "archive-memory", "", err);
	if (cut && strcmp(cut, "encrypted") == 0 && n->member_size == 0)
		return pk_feed_member_outcome(t, c.path, c.member, cut_as, cut, detail, err);
	if (!c.cut && (n->flags & PK_UNPACK_CUT)) {
		c.cut = "names-too-long";
		c.cut_as = PK_SCAN_FAILED;
	}
	c.fd = pk_steal_fd(&n->fd);
	return pk_feed_content(t, &c, err);
}

/* --- the whole ---------------------------------------------------------------------------------------- */

static const char *word(uint8_t how, enum pk_scan_verdict *ret)
{
	static const struct {
		enum pk_scan_verdict verdict;
		const char *word;
	} words[] = {
		[PK_UNPACK_DAMAGED] = {PK_SCAN_FAILED, "archive-damaged"},
		[PK_UNPACK_ENCRYPTED] = {PK_SCAN_SKIPPED, "encrypted"},
		[PK_UNPACK_MEMORY] = {PK_SCAN_FAILED, "archive-memory"},
		[PK_UNPACK_UNKNOWN] = {PK_SCAN_FAILED, "archive-damaged"},
		[PK_UNPACK_CRASHED] = {PK_SCAN_FAILED, "archive-crashed"},
		[PK_UNPACK_TIME] = {PK_SCAN_SKIPPED, "archive-time"},
	};

	*ret = PK_SCAN_SCANNED;
	if (how == PK_UNPACK_WHOLE || how >= PK_LEN(words))
		return NULL;
	*ret = words[how].verdict;
	return words[how].word;
}

/* Which limit is reached; NULL: none. */
static const char *limit(const struct pk_feed_nest *n, uint64_t max_bytes, char *text, size_t text_size)
{
	const char *spent = n->budget->spent;

	if (spent && strcmp(spent, "archive-entries") == 0)
		(void)snprintf(text, text_size, "more than %u", PK_UNPACK_MAX_ENTRIES);
	else if (spent && strcmp(spent, "archive-bytes") == 0)
		(void)snprintf(text, text_size, "more than %llu", (unsigned long long)max_bytes);
	if (spent)
		return spent;
	if (n->out > PK_UNPACK_RATIO_FROM && n->out / PK_UNPACK_MAX_RATIO > n->size) {
		(void)snprintf(text, text_size, "more than %u times its size", PK_UNPACK_MAX_RATIO);
		return "archive-ratio";
	}
	return NULL;
}

/* Text from an archive: printable ASCII of it. */
static void put_text(char *ret, size_t size, struct pk_str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n && n + 1 < size; i++)
		if (text.p[i] >= ' ' && text.p[i] <= '~')
			ret[n++] = text.p[i];
	ret[n] = '\0';
}

static int take_member(struct pk_feed_nest *n, const struct pk_feed_archive *a, const struct pk_unpack_event *ev,
		       struct pk_err *err)
{
	name_member(n, pk_str(a->path), ev);
	member_begin(n, ev);
	n->members++;
	if (n->budget->entries == 0)
		n->budget->spent = "archive-entries";
	else
		n->budget->entries--;
	return n->path.oom || n->absolute.oom ? pk_fail_oom(err) : 0;
}

static int take_event(struct pk_scantree *t, struct pk_feed_nest *n, const struct pk_feed_archive *a,
		      const struct pk_unpack_event *ev, struct pk_err *err)
{
	enum pk_scan_verdict as;
	const char *cut = NULL;
	char text[96];

	if (ev->kind == 'M')
		return take_member(n, a, ev, err);
	if (ev->kind == 'D') {
		n->out += ev->bytes.n;
		if (ev->bytes.n > n->budget->bytes)
			n->budget->spent = "archive-bytes";
		n->budget->bytes -= PK_MIN(n->budget->bytes, (uint64_t)ev->bytes.n);
		return n->open ? member_bytes(t, n, ev->bytes, err) : 0;
	}
	if (ev->kind != 'E' || !n->open)
		return 0;
	cut = word(ev->how, &as);
	put_text(text, sizeof(text), ev->bytes);
	return member_end(t, n, as, cut, text, err);
}

static int drain(struct pk_scantree *t, struct pk_feed_nest *n, struct pk_feed_archive *a, struct pk_err *err)
{
	struct pk_unpack_event ev = {0};
	enum pk_scan_verdict as = PK_SCAN_SKIPPED;
	const char *why = NULL;
	char text[96] = "";

	while (!why && ev.kind != 'Z') {
		pk_unpack_next(a->unpack, &n->budget->ns, &ev);
		if (take_event(t, n, a, &ev, err) < 0)
			return -1;
		why = limit(n, t->p.unpack->max_bytes, text, sizeof(text));
	}
	if (!why) {
		why = word(ev.how, &as);
		put_text(text, sizeof(text), ev.bytes);
		if (ev.how == PK_UNPACK_TIME)
			n->budget->spent = why;
		if (a->maybe && n->members == 0 && (ev.how == PK_UNPACK_UNKNOWN || ev.how == PK_UNPACK_DAMAGED))
			why = NULL;
	}
	if (!why)
		return 0;
	/* the rest of an archive is not worth a process */
	pk_unpack_free(a->unpack);
	a->unpack = NULL;
	if (n->open && strcmp(why, "archive-entries") != 0 && member_end(t, n, as, why, text, err) < 0)
		return -1;
	cut_to(&n->path, n->path_n);
	cut_to(&n->absolute, n->absolute_n);
	return pk_feed_member_outcome(t, pk_buf_str(&n->path), n->path_n, as, why, text, err);
}

int pk_feed_archive_run(struct pk_scantree *t, struct pk_feed_archive *a, struct pk_err *err)
{
	const struct pk_buf *absolute = t->absolute;
	struct budget own = {0};
	struct pk_feed_nest n = {.outer = t->nest, .fd = -1, .size = a->size, .type = a->type};
	int ret;

	if (!a->unpack && !a->why)
		return 0;
	if (t->p.unpack)
		own = (struct budget){
			.bytes = t->p.unpack->max_bytes, .entries = PK_UNPACK_MAX_ENTRIES, .ns = t->p.unpack->max_ns};
	n.budget = n.outer ? n.outer->budget : &own;
	n.depth = n.outer ? n.outer->depth + 1 : 1;
	if (n.outer) {
		pk_buf_put_str(&n.source, pk_buf_str(&n.outer->source));
		pk_buf_put_c(&n.source, '>');
	}
	pk_buf_puts(&n.source, a->type);
	pk_buf_puts(&n.path, a->path);
	pk_buf_puts(&n.path, "!/");
	n.path_n = n.path.n;
	if (absolute && absolute->n > 0) {
		pk_buf_put_str(&n.absolute, pk_buf_str(absolute));
		pk_buf_puts(&n.absolute, "!/");
		n.absolute_n = n.absolute.n;
	}
	if (n.source.oom || n.path.oom || n.absolute.oom) {
		nest_done(&n);
		return pk_fail_oom(err);
	}
	t->nest = &n;
	t->absolute = &n.absolute;
	ret = a->unpack ? drain(t, &n, a, err)
			: pk_feed_member_outcome(t, pk_buf_str(&n.path), n.path_n, a->verdict, a->why, a->detail, err);
	t->nest = n.outer;
	t->absolute = absolute;
	nest_done(&n);
	return ret;
}
