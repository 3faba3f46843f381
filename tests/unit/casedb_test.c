/* SPDX-License-Identifier: Apache-2.0 */
/* The case database with records made by hand: rows, listings, opinions, custody, check. */
#include "../../lib/casedb/rows.h"
#include "../t.h"

#include <picket/case.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder; /* a new one for each test, removed by the runner's temporary folder */
static char base[] = "/tmp/picket-casedb-XXXXXX";

static char *fresh(const char *name)
{
	PK_AUTO(pk_buf) b = {0};

	pk_buf_putf(&b, "%s/%s", base, name);
	free(folder);
	return folder = pk_buf_take(&b);
}

static struct pk_case *open_new(const char *name)
{
	struct pk_case *c = NULL;

	OK(pk_case_init(fresh(name), &(struct pk_case_params){.team = "blue"}, "ann", &err));
	OK(pk_case_open(folder, PK_CASE_WRITE, "ann", &c, &err));
	return c;
}

/* Takes hand-made lines as a verified bundle: 'l' lines are followed by their rows. */
static int take_under(struct pk_case *c, const struct pk_ticket *ticket, uint8_t id, const char *const *lines,
		      const char *jsonl, struct pk_err *err)
{
	PK_AUTO(pk_rows) rows = {0};
	PK_AUTO(pk_stmt) st = {0};
	pk_autorollback struct pk_case *tx = c;
	uint8_t bundle[16] = {id}, digest[64] = {id}, root[32] = {id};
	char place[32];
	int64_t intake = 0;

	if (pk_case_begin(tx, err) < 0 ||
	    pk_stmt_init(&st, c,
			 "INSERT INTO intake(digest, state, verdict, why, place, size, source, first_intake) "
			 "VALUES(?1, 'imported', 'ok', '', ?2, 1, 'x.age', '1700000000.000000000') RETURNING no",
			 err) < 0)
		return -1;
	snprintf(place, sizeof(place), "bundles/%02x.age", id);
	pk_stmt_blob(&st, 1, digest, 64);
	pk_stmt_z(&st, 2, place);
	if (pk_stmt_step(&st, err) < 0)
		return -1;
	intake = pk_stmt_col_int(&st, 0);
	pk_stmt_reset(&st);
	if (pk_rows_begin(&rows, c, bundle, intake, err) < 0)
		return -1;
	rows.ticket = ticket;
	for (uint64_t i = 0; lines[i]; i++) {
		struct pk_record rec = {.leaf = i, .line = pk_str(lines[i])};
		struct pk_str t;

		if (pk_json_parse(rec.line, &rec.json, err) < 0)
			return -1;
		if (pk_json_get_str(rec.json, "t", &t))
			rec.type = t.p[0];
		if (pk_rows_record(&rows, &rec, err) < 0) {
			pk_json_value_free(rec.json);
			return -1;
		}
		pk_json_value_free(rec.json);
	}
	for (size_t i = 0; i < rows.live_n; i++)
		if (pk_rows_live(&rows, &rows.live[i], pk_str(jsonl), err) < 0)
			return -1;
	if (pk_rows_finish(&rows, err) < 0 ||
	    pk_stmt_init(&st, c,
			 "UPDATE bundle SET trust = 'ticketed', is_signed = 1, complete = 1, root = ?1, leaves = ?2,"
			 "started = '1700000100.000000000' WHERE no = ?3",
			 err) < 0)
		return -1;
	pk_stmt_blob(&st, 1, root, 32);
	pk_stmt_int(&st, 2, (int64_t)rows.tree.size);
	pk_stmt_int(&st, 3, rows.bundle);
	if (pk_stmt_run(&st, err) < 0)
		return -1;
	return pk_case_commit(tx, err);
}

static int take(struct pk_case *c, uint8_t id, const char *const *lines, const char *jsonl, struct pk_err *err)
{
	return take_under(c, NULL, id, lines, jsonl, err);
}

#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SALT "\"salt\":\"00000000000000000000000000000000\""

