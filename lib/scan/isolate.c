/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the rules that make a scan fail, and scans without them. */
#include "isolate.h"
#include "part.h"

#include <picket/time.h>

#define BUDGET_NS(limit) ((limit)*5 / 2 + 2000000000u) /* for all that comes after the first failure */
#define STRIKES 3      /* a rule that was out of time on so many files gets little time from then on, */
#define SHARE 10       /* this part of the limit, */
#define MAX_APART 20   /* and none after it was too little this often */
#define MAX_ROUNDS 256 /* rules found one after the other on one file */
#define LEAST_NS 250000000u

enum state { IN = 0, OUT = 1 }; /* OUT + why: left out on this file */

struct pk_isolate {
	const struct pk_rules *sources;
	YR_RULES *rules;
	uint64_t timeout_ns, end_ns;
	uint8_t *out;     /* by rule: 0, or 1 + why it is left out on this file */
	uint8_t *strikes; /* by rule */
	uint32_t struck;  /* rules with all their strikes */
	uint32_t out_count;
	uint32_t apart_failed; /* scans with them that took too long */
	bool masked;           /* flags of rules are not as they were */
};

struct pk_isolate *pk_isolate_new(const struct pk_rules *sources, YR_RULES *rules, uint64_t timeout_ns)
{
	struct pk_isolate *iso = calloc(1, sizeof(*iso));
	size_t n = (size_t)rules->num_rules + 1;

	if (!iso)
		return NULL;
	*iso = (struct pk_isolate){.sources = sources, .rules = rules, .timeout_ns = timeout_ns};
	iso->out = calloc(n, 1);
	iso->strikes = calloc(n, 1);
	if (iso->out && iso->strikes)
		return iso;
	free(iso->out);
	free(iso->strikes);
	free(iso);
	return NULL;
}

bool pk_isolate_next(const struct pk_isolate *iso, uint32_t *at, uint32_t *ret_rule, uint8_t *ret_why)
{
	for (; iso->out_count > 0 && *at < iso->rules->num_rules; ++*at) {
		if (iso->out[*at] == IN)
			continue;
		*ret_rule = *at;
		*ret_why = (uint8_t)(iso->out[(*at)++] - OUT);
		return true;
	}
	return false;
}

/* --- who falls with whom ------------------------------------------------------------------------------ */

static const YR_RULE *rule_at(const struct pk_isolate *iso, uint32_t i) { return &iso->rules->rules_table[i]; }

static struct pk_str text_of(const struct pk_isolate *iso, const char *ns)
{
	for (size_t i = 0; i < iso->sources->n; i++)
		if (!iso->sources->v[i].include_only && strcmp(iso->sources->v[i].ns, ns) == 0)
			return pk_str_n(iso->sources->v[i].text, iso->sources->v[i].n);
	return PK_STR("");
}

static void leave_out_one(struct pk_isolate *iso, uint32_t i, uint8_t why)
{
	if (iso->out[i] != IN)
		return;
	iso->out[i] = (uint8_t)(OUT + why);
	iso->out_count++;
}

/* Rules of a namespace lie side by side. */
static void ns_bounds(const struct pk_isolate *iso, uint32_t rule, uint32_t *ret_first, uint32_t *ret_end)
{
	const YR_NAMESPACE *ns = rule_at(iso, rule)->ns;

	for (*ret_first = rule; *ret_first > 0 && rule_at(iso, *ret_first - 1)->ns == ns;)
		--*ret_first;
	for (*ret_end = rule + 1; *ret_end < iso->rules->num_rules && rule_at(iso, *ret_end)->ns == ns;)
		++*ret_end;
}

/* The rule, and all whose outcome depends on its. */
static void leave_out(struct pk_isolate *iso, uint32_t rule, uint8_t why)
{
	uint32_t first, end;
	pk_autofree const char **names = NULL;
	pk_autofree bool *marked = NULL;
	bool all;

	ns_bounds(iso, rule, &first, &end);
	names = calloc(end - first, sizeof(*names));
	marked = calloc(end - first, sizeof(*marked));
	all = !names || !marked || RULE_IS_GLOBAL(rule_at(iso, rule));
	for (uint32_t i = first; i < end && !all; i++)
		names[i - first] = rule_at(iso, i)->identifier;
	if (!all) {
		marked[rule - first] = true;
		all = !pk_part_dependents(text_of(iso, rule_at(iso, rule)->ns->name), names, end - first, marked);
		/* a global one among them decides over all of them */
		for (uint32_t i = first; i < end; i++)
			all |= marked[i] && RULE_IS_GLOBAL(rule_at(iso, i));
	}
	leave_out_one(iso, rule, why);
	/* not understood: any later rule may name it */
	for (uint32_t i = first; i < end; i++)
		if (all ? RULE_IS_GLOBAL(rule_at(iso, rule)) || i > rule || (marked && marked[i]) : marked[i])
			leave_out_one(iso, i, why);
}

