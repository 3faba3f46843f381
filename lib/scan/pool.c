/* SPDX-License-Identifier: Apache-2.0 */
/* The pool: gives items to scan children in batches, takes their answers, and mourns and replaces them. */
#include "pool.h"

#include <errno.h>
#include <fcntl.h>
#include <picket/time.h>
#include <picket/worker.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_TRIES 3          /* an item that was at this many deaths */
#define MAX_DEATHS 5         /* of one child in a row without an answer */
#define FORK_MS 60000        /* for the zygote to fork, which may be compiling */
#define GRACE_NS 5000000000u /* beyond libyara's own time limit */
#define MAX_ALIVE 20000      /* signs of life from one item, at most one a second */
#define NS 1000000000u

/* --- life of the processes ---------------------------------------------------------------------------- */

/* `compiled`: the rules, from the cache, or nothing. */
static int fork_zygote(struct pk_scanpool *p, const struct pk_scanpool_params *params, struct pk_str compiled,
		       struct pk_err *err)
{
	int control[2], report[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot make a socket for the scanner");
	if (pipe2(report, O_CLOEXEC) < 0) {
		close(control[0]);
		close(control[1]);
		return pk_fail(err, PK_ESYS, errno, "cannot make a pipe for the scanner");
	}
	p->control = control[0];
	p->report = report[0];
	p->zygote = fork();
	if (p->zygote == 0) {
		struct pk_zygote_params z = {
			.rules = params->rules,
			.slots = params->slots,
			.timeout_seconds = p->timeout_seconds,
			.sandbox = params->sandbox,
			.max_scan = p->max_scan,
			.compiled = compiled,
			.keep = p->cache != NULL,
			.control = control[1],
			.report = report[1],
		};

		pk_zygote_main(&z);
	}
	close(control[1]);
	close(report[1]);
	if (p->zygote < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot fork the scanner");
	return 0;
}

/* What is kept of the full set: the length of its report, it, and the rules. */
static void split_cached(struct pk_str cached, struct pk_buf *report, struct pk_str *compiled)
{
	struct pk_cur in = pk_cur(cached.p, cached.n);
	uint64_t n = pk_rd_le64(&in);

	pk_buf_put_str(report, pk_rd_bytes(&in, (size_t)n));
	*compiled = pk_str_n(cached.p + in.at, in.bad || report->oom ? 0 : in.n - in.at);
}

/* The zygote loads the rules meanwhile. How it is confined is not known yet. */
static int take_kept_report(struct pk_scanpool *p, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	pk_put_u32(&b, 0);
	pk_buf_put_str(&b, pk_buf_str(&p->kept_report));
	if (pk_buf_check(&b, err) < 0 || pk_scan_report_parse(pk_buf_str(&b), &p->set, err) < 0)
		return -1;
	p->set.from_cache = true;
	return 0;
}

int pk_scanpool_new(const struct pk_scanpool_params *params, struct pk_scanpool **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_scanpool) p = NULL;
	PK_AUTO(pk_buf) cached = {0};
	struct pk_str all = {0}, compiled = {0};
	struct pk_err why = {0};

	if (params->rules->n == 0)
		return pk_fail(err, PK_EUSAGE, 0, "no rules to scan with");
	p = calloc(1, sizeof(*p));
	if (!p)
		return pk_fail_oom(err);
	p->slots = params->slots;
	p->events = params->events;
	p->child_count = PK_MIN(params->children ? params->children : (size_t)pk_cpu_count(), (size_t)PK_SCAN_CHILDREN);
	p->queue_max = params->queue ? params->queue : 256;
	p->timeout_seconds = params->timeout_seconds ? params->timeout_seconds : 60;
	p->compile_seconds = params->compile_seconds ? params->compile_seconds : 300;
	p->max_scan = params->max_scan ? params->max_scan : PK_SCAN_MAX_DEFAULT;
	p->strict = params->strict;
	p->control = p->report = -1;
	for (size_t i = 0; i < PK_SCAN_CHILDREN; i++)
		p->child[i].fd = -1;
	p->partition = params->partition;
	if (params->cache && pk_rulecache_open(params->cache, params->rules, &p->cache, &why) < 0)
		pk_event_warn(p->events, "compiled rules are not kept: %s", why.msg);
	if (p->cache && pk_rulecache_get(p->cache, 0, &cached, &all))
		split_cached(all, &p->kept_report, &compiled);
	p->cls[0].to_save = compiled.n == 0;
	if (fork_zygote(p, params, compiled, err) < 0 || (compiled.n > 0 && take_kept_report(p, err) < 0))
		return -1;
	*ret = pk_steal(&p);
	return 0;
}

/* What became of a process of ours, in words. */
static void describe_end(int status, char *ret, size_t n)
{
	if (WIFSIGNALED(status))
		snprintf(ret, n, "scanner killed by signal %d (%s)", WTERMSIG(status), sigabbrev_np(WTERMSIG(status)));
	else
		snprintf(ret, n, "scanner ended with code %d", WEXITSTATUS(status));
}

/* Ends a process that is our own unreaped child, and nothing else: its number came from a hostile place. One that
 * is ending by itself is given the time to, so that its status is the true one. */
static int end_process(pid_t pid, bool is_ending)
{
	int status = 0;
	pid_t got = 0;

	if (pid <= 1)
		return 0;
	for (int i = 0; i < 100 && is_ending; i++) {
		const struct timespec ms = {0, 1000000};

		got = waitpid(pid, &status, WNOHANG);
		if (got != 0)
			return status;
		nanosleep(&ms, NULL);
	}
	if (waitpid(pid, &status, WNOHANG) == 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	return status;
}

void pk_scanpool_free(struct pk_scanpool *p)
{
	if (!p)
		return;
	if (p->ready)
		pk_pool_save(p);
	pk_rulecache_free(p->cache);
	pk_buf_done(&p->kept_report);
	for (size_t i = 0; i < PK_SCAN_CHILDREN; i++) {
		if (p->child[i].fd >= 0)
			close(p->child[i].fd);
		end_process(p->child[i].pid, false);
		pk_buf_done(&p->child[i].answer);
	}
	if (p->control >= 0)
		close(p->control);
	if (p->report >= 0)
		close(p->report);
	end_process(p->zygote, false);
	for (size_t i = 0; i < PK_SCANJOB_BUCKETS; i++)
		while (p->table.bucket[i])
			pk_scan_result_free(pk_scanjobs_drop(&p->table, p->table.bucket[i]));
	pk_ruleset_done(&p->set);
	free(p);
}

const struct pk_ruleset *pk_scanpool_rules(const struct pk_scanpool *p) { return &p->set; }

/* The number of the process that was asked for; it may be told first that parts are ready. */
static pid_t hear_pid(struct pk_scanpool *p)
{
	for (unsigned i = 0; i < PK_SCAN_CLASSES; i++) {
		struct pollfd w = {.fd = p->control, .events = POLLIN};
		bool may_be_part = pk_pool_awaits_part(p);
		uint32_t answer;
		int n;

		do
			n = poll(&w, 1, FORK_MS);
		while (n < 0 && errno == EINTR);
		if (n != 1)
			return 0;
		answer = pk_pool_hear_zygote(p);
		if (answer != 0 || !may_be_part)
			return (pid_t)answer;
	}
	return 0;
}

/* Has the zygote fork child c. False: the zygote is gone or lies. */
static bool start_child(struct pk_scanpool *p, struct pk_scanchild *c)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return false;
	pid = pk_pool_ask(p, PK_SCAN_ASK_FORK, 0, pair[1]) ? hear_pid(p) : 0;
	close(pair[1]);
	if (pid <= 1 || pid == p->zygote || waitpid(pid, NULL, WNOHANG) != 0) {
		close(pair[0]);
		return false;
	}
	c->fd = pair[0];
	c->pid = pid;
	c->job_count = c->batches = c->alive = 0;
	c->stale = false;
	pk_buf_reset(&c->answer);
	return true;
}

/* --- readiness ---------------------------------------------------------------------------------------- */

static int read_report(struct pk_scanpool *p, struct pk_buf *b, struct pk_err *err)
{
	uint64_t end = pk_time_mono_ns() + (uint64_t)p->compile_seconds * NS;

	for (;;) {
		struct pollfd w = {.fd = p->report, .events = POLLIN};
		uint64_t now = pk_time_mono_ns();
		char *room = NULL;
		ssize_t n;

		if (now >= end || poll(&w, 1, (int)PK_MIN((end - now) / 1000000 + 1, (uint64_t)1000)) < 0) {
			if (now < end && errno == EINTR)
				continue;
			return pk_fail(err, PK_ELIMIT, 0, "the rules did not compile within %u s", p->compile_seconds);
		}
		if (w.revents == 0)
			continue;
		room = pk_buf_room(b, 65536);
		if (!room)
			return pk_fail_oom(err);
		n = read(p->report, room, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot hear the rules' compiler");
		if (n == 0)
			return 0;
		b->n += (size_t)n;
		if (b->n > PK_SCAN_REPORT_MAX)
			return pk_fail(err, PK_ELIMIT, 0, "the rules are too many: more than %u MiB of names",
				       PK_SCAN_REPORT_MAX >> 20);
	}
}

static int take_report(struct pk_scanpool *p, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	char end[96];

	if (read_report(p, &b, err) < 0)
		return -1;
	close(p->report);
	p->report = -1;
	if (b.n > 1 && b.p[0] == 1)
		return pk_fail(err, PK_EINTERNAL, 0, "%.*s", (int)PK_MIN(b.n - 1, (size_t)400), b.p + 1);
	if (b.n == 0) {
		describe_end(end_process(p->zygote, true), end, sizeof(end));
		p->zygote = 0;
		return pk_fail(err, PK_EFORMAT, 0, "the rules could not be compiled: %s", end);
	}
	if (!p->cls[0].to_save) {
		/* rules from the cache: the zygote tells no more than how it is confined */
		struct pk_cur in = pk_cur(b.p + 1, b.n - 1);

		p->set.sandbox_level = pk_rd_le32(&in);
		return 0;
	}
	if (p->cache && b.n > 5)
		pk_buf_put(&p->kept_report, b.p + 5, b.n - 5);
	return pk_scan_report_parse(pk_str_n(b.p + 1, b.n - 1), &p->set, err);
}

static int check_rules(const struct pk_scanpool *p, struct pk_err *err)
{
	const struct pk_rule_problem *first = NULL;

	for (size_t i = 0; i < p->set.problem_count && !first; i++)
		if (!p->set.problems[i].is_warning)
			first = &p->set.problems[i];
	if (first && p->strict)
		return pk_fail(err, PK_EUSAGE, 0, "rules '%s', line %llu: %s", first->name,
			       (unsigned long long)first->line, first->text);
	if (p->set.rule_count == 0 && first)
		return pk_fail(err, strcmp(first->text, "not enough memory") == 0 ? PK_ESYS : PK_EUSAGE, 0,
			       "no rule is left: rules '%s', line %llu: %s", first->name,
			       (unsigned long long)first->line, first->text);
	if (p->set.rule_count == 0)
		return pk_fail(err, PK_EUSAGE, 0, "there is no rule in the files given");
	return 0;
}

int pk_scanpool_ready(struct pk_scanpool *p, struct pk_err *err)
{
	if (p->ready)
		return 0;
	if (p->lost.kind != PK_ENONE) {
		if (err)
			*err = p->lost;
		return -1;
	}
	if (take_report(p, &p->lost) < 0 || check_rules(p, &p->lost) < 0) {
		if (err)
			*err = p->lost;
		return -1;
	}
	pk_pool_make_all_parts(p);
	for (size_t i = 0; i < p->child_count; i++)
		if (!start_child(p, &p->child[i])) {
			pk_fail(&p->lost, PK_ESYS, 0, "the scanner's zygote died");
			if (err)
				*err = p->lost;
			return -1;
		}
	p->ready = true;
	return 0;
}

/* --- answers ------------------------------------------------------------------------------------------ */

/* j is in no list. */
static void settle(struct pk_scanpool *p, struct pk_scanjob *j, struct pk_scan_result *result)
{
	j->result = result;
	j->known = true;
	if (j->fd >= 0) {
		close(j->fd);
		j->fd = -1;
	}
	pk_scanlist_append(&p->answered, j);
	p->unanswered--;
}

static void settle_as(struct pk_scanpool *p, struct pk_scanjob *j, unsigned outcome, const char *detail)
{
	/* no memory: fetching it then fails */
	settle(p, j, pk_scan_result_new(j->id, outcome, detail));
}

struct hearing {
	struct pk_scanpool *p;
	struct pk_scanchild *c;
};

static bool find_asked(void *ctx, uint64_t seq, uint64_t *ret_id, uint64_t *ret_length)
{
	const struct hearing *h = ctx;

	/* items are answered in their order */
	if (h->c->job_count == 0 || h->c->jobs[0]->seq != seq)
		return false;
	*ret_id = h->c->jobs[0]->id;
	/* matches in memory are at addresses */
	*ret_length = h->c->jobs[0]->item.memory ? UINT64_MAX : h->c->jobs[0]->item.length;
	return true;
}

static void take_answer(void *ctx, uint64_t seq, struct pk_scan_result *result)
{
	const struct hearing *h = ctx;
	struct pk_scanchild *c = h->c;
	struct pk_scanjob *j = c->jobs[0];

	(void)seq;
	memmove(c->jobs, c->jobs + 1, --c->job_count * sizeof(c->jobs[0]));
	if (c->batches > 0 && --c->batch_ends[0] == 0) {
		memmove(c->batch_ends, c->batch_ends + 1, sizeof(c->batch_ends) - sizeof(c->batch_ends[0]));
		c->batches--;
	}
	c->deaths = 0;
	c->alive = 0;
	settle(h->p, j, result);
}

/* libyara's own limit comes first; then, within this, the narrowing down of which rule was slow. */
static void extend_deadline(const struct pk_scanpool *p, struct pk_scanchild *c)
{
	c->deadline_ns = pk_time_mono_ns() + 4 * (uint64_t)p->timeout_seconds * NS + GRACE_NS;
}

/* A child is gone, or must go. What it was at is tried again alone, or given up; all else goes back. */
static void bury(struct pk_scanpool *p, struct pk_scanchild *c, unsigned outcome, const char *why)
{
	bool was_alone = c->job_count == 1;

	close(c->fd);
	c->fd = -1;
	end_process(c->pid, false);
	c->pid = 0;
	while (c->job_count > 0) {
		struct pk_scanjob *j = c->jobs[--c->job_count];
		bool guilty = c->job_count == 0 && outcome != PK_OUTCOME_CHANGED;

		j->tries += guilty;
		if ((guilty && was_alone) || j->tries >= MAX_TRIES) {
			settle_as(p, j, outcome == PK_OUTCOME_CHANGED ? PK_OUTCOME_CRASHED : outcome, why);
			continue;
		}
		j->alone |= guilty;
		pk_scanlist_prepend(&p->waiting, j);
	}
	c->batches = 0;
	c->deaths++;
	if (outcome != PK_OUTCOME_CHANGED)
		pk_event_warn(p->events, "a scan child was replaced: %s", why);
	if (c->deaths > MAX_DEATHS || !start_child(p, c))
		c->fd = -1;
}

static bool any_child(const struct pk_scanpool *p)
{
	for (size_t i = 0; i < p->child_count; i++)
		if (p->child[i].fd >= 0)
			return true;
	return false;
}

static void give_up_all(struct pk_scanpool *p)
{
	while (p->waiting.first) {
		struct pk_scanjob *j = p->waiting.first;

		pk_scanlist_remove(&p->waiting, j);
		settle_as(p, j, PK_OUTCOME_CRASHED, "no scanner could be started any more");
	}
}

/* Takes all packets that are there. */
static void hear(struct pk_scanpool *p, struct pk_scanchild *c)
{
	static char packet[PK_SCAN_PACKET];
	struct hearing h = {p, c};
	const struct pk_scan_asked asked = {find_asked, take_answer, &h};

	while (c->fd >= 0) {
		ssize_t n = recv(c->fd, packet, sizeof(packet), MSG_DONTWAIT | MSG_TRUNC);
		struct pk_err err = {0};

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n <= 0) {
			int status = end_process(c->pid, true);
			bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
			char end[96];

			describe_end(status, end, sizeof(end));
			c->pid = 0;
			bury(p, c, clean ? PK_OUTCOME_CHANGED : PK_OUTCOME_CRASHED, end);
			return;
		}
		if (n == 1 && packet[0] == PK_SCAN_ALIVE && c->job_count > 0 && c->jobs[0]->item.memory &&
		    c->alive++ < MAX_ALIVE) {
			extend_deadline(p, c);
			continue;
		}
		if ((size_t)n > sizeof(packet) || n < 2 || packet[0] < 0 || packet[0] > 1 ||
		    c->answer.n + (size_t)n > PK_SCAN_ANSWER_MAX) {
			bury(p, c, PK_OUTCOME_CRASHED, "scanner gave a malformed answer");
			return;
		}
		pk_buf_put(&c->answer, packet + 1, (size_t)n - 1);
		if (packet[0] == 0)
			continue;
		if (c->answer.oom || pk_scan_answer_parse(pk_buf_str(&c->answer), &p->set, &asked, &err) < 0) {
			bury(p, c, PK_OUTCOME_CRASHED, c->answer.oom ? "out of memory" : err.msg);
			return;
		}
		pk_buf_reset(&c->answer);
		extend_deadline(p, c);
	}
}

/* --- requests ----------------------------------------------------------------------------------------- */

/* How many of the waiting jobs go into one batch for c. */
static size_t batch_size(const struct pk_scanpool *p, const struct pk_scanchild *c)
{
	size_t most = PK_MIN((size_t)PK_SCAN_BATCH, p->waiting.n / (p->child_count * PK_SCAN_AHEAD) + 1);
	size_t n = 0, packet = 0;
	uint64_t bytes = 0;

	if (c->job_count == 1 && c->jobs[0]->alone)
		return 0;
	for (const struct pk_scanjob *j = p->waiting.first; j && n < most; j = j->next) {
		bool fits = packet + pk_scanjob_put_size(j) <= PK_SCAN_PACKET &&
			    (n == 0 || bytes + j->item.length <= PK_SCAN_BATCH_BYTES);

		if (!fits)
			break;
		if (j->alone)
			return n == 0 && c->job_count == 0 ? 1 : n;
		packet += pk_scanjob_put_size(j);
		bytes += j->item.length;
		n++;
	}
	return n;
}

/* False when the child's socket is full. */
static bool send_batch(struct pk_scanchild *c, const struct pk_buf *b, const int *fds, size_t fd_count)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * PK_SCAN_BATCH)] = {0};
	struct iovec v = {b->p, b->n};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	ssize_t n;

	if (fd_count > 0) {
		struct cmsghdr *h = (struct cmsghdr *)(void *)control;

		m.msg_control = control;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(h), fds, sizeof(int) * fd_count);
	}
	do
		n = sendmsg(c->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)b->n;
}