static const char *const web01[] = {
	"{\"t\":\"b\",\"i\":0," SALT
	",\"bundle\":\"01000000000000000000000000000000\",\"host\":{\"hostname\":\"web01\","
	"\"machine_id\":\"m1\",\"os_pretty_name\":\"Debian GNU/Linux "
	"12\"},\"label\":{\"tlp\":\"AMBER\",\"rel_to\":[\"JPN\",\"USA\"],\"originator\":null,\"caveats\":[]},"
	"\"tool\":{\"start\":\"1700000100.000000000\"},\"part\":1}",
	"{\"t\":\"c\",\"i\":1," SALT ",\"size\":5,\"sha256\":\"" SHA_A "\"}",
	"{\"t\":\"m\",\"i\":2," SALT
	",\"path\":\"/usr/bin/sshd_helper\",\"kind\":\"file\",\"mode\":493,\"uid\":0,\"gid\":0,"
	"\"size\":5,\"mtime\":\"1700000000.500000000\",\"atime\":\"1700000000.500000000\",\"ctime\":\"1700000001."
	"000000000\","
	"\"outcome\":\"taken\",\"via\":[\"A\",\"B\"],\"c\":1,\"target\":\"x\"}",
	"{\"t\":\"h\",\"i\":3," SALT ",\"rule\":\"Web_Shell\",\"namespace\":\"ns\",\"meta\":{\"severity\":\"high\","
	"\"description\":\"d\"},\"strings\":[{\"name\":\"$a\",\"offset\":0,\"length\":2}],\"of\":1}",
	"{\"t\":\"m\",\"i\":4," SALT ",\"path_b64\":\"L3RtcC//\",\"kind\":\"file\",\"size\":9,\"outcome\":\"denied\","
	"\"why\":\"permission\",\"mtime\":\"-5.250000000\"}",
	"{\"t\":\"m\",\"i\":5," SALT ",\"path\":\"/etc/absent\",\"outcome\":\"absent\"}",
	"{\"t\":\"l\",\"i\":6," SALT ",\"table\":\"processes\",\"rows\":2,\"size\":10,\"sha256\":\"" SHA_B "\"}",
	"{\"t\":\"e\",\"i\":7," SALT ",\"event\":\"table-note\",\"why\":\"w\"}",
	"{\"t\":\"h\",\"i\":8," SALT ",\"more_of\":3,\"strings\":[]}",
	NULL,
};
static const char web01_live[] =
	"{\"pid\":7,\"name\":\"evilproc\",\"start_time\":\"1700000050.000000000\"}\nnot json at all \xff\n";

static const char *const db02[] = {
	"{\"t\":\"b\",\"i\":0," SALT ",\"bundle\":\"02000000000000000000000000000000\",\"host\":{\"hostname\":\"db02\","
	"\"machine_id\":\"m2\"}}",
	"{\"t\":\"c\",\"i\":1," SALT ",\"size\":5,\"sha256\":\"" SHA_B "\"}",
	"{\"t\":\"m\",\"i\":2," SALT ",\"path\":\"/usr/bin/sshd_helper\",\"kind\":\"file\",\"size\":5,"
	"\"mtime\":\"1700000000.500000000\",\"outcome\":\"taken\",\"c\":1}",
	"{\"t\":\"m\",\"i\":3," SALT
	",\"path\":\"/etc/hosts\",\"kind\":\"file\",\"size\":5,\"outcome\":\"taken\",\"c\":1,"
	"\"mtime\":\"253402300800.000000000\"}",
	NULL,
};

struct seen {
	size_t n, stop_after;
	struct pk_buf text; /* every text cell, " | " between, one row a line */
};

static int on_row(void *ctx, const struct pk_listing *l, const struct pk_cell *cells)
{
	struct seen *s = ctx;

	for (size_t i = 0; i < l->n; i++) {
		switch (l->columns[i].type) {
		case PK_CELL_INT:
		case PK_CELL_BOOL:
			if (!cells[i].null)
				pk_buf_putf(&s->text, "%lld", (long long)cells[i].i);
			break;
		case PK_CELL_TIME:
			if (!cells[i].null)
				pk_buf_put_time(&s->text, cells[i].t);
			break;
		case PK_CELL_HEX: pk_buf_put_hex(&s->text, cells[i].s.p, PK_MIN(cells[i].s.n, (size_t)2)); break;
		default: pk_buf_put_str(&s->text, cells[i].s);
		}
		pk_buf_puts(&s->text, i + 1 < l->n ? "|" : "\n");
	}
	s->n++;
	return s->stop_after && s->n == s->stop_after ? PK_LIST_STOP : 0;
}

