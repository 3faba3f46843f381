/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluates a condition with sets of values in place of values, by the semantics of libyara 4.2: undefined makes a
 * comparison undefined, `and` and `or` take it for false, `not` leaves it undefined. Whatever is not known for sure
 * is "anything": the only answer that matters, "cannot be true", is then never wrong. */
#include "cond.h"

#include <stdlib.h>

#define MAX_DEPTH 200
#define NUMBER_MAX (INT64_MAX / 4)

/* Possible outcomes of a boolean. */
#define T 1
#define F 2
#define U 4

/* What an expression may come to. */
struct val {
	bool def, undef; /* may be defined, may be undefined */
	bool is_number;
	int64_t lo, hi; /* a number's bounds */
	uint8_t head;   /* bytes read from offset 0; 0: something else */
	bool head_be;
};
struct parser {
	const struct pk_lextoken *t;
	size_t n, at;
	unsigned depth;
	bool lost; /* not understood: sticky */
	const struct pk_cond_class *cls;
};

/* --- values -------------------------------------------------------------------------------------------- */

static struct val anything(void) { return (struct val){.def = true, .undef = true}; }

static struct val nothing(void) { return (struct val){.undef = true}; }

static struct val number(int64_t lo, int64_t hi, bool undef)
{
	return (struct val){.def = true, .undef = undef, .is_number = true, .lo = lo, .hi = hi};
}

static struct val any_number(bool undef) { return number(-NUMBER_MAX, NUMBER_MAX, undef); }

static struct val truth(unsigned bits)
{
	struct val v = {.def = (bits & (T | F)) != 0, .undef = (bits & U) != 0, .is_number = true};

	v.lo = bits & F ? 0 : 1;
	v.hi = bits & T ? 1 : 0;
	return v;
}

static unsigned bits_of(const struct val *v)
{
	unsigned bits = v->undef ? U : 0;

	if (!v->def)
		return bits;
	if (!v->is_number)
		return bits | T | F;
	if (v->lo <= 0 && v->hi >= 0)
		bits |= F;
	if (v->lo != 0 || v->hi != 0)
		bits |= T;
	return bits;
}

static bool is_exact(const struct val *v) { return v->def && v->is_number && v->lo == v->hi; }

/* --- tokens -------------------------------------------------------------------------------------------- */

static const struct pk_lextoken *look(const struct parser *p, size_t ahead)
{
	static const struct pk_lextoken end = {PK_LEX_END, {"", 0}, 0};

	return p->at + ahead < p->n ? &p->t[p->at + ahead] : &end;
}

static bool next_is(const struct parser *p, const char *what) { return pk_lex_is(look(p, 0), what); }

static bool accept(struct parser *p, const char *what)
{
	if (!next_is(p, what))
		return false;
	p->at++;
	return true;
}

static void expect(struct parser *p, const char *what)
{
	if (!accept(p, what))
		p->lost = true;
}

static struct val disjunction(struct parser *p);
static struct val arithmetic(struct parser *p, unsigned level);

/* --- the smallest expressions --------------------------------------------------------------------------- */

static struct val literal(struct parser *p)
{
	struct pk_str s = look(p, 0)->s;
	pk_autofree char *z = pk_str_dup(s);
	char *end = NULL;
	long long v;
	int base = 10;

	p->at++;
	if (!z || memchr(s.p, '.', s.n))
		return any_number(false);
	if (s.n > 2 && z[0] == '0' && (z[1] == 'x' || z[1] == 'o'))
		base = z[1] == 'x' ? 16 : 8;
	v = strtoll(base == 10 ? z : z + 2, &end, base);
	if (strcmp(end, "KB") == 0 && v < NUMBER_MAX / 1024)
		v *= 1024;
	else if (strcmp(end, "MB") == 0 && v < NUMBER_MAX / 1048576)
		v *= 1048576;
	else if (*end != '\0')
		return any_number(false);
	return v <= NUMBER_MAX ? number(v, v, false) : any_number(false);
}