/* A child that has the full set only makes room for one that has the parts as well. */
static void replace_stale(struct pk_scanpool *p, struct pk_scanchild *c)
{
	if (!c->stale || c->fd < 0 || c->job_count > 0)
		return;
	close(c->fd);
	end_process(c->pid, true);
	c->pid = 0;
	c->fd = -1;
	if (!start_child(p, c))
		c->fd = -1;
}

/* Sends one batch to c if it can take one. */
static bool feed(struct pk_scanpool *p, struct pk_scanchild *c)
{
	PK_AUTO(pk_buf) b = {0};
	int fds[PK_SCAN_BATCH];
	size_t fd_count = 0, n, k = 0;

	replace_stale(p, c);
	n = c->fd >= 0 && !c->stale && c->batches < PK_SCAN_AHEAD ? batch_size(p, c) : 0;
	if (n == 0)
		return false;
	for (const struct pk_scanjob *j = p->waiting.first; k < n; j = j->next, k++) {
		pk_scanjob_put(&b, j);
		if (j->fd >= 0)
			fds[fd_count++] = j->fd;
	}
	if (b.oom) { /* waiting for memory could be for ever */
		for (k = 0; k < n; k++) {
			struct pk_scanjob *j = p->waiting.first;

			pk_scanlist_remove(&p->waiting, j);
			settle_as(p, j, PK_OUTCOME_MEMORY, "");
		}
		return true;
	}
	if (!send_batch(c, &b, fds, fd_count))
		return false; /* full, or dead: then hear() finds out */
	if (c->job_count == 0)
		extend_deadline(p, c);
	c->batch_ends[c->batches++] = n;
	for (k = 0; k < n; k++) {
		struct pk_scanjob *j = p->waiting.first;

		pk_scanlist_remove(&p->waiting, j);
		c->jobs[c->job_count++] = j;
	}
	return true;
}

