/* SPDX-License-Identifier: Apache-2.0 */
/* A scan child: takes batches of items from its socket, scans them, answers. It runs under the sandbox and
 * simply exits when anything is wrong with its surroundings: the pool then forks another. */
#include "child.h"
#include "isolate.h"
#include "memblocks.h"

#include <errno.h>
#include <picket/time.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define FLUSH_BYTES 32768    /* answers are sent once there are this many bytes of them */
#define FLUSH_NS 100000000u  /* or this long after the last ones */
#define ALIVE_NS 1000000000u /* between signs of life from one long item */
#define MAX_NOTES 4096

struct child {
	int fd;
	const struct pk_compiled *rules;
	const struct pk_rules *sources;
	const struct pk_slots *slots;
	YR_SCANNER *scanners[PK_SCAN_CLASSES]; /* by class of files; made when first used */
	struct pk_isolate *isolates[PK_SCAN_CLASSES];
	YR_SCANNER *scanner;            /* the one in use */
	const struct pk_atoms *atoms;   /* of its rules, or NULL */
	struct pk_isolate *isolate;     /* its */
	const struct pk_subset *subset; /* whose it is; NULL: the full set */
	bool triggered;                 /* a rule hit that stands for others */
	unsigned timeout_seconds;
	struct pk_buf out; /* answers not yet sent */
	uint64_t flushed_ns;
	uint64_t alive_ns; /* the last sign of life but answers */
	/* the item at hand */
	char *externals[PK_SCAN_TEXTS];
	uint64_t numbers[PK_SCAN_EXTERNALS - PK_SCAN_TEXTS];
	uint64_t seq;
	size_t item_at; /* where its answer starts in out */
	uint32_t hits;
	bool more;
	uint32_t notes[MAX_NOTES];
	uint8_t note_whys[MAX_NOTES];
	uint32_t note_count;
	const uint8_t *map; /* its mapping, for the SIGBUS handler */
	size_t map_length;
};

/* The signal handler needs it. */
static struct child the_child;

/* Sends what is in out as one message, in packets whose first byte says whether it is the last. Uses nothing
 * that a signal handler may not use. */
static void flush(struct child *c)
{
	size_t at = 0;

	while (at < c->out.n) {
		size_t n = PK_MIN(c->out.n - at, (size_t)PK_SCAN_PACKET - 1);
		uint8_t last = at + n == c->out.n;
		struct iovec v[2] = {{&last, 1}, {c->out.p + at, n}};
		struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
		ssize_t sent = sendmsg(c->fd, &m, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent != (ssize_t)(n + 1))
			_exit(1);
		at += n;
	}
	c->out.n = 0;
}

/* --- one answer --------------------------------------------------------------------------------------- */

static void begin_answer(struct child *c)
{
	c->item_at = c->out.n;
	c->hits = 0;
	c->more = false;
	c->note_count = 0;
	pk_put_u64(&c->out, c->seq);
	pk_put_u8(&c->out, PK_OUTCOME_SCANNED);
	pk_put_u32(&c->out, 0); /* code */
	pk_put_u8(&c->out, 0);  /* more */
	pk_put_u32(&c->out, 0); /* hits */
	/* room for the tail, so that the signal handler needs no memory */
	if (!pk_buf_room(&c->out, 64))
		_exit(1);
}

static void patch_u32(char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (char)(uint8_t)(v >> (8 * i));
}

static void end_answer(struct child *c, uint8_t outcome, uint32_t code)
{
	char *head = c->out.p + c->item_at;

	if (outcome == PK_OUTCOME_CHANGED || outcome == PK_OUTCOME_UNREADABLE) {
		c->out.n = c->item_at + 18;
		c->hits = 0;
	}
	head[8] = (char)outcome;
	patch_u32(head + 9, code);
	head[13] = c->more;
	patch_u32(head + 14, c->hits);
	pk_put_u32(&c->out, c->note_count);
	for (uint32_t i = 0; i < c->note_count; i++) {
		pk_put_u32(&c->out, c->notes[i]);
		pk_put_u8(&c->out, c->note_whys[i]);
	}
	if (c->out.oom)
		_exit(1);
}