/* int8 ... uint32be; 0 when it is not one of them. */
static uint8_t reader_width(struct pk_str s, bool *ret_be)
{
	static const struct {
		const char *name;
		uint8_t width;
	} names[] = {{"int8", 1}, {"int16", 2}, {"int32", 4}};

	if (s.n > 0 && s.p[0] == 'u')
		s = pk_str_n(s.p + 1, s.n - 1);
	*ret_be = pk_str_ends(s, PK_STR("be"));
	if (*ret_be)
		s.n -= 2;
	for (size_t i = 0; i < PK_LEN(names); i++)
		if (pk_str_eq(s, pk_str(names[i].name)))
			return names[i].width;
	return 0;
}

static struct val reader(struct parser *p, uint8_t width, bool be)
{
	struct val at, v = any_number(true);

	p->at++;
	expect(p, "(");
	at = disjunction(p);
	expect(p, ")");
	if (!at.def)
		return nothing();
	if (is_exact(&at) && at.lo == 0) {
		v.head = width;
		v.head_be = be;
	}
	return v;
}

/* ( a .. b ) or ( a, b, c ); *ret_undef: a bound is certainly undefined. */
static void range(struct parser *p, bool *ret_undef)
{
	*ret_undef = false;
	expect(p, "(");
	while (!p->lost) {
		struct val v = arithmetic(p, 0);

		*ret_undef |= !v.def;
		if (accept(p, ")"))
			return;
		if (!accept(p, "..") && !accept(p, ","))
			p->lost = true;
	}
}

static struct val string_value(struct parser *p)
{
	char kind = look(p, 0)->s.p[0];
	bool none = p->cls->no_strings, undef = false;
	struct val v;

	p->at++;
	switch (kind) {
	case '#':
		if (accept(p, "in"))
			range(p, &undef);
		return none ? number(0, 0, true) : number(0, NUMBER_MAX, true);
	case '@':
	case '!':
		if (accept(p, "[")) {
			v = disjunction(p);
			expect(p, "]");
		}
		return none ? nothing() : any_number(true);
	default: break;
	}
	if (accept(p, "at")) {
		v = arithmetic(p, 0);
		return truth(v.def && !none ? T | F | U : F | U);
	}
	if (accept(p, "in")) {
		range(p, &undef);
		return truth(undef || none ? F | U : T | F | U);
	}
	return truth(none ? F : T | F);
}

/* What the module pe answers for a file that is none. Its constants are numbers; its fields, and those functions
 * that say so in libyara's source, are undefined; the rest is left open. */
static struct val pe_value(struct pk_str member, bool is_call)
{
	static const char *const undefined_calls[] = {
		"imphash",  "exports",       "exports_index",      "imports",
		"is_dll",   "is_32bit",      "is_64bit",           "locale",
		"language", "section_index", "calculate_checksum", "rva_to_offset"};

	if (member.n == 0)
		return anything();
	if (member.p[0] >= 'A' && member.p[0] <= 'Z')
		return any_number(false);
	if (pk_str_eq(member, PK_STR("is_pe")))
		return number(0, 0, false);
	if (!is_call)
		return nothing();
	for (size_t i = 0; i < PK_LEN(undefined_calls); i++)
		if (pk_str_eq(member, pk_str(undefined_calls[i])))
			return nothing();
	return anything();
}

/* name.name[expr].name(args)... */
static struct val identifier(struct parser *p)
{
	bool is_pe = next_is(p, "pe"), called = false, deep_call = false;
	struct pk_str member = {0};
	size_t members = 0;