struct row_ctx {
	struct seen *seen;
	const struct pk_listing *l;
};

static int row_thunk(void *ctx, const struct pk_cell *cells, struct pk_err *err)
{
	struct row_ctx *r = ctx;

	(void)err;
	return on_row(r->seen, r->l, cells);
}

static size_t list(struct pk_case *c, enum pk_list which, const struct pk_case_filter *f, struct pk_buf *ret)
{
	struct seen s = {0};
	struct row_ctx r = {&s, pk_case_listing(which)};

	OK(pk_case_list(c, which, f, (struct pk_row_sink){row_thunk, &r}, &err));
	pk_buf_done(ret);
	*ret = s.text;
	return s.n;
}

static bool has(const struct pk_buf *b, const char *z) { return b->p && strstr(b->p, z) != NULL; }

static struct pk_case *two_hosts(const char *name)
{
	struct pk_case *c = open_new(name);

	OK(take(c, 1, web01, web01_live, &err));
	OK(take(c, 2, db02, "", &err));
	return c;
}

static const struct pk_check_sink no_sink;

TEST(modes_and_refusals)
{
	PK_AUTOPTR(pk_case) c = open_new("modes");
	PK_AUTO(pk_buf) file = {0};
	struct pk_case *other = NULL;
	struct stat st;

	CHECK(stat(folder, &st) == 0 && (st.st_mode & 0777) == 0700);
	pk_buf_putf(&file, "%s/case.db", folder);
	CHECK(stat(file.p, &st) == 0 && (st.st_mode & 0777) == 0600);
	FAILS(PK_EUSAGE, pk_case_init(folder, &(struct pk_case_params){0}, NULL, &err));
	FAILS(PK_EUSAGE, pk_case_open("/nowhere/at/all", PK_CASE_READ, NULL, &other, &err));
	/* a newer format is not touched */
	OK(pk_case_exec(c, "PRAGMA user_version = 99", &err));
	FAILS(PK_EFORMAT, pk_case_open(folder, PK_CASE_WRITE, NULL, &other, &err));
	OK(pk_case_exec(c, "PRAGMA user_version = 1; PRAGMA application_id = 5", &err));
	FAILS(PK_EFORMAT, pk_case_open(folder, PK_CASE_READ, NULL, &other, &err));
}

TEST(one_writer)
{
	PK_AUTOPTR(pk_case) a = open_new("writer");
	PK_AUTOPTR(pk_case) b = NULL;

	OK(pk_case_open(folder, PK_CASE_WRITE, NULL, &b, &err));
	sqlite3_busy_timeout(b->db, 10);
	OK(pk_case_begin(a, &err));
	FAILS(PK_ESYS, pk_case_begin(b, &err));
	pk_case_rollback(a);
	OK(pk_case_begin(b, &err));
	pk_case_rollback(b);
}

TEST(readers_cannot_write)
{
	PK_AUTOPTR(pk_case) a PK_UNUSED = open_new("reader");
	PK_AUTOPTR(pk_case) b = NULL;

	OK(pk_case_open(folder, PK_CASE_READ, NULL, &b, &err));
	FAILS(PK_ESYS, pk_case_begin(b, &err));
	FAILS(PK_ESYS, pk_case_exec(b, "DELETE FROM meta", &err));
}

