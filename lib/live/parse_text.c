/* SPDX-License-Identifier: Apache-2.0 */
/* Parsers of a host's own files: accounts, logins, jobs, units, packages, keys. */
#include "parse.h"

#include <sys/socket.h>

/* --- accounts ---------------------------------------------------------------------------------------------- */

static struct pk_str skip_blanks(struct pk_str s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = pk_str_n(s.p + 1, s.n - 1);
	if (s.n && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

/* Splits at ':' into at most n fields, the last one keeping the rest; missing ones are empty. */
static size_t fields(struct pk_str line, struct pk_str *f, size_t n)
{
	size_t k = 0;

	while (k + 1 < n && pk_str_split(&line, ':', &f[k]))
		k++;
	if (line.p && k < n)
		f[k++] = line;
	for (size_t i = k; i < n; i++)
		f[i] = pk_str_n("", 0);
	return k;
}

bool live_parse_passwd(struct pk_str line, struct live_passwd *ret)
{
	struct pk_str f[7];

	line = skip_blanks(line);
	*ret = (struct live_passwd){0};
	if (!line.n || line.p[0] == '#' || fields(line, f, 7) < 4)
		return false;
	*ret = (struct live_passwd){.name = f[0],
				    .password = f[1],
				    .uid_text = f[2],
				    .gid_text = f[3],
				    .gecos = f[4],
				    .home = f[5],
				    .shell = f[6]};
	return live_u64(f[2], &ret->uid) && ret->uid <= UINT32_MAX && live_u64(f[3], &ret->gid) &&
	       ret->gid <= UINT32_MAX;
}

bool live_parse_group(struct pk_str line, struct live_group *ret)
{
	struct pk_str f[4];

	line = skip_blanks(line);
	*ret = (struct live_group){0};
	if (!line.n || line.p[0] == '#' || fields(line, f, 4) < 3)
		return false;
	*ret = (struct live_group){.name = f[0], .password = f[1], .gid_text = f[2], .members = f[3]};
	return live_u64(f[2], &ret->gid) && ret->gid <= UINT32_MAX;
}

bool live_parse_shadow(struct pk_str line, struct live_shadow *ret)
{
	struct pk_str f[9];

	line = skip_blanks(line);
	*ret = (struct live_shadow){0};
	if (!line.n || line.p[0] == '#' || fields(line, f, 9) < 2)
		return false;
	*ret = (struct live_shadow){f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8]};
	return true;
}

const char *live_password_status(struct pk_str f)
{
	if (!f.n)
		return "empty";
	if (f.p[0] == '!')
		return f.n > 1 && f.p[1] != '!' && f.p[1] != '*' ? "locked" : "not_set";
	if (f.p[0] == '*')
		return f.n > 1 ? "locked" : "not_set";
	return pk_str_eq(f, PK_STR("x")) ? "not_set" : "active";
}

struct pk_str live_password_method(struct pk_str f)
{
	size_t end;

	while (f.n && (f.p[0] == '!' || f.p[0] == '*'))
		f = pk_str_n(f.p + 1, f.n - 1);
	if (f.n < 3 || f.p[0] != '$')
		return pk_str_n("", 0);
	f = pk_str_n(f.p + 1, f.n - 1);
	end = pk_str_find(f, '$');
	return end < f.n && end <= 16 ? pk_str_n(f.p, end) : pk_str_n("", 0);
}

/* --- logins ------------------------------------------------------------------------------------------------- */

static struct pk_str to_nul(struct pk_str s) { return pk_str_n(s.p, pk_str_find(s, 0)); }

static bool all_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

bool live_parse_utmp(struct pk_str record, struct live_utmp *ret)
{
	bool wide = record.n == LIVE_UTMP_WIDE_SIZE;
	struct pk_cur c = pk_cur(record.p, record.n);
	uint64_t usec;
	struct pk_str addr;

	*ret = (struct live_utmp){0};
	if (record.n != LIVE_UTMP_SIZE && !wide)
		return false;
	ret->type = (int16_t)pk_rd_le16(&c);
	(void)pk_rd_le16(&c);
	ret->pid = (int32_t)pk_rd_le32(&c);
	ret->line = to_nul(pk_rd_bytes(&c, 32));
	ret->id = to_nul(pk_rd_bytes(&c, 4));
	ret->user = to_nul(pk_rd_bytes(&c, 32));
	ret->host = to_nul(pk_rd_bytes(&c, 256));
	(void)pk_rd_le16(&c);
	ret->exit_status = (int16_t)pk_rd_le16(&c);
	if (wide) {
		ret->session = (int64_t)pk_rd_le64(&c);
		ret->time.sec = (int64_t)pk_rd_le64(&c);
		usec = pk_rd_le64(&c);
	} else {
		ret->session = (int32_t)pk_rd_le32(&c);
		ret->time.sec = pk_rd_le32(&c); /* unsigned: good until 2106 */
		usec = pk_rd_le32(&c);
	}
	ret->time.nsec = usec < 1000000 ? (uint32_t)usec * 1000 : 0;
	addr = pk_rd_bytes(&c, 16);
	if (c.bad)
		return false;
	memcpy(ret->addr, addr.p, 16);
	if (!all_zero(ret->addr + 4, 12))
		ret->addr_family = AF_INET6;
	else if (!all_zero(ret->addr, 4))
		ret->addr_family = AF_INET;
	return ret->type >= 0 && ret->type <= 9;
}

const char *live_utmp_type_name(int type)
{
	static const char *const names[] = {"empty", "run_level", "boot_time", "new_time", "old_time",
					    "init",  "login",     "user",      "dead",     "accounting"};

	return type >= 0 && (size_t)type < PK_LEN(names) ? names[type] : "unknown";
}

size_t live_utmp_record_size(struct pk_str file)
{
	static const size_t sizes[] = {LIVE_UTMP_SIZE, LIVE_UTMP_WIDE_SIZE};
	size_t best = LIVE_UTMP_SIZE, best_good = 0;

	for (size_t k = 0; k < PK_LEN(sizes); k++) {
		size_t good = 0, n = 0;
		struct live_utmp u;

		for (size_t at = 0; at + sizes[k] <= file.n && n < 256; at += sizes[k], n++)
			good += live_parse_utmp(pk_str_n(file.p + at, sizes[k]), &u) && u.pid >= 0 &&
				pk_str_is_utf8(u.line) && pk_str_is_utf8(u.user);
		/* compared as shares of what there is */
		if (good * sizes[k] > best_good) {
			best_good = good * sizes[k];
			best = sizes[k];
		}
	}
	return best;
}

/* --- jobs --------------------------------------------------------------------------------------------------- */

static bool cron_variable(struct pk_str line)
{
	size_t i = 0;

	if (!line.n || (line.p[0] >= '0' && line.p[0] <= '9') || line.p[0] == '*' || line.p[0] == '@')
		return false;
	while (i < line.n && line.p[i] != '=' && line.p[i] != ' ' && line.p[i] != '\t')
		i++;
	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	return i < line.n && line.p[i] == '=';
}

bool live_parse_cron(struct pk_str line, bool with_user, struct live_cron *ret)
{
	struct pk_str *const times[] = {&ret->minute, &ret->hour, &ret->day_of_month, &ret->month, &ret->day_of_week};

	*ret = (struct live_cron){0};
	line = pk_str_trim(line);
	if (!line.n || line.p[0] == '#')
		return false;
	if (cron_variable(line)) {
		ret->variable = line;
		return true;
	}
	if (line.p[0] == '@') {
		if (!live_word(&line, &ret->event))
			return false;
	} else {
		for (size_t i = 0; i < PK_LEN(times); i++)
			if (!live_word(&line, times[i]))
				return false;
	}
	if (with_user && !live_word(&line, &ret->user))
		return false;
	ret->command = pk_str_trim(line);
	return ret->command.n > 0;
}

/* --- unit files ----------------------------------------------------------------------------------------------- */

bool live_unit_next(struct live_unit_cur *c, struct pk_str *ret_key, struct pk_str *ret_value)
{
	struct pk_str line, key;
	bool joining = false;

	pk_buf_reset(&c->joined);
	while (c->rest.p && c->rest.n && pk_str_line(&c->rest, &line)) {
		line = pk_str_trim(line);
		if (joining ? line.n && (line.p[0] == '#' || line.p[0] == ';')
			    : !line.n || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (!joining && line.p[0] == '[') {
			c->section = pk_str_n(line.p + 1,
					      line.n > 1 && line.p[line.n - 1] == ']' ? line.n - 2 : line.n - 1);
			continue;
		}
		joining = line.n && line.p[line.n - 1] == '\\';
		if (c->joined.n)
			pk_buf_put_c(&c->joined, ' ');
		pk_buf_put(&c->joined, line.p, joining ? line.n - 1 : line.n);
		if (joining && c->rest.p && c->rest.n)
			continue;
		joining = false;
		line = pk_buf_str(&c->joined);
		if (pk_str_find(line, '=') == line.n) {
			pk_buf_reset(&c->joined);
			continue;
		}
		(void)pk_str_split(&line, '=', &key);
		*ret_key = pk_str_trim(key);
		*ret_value = pk_str_trim(line);
		return true;
	}
	return false;
}

/* --- Debian control files ---------------------------------------------------------------------------------------- */

bool live_control_next(struct pk_str *rest, struct pk_str *ret)
{
	const char *start = NULL, *end = NULL;
	struct pk_str line;

	while (rest->p && rest->n && pk_str_line(rest, &line)) {
		if (!pk_str_trim(line).n) {
			if (start)
				break;
			continue;
		}
		if (!start)
			start = line.p;
		end = line.p + line.n;
	}
	if (!start)
		return false;
	*ret = pk_str_n(start, (size_t)(end - start));
	return true;
}

static bool same_name(struct pk_str a, struct pk_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (tolower((unsigned char)a.p[i]) != tolower((unsigned char)b.p[i]))
			return false;
	return true;
}

struct pk_str live_control_get(struct pk_str paragraph, struct pk_str key)
{
	struct pk_str line, name, found = {0};

	while (paragraph.n && pk_str_line(&paragraph, &line)) {
		bool continues = line.n && (line.p[0] == ' ' || line.p[0] == '\t');

		if (found.p && !continues)
			break;
		if (found.p) {
			found.n = (size_t)(line.p + line.n - found.p);
			continue;
		}
		if (continues || pk_str_find(line, ':') == line.n)
			continue;
		(void)pk_str_split(&line, ':', &name);
		if (same_name(name, key))
			found = pk_str_n(line.p, line.n);
	}
	return found.p ? pk_str_trim(found) : pk_str_n("", 0);
}

/* --- authorized_keys -------------------------------------------------------------------------------------------- */

static bool is_algorithm(struct pk_str w)
{
	static const char *const starts[] = {"ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"};

	for (size_t i = 0; i < PK_LEN(starts); i++)
		if (pk_str_starts(w, pk_str(starts[i])))
			return true;
	return false;
}

/* Options end at the first blank outside double quotes. */
static struct pk_str take_options(struct pk_str *line)
{
	bool quoted = false;
	size_t i = 0;
	struct pk_str r;

	for (; i < line->n; i++) {
		if (line->p[i] == '\\' && i + 1 < line->n && line->p[i + 1] == '"')
			i++;
		else if (line->p[i] == '"')
			quoted = !quoted;
		else if (!quoted && (line->p[i] == ' ' || line->p[i] == '\t'))
			break;
	}
	i = PK_MIN(i, line->n);
	r = pk_str_n(line->p, i);
	*line = pk_str_n(line->p + i, line->n - i);
	return r;
}

bool live_parse_authkey(struct pk_str line, struct live_authkey *ret)
{
	struct pk_str probe, w;

	*ret = (struct live_authkey){0};
	line = pk_str_trim(line);
	if (!line.n || line.p[0] == '#')
		return false;
	probe = line;
	if (!live_word(&probe, &w))
		return false;
	if (!is_algorithm(w))
		ret->options = take_options(&line);
	if (!live_word(&line, &ret->algorithm) || !is_algorithm(ret->algorithm) || !live_word(&line, &ret->key))
		return false;
	ret->comment = pk_str_trim(line);
	return true;
}