	p->at++;
	while (!p->lost) {
		if (accept(p, ".")) {
			if (look(p, 0)->type != PK_LEX_WORD)
				p->lost = true;
			if (members++ == 0)
				member = look(p, 0)->s;
			p->at++;
		} else if (accept(p, "[")) {
			(void)disjunction(p);
			expect(p, "]");
		} else if (accept(p, "(")) {
			called = true;
			deep_call |= members != 1;
			while (!p->lost && !accept(p, ")")) {
				(void)disjunction(p);
				if (!next_is(p, ")"))
					expect(p, ",");
			}
		} else {
			break;
		}
	}
	if (!is_pe || members == 0 || !p->cls->not_mz || deep_call)
		return anything();
	return pe_value(member, called);
}

static struct val primary(struct parser *p)
{
	const struct pk_lextoken *t = look(p, 0);
	struct val v = anything();
	uint8_t width;
	bool be;

	switch (t->type) {
	case PK_LEX_NUMBER: return literal(p);
	case PK_LEX_TEXT:
	case PK_LEX_REGEX: p->at++; return (struct val){.def = true};
	case PK_LEX_STRING: return string_value(p);
	case PK_LEX_PUNCT:
		if (accept(p, "(")) {
			v = disjunction(p);
			expect(p, ")");
			return v;
		}
		if (accept(p, "-") || accept(p, "~")) {
			v = primary(p);
			if (is_exact(&v) && t->s.p[0] == '-')
				return number(-v.lo, -v.lo, v.undef);
			return v.def ? any_number(v.undef) : nothing();
		}
		break;
	case PK_LEX_WORD:
		width = reader_width(t->s, &be);
		if (width > 0 && pk_lex_is(look(p, 1), "("))
			return reader(p, width, be);
		if (accept(p, "filesize"))
			return number((int64_t)PK_MIN(p->cls->size_min, (uint64_t)NUMBER_MAX), NUMBER_MAX, false);
		if (accept(p, "entrypoint"))
			return any_number(true);
		if (accept(p, "true"))
			return truth(T);
		if (accept(p, "false"))
			return truth(F);
		return identifier(p);
	default: break;
	}
	p->lost = true;
	return v;
}

/* --- arithmetic ----------------------------------------------------------------------------------------- */

