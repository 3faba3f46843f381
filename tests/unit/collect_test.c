/* SPDX-License-Identifier: Apache-2.0 */
/* A collection goes on: whatever a host does while it is read costs one record, never the bundle. */
#include <picket/bundle.h>
#include <picket/collect.h>

#include <picket/definition.h>
#include <picket/limits.h>

#include <fcntl.h>
#include <signal.h>

#include "../t.h"
#include "../tree.h"

static struct pk_age_recipients to;

/* What a host does behind the collector's back, at the first sign of a stage. */
struct trick {
	const char *stage;
	void (*play)(struct tree *t);
	struct tree *tree;
	unsigned warned;
	bool done;
};

static void on_progress(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	struct trick *k = ctx;

	(void)done, (void)total;
	if (k->done || !k->stage || strcmp(what, k->stage) != 0)
		return;
	k->done = true;
	k->play(k->tree);
}

static volatile sig_atomic_t stop;

static void interrupt(struct tree *t)
{
	(void)t;
	stop = SIGHUP;
}

static void on_warn(void *ctx, const char *text)
{
	(void)text;
	((struct trick *)ctx)->warned++;
}

static int collect(struct tree *t, const char *definitions, struct pk_scanpool *pool, struct pk_slots *slots,
		   struct trick *trick, struct pk_collect_summary *ret, struct pk_err *err)
{
	PK_AUTO(pk_definitions) d = {0};
	PK_AUTO(pk_limits) limits = {0};
	PK_AUTO(pk_plan) plan = {0};
	PK_AUTO(pk_root) root = {.fd = -1};
	PK_AUTO(pk_mounts) mounts = {0};
	PK_AUTO(pk_facts) facts = {0};
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(pk_buf) dir = {0}, out = {0};
	struct pk_plan_opts po = {.artefacts = &names};
	struct pk_events events = {.ctx = trick, .warn = on_warn, .progress = on_progress};
	struct pk_collect_params p = {.root = &root,
				      .facts = &facts,
				      .mounts = &mounts,
				      .plan = &plan,
				      .pool = pool,
				      .events = &events,
				      .stop = &stop,
				      .tool = PK_STR("{}"),
				      .seal = {.to = &to, .terms = PK_STR("terms\n"), .slots = slots}};

	trick->tree = t;
	pk_buf_putf(&dir, "%s/root", t->dir);
	pk_buf_putf(&out, "%s/b.age", t->dir);
	p.seal.path = out.p;
	if (pk_strv_add(&names, PK_STR("T"), err) < 0 ||
	    pk_definitions_load(&d, "t.yaml", pk_str(definitions), err) < 0 || pk_definitions_check(&d, err) < 0 ||
	    pk_plan_build(&plan, &d, &limits, &po, err) < 0 || pk_root_open(&root, dir.p, err) < 0 ||
	    pk_facts_read(&facts, &root, err) < 0)
		return -1;
	return pk_collect_run(&p, ret, err);
}

static const char two_files[] = "name: T\ndoc: t\nsupported_os: [Linux]\nsources:\n"
				"- type: FILE\n  attributes: {paths: ['/a/x', '/b/x', '/c/x']}\n";

static void swap_folder(struct tree *t)
{
	if (renameat(t->fd, "root/b", t->fd, "root/was_b") < 0)
		abort();
	tree_link(t, "root/b", "a");
}

TEST(a_folder_that_becomes_a_link_costs_its_paths)
{
	TREE t = tree_new();
	struct trick k = {.stage = "artefacts", .play = swap_folder};
	struct pk_collect_summary s = {0};

	tree_file(&t, "root/a/x", "one");
	tree_file(&t, "root/b/x", "two");
	tree_file(&t, "root/c/x", "three");
	OK(collect(&t, two_files, NULL, NULL, &k, &s, &err));
	CHECK(k.done);
	CHECK_INT(s.outcomes[PK_TAKEN], 2);
	CHECK_INT(s.outcomes[PK_FAILED], 1);
	pk_collect_summary_done(&s);
}

TEST(a_signal_ends_it_in_order)
{
	TREE t = tree_new();
	struct trick k = {.stage = "artefacts", .play = interrupt};
	struct pk_collect_summary s = {0};

	tree_file(&t, "root/a/x", "one");
	OK(collect(&t, two_files, NULL, NULL, &k, &s, &err));
	stop = 0;
	CHECK(s.stopped == SIGHUP && pk_collect_is_partial(&s) && k.warned == 1);
	CHECK_INT(s.contents, 0);
	CHECK(s.path && access(s.path, F_OK) == 0);
	pk_collect_summary_done(&s);
}

TEST(rules_that_cannot_be_had_cost_the_scan)
{
	TREE t = tree_new();
	PK_AUTO(pk_rules) rules = {0};
	PK_AUTO(pk_slots) slots = {0};
	PK_AUTOPTR(pk_scanpool) pool = NULL;
	struct pk_scanpool_params p = {.rules = &rules, .slots = &slots, .children = 1};
	struct pk_collect_summary s = {0};
	PK_AUTO(pk_buf) children = {0};
	struct trick k = {0};
	uint64_t zygote = 0;

	tree_file(&t, "root/a/x", "one");
	OK(pk_rules_add(&rules, NULL, "r.yar", PK_STR("rule r { condition: true }"), &err));
	OK(pk_slots_init(&slots, 8, &err));
	OK(pk_scanpool_new(&p, &pool, &err));
	OK(pk_read_path("/proc/thread-self/children", 4096, &children, &err));
	CHECK(pk_str_u64(pk_str_trim(pk_buf_str(&children)), INT32_MAX, &zygote) && zygote > 1);
	if (zygote > 1)
		(void)kill((pid_t)zygote, SIGKILL);
	OK(collect(&t, two_files, pool, &slots, &k, &s, &err));
	CHECK_INT(s.outcomes[PK_TAKEN], 1);
	CHECK(s.scan_failed == 1 && s.scanned == 0 && k.warned == 1 && pk_collect_is_partial(&s));
	pk_collect_summary_done(&s);
}

int main(void)
{
	static const struct t_case cases[] = {T(a_folder_that_becomes_a_link_costs_its_paths),
					      T(rules_that_cannot_be_had_cost_the_scan), T(a_signal_ends_it_in_order)};
	PK_AUTO(pk_secret) secret = {0};
	PK_AUTO(pk_buf) recipient = {0};
	struct pk_err err = {0};
	uint8_t pub[32];

	if (pk_crypto_init(&err) == 0 && pk_age_identity_generate(&secret, pub, &err) == 0)
		pk_buf_put_age_recipient(&recipient, pub);
	if (pk_age_recipients_add(&to, pk_buf_str(&recipient), &err) < 0) {
		printf("Bail out! %s\n", err.msg);
		return 1;
	}
	t_run_cases(cases, PK_LEN(cases));
	pk_age_recipients_done(&to);
	return t_end();
}