/* Fills the children evenly: first those that have nothing. */
static void feed_all(struct pk_scanpool *p)
{
	for (size_t level = 0; level < PK_SCAN_AHEAD && p->waiting.n > 0; level++)
		for (size_t i = 0; i < p->child_count; i++)
			if (p->child[i].batches <= level)
				feed(p, &p->child[i]);
	if (p->waiting.n > 0 && !any_child(p))
		give_up_all(p);
}

/* One round: send what can be sent, hear what can be heard; with `block`, wait for something to happen. */
static void serve(struct pk_scanpool *p, bool block)
{
	struct pollfd w[PK_SCAN_CHILDREN + 1];
	uint64_t now, first = UINT64_MAX;
	int wait_ms = 0;

	feed_all(p);
	if (!any_child(p))
		return;
	now = pk_time_mono_ns();
	for (size_t i = 0; i < p->child_count; i++) {
		w[i] = (struct pollfd){.fd = p->child[i].fd, .events = POLLIN};
		if (p->child[i].fd >= 0 && p->child[i].job_count > 0)
			first = PK_MIN(first, p->child[i].deadline_ns);
	}
	if (block)
		wait_ms = first <= now ? 0 : (int)PK_MIN((first - now) / 1000000 + 1, (uint64_t)1000);
	w[p->child_count] = (struct pollfd){.fd = pk_pool_awaits_part(p) ? p->control : -1, .events = POLLIN};
	if (poll(w, p->child_count + 1, wait_ms) > 0) {
		if (w[p->child_count].revents != 0)
			(void)pk_pool_hear_zygote(p);
		for (size_t i = 0; i < p->child_count; i++)
			if (w[i].revents != 0 && p->child[i].fd >= 0)
				hear(p, &p->child[i]);
	}
	if (first <= now) {
		for (size_t i = 0; i < p->child_count; i++) {
			struct pk_scanchild *c = &p->child[i];

			if (c->fd >= 0 && c->job_count > 0 && c->deadline_ns <= now)
				bury(p, c, PK_OUTCOME_TIMEOUT, "scanner did not answer in time");
		}
	}
	feed_all(p);
}