static void add_note(struct child *c, uint32_t rule, uint8_t why)
{
	for (uint32_t i = 0; i < c->note_count; i++)
		if (c->notes[i] == rule)
			return;
	if (c->note_count < MAX_NOTES) {
		c->notes[c->note_count] = rule;
		c->note_whys[c->note_count++] = why;
	} else {
		c->more = true;
	}
}

/* A file that shrinks under its mapping: one failed item. Any other bus error is a crash. */
static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	struct child *c = &the_child;
	const uint8_t *at = info->si_addr;

	(void)context;
	if (!c->map || at < c->map || at >= c->map + c->map_length) {
		signal(sig, SIG_DFL);
		return; /* faults again, and dies */
	}
	c->note_count = 0;
	end_answer(c, PK_OUTCOME_CHANGED, 0);
	flush(c);
	_exit(0);
}

/* --- scanning ----------------------------------------------------------------------------------------- */

static uint32_t full_index(const struct child *c, uint32_t rule) { return c->subset ? c->subset->index[rule] : rule; }

static void put_hit(struct child *c, YR_SCAN_CONTEXT *context, const YR_RULE *rule)
{
	bool no_room = c->out.n - c->item_at > PK_SCAN_ITEM_ANSWER_MAX;
	const YR_STRING *s = NULL;
	uint32_t matches = 0, index = 0;
	size_t at = c->out.n;
	bool more = false;

	if (c->hits >= PK_SCAN_MAX_HITS) {
		c->more = true;
		return;
	}
	c->hits++;
	pk_put_u32(&c->out, full_index(c, (uint32_t)(rule - context->rules->rules_table)));
	pk_put_u8(&c->out, 0);
	pk_put_u32(&c->out, 0);
	yr_rule_strings_foreach(rule, s)
	{
		const void *next = context->matches[s->idx].head;

		/* not yr_string_matches_foreach: libyara lays matches out unaligned */
		while (next) {
			YR_MATCH m;
			size_t n;

			memcpy(&m, next, sizeof(m));
			next = m.next;
			if (m.is_private)
				continue;
			n = PK_MIN((size_t)PK_MAX(m.data_length, 0), (size_t)PK_SCAN_MAX_EXCERPT);
			if (no_room || matches >= PK_SCAN_MAX_MATCHES) {
				more = true;
				break;
			}
			pk_put_u32(&c->out, index);
			pk_put_u64(&c->out, (uint64_t)(m.base + m.offset));
			pk_put_u64(&c->out, (uint64_t)m.match_length);
			pk_put_u8(&c->out, (uint8_t)n);
			pk_buf_put(&c->out, m.data, n);
			matches++;
		}
		index++;
	}
	if (c->out.oom)
		_exit(1);
	c->out.p[at + 4] = more;
	patch_u32(c->out.p + at + 5, matches);
}

static int on_scan(YR_SCAN_CONTEXT *context, int message, void *data, void *ctx)
{
	struct child *c = ctx;

	if (message == CALLBACK_MSG_RULE_MATCHING) {
		const YR_RULE *rule = data;

		if (c->subset && c->subset->trigger[rule - context->rules->rules_table])
			c->triggered = true;
		else
			put_hit(c, context, rule);
	} else if (message == CALLBACK_MSG_TOO_MANY_MATCHES) {
		add_note(c, full_index(c, ((const YR_STRING *)data)->rule_idx), PK_NOTE_MATCHES);
	}
	return CALLBACK_CONTINUE;
}

static int define(struct child *c, size_t i)
{
	const struct pk_scan_variable *v = &pk_scan_variables[i];
	double d;

	if (v->type == PK_SCAN_TEXT)
		return yr_scanner_define_string_variable(c->scanner, v->name, c->externals[i]);
	if (v->type == PK_SCAN_INTEGER)
		return yr_scanner_define_integer_variable(c->scanner, v->name, (int64_t)c->numbers[i - PK_SCAN_TEXTS]);
	memcpy(&d, &c->numbers[i - PK_SCAN_TEXTS], sizeof(d));
	return yr_scanner_define_float_variable(c->scanner, v->name, d);
}