static int level_of(const struct parser *p)
{
	static const char *const levels[][4] = {{"|"}, {"^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "\\", "%"}};

	if (look(p, 0)->type != PK_LEX_PUNCT)
		return -1;
	if (next_is(p, "%") && pk_lex_is(look(p, 1), "of"))
		return -1;
	for (size_t i = 0; i < PK_LEN(levels); i++)
		for (size_t k = 0; k < 4 && levels[i][k]; k++)
			if (next_is(p, levels[i][k]))
				return (int)i;
	return -1;
}

static struct val combine(char op, const struct val *a, const struct val *b)
{
	const int64_t small = (int64_t)1 << 30;
	bool undef = a->undef || b->undef || op == '\\' || op == '%' || op == '<' || op == '>';

	if (!a->def || !b->def)
		return nothing();
	if (is_exact(a) && is_exact(b) && a->lo >= 0 && b->lo >= 0 && a->lo < small && b->lo < small) {
		if (op == '+')
			return number(a->lo + b->lo, a->lo + b->lo, undef);
		if (op == '-')
			return number(a->lo - b->lo, a->lo - b->lo, undef);
		if (op == '*')
			return number(a->lo * b->lo, a->lo * b->lo, undef);
	}
	return any_number(undef);
}

static struct val arithmetic(struct parser *p, unsigned level)
{
	struct val a;

	if (p->depth++ > MAX_DEPTH)
		p->lost = true;
	a = p->lost ? anything() : primary(p);
	while (!p->lost) {
		int l = level_of(p);
		struct val b;
		char op;

		if (l < 0 || (unsigned)l < level)
			break;
		op = look(p, 0)->s.p[0];
		p->at++;
		b = arithmetic(p, (unsigned)l + 1);
		a = combine(op, &a, &b);
	}
	p->depth--;
	return a;
}

/* --- comparisons, quantifiers --------------------------------------------------------------------------- */

/* True when the first bytes of the file would have to be "MZ" for the reading to be this number. */
static bool needs_mz(const struct val *head, const struct val *c)
{
	uint64_t v = (uint64_t)c->lo;
	unsigned w = head->head;

	if (w < 2 || !is_exact(c))
		return false;
	if (head->head_be)
		return ((v >> (8 * (w - 1))) & 0xff) == 'M' && ((v >> (8 * (w - 2))) & 0xff) == 'Z';
	return (v & 0xff) == 'M' && ((v >> 8) & 0xff) == 'Z';
}

static unsigned compare(const struct parser *p, struct pk_str op, const struct val *a, const struct val *b)
{
	unsigned bits = a->undef || b->undef ? U : 0;
	bool less, equal, greater;

	if (!a->def || !b->def)
		return U;
	if (!a->is_number || !b->is_number)
		return bits | T | F;
	less = a->lo < b->hi;
	greater = a->hi > b->lo;
	equal = a->lo <= b->hi && b->lo <= a->hi;
	if (p->cls->not_mz && (needs_mz(a, b) || needs_mz(b, a)))
		equal = false;
	if (pk_str_eq(op, PK_STR("==")))
		return bits | (equal ? T : 0) | (less || greater ? F : 0);
	if (pk_str_eq(op, PK_STR("!=")))
		return bits | (less || greater ? T : 0) | (equal ? F : 0);
	if (pk_str_eq(op, PK_STR("<")))
		return bits | (less ? T : 0) | (greater || equal ? F : 0);
	if (pk_str_eq(op, PK_STR(">")))
		return bits | (greater ? T : 0) | (less || equal ? F : 0);
	if (pk_str_eq(op, PK_STR("<=")))
		return bits | (less || equal ? T : 0) | (greater ? F : 0);
	return bits | (greater || equal ? T : 0) | (less ? F : 0);
}

static bool is_comparison(const struct parser *p)
{
	static const char *const ops[] = {
		"==",        "!=",         "<",           ">",        "<=",        ">=",      "contains",
		"icontains", "startswith", "istartswith", "endswith", "iendswith", "iequals", "matches"};

	for (size_t i = 0; i < PK_LEN(ops); i++)
		if (next_is(p, ops[i]))
			return true;
	return false;
}

enum quantifier { NEEDS_ONE, NEEDS_NONE, OPEN };

/* The set after "of". True when it is made of strings. */
static bool string_set(struct parser *p)
{
	bool strings;

	if (accept(p, "them"))
		return true;
	expect(p, "(");
	strings = look(p, 0)->type == PK_LEX_STRING;
	while (!p->lost && !accept(p, ")")) {
		if (look(p, 0)->type != PK_LEX_STRING && look(p, 0)->type != PK_LEX_WORD)
			p->lost = true;
		p->at++;
		(void)accept(p, "*");
		if (!next_is(p, ")"))
			expect(p, ",");
	}
	return strings;
}

static struct val of_set(struct parser *p, enum quantifier q)
{
	bool strings, undef = false;

	expect(p, "of");
	strings = string_set(p);
	if (accept(p, "in"))
		range(p, &undef);
	if (undef)
		return truth(F | U);
	if (strings && p->cls->no_strings && q == NEEDS_ONE)
		return truth(F | U);
	return truth(T | F | U);
}

static enum quantifier number_quantifier(const struct val *v)
{
	return is_exact(v) && !v->undef && v->lo >= 1 ? NEEDS_ONE : OPEN;
}

/* any, all, none, or a number before "of" or the loop's variables. */
static enum quantifier quantifier(struct parser *p)
{
	struct val v;

	if (accept(p, "any") || accept(p, "all"))
		return p->t[p->at - 1].s.p[1] == 'n' ? NEEDS_ONE : OPEN;
	if (accept(p, "none"))
		return NEEDS_NONE;
	v = arithmetic(p, 0);
	return number_quantifier(&v);
}

/* A loop that needs one true round is false when no round can be true, however many there are, and when there is
 * nothing to go over: an undefined bound, a list of the module pe. */
static struct val loop(struct parser *p)
{
	enum quantifier q = quantifier(p);
	bool undef = false;
	struct val body;

	if (accept(p, "of")) {
		(void)string_set(p);
	} else {
		do {
			if (look(p, 0)->type != PK_LEX_WORD)
				p->lost = true;
			p->at++;
		} while (!p->lost && accept(p, ","));
		expect(p, "in");
		if (next_is(p, "(")) {
			range(p, &undef);
		} else {
			struct val over = identifier(p);

			undef = !over.def;
		}
	}
	expect(p, ":");
	expect(p, "(");
	body = disjunction(p);
	expect(p, ")");
	return truth(q == NEEDS_ONE && (undef || !(bits_of(&body) & T)) ? F | U : T | F | U);
}

static struct val comparison(struct parser *p)
{
	struct val a;

	if (accept(p, "for"))
		return loop(p);
	if ((next_is(p, "any") || next_is(p, "all") || next_is(p, "none")) && pk_lex_is(look(p, 1), "of")) {
		/* all of a set that is never empty needs one, too */
		enum quantifier q = next_is(p, "none") ? NEEDS_NONE : NEEDS_ONE;

		p->at++;
		return of_set(p, q);
	}
	a = arithmetic(p, 0);
	if (next_is(p, "%") && pk_lex_is(look(p, 1), "of")) {
		p->at++;
		return of_set(p, number_quantifier(&a));
	}
	if (next_is(p, "of"))
		return of_set(p, number_quantifier(&a));
	if (is_comparison(p)) {
		struct pk_str op = look(p, 0)->s;
		struct val b;

		p->at++;
		b = arithmetic(p, 0);
		return truth(compare(p, op, &a, &b));
	}
	return a;
}

/* --- and, or, not --------------------------------------------------------------------------------------- */

static struct val negation(struct parser *p)
{
	struct val v;
	unsigned bits;

	if (p->depth > MAX_DEPTH)
		p->lost = true;
	if (p->lost)
		return anything();
	if (accept(p, "not")) {
		p->depth++;
		v = negation(p);
		p->depth--;
		bits = bits_of(&v);
		return truth((bits & U) | (bits & T ? F : 0) | (bits & F ? T : 0));
	}
	if (accept(p, "defined")) {
		p->depth++;
		v = negation(p);
		p->depth--;
		return truth((v.def ? T : 0) | (v.undef ? F : 0));
	}
	return comparison(p);
}

static struct val conjunction(struct parser *p)
{
	struct val v = negation(p);

	while (!p->lost && accept(p, "and")) {
		struct val w = negation(p);
		unsigned a = bits_of(&v), b = bits_of(&w);

		v = truth((a & T && b & T ? T : 0) | ((a | b) & (F | U) ? F : 0));
	}
	return v;
}

static struct val disjunction(struct parser *p)
{
	struct val v;

	if (p->depth++ > MAX_DEPTH)
		p->lost = true;
	v = p->lost ? anything() : conjunction(p);
	while (!p->lost && accept(p, "or")) {
		struct val w = conjunction(p);
		unsigned a = bits_of(&v), b = bits_of(&w);

		v = truth(((a | b) & T ? T : 0) | (a & (F | U) && b & (F | U) ? F : 0));
	}
	p->depth--;
	return v;
}

bool pk_cond_may_hold(const struct pk_lextoken *tokens, size_t count, const struct pk_cond_class *cls)
{
	struct parser p = {.t = tokens, .n = count, .cls = cls};
	struct val v = disjunction(&p);

	return p.lost || p.at != p.n || (bits_of(&v) & T) != 0;
}