/* --- one scan ------------------------------------------------------------------------------------------- */

/* With the first `end` rules, less those left out. */
struct mask {
	uint32_t end;
	bool no_conditions; /* only look for the strings */
};

static void apply(struct pk_isolate *iso, const struct pk_isolate_run *run, const struct mask *m)
{
	for (uint32_t i = 0; i < iso->rules->num_rules; i++) {
		YR_RULE *r = &iso->rules->rules_table[i];
		const YR_STRING *s = NULL;
		bool in = i < m->end && iso->out[i] == IN, evaluated = in && !m->no_conditions;

		if (evaluated == (RULE_IS_DISABLED(r) != 0))
			r->flags ^= RULE_FLAGS_DISABLED;
		if (in)
			continue;
		/* libyara clears these when the scan ends */
		yr_rule_strings_foreach(r, s) yr_bitmask_set(run->scanner->strings_temp_disabled, s->idx);
	}
}

static int scan_masked(struct pk_isolate *iso, const struct pk_isolate_run *run, const struct mask *m,
		       uint64_t limit_ns)
{
	uint64_t now = pk_time_mono_ns();

	if (iso->end_ns != 0 && now >= iso->end_ns)
		return ERROR_SCAN_TIMEOUT;
	if (iso->end_ns != 0)
		limit_ns = PK_MIN(limit_ns, iso->end_ns - now);
	apply(iso, run, m);
	iso->masked = true;
	run->scanner->timeout = limit_ns;
	run->scanner->last_error_string = NULL;
	return run->scan(run->ctx);
}

static uint8_t why_of(int code)
{
	switch (code) {
	case ERROR_SCAN_TIMEOUT: return PK_NOTE_TIMEOUT;
	case ERROR_TOO_MANY_RE_FIBERS: return PK_NOTE_FIBERS;
	case ERROR_EXEC_STACK_OVERFLOW: return PK_NOTE_STACK;
	case ERROR_INSUFFICIENT_MEMORY: return PK_NOTE_MEMORY;
	default: return PK_NOTE_ENGINE;
	}
}

/* --- the search ---------------------------------------------------------------------------------------- */

/* How long a try may take that holds no failing rule: what the strings cost, and a share for the conditions. */
static uint64_t try_limit(struct pk_isolate *iso, const struct pk_isolate_run *run, int code, uint64_t *ret_took)
{
	const struct mask strings = {.end = iso->rules->num_rules, .no_conditions = true};
	uint64_t started = pk_time_mono_ns();

	if (code != ERROR_SCAN_TIMEOUT)
		return iso->timeout_ns;
	if (scan_masked(iso, run, &strings, iso->timeout_ns / 2) != ERROR_SUCCESS)
		return *ret_took = PK_MAX(iso->timeout_ns / 4, (uint64_t)LEAST_NS);
	*ret_took = pk_time_mono_ns() - started;
	return *ret_took + PK_MAX(iso->timeout_ns / 8, (uint64_t)LEAST_NS);
}

/* Time is up: what the first `good` rules give is true, but where a global rule was not asked. */
static void report_good(struct pk_isolate *iso, const struct pk_isolate_run *run, uint32_t good)
{
	struct mask m = {.end = good};

	for (uint32_t i = good; i < iso->rules->num_rules; i++)
		if (RULE_IS_GLOBAL(rule_at(iso, i)))
			leave_out(iso, i, PK_NOTE_TIMEOUT);
	iso->end_ns = 0;
	if (scan_masked(iso, run, &m, iso->timeout_ns / 2) != ERROR_SUCCESS) {
		m.end = 0;
		(void)scan_masked(iso, run, &m, iso->timeout_ns / 2);
	}
}

static void strike(struct pk_isolate *iso, uint32_t rule, int code)
{
	if (code == ERROR_SCAN_TIMEOUT && iso->strikes[rule] < STRIKES && ++iso->strikes[rule] == STRIKES)
		iso->struck++;
}

/* How much of what is left to go in one step. A step that fails takes the whole of its limit, one that does not takes
 * `took_ns`: so small steps, as long as they are cheap. */