/* The scanner for a class of files, with this item's externals. */
static bool use_scanner(struct child *c, unsigned cls)
{
	const struct pk_subset *all = c->rules->subset, *sub = NULL;
	YR_RULES *rules = NULL;

	/* without rules of its own, those for smaller files do */
	while (cls >= 2 && !all[cls].rules)
		cls -= 2;
	sub = cls && all[cls].rules ? &all[cls] : NULL;
	if (!sub)
		cls = 0;
	rules = sub ? sub->rules : c->rules->full;
	c->atoms = sub ? sub->atoms : c->rules->atoms;
	if (!c->scanners[cls]) {
		if (yr_scanner_create(rules, &c->scanners[cls]) != ERROR_SUCCESS) {
			c->scanners[cls] = NULL;
			return false;
		}
		yr_scanner_set_flags(c->scanners[cls], SCAN_FLAGS_REPORT_RULES_MATCHING | SCAN_FLAGS_NO_TRYCATCH);
		yr_scanner_set_callback(c->scanners[cls], on_scan, c);
		c->isolates[cls] = pk_isolate_new(c->sources, rules, (uint64_t)c->timeout_seconds * 1000000000u);
		if (!c->isolates[cls])
			_exit(1);
	}
	c->scanner = c->scanners[cls];
	c->isolate = c->isolates[cls];
	c->subset = sub;
	for (size_t i = 0; i < PK_SCAN_EXTERNALS; i++)
		if (define(c, i) != ERROR_SUCCESS)
			return false;
	return true;
}

/* What one item is: bytes, or who has them. */
struct bytes {
	struct child *c;
	const uint8_t *p;
	size_t n;
	struct pk_memsource *memory;
};

static int scan_once(void *ctx)
{
	const struct bytes *b = ctx;
	struct child *c = b->c;

	c->out.n = c->item_at;
	begin_answer(c);
	c->triggered = false;
	/* libyara keeps it from the scan before */
	c->scanner->entry_point = YR_UNDEFINED;
	if (b->memory)
		return pk_memblocks_scan(c->atoms, c->scanner, b->memory);
	return pk_atoms_scan(c->atoms, c->scanner, b->n ? b->p : NULL, b->n, c->map && b->p == c->map);
}

static int scan_with(struct child *c, unsigned cls, struct bytes *b)
{
	struct pk_isolate_run run = {.scan = scan_once, .ctx = b};
	uint32_t at = 0, rule = 0;
	uint8_t why = 0;
	int code;

	if (!use_scanner(c, cls))
		return ERROR_INSUFFICIENT_MEMORY;
	run.scanner = c->scanner;
	code = pk_isolate_scan(c->isolate, &run);
	while (pk_isolate_next(c->isolate, &at, &rule, &why)) {
		/* one that stands for others leaves open whether they hit */
		if (c->subset && c->subset->trigger[rule])
			c->triggered = true;
		else
			add_note(c, full_index(c, rule), why);
	}
	return code;
}

static void end_with(struct child *c, int code)
{
	if (code == ERROR_SUCCESS)
		end_answer(c, PK_OUTCOME_SCANNED, 0);
	else if (code == ERROR_SCAN_TIMEOUT)
		end_answer(c, PK_OUTCOME_TIMEOUT, 0);
	else if (code == ERROR_INSUFFICIENT_MEMORY)
		end_answer(c, PK_OUTCOME_MEMORY, 0);
	else
		end_answer(c, PK_OUTCOME_ENGINE, (uint32_t)code);
}

static void scan_bytes(struct child *c, const uint8_t *p, size_t n)
{
	struct bytes b = {.c = c, .p = p, .n = n};
	int code = scan_with(c, pk_scan_class(pk_scan_is_mz(p, n), n), &b);

	/* the part's hits are all among those of the full set */
	if (c->triggered)
		code = scan_with(c, 0, &b);
	end_with(c, code);
}

static void say_alive(void *ctx)
{
	struct child *c = ctx;
	uint8_t alive = PK_SCAN_ALIVE;

	if (pk_time_mono_ns() - c->alive_ns < ALIVE_NS)
		return;
	c->alive_ns = pk_time_mono_ns();
	if (send(c->fd, &alive, 1, MSG_NOSIGNAL) != 1)
		_exit(1);
}