TEST(rows)
{
	PK_AUTOPTR(pk_case) c = two_hosts("rows");
	PK_AUTO(pk_buf) t = {0};
	struct pk_case_totals n = {0};

	OK(pk_case_totals(c, &n, &err));
	CHECK_INT(n.hosts, 2);
	CHECK_INT(n.bundles, 2);
	CHECK_INT(n.files, 5);
	CHECK_INT(n.hits, 1);
	CHECK_INT(n.rows, 2);
	CHECK_INT(n.events, 1);
	CHECK_INT(list(c, PK_LIST_HOSTS, NULL, &t), 2);
	CHECK(has(&t, "web01|Debian GNU/Linux 12|1|3|1|1|2|1700000100.000000000|ticketed|"));
	CHECK_INT(list(c, PK_LIST_BUNDLES, NULL, &t), 2);
	CHECK(has(&t, "unlabelled"));
	CHECK_INT(list(c, PK_LIST_FILES, &(struct pk_case_filter){.host = "web01"}, &t), 3);
	CHECK(has(&t, "01000000/2|web01|taken||file|493|0|0|0|5|1700000000.500000000|"));
	CHECK(has(&t, "/tmp/\xff"));
	CHECK(has(&t, "-5.250000000"));
	CHECK_INT(list(c, PK_LIST_FILES, &(struct pk_case_filter){.outcome = "denied"}, &t), 1);
	CHECK_INT(list(c, PK_LIST_FILES, &(struct pk_case_filter){.sha256 = "bbbb"}, &t), 2);
	CHECK_INT(list(c, PK_LIST_FILES, &(struct pk_case_filter){.path = "/etc/*"}, &t), 2);
	CHECK_INT(list(c, PK_LIST_FILES, &(struct pk_case_filter){.limit = 2}, &t), 2);
	CHECK_INT(list(c, PK_LIST_FILES, &(struct pk_case_filter){.bundle = "0200"}, &t), 2);
	CHECK_INT(list(c, PK_LIST_HITS, NULL, &t), 1);
	CHECK(has(&t, "high|Web_Shell|ns|d|web01|aaaa|1700000000.500000000|"));
	CHECK(has(&t, "01000000/2|/usr/bin/sshd_helper"));
	CHECK_INT(list(c, PK_LIST_OUTCOMES, &(struct pk_case_filter){.not_taken = true}, &t), 2);
	CHECK(has(&t, "web01|denied|permission|1|9|"));
	CHECK_INT(list(c, PK_LIST_RUN, NULL, &t), 1);
	CHECK(has(&t, "web01|table-note|1|w|"));
	CHECK_INT(list(c, PK_LIST_LIVE, NULL, &t), 2);
	CHECK(has(&t, "{\"unreadable\":\"not json at all \xef\xbf\xbd\",\"bytes\":17}"));
}

TEST(filters_that_name_nothing)
{
	PK_AUTOPTR(pk_case) c = two_hosts("filters");
	struct pk_row_sink none = {0};

	FAILS(PK_EUSAGE, pk_case_list(c, PK_LIST_FILES, &(struct pk_case_filter){.host = "nobody"}, none, &err));
	FAILS(PK_EUSAGE, pk_case_list(c, PK_LIST_FILES, &(struct pk_case_filter){.sha256 = "xyz"}, none, &err));
	FAILS(PK_EUSAGE, pk_case_list(c, PK_LIST_FILES, &(struct pk_case_filter){.sha256 = "ab"}, none, &err));
	FAILS(PK_EUSAGE, pk_case_list(c, PK_LIST_SEARCH, &(struct pk_case_filter){.text = " "}, none, &err));
	FAILS(PK_EUSAGE,
	      pk_case_list(c, PK_LIST_STACK_LIVE, &(struct pk_case_filter){.table = "t", .column = "a'b"}, none, &err));
}

TEST(search)
{
	static const struct {
		const char *text;
		size_t n;
	} cases[] = {
		{"sshd_helper", 2},   {"usr bin", 2}, {"helper", 2},      {"d_hel", 2}, {"evilproc", 1}, {"evil*", 1},
		{"nothing-there", 0}, {"\"", 0},      {"path:x OR *", 0}, {"hosts", 1}, {"ho", 1},       {"%", 0},
		{"NEAR(", 0},
	};
	PK_AUTOPTR(pk_case) c = two_hosts("search");
	PK_AUTO(pk_buf) t = {0};

	for (size_t i = 0; i < PK_LEN(cases); i++) {
		size_t n = list(c, PK_LIST_SEARCH, &(struct pk_case_filter){.text = cases[i].text}, &t);

		if (n != cases[i].n)
			printf("# '%s': %zu\n%s", cases[i].text, n, t.p ? t.p : "");
		CHECK_INT(n, cases[i].n);
	}
	CHECK_INT(list(c, PK_LIST_SEARCH, &(struct pk_case_filter){.text = "sshd_helper", .host = "db02"}, &t), 1);
}

