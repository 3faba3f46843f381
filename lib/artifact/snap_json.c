/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of an `m` record. */
#include <picket/snap.h>

#include <sys/sysmacros.h>

#define FIELDS_BYTES (36u << 10) /* after so many no further xattr is put: the record is one line of 64 KiB */
#define MAX_USER_NAME 255
#define LIST_BYTES (48u << 10) /* of one record's part of a long list */

/* Names in passwd and group are the host's text: left out when they are not UTF-8 or too long, the number is there. */
static void put_name(struct pk_json *j, const char *key, const char *name)
{
	if (name && strlen(name) <= MAX_USER_NAME && pk_str_is_utf8(pk_str(name)))
		pk_json_kz(j, key, name);
}

/* start: of the record's fields in j->out. *ret_cut: not all of them fit beside a long path. */
static void put_xattrs(struct pk_json *j, const struct pk_snap *s, size_t start, bool *ret_cut)
{
	if (!s->xattrs_n)
		return;
	pk_json_key(j, "xattrs");
	pk_json_begin(j, '[');
	for (size_t i = 0; i < s->xattrs_n; i++) {
		const struct pk_xattr *x = &s->xattrs[i];
		PK_AUTO(pk_buf) value = {0};

		if (j->out->n - start > FIELDS_BYTES) {
			*ret_cut = true;
			break;
		}
		pk_json_begin(j, '{');
		pk_json_kbytes(j, "name", pk_str(x->name));
		if (x->value) {
			pk_buf_put_base64(&value, x->value, x->size, true);
			pk_json_kstr(j, "value_b64", pk_buf_str(&value));
		} else {
			pk_json_kuint(j, "size", x->size);
		}
		pk_json_end(j, '}');
	}
	pk_json_end(j, ']');
}

static void put_flags(struct pk_json *j, const struct pk_snap *s, bool xattrs_cut)
{
	static const struct {
		unsigned flag;
		const char *word;
	} words[] = {
		{PK_SNAP_IMMUTABLE, "immutable"},   {PK_SNAP_APPEND, "append"},
		{PK_SNAP_NODUMP, "nodump"},         {PK_SNAP_COMPRESSED, "compressed"},
		{PK_SNAP_ENCRYPTED, "encrypted"},   {PK_SNAP_VERITY, "verity"},
		{PK_SNAP_NOATIME, "noatime"},       {PK_SNAP_UNDELETE, "undelete"},
		{PK_SNAP_SECRM, "secure-deletion"}, {PK_SNAP_NOCOW, "nocow"},
		{PK_SNAP_CASEFOLD, "casefold"},     {PK_SNAP_ATIME_CHANGED, "atime-changed"},
	};

	if (!s->flags && !xattrs_cut)
		return;
	pk_json_key(j, "flags");
	pk_json_begin(j, '[');
	for (size_t i = 0; i < PK_LEN(words); i++)
		if (s->flags & words[i].flag)
			pk_json_z(j, words[i].word);
	if (xattrs_cut)
		pk_json_z(j, "xattrs-cut");
	pk_json_end(j, ']');
}

void pk_snap_put_json(struct pk_json *j, const struct pk_snap *s)
{
	size_t start = j->out->n;
	bool cut = s->xattrs_cut;

	pk_json_kbytes(j, "path", pk_buf_str(&s->path));
	pk_json_kz(j, "kind", pk_kind_name(s->kind));
	pk_json_kuint(j, "mode", s->mode);
	pk_json_kuint(j, "uid", s->uid);
	pk_json_kuint(j, "gid", s->gid);
	put_name(j, "user", s->user);
	put_name(j, "group", s->group);
	pk_json_kuint(j, "size", s->size);
	pk_json_kdec(j, "dev", s->dev);
	pk_json_kdec(j, "ino", s->ino);
	pk_json_kuint(j, "nlink", s->nlink);
	if (s->kind == PK_KIND_CHAR || s->kind == PK_KIND_BLOCK) {
		PK_AUTO(pk_buf) b = {0};

		pk_buf_putf(&b, "%u:%u", major(s->rdev), minor(s->rdev));
		pk_json_kstr(j, "rdev", pk_buf_str(&b));
		j->out->oom |= b.oom;
	}
	pk_json_ktime(j, "mtime", s->mtime);
	if (s->has & PK_SNAP_ATIME)
		pk_json_ktime(j, "atime", s->atime);
	pk_json_ktime(j, "ctime", s->ctime);
	if (s->has & PK_SNAP_BTIME)
		pk_json_ktime(j, "btime", s->btime);
	if (s->has & PK_SNAP_TARGET)
		pk_json_kbytes(j, "target", pk_buf_str(&s->target));
	put_xattrs(j, s, start, &cut);
	put_flags(j, s, cut);
}

bool pk_extents_put_json(struct pk_json *j, const struct pk_extents *x, size_t *from, uint64_t *stored)
{
	size_t start = j->out->n;

	pk_json_key(j, "extents");
	pk_json_begin(j, '[');
	for (; *from < x->n && *stored && j->out->n - start < LIST_BYTES; ++*from) {
		uint64_t len = PK_MIN(x->v[*from].len, *stored);

		pk_json_begin(j, '[');
		pk_json_uint(j, x->v[*from].off);
		pk_json_uint(j, len);
		pk_json_end(j, ']');
		*stored -= len;
	}
	pk_json_end(j, ']');
	return *from < x->n && *stored;
}