static void scan_memory(struct child *c, int fd, uint64_t offset, uint64_t length)
{
	struct pk_memsource memory = {.fd = fd,
				      .slots = c->slots,
				      .offset = offset,
				      .length = length,
				      .alive = say_alive,
				      .ctx = c,
				      .last_tag = (uint64_t)getpid() << 32};
	struct bytes b = {.c = c, .memory = &memory};

	end_with(c, scan_with(c, 0, &b));
}

static void scan_fd(struct child *c, int fd, uint64_t length)
{
	void *p = length > 0 ? mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;

	if (p == MAP_FAILED) {
		end_answer(c, errno == ENOMEM ? PK_OUTCOME_MEMORY : PK_OUTCOME_UNREADABLE, 0);
		return;
	}
	c->map = p;
	c->map_length = length;
	scan_bytes(c, p, length);
	c->map = NULL;
	if (p)
		munmap(p, length);
}

static void read_externals(struct child *c, struct pk_cur *in)
{
	for (size_t i = 0; i < PK_SCAN_TEXTS; i++) {
		struct pk_str s = pk_rd_counted(in);

		free(c->externals[i]);
		c->externals[i] = pk_str_dup(s);
		if (in->bad || !c->externals[i])
			_exit(1);
	}
	for (size_t i = 0; i < PK_LEN(c->numbers); i++)
		c->numbers[i] = pk_rd_le64(in);
}

/* One item of a batch: number, where its bytes are, offset, length, externals. */
static void do_item(struct child *c, struct pk_cur *in, const int *fds, size_t fd_count, size_t *fd_at)
{
	uint64_t offset, length, limit = c->slots ? (uint64_t)c->slots->count * PK_SLOT_BYTES : 0;
	uint8_t by;
	int fd = -1;

	c->seq = pk_rd_le64(in);
	by = pk_rd_u8(in);
	offset = pk_rd_le64(in);
	length = pk_rd_le64(in);
	read_externals(c, in);
	begin_answer(c);
	if (by != PK_SCAN_BY_FD && (offset > limit || length > limit - offset))
		_exit(1);
	if (by != PK_SCAN_BY_SLOTS) {
		if (*fd_at >= fd_count)
			_exit(1);
		fd = fds[(*fd_at)++];
	}
	if (by == PK_SCAN_BY_READER)
		scan_memory(c, fd, offset, length);
	else if (by == PK_SCAN_BY_FD)
		scan_fd(c, fd, length);
	else
		scan_bytes(c, c->slots->base + offset, length);
	if (fd >= 0)
		close(fd);
	if (c->out.n >= FLUSH_BYTES || pk_time_mono_ns() - c->flushed_ns >= FLUSH_NS) {
		flush(c);
		c->flushed_ns = pk_time_mono_ns();
	}
}

/* Receives one packet; false at the end. */
static bool receive(int fd, char *packet, size_t *ret_n, int *fds, size_t *ret_fds)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * PK_SCAN_BATCH)] = {0};
	struct iovec v = {packet, PK_SCAN_PACKET};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	ssize_t n;

	do
		n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0 || (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		return false;
	*ret_n = (size_t)n;
	*ret_fds = 0;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
		if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS) {
			*ret_fds = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			memcpy(fds, CMSG_DATA(h), *ret_fds * sizeof(int));
		}
	}
	return true;
}

void pk_scan_child_main(const struct pk_scan_child_params *p)
{
	struct child *c = &the_child;
	struct sigaction sa = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO};
	pk_autofree char *packet = malloc(PK_SCAN_PACKET);
	int fds[PK_SCAN_BATCH];
	size_t n = 0, fd_count = 0;

	*c = (struct child){.fd = p->fd,
			    .rules = p->rules,
			    .sources = p->sources,
			    .slots = p->slots,
			    .timeout_seconds = p->timeout_seconds};
	sigemptyset(&sa.sa_mask);
	if (!packet || sigaction(SIGBUS, &sa, NULL) < 0)
		_exit(1);
	while (receive(p->fd, packet, &n, fds, &fd_count)) {
		struct pk_cur in = pk_cur(packet, n);
		size_t fd_at = 0;

		c->flushed_ns = pk_time_mono_ns();
		while (in.at < in.n && !in.bad)
			do_item(c, &in, fds, fd_count, &fd_at);
		flush(c);
	}
	_exit(0);
}