static uint32_t first_step(uint32_t left, uint64_t limit, uint64_t took_ns)
{
	uint64_t parts = PK_MIN(PK_MAX(limit / (took_ns + 1), (uint64_t)2), (uint64_t)32);

	return (uint32_t)PK_MAX(left / parts, (uint64_t)1);
}

/* Goes through the rules in steps, each scan with a longer beginning of the list. A step that fails is made shorter;
 * one of a single rule is the guilty one. The last scan that is good has them all. */
static int find_all_guilty(struct pk_isolate *iso, const struct pk_isolate_run *run, int code)
{
	uint32_t n = iso->rules->num_rules, good = 0, step = n;
	uint64_t limit = 0, took = 0;

	iso->end_ns = pk_time_mono_ns() + BUDGET_NS(iso->timeout_ns);
	for (unsigned round = 0; round < MAX_ROUNDS;) {
		struct mask m = {.end = good + step};
		const YR_STRING *of = run->scanner->last_error_string;
		uint64_t now;

		if (code != ERROR_SUCCESS && of) {
			if (iso->out[of->rule_idx] != IN)
				break;
			leave_out(iso, of->rule_idx, why_of(code));
			round++;
		} else if (code != ERROR_SUCCESS && step == 1 && limit > 0) {
			leave_out(iso, good, why_of(code));
			strike(iso, good, code);
			step = first_step(n - good, limit, took);
			round++;
		} else if (code != ERROR_SUCCESS) {
			if (limit == 0)
				limit = try_limit(iso, run, code, &took);
			step = first_step(step, limit, took);
		} else {
			good += step;
			if (good == n)
				break;
			step = PK_MIN(2 * step, n - good);
		}
		now = pk_time_mono_ns();
		if (now >= iso->end_ns)
			break;
		m.end = good + step;
		code = scan_masked(iso, run, &m, limit > 0 ? limit : iso->timeout_ns);
		if (code == ERROR_SUCCESS)
			took = pk_time_mono_ns() - now;
	}
	if (code != ERROR_SUCCESS || good < n) {
		report_good(iso, run, good);
		code = code != ERROR_SUCCESS ? code : ERROR_SCAN_TIMEOUT;
	}
	iso->end_ns = 0;
	return code;
}

/* --- rules that ran out of time again and again ------------------------------------------------------- */

/* First a scan without them, then one with them that may take little longer. */
static void leave_out_struck(struct pk_isolate *iso)
{
	for (uint32_t i = 0; iso->struck > 0 && i < iso->rules->num_rules; i++)
		if (iso->strikes[i] == STRIKES)
			leave_out(iso, i, PK_NOTE_TIMEOUT);
}

static void try_struck(struct pk_isolate *iso, const struct pk_isolate_run *run, uint64_t took_ns)
{
	const struct mask all = {.end = iso->rules->num_rules};
	pk_autofree uint8_t *kept = malloc(iso->rules->num_rules + 1);
	uint32_t count = iso->out_count;

	if (!kept || iso->apart_failed >= MAX_APART)
		return;
	memcpy(kept, iso->out, iso->rules->num_rules);
	memset(iso->out, IN, iso->rules->num_rules);
	iso->out_count = 0;
	if (scan_masked(iso, run, &all, took_ns + iso->timeout_ns / SHARE) == ERROR_SUCCESS)
		return;
	iso->apart_failed++;
	memcpy(iso->out, kept, iso->rules->num_rules);
	iso->out_count = count;
	(void)scan_masked(iso, run, &all, iso->timeout_ns);
}

int pk_isolate_scan(struct pk_isolate *iso, const struct pk_isolate_run *run)
{
	const struct mask all = {.end = iso->rules->num_rules};
	uint64_t started = pk_time_mono_ns();
	int code;

	if (iso->out_count > 0)
		memset(iso->out, IN, iso->rules->num_rules);
	iso->out_count = 0;
	if (iso->masked)
		apply(iso, run, &all);
	iso->masked = false;
	if (iso->struck == 0) {
		run->scanner->timeout = iso->timeout_ns;
		run->scanner->last_error_string = NULL;
		code = run->scan(run->ctx);
	} else {
		leave_out_struck(iso);
		code = scan_masked(iso, run, &all, iso->timeout_ns);
	}
	if (code != ERROR_SUCCESS)
		return find_all_guilty(iso, run, code);
	if (iso->struck > 0)
		try_struck(iso, run, pk_time_mono_ns() - started);
	return code;
}