TEST(timeline)
{
	PK_AUTOPTR(pk_case) c = two_hosts("timeline");
	PK_AUTO(pk_buf) t = {0};
	struct pk_time from = {.sec = 1700000000}, to = {.sec = 1700000001};
	uint64_t files[4], events[4];

	CHECK_INT(list(c, PK_LIST_TIMELINE, NULL, &t), 6);
	CHECK_STR(pk_buf_str(&t),
		  pk_str("-5.250000000|web01|file|m...|01000000/4|ticketed|/tmp/\xff|unlabelled\n"
			 "1700000000.500000000|web01|file|ma..|01000000/2|ticketed|/usr/bin/sshd_helper|unlabelled\n"
			 "1700000000.500000000|db02|file|m...|02000000/2|ticketed|/usr/bin/sshd_helper|unlabelled\n"
			 "1700000001.000000000|web01|file|..c.|01000000/2|ticketed|/usr/bin/sshd_helper|unlabelled\n"
			 "1700000050.000000000|web01|processes|process started|01000000/6|ticketed|pid=7 "
			 "name=evilproc|unlabelled\n"
			 "253402300800.000000000|db02|file|m...|02000000/3|ticketed|/etc/hosts|unlabelled\n"));
	CHECK_INT(list(c, PK_LIST_TIMELINE, &(struct pk_case_filter){.from = &from, .to = &to}, &t), 2);
	CHECK_INT(list(c, PK_LIST_TIMELINE, &(struct pk_case_filter){.from = &from, .to = &to, .host = "db02"}, &t), 1);
	CHECK_INT(list(c, PK_LIST_TIMELINE, &(struct pk_case_filter){.table = "processes"}, &t), 1);
	CHECK_INT(list(c, PK_LIST_TIMELINE, &(struct pk_case_filter){.table = "file", .limit = 3}, &t), 3);
	to.sec = 1700000100;
	OK(pk_case_histogram(c, NULL, from, to, 4, files, events, &err));
	CHECK_INT(files[0], 3);
	CHECK_INT(events[2], 1);
	CHECK_INT(files[3] + events[0] + events[1] + events[3], 0);
	FAILS(PK_EUSAGE, pk_case_histogram(c, NULL, to, from, 4, files, events, &err));
}

/* The same host collected twice: one moment is one line. */
TEST(timeline_without_repeats)
{
	PK_AUTOPTR(pk_case) c = two_hosts("repeats");
	PK_AUTO(pk_buf) t = {0};
	const char *again[PK_LEN(web01)];

	memcpy(again, web01, sizeof(again));
	again[0] = "{\"t\":\"b\",\"i\":0," SALT
		   ",\"bundle\":\"03000000000000000000000000000000\",\"host\":{\"hostname\":\"web01\","
		   "\"machine_id\":\"m1\"}}";
	OK(take(c, 3, again, web01_live, &err));
	CHECK_INT(list(c, PK_LIST_HOSTS, NULL, &t), 2);
	CHECK_INT(list(c, PK_LIST_TIMELINE, NULL, &t), 6);
}

TEST(stack)
{
	PK_AUTOPTR(pk_case) c = two_hosts("stack");
	PK_AUTO(pk_buf) t = {0};

	CHECK_INT(list(c, PK_LIST_STACK, NULL, &t), 3);
	CHECK_INT(list(c, PK_LIST_STACK, &(struct pk_case_filter){.by = PK_STACK_PATH}, &t), 3);
	CHECK(has(&t, "2|2|2||"));
	CHECK_INT(list(c, PK_LIST_STACK, &(struct pk_case_filter){.by = PK_STACK_PATH, .max_hosts = 1}, &t), 2);
	CHECK_INT(list(c, PK_LIST_STACK, &(struct pk_case_filter){.by = PK_STACK_HASH}, &t), 2);
	CHECK_INT(list(c, PK_LIST_STACK_LIVE, &(struct pk_case_filter){.table = "processes", .column = "name"}, &t), 2);
	CHECK(has(&t, "1|2|1|web01|ticketed|evilproc"));
}