/* --- the caller's side -------------------------------------------------------------------------------- */

int pk_scanpool_offer(struct pk_scanpool *p, const struct pk_scan_item *item, struct pk_err *err)
{
	uint64_t limit = p->slots ? (uint64_t)p->slots->count * PK_SLOT_BYTES : 0;
	struct pk_scanjob *j = NULL;

	if (pk_scanpool_ready(p, err) < 0)
		return -1;
	if ((item->fd < 0 || item->memory) && (item->offset > limit || item->length > limit - item->offset))
		return pk_fail(err, PK_EINTERNAL, 0, "an item to scan lies outside the slots");
	while (p->unanswered >= p->queue_max)
		serve(p, true);
	if (pk_scanjobs_add(&p->table, item, &j, err) < 0)
		return -1;
	p->unanswered++;
	if (item->length > p->max_scan && !item->memory) {
		char size[64];

		snprintf(size, sizeof(size), "%llu bytes", (unsigned long long)item->length);
		settle_as(p, j, PK_OUTCOME_TOO_LARGE, size);
		return 0;
	}
	if (pk_scanjob_put_size(j) > PK_SCAN_MAX_NAMES) {
		settle_as(p, j, PK_OUTCOME_NAMES, "");
		return 0;
	}
	pk_scanlist_append(&p->waiting, j);
	if (!item->memory) /* is scanned with all rules */
		pk_pool_count_item(p, item);
	serve(p, false);
	return 0;
}

