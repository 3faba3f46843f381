/* SPDX-License-Identifier: Apache-2.0 */
/* Reads maps, smaps, stat and status of a process. */
#include "procmaps.h"

static bool word(struct pk_str *s, struct pk_str *ret)
{
	while (s->n > 0 && (*s->p == ' ' || *s->p == '\t'))
		*s = pk_str_n(s->p + 1, s->n - 1);
	*ret = pk_str_n(s->p, 0);
	while (s->n > 0 && *s->p != ' ' && *s->p != '\t') {
		*s = pk_str_n(s->p + 1, s->n - 1);
		ret->n++;
	}
	return ret->n > 0;
}

static bool hex(struct pk_str s, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.n == 0 || s.n > 16)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

		if (digit < 0)
			return false;
		v = v << 4 | (uint64_t)digit;
	}
	*ret = v;
	return true;
}

bool pk_procmaps_line(struct pk_str line, struct pk_procmapping *ret)
{
	struct pk_str range, low, perms, offset, device, inode;
	struct pk_procmapping m = {0};

	if (!word(&line, &range) || !word(&line, &perms) || !word(&line, &offset) || !word(&line, &device) ||
	    !word(&line, &inode))
		return false;
	if (!pk_str_split(&range, '-', &low) || !range.p || !hex(low, &m.start) || !hex(range, &m.end) ||
	    m.start >= m.end || perms.n != 4 || !hex(offset, &m.offset) || !pk_str_u64(inode, UINT64_MAX, &m.inode))
		return false;
	memcpy(m.perms, perms.p, 4);
	while (line.n > 0 && (*line.p == ' ' || *line.p == '\t'))
		line = pk_str_n(line.p + 1, line.n - 1);
	m.path = line;
	*ret = m;
	return true;
}

bool pk_procmaps_find(struct pk_str text, uint64_t address, struct pk_procmapping *ret)
{
	struct pk_str line;
	struct pk_procmapping m;

	while (pk_str_line(&text, &line)) {
		if (!pk_procmaps_line(line, &m) || address < m.start || address >= m.end)
			continue;
		*ret = m;
		return true;
	}
	return false;
}

void pk_procmaps_devices(struct pk_str smaps, void (*device)(void *ctx, uint64_t start), void *ctx)
{
	struct pk_procmapping m = {0}, head;
	struct pk_str line, flag;

	while (pk_str_line(&smaps, &line)) {
		if (!pk_str_starts(line, PK_STR("VmFlags:"))) {
			if (pk_procmaps_line(line, &head))
				m = head;
			continue;
		}
		while (word(&line, &flag)) {
			if (!pk_str_eq(flag, PK_STR("io")) && !pk_str_eq(flag, PK_STR("pf")))
				continue;
			device(ctx, m.start);
			break;
		}
	}
}

bool pk_procmaps_stat(struct pk_str text, struct pk_procstat *ret)
{
	struct pk_procstat s = {0};
	struct pk_str rest, w;
	size_t open = pk_str_find(text, '('), close = text.n;

	/* the name may hold anything, parentheses too */
	while (close > 0 && text.p[close - 1] != ')')
		close--;
	if (close == 0 || open >= close - 1)
		return false;
	s.comm = pk_str_n(text.p + open + 1, close - open - 2);
	rest = pk_str_n(text.p + close, text.n - close);
	if (!word(&rest, &w) || w.n != 1)
		return false;
	s.state = *w.p;
	if (!word(&rest, &w) || !pk_str_u64(w, UINT64_MAX, &s.parent))
		return false;
	for (int field = 5; field <= 8; field++)
		if (!word(&rest, &w))
			return false;
	if (!word(&rest, &w) || !pk_str_u64(w, UINT64_MAX, &s.flags))
		return false;
	for (int field = 10; field <= 22; field++)
		if (!word(&rest, &w))
			w = (struct pk_str){0};
	if (!pk_str_u64(w, INT64_MAX, &s.start_ticks))
		s.start_ticks = 0;
	*ret = s;
	return true;
}

static bool ids(struct pk_str values, uint32_t *ret_real, uint32_t *ret_effective)
{
	struct pk_str real, effective;
	uint64_t r, e;

	if (!word(&values, &real) || !word(&values, &effective) || !pk_str_u64(real, UINT32_MAX, &r) ||
	    !pk_str_u64(effective, UINT32_MAX, &e))
		return false;
	*ret_real = (uint32_t)r;
	*ret_effective = (uint32_t)e;
	return true;
}

bool pk_procmaps_status(struct pk_str text, struct pk_procstatus *ret)
{
	struct pk_procstatus s = {0};
	struct pk_str line, key, w;
	bool has_uid = false, has_gid = false;
	uint32_t egid;

	/* the name comes first, with its newlines escaped */
	while (pk_str_line(&text, &line)) {
		if (!pk_str_split(&line, ':', &key) || !line.p)
			continue;
		if (pk_str_eq(key, PK_STR("Uid")))
			has_uid = ids(line, &s.uid, &s.euid);
		else if (pk_str_eq(key, PK_STR("Gid")))
			has_gid = ids(line, &s.gid, &egid);
		else if (pk_str_eq(key, PK_STR("NSpid")))
			while (word(&line, &w))
				if (!pk_str_u64(w, INT32_MAX, &s.inner_pid))
					return false;
	}
	*ret = s;
	return has_uid && has_gid;
}