static int tag_(struct pk_case *c, const char *word, const char *target, const char *host, bool remove, uint64_t *ret_n,
		struct pk_err *e)
{
	pk_autofree char *z = pk_str_dup(pk_str(target));

	return pk_case_tag(c, word, &z, 1, host, remove, ret_n, e);
}
#define tag(c, word, target, host, remove, n) tag_(c, word, target, host, remove, n, &err)

TEST(opinions)
{
	PK_AUTOPTR(pk_case) c = two_hosts("opinions");
	PK_AUTO(pk_buf) t = {0};
	uint64_t n = 0;

	OK(tag(c, "for-jpn", "/usr/bin/sshd_helper", NULL, false, &n));
	CHECK_INT(n, 2);
	OK(tag(c, "bad", "/usr/bin/sshd_helper", "web01", false, &n));
	CHECK_INT(n, 1);
	OK(tag(c, "seen", "hit:0100/3", NULL, false, &n));
	OK(tag(c, "seen", "sha256:" SHA_A, NULL, false, &n));
	OK(tag(c, "raw", "/tmp/\xff", NULL, false, &n));
	OK(pk_case_note(c, "host:db02", NULL, pk_str("ask the owner <b>"), &n, &err));
	OK(pk_case_note(c, "bundle:0200", NULL, pk_str("came by courier"), &n, &err));
	FAILS(PK_EUSAGE, tag(c, "two words", "/etc/hosts", NULL, false, &n));
	FAILS(PK_EUSAGE, tag(c, "x", "/etc/nothing", NULL, false, &n));
	FAILS(PK_EUSAGE, tag(c, "x", "nonsense", NULL, false, &n));
	CHECK_INT(list(c, PK_LIST_TAGS, NULL, &t), 6);
	CHECK(has(&t, "bad|file:01000000000000000000000000000000/2|ann|"));
	CHECK_INT(list(c, PK_LIST_FILES, &(struct pk_case_filter){.tag = "for-jpn"}, &t), 2);
	CHECK_INT(list(c, PK_LIST_HITS, &(struct pk_case_filter){.tag = "seen"}, &t), 1);
	CHECK_INT(list(c, PK_LIST_NOTES, NULL, &t), 2);
	CHECK_INT(list(c, PK_LIST_SEARCH, &(struct pk_case_filter){.text = "courier"}, &t), 1);
	OK(tag(c, "for-jpn", "0200/2", NULL, true, &n));
	CHECK_INT(list(c, PK_LIST_FILES, &(struct pk_case_filter){.tag = "for-jpn"}, &t), 1);
	/* the log keeps what was taken back */
	FAILS(PK_ESYS, pk_case_exec(c, "DELETE FROM op", &err));
}

/* A host may have a path whose JSON is longer than a custody line may be. */
TEST(long_path)
{
	PK_AUTOPTR(pk_case) c = open_new("long");
	PK_AUTO(pk_buf) line = {0};
	PK_AUTO(pk_buf) t = {0};
	const char *mine[3] = {db02[0]};
	uint64_t n = 0;

	pk_buf_putf(&line, "{\"t\":\"m\",\"i\":1," SALT ",\"kind\":\"file\",\"outcome\":\"denied\",\"path\":\"/");
	for (int i = 0; i < 11000; i++)
		pk_buf_puts(&line, "\\u0001");
	pk_buf_puts(&line, "\"}");
	mine[1] = line.p;
	OK(take(c, 2, mine, "", &err));
	OK(tag(c, "odd", "0200/1", NULL, false, &n));
	CHECK_INT(n, 1);
	CHECK_INT(list(c, PK_LIST_CUSTODY, NULL, &t), 2);
	CHECK(has(&t, "\\u0001...\",\"op\":\""));
}

static void on_finding(void *ctx, bool bad, const char *text)
{
	struct pk_buf *b = ctx;

	pk_buf_putf(b, "%s %s\n", bad ? "bad" : "note", text);
}