static int fetch(struct pk_scanpool *p, struct pk_scanjob *j, struct pk_scan_result **ret, struct pk_err *err)
{
	struct pk_scan_result *r;

	pk_scanlist_remove(&p->answered, j);
	r = pk_scanjobs_drop(&p->table, j);
	if (!r)
		return pk_fail_oom(err);
	*ret = r;
	return 0;
}

int pk_scanpool_wait(struct pk_scanpool *p, uint64_t id, struct pk_scan_result **ret, struct pk_err *err)
{
	struct pk_scanjob *j = NULL;

	if (pk_scanpool_ready(p, err) < 0)
		return -1;
	j = pk_scanjobs_find(&p->table, id);
	if (!j)
		return pk_fail(err, PK_EINTERNAL, 0, "item %llu was not offered to the scanner",
			       (unsigned long long)id);
	while (!j->known)
		serve(p, true);
	return fetch(p, j, ret, err);
}

int pk_scanpool_next(struct pk_scanpool *p, bool block, struct pk_scan_result **ret, struct pk_err *err)
{
	if (pk_scanpool_ready(p, err) < 0)
		return -1;
	if (!p->answered.first && p->unanswered > 0)
		serve(p, false);
	while (block && !p->answered.first && p->unanswered > 0)
		serve(p, true);
	if (p->answered.first)
		return fetch(p, p->answered.first, ret, err);
	*ret = NULL;
	return 0;
}