TEST(custody_and_check)
{
	PK_AUTOPTR(pk_case) c = two_hosts("custody");
	PK_AUTO(pk_buf) head = {0};
	PK_AUTO(pk_buf) t = {0};
	PK_AUTO(pk_buf) found = {0};
	struct pk_check_sink sink = {.finding = on_finding, .ctx = &found};
	uint64_t bad = 0;

	OK(pk_case_custody_add(
		c,
		&(struct pk_custody_act){
			.action = "transfer-out", .object = "disk 7", .place = "gate", .reason = PK_STR("to the lab")},
		&err));
	CHECK_INT(list(c, PK_LIST_CUSTODY, NULL, &t), 2);
	CHECK(has(&t, "|ann|transfer-out|disk 7|gate|to the lab|"));
	OK(pk_case_custody_checkpoint(c, NULL, (struct pk_str){0}, &no_sink, &head, &err));
	CHECK(strncmp(head.p, "blue/case/", 10) == 0);
	CHECK(has(&head, "\n2\n"));
	FAILS(PK_ESYS, pk_case_exec(c, "UPDATE custody SET line = ''", &err));
	FAILS(PK_ESYS, pk_case_exec(c, "DELETE FROM custody", &err));
	OK(pk_case_check(c, &sink, &bad, &err));
	CHECK_INT(bad, 4); /* both hand-made bundles have no file, and no line in the log: two findings of both */
	CHECK(has(&found, "bundles/01.age' is missing"));
	/* whoever writes around the triggers is found */
	OK(pk_case_exec(
		c, "DROP TRIGGER custody_update; UPDATE custody SET line = replace(line, 'lab', 'bar') WHERE seq = 1",
		&err));
	OK(pk_case_check(c, &sink, &bad, &err));
	CHECK_INT(bad, 6);
	CHECK(has(&found, "custody line 1 was changed"));
	CHECK(has(&found, "of which a tree head of 2 lines was shown"));
	OK(pk_case_exec(c, "DROP TRIGGER custody_delete; DELETE FROM custody WHERE seq = 1", &err));
	OK(pk_case_check(c, &sink, &bad, &err));
	CHECK(has(&found, "the custody log is shorter than the 2 lines"));
	OK(pk_case_exec(c, "UPDATE file SET path = 'other' WHERE no = 1", &err));
	OK(pk_case_check(c, &sink, &bad, &err));
	CHECK(has(&found, "full text 'ftext' does not fit its table"));
}

TEST(removal)
{
	PK_AUTOPTR(pk_case) c = two_hosts("remove");
	PK_AUTO(pk_buf) t = {0};
	PK_AUTO(pk_buf) found = {0};
	struct pk_check_sink sink = {.finding = on_finding, .ctx = &found};
	pk_autorollback struct pk_case *tx = c;
	uint64_t bad = 0;

	OK(pk_case_begin(tx, &err));
	OK(pk_rows_remove(c, 1, &err));
	OK(pk_case_exec(c, "UPDATE intake SET state = 'superseded' WHERE no = 1", &err));
	OK(pk_case_commit(tx, &err));
	CHECK_INT(list(c, PK_LIST_FILES, NULL, &t), 2);
	CHECK_INT(list(c, PK_LIST_SEARCH, &(struct pk_case_filter){.text = "evilproc"}, &t), 0);
	CHECK_INT(list(c, PK_LIST_SEARCH, &(struct pk_case_filter){.text = "sshd_helper"}, &t), 1);
	CHECK_INT(list(c, PK_LIST_TIMELINE, NULL, &t), 2);
	OK(pk_case_check(c, &sink, &bad, &err));
	CHECK_INT(bad, 4);
}

#define NAMED(id, more) \
	"{\"t\":\"b\",\"i\":0," SALT ",\"bundle\":\"" id "000000000000000000000000000000\"," \
	"\"host\":{\"hostname\":\"localhost\"}" more "}"

/* A name alone identifies no host; a ticket for one use does. */
TEST(hosts_without_ids)
{
	static const char *const third[] = {NAMED("05", ""), NULL}, *const fourth[] = {NAMED("06", ""), NULL},
				 *const fifth[] = {NAMED("07", ""), NULL};
	const struct pk_ticket one = {.id = {1}, .uses_one = true}, other = {.id = {2}, .uses_one = true},
			       many = {.id = {1}};
	PK_AUTOPTR(pk_case) c = two_hosts("hosts");
	struct pk_case_totals n = {0};

	OK(take_under(c, &one, 5, third, "", &err));
	OK(take_under(c, &one, 6, fourth, "", &err));
	OK(pk_case_totals(c, &n, &err));
	CHECK_INT(n.hosts, 3);
	OK(take_under(c, &other, 7, fifth, "", &err));
	OK(pk_case_totals(c, &n, &err));
	CHECK_INT(n.hosts, 4);

	static const char *const sixth[] = {NAMED("08", ""), NULL}, *const seventh[] = {NAMED("09", ""), NULL};

	OK(take_under(c, &many, 8, sixth, "", &err));
	OK(take_under(c, NULL, 9, seventh, "", &err));
	OK(pk_case_totals(c, &n, &err));
	CHECK_INT(n.hosts, 6);
	CHECK_INT(n.bundles, 7);
}

/* Records that do not fit together are refused, and nothing of them stays. */
TEST(bad_records)
{
	static const char *const first = "{\"t\":\"b\",\"i\":0," SALT
					 ",\"bundle\":\"09000000000000000000000000000000\"}";
	static const char *const lines[] = {
		"{\"t\":\"m\",\"i\":1," SALT ",\"path\":\"/x\",\"outcome\":\"taken\",\"c\":0}",
		"{\"t\":\"m\",\"i\":1," SALT ",\"path\":\"/x\",\"outcome\":\"stolen\"}",
		"{\"t\":\"m\",\"i\":1," SALT ",\"outcome\":\"taken\"}",
		"{\"t\":\"c\",\"i\":1," SALT ",\"size\":-1,\"sha256\":\"" SHA_A "\"}",
		"{\"t\":\"c\",\"i\":1," SALT ",\"size\":1}",
		"{\"t\":\"h\",\"i\":1," SALT "}",
		"{\"t\":\"l\",\"i\":1," SALT ",\"table\":\"t\",\"rows\":1}",
	};
	PK_AUTOPTR(pk_case) c = two_hosts("bad");
	struct pk_case_totals n = {0};

	for (size_t i = 0; i < PK_LEN(lines); i++) {
		const char *log[] = {first, lines[i], NULL};

		FAILS(PK_EFORMAT, take(c, 9, log, "", &err));
	}
	const char *no_first[] = {lines[2], NULL};
	FAILS(PK_EFORMAT, take(c, 9, no_first, "", &err));
	OK(pk_case_totals(c, &n, &err));
	CHECK_INT(n.bundles, 2);
	CHECK_INT(n.hosts, 2);
}

static void clean_up(void)
{
	PK_AUTO(pk_buf) b = {0};
	static const char *const names[] = {"modes",  "writer",   "reader",  "rows",  "filters",
					    "search", "timeline", "repeats", "stack", "opinions",
					    "long",   "custody",  "remove",  "hosts", "bad"};
	static const char *const parts[] = {"/case.db", "/case.db-journal", "/bundles", "/quarantine", ""};

	for (size_t i = 0; i < PK_LEN(names); i++) {
		for (size_t k = 0; k < PK_LEN(parts); k++) {
			pk_buf_reset(&b);
			pk_buf_putf(&b, "%s/%s%s", base, names[i], parts[k]);
			if (unlink(b.p) < 0)
				rmdir(b.p);
		}
	}
	rmdir(base);
	free(folder);
	folder = NULL;
}

TEST(clean)
{
	clean_up();
	CHECK(access(base, F_OK) < 0);
}

TEST(prepare) { CHECK(mkdtemp(base) != NULL); }

RUN_TESTS(T(prepare), T(modes_and_refusals), T(one_writer), T(readers_cannot_write), T(rows),
	  T(filters_that_name_nothing), T(search), T(timeline), T(timeline_without_repeats), T(stack), T(opinions),
	  T(long_path), T(custody_and_check), T(removal), T(hosts_without_ids), T(bad_records), T(clean))
