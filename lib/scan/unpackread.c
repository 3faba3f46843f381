/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an archive with libarchive, member by member, and tells it as records. */
#include "scan-internal.h"
#include "unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <sys/stat.h>

#define READ_BYTES 65536u
#define MAX_RETRIES 16u /* of one call that says "again" */
#define MAX_TEXT 120u
#define MAX_ZIPS 64u /* one behind the other */
#define ZIP_END 22u  /* bytes of its end record without the comment */

struct reader {
	const struct pk_unpack_input *in;
	struct pk_sink sink;
	struct archive *a;
	uint64_t from; /* where this archive begins in the input: one may follow another */
	uint64_t at;   /* next byte to be given to libarchive */
	uint64_t members;
	struct pk_zip zip; /* what ends the input, when that is one; else no entries */
	bool has_zip;
	uint64_t hide;     /* two bytes that libarchive is not to see as they are; 0: none */
	const char *doubt; /* what was wrong that no member tells; NULL: nothing. Static */
	bool lost;         /* the sink failed: there is nobody to tell */
	struct pk_buf record;
	char bytes[READ_BYTES];
};

/* --- telling ------------------------------------------------------------------------------------------ */

static void tell(struct reader *r, char kind, struct pk_str head, struct pk_str body)
{
	struct pk_buf *b = &r->record;

	if (r->lost)
		return;
	pk_buf_reset(b);
	pk_buf_put_c(b, kind);
	pk_put_u32(b, (uint32_t)(head.n + body.n));
	pk_buf_put_str(b, head);
	pk_buf_put_str(b, body);
	r->lost = b->oom || r->sink.write(r->sink.ctx, b->p, b->n, NULL) < 0;
}

static void tell_end(struct reader *r, char kind, enum pk_unpack_how how, const char *text)
{
	struct pk_str s = pk_str(text ? text : "");
	char c = (char)how;

	s.n = PK_MIN(s.n, (size_t)MAX_TEXT);
	tell(r, kind, pk_str_n(&c, 1), s);
}

static void tell_member(struct reader *r, unsigned flags, uint32_t mode, struct pk_str name)
{
	char head[5] = {(char)flags, (char)mode, (char)(mode >> 8), (char)(mode >> 16), (char)(mode >> 24)};

	if (name.n > PK_UNPACK_NAME) {
		name.n = PK_UNPACK_NAME;
		head[0] = (char)(flags | PK_UNPACK_CUT);
	}
	tell(r, 'M', pk_str_n(head, sizeof(head)), name);
}

/* Holes come as zeros: they are what a file of that name would hold. */
static void tell_bytes(struct reader *r, const char *p, uint64_t n)
{
	static const char zeros[READ_BYTES];

	while (n > 0 && !r->lost) {
		size_t some = (size_t)PK_MIN(n, (uint64_t)PK_UNPACK_CHUNK);

		tell(r, 'D', pk_str_n(p ? p : zeros, some), (struct pk_str){0});
		n -= some;
		if (p)
			p += some;
	}
}

/* --- libarchive's input ------------------------------------------------------------------------------- */

static la_ssize_t on_read(struct archive *a, void *ctx, const void **ret)
{
	struct reader *r = ctx;
	size_t n = (size_t)PK_MIN(r->in->n - PK_MIN(r->at, r->in->n), (uint64_t)READ_BYTES);
	size_t got = n;
	struct pk_err err = {0};

	*ret = r->bytes;
	if (r->in->fd < 0 && !r->hide) {
		*ret = r->in->p + r->at;
	} else if (r->in->fd < 0) {
		memcpy(r->bytes, r->in->p + r->at, n);
	} else if (n > 0 && pk_pread_full(r->in->fd, r->bytes, n, r->at, &got, &err) < 0) {
		archive_set_error(a, err.sys, "cannot be read");
		return ARCHIVE_FATAL;
	}
	for (unsigned i = 0; r->hide && i < 2; i++)
		if (r->hide + i >= r->at && r->hide + i - r->at < got)
			r->bytes[r->hide + i - r->at] = (char)0xff; /* an id that nobody has */
	r->at += got;
	return (la_ssize_t)got;
}

static la_int64_t on_seek(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
	struct reader *r = ctx;
	uint64_t n = r->in->n - r->from, base = whence == SEEK_CUR ? r->at - r->from : whence == SEEK_END ? n : 0;
	la_int64_t to;

	(void)a;
	if (__builtin_add_overflow((la_int64_t)base, offset, &to) || to < 0 || (uint64_t)to > n)
		return ARCHIVE_FATAL;
	r->at = r->from + (uint64_t)to;
	return to;
}

static la_int64_t on_skip(struct archive *a, void *ctx, la_int64_t n)
{
	struct reader *r = ctx;
	uint64_t some = n > 0 ? PK_MIN((uint64_t)n, r->in->n - PK_MIN(r->at, r->in->n)) : 0;

	(void)a;
	r->at += some;
	return (la_int64_t)some;
}

enum reading {
	ANY,
	RAW,        /* as compressed bytes of no form */
	ZIP_MEMBER, /* from its own header on, whatever a directory says of it */
};

static bool add_readers(struct archive *a, enum reading how)
{
	/* one by one: all of libarchive's would bring xml, and every cipher */
	static int (*const filters[])(struct archive *) = {
		archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
		archive_read_support_filter_xz,   archive_read_support_filter_lzma,
		archive_read_support_filter_lzip, archive_read_support_filter_zstd,
		archive_read_support_filter_rpm,  archive_read_support_filter_compress,
	};
	static int (*const formats[])(struct archive *) = {
		archive_read_support_format_tar,  archive_read_support_format_zip,  archive_read_support_format_ar,
		archive_read_support_format_cpio, archive_read_support_format_7zip,
	};

	if (how == ZIP_MEMBER)
		return archive_read_support_format_zip_streamable(a) == ARCHIVE_OK;
	for (size_t i = 0; i < PK_LEN(filters); i++)
		if (filters[i](a) != ARCHIVE_OK)
			return false;
	for (size_t i = 0; how != RAW && i < PK_LEN(formats); i++)
		if (formats[i](a) != ARCHIVE_OK)
			return false;
	/* two blocks of zeros end a tar for most programs: more may be hidden behind them */
	return archive_read_support_format_empty(a) == ARCHIVE_OK && archive_read_support_format_raw(a) == ARCHIVE_OK &&
	       (how == RAW || archive_read_set_options(a, "tar:read_concatenated_archives") == ARCHIVE_OK);
}

/* From r->from on. */
static bool open_archive(struct reader *r, enum reading how)
{
	archive_read_free(r->a);
	r->a = archive_read_new();
	r->at = r->from;
	r->members = 0;
	if (!r->a || !add_readers(r->a, how))
		return false;
	archive_read_set_callback_data(r->a, r);
	archive_read_set_read_callback(r->a, on_read);
	if (how != ZIP_MEMBER)
		archive_read_set_seek_callback(r->a, on_seek);
	archive_read_set_skip_callback(r->a, on_skip);
	return archive_read_open1(r->a) == ARCHIVE_OK;
}

static int format_of(const struct reader *r) { return r->a ? archive_format(r->a) & ARCHIVE_FORMAT_BASE_MASK : 0; }

static bool is_compressed(const struct reader *r) { return r->a && archive_filter_count(r->a) > 1; }

/* --- members ------------------------------------------------------------------------------------------ */

static enum pk_unpack_how how_it_failed(const struct reader *r)
{
	if (r->a && archive_read_has_encrypted_entries(r->a) == 1)
		return PK_UNPACK_ENCRYPTED;
	return !r->a || archive_errno(r->a) == ENOMEM ? PK_UNPACK_MEMORY : PK_UNPACK_DAMAGED;
}

static const char *error_of(const struct reader *r)
{
	const char *text = r->a ? archive_error_string(r->a) : NULL;

	return text ? text : "";
}

/* False when the archive cannot be read on. `least`: so many bytes must come. */
static bool read_content(struct reader *r, uint64_t least)
{
	const void *p = NULL;
	size_t n = 0;
	la_int64_t offset = 0;
	uint64_t at = 0;
	unsigned again = 0;
	int got = ARCHIVE_OK;
	char doubt[MAX_TEXT + 1] = ""; /* what was wrong with bytes that were given all the same */

	while (!r->lost) {
		got = archive_read_data_block(r->a, &p, &n, &offset);
		if (got == ARCHIVE_RETRY && again++ < MAX_RETRIES)
			continue;
		if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
			break;
		if (got == ARCHIVE_WARN)
			(void)snprintf(doubt, sizeof(doubt), "%s", error_of(r));
		if (offset < 0 || (uint64_t)offset < at) {
			tell_end(r, 'E', PK_UNPACK_DAMAGED, "its pieces overlap");
			return true;
		}
		tell_bytes(r, NULL, (uint64_t)offset - at);
		tell_bytes(r, p, n);
		at = (uint64_t)offset + n;
		again = 0;
	}
	if (got != ARCHIVE_EOF) {
		tell_end(r, 'E', how_it_failed(r), error_of(r));
		return got != ARCHIVE_FATAL;
	}
	/* a file that ends in a hole; a zip has none */
	if (offset > 0 && (uint64_t)offset > at && format_of(r) != ARCHIVE_FORMAT_ZIP)
		tell_bytes(r, NULL, (uint64_t)offset - at);
	if (at < least)
		(void)snprintf(doubt, sizeof(doubt), "it has bytes, and they cannot be had");
	tell_end(r, 'E', *doubt ? PK_UNPACK_DAMAGED : PK_UNPACK_WHOLE, doubt);
	return true;
}

/* By its own header, or by a directory: what that calls a folder, a link or a device gives no bytes. */
static bool gives_bytes(struct archive_entry *e)
{
	mode_t kind = archive_entry_filetype(e);

	return kind == AE_IFREG || kind == 0 || (kind == AE_IFDIR && archive_entry_size(e) <= 0);
}

/* x: of a zip, what its directory says; or NULL. */
static bool read_member(struct reader *r, struct archive_entry *e, const struct pk_zip_entry *x)
{
	uint64_t least = x ? x->plain : 0;
	mode_t kind = archive_entry_filetype(e);
	const char *name = archive_entry_pathname(e);
	bool bare = archive_format(r->a) == ARCHIVE_FORMAT_RAW;
	unsigned flags = bare ? PK_UNPACK_NAMELESS : 0;

	if (kind == AE_IFDIR)
		flags |= PK_UNPACK_FOLDER;
	else if (kind == AE_IFLNK || archive_entry_hardlink(e))
		flags |= PK_UNPACK_LINK;
	else if (kind != AE_IFREG && kind != 0)
		flags |= PK_UNPACK_SPECIAL;
	if (!x && kind == AE_IFDIR && archive_entry_size(e) > 0)
		least = (uint64_t)archive_entry_size(e);
	tell_member(r, flags,
		    bare           ? 0
		    : x && x->mode ? x->mode
				   : (uint32_t)archive_entry_mode(e),
		    pk_str(name ? name : ""));
	if (archive_entry_is_encrypted(e) > 0) {
		tell_end(r, 'E', PK_UNPACK_ENCRYPTED, "");
		return true;
	}
	return read_content(r, least);
}

static bool is_formless(const struct reader *r)
{
	return format_of(r) == 0 || (format_of(r) == ARCHIVE_FORMAT_RAW && !is_compressed(r));
}

struct failure {
	enum pk_unpack_how how;
	char text[MAX_TEXT + 1];
};

static struct failure failure_of(const struct reader *r)
{
	struct failure f = {.how = how_it_failed(r)};
	const char *text = error_of(r);

	if (f.how == PK_UNPACK_DAMAGED && is_formless(r)) {
		f.how = PK_UNPACK_UNKNOWN;
		text = r->from > 0 ? "other bytes follow its end" : *text ? text : "it only begins like an archive";
	}
	(void)snprintf(f.text, sizeof(f.text), "%s", text);
	return f;
}

/* A member as libarchive lists it: of a zip, the one of the directory whose bytes come now. */
static bool read_listed(struct reader *r, struct archive_entry *e)
{
	struct pk_zip_entry *x = NULL;

	if (format_of(r) == ARCHIVE_FORMAT_ZIP && r->has_zip) {
		if (!gives_bytes(e))
			return true; /* read_untold() does */
		if ((x = pk_zip_find(&r->zip, r->from + (uint64_t)archive_filter_bytes(r->a, 0))))
			x->told = true;
	}
	return read_member(r, e, NULL);
}

/* False when it ended otherwise than it should. */
static bool read_members(struct reader *r, enum reading how)
{
	struct archive_entry *e = NULL;
	unsigned again = 0;

	if (!open_archive(r, how))
		return false;
	while (!r->lost) {
		int got = archive_read_next_header(r->a, &e);

		if (got == ARCHIVE_EOF)
			return true;
		if (got == ARCHIVE_RETRY && again++ < MAX_RETRIES) {
			r->doubt = "a header is damaged, and what it is of was skipped";
			continue;
		}
		if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
			return false;
		/* bytes in no compression and of no form: no archive */
		if (format_of(r) == ARCHIVE_FORMAT_RAW && !is_compressed(r))
			return false;
		again = 0;
		r->members++;
		if (!read_listed(r, e))
			return false;
	}
	return false;
}

/* From its own header on. */
static void read_zip_member(struct reader *r, const struct pk_zip_entry *x)
{
	struct archive_entry *e = NULL;
	char name[PK_UNPACK_NAME];
	int got = ARCHIVE_FATAL;

	r->from = x->at;
	r->hide = x->hide;
	if (x->data && open_archive(r, ZIP_MEMBER))
		got = archive_read_next_header(r->a, &e);
	if (got == ARCHIVE_OK || got == ARCHIVE_WARN) {
		(void)read_member(r, e, x);
	} else {
		size_t n = pk_unpack_bytes_at(r->in, x->name_at, name, PK_MIN((size_t)x->name_n, sizeof(name)));

		tell_member(r, 0, 0, pk_str_n(name, strnlen(name, n)));
		tell_end(r, 'E', PK_UNPACK_DAMAGED, "its header is not where the directory says"); /* no form to ask */
	}
	r->hide = 0;
}

/* The members of the zip that were not told. */
static void read_untold(struct reader *r)
{
	uint64_t from = r->from, members = r->members;

	for (size_t i = 0; i < r->zip.n && !r->lost; i++) {
		if (r->zip.entry[i].told)
			continue;
		r->zip.entry[i].told = true;
		read_zip_member(r, &r->zip.entry[i]);
	}
	r->from = from;
	r->members = members;
}

/* --- where an archive ends ---------------------------------------------------------------------------- */

static bool is_zero(const char *p, size_t n, size_t *ret_at)
{
	for (*ret_at = 0; *ret_at < n; (*ret_at)++)
		if (p[*ret_at] != '\0')
			return false;
	return true;
}

/* Finds what follows in the input; zeros do not count. */
static bool find_next(struct reader *r, uint64_t at)
{
	char bytes[4096];
	size_t skip = 0;

	for (; at > r->from && at < r->in->n; at += skip) {
		size_t got = pk_unpack_bytes_at(r->in, at, bytes, sizeof(bytes));

		if (got == 0)
			return false;
		if (!is_zero(bytes, got, &skip)) {
			r->from = r->at = at + skip;
			return true;
		}
	}
	return false;
}

/* What follows an archive inside of a compression is a member of its own. The compression is read once more: libarchive
 * gives nobody the bytes behind the end. */
static void read_rest(struct reader *r, uint64_t skip)
{
	struct archive_entry *e = NULL;
	const void *p = NULL;
	size_t n = 0, at = 0;
	la_int64_t offset = 0;
	bool told = false;

	if (!open_archive(r, RAW) || archive_read_next_header(r->a, &e) != ARCHIVE_OK)
		return;
	while (!r->lost && archive_read_data_block(r->a, &p, &n, &offset) == ARCHIVE_OK) {
		uint64_t drop = PK_MIN(skip, (uint64_t)n);
		const char *s = (const char *)p + drop;

		skip -= drop;
		n -= drop;
		at = 0;
		if (!told && is_zero(s, n, &at))
			continue;
		if (!told)
			tell_member(r, 0, 0, PK_STR("data-after-end"));
		told = true;
		tell_bytes(r, s + at, n - at);
	}
	if (told)
		tell_end(r, 'E', PK_UNPACK_WHOLE, "");
}

/* The end of all that can be read. `whole`: of the last archive. */
static void end_all(struct reader *r, bool whole)
{
	bool is_zip = format_of(r) == ARCHIVE_FORMAT_ZIP;
	struct failure f = {.how = PK_UNPACK_WHOLE};

	/* of no form, or a zip with a broken header: what the directory has is all of it */
	if (!whole && !(r->has_zip && r->zip.n > 0 && (is_zip || is_formless(r))))
		f = failure_of(r);
	else if (is_zip && !r->has_zip && !r->doubt)
		r->doubt = "its directory is not whole";
	read_untold(r);
	if (f.how == PK_UNPACK_WHOLE && r->doubt)
		tell_end(r, 'Z', PK_UNPACK_DAMAGED, r->doubt);
	else
		tell_end(r, 'Z', f.how, f.text);
}

/* True when there is another archive behind this one. */
static bool read_one(struct reader *r)
{
	bool whole = read_members(r, ANY);
	uint64_t used = r->in->n;

	/* zeros look like an empty tar, but what is compressed there is a file */
	if (format_of(r) == ARCHIVE_FORMAT_TAR && is_compressed(r) && r->members == 0)
		whole = read_members(r, RAW);
	if (!whole) {
		end_all(r, false);
		return false;
	}
	if (format_of(r) == ARCHIVE_FORMAT_CPIO && is_compressed(r))
		read_rest(r, (uint64_t)archive_filter_bytes(r->a, 0));
	if (format_of(r) == ARCHIVE_FORMAT_TAR || format_of(r) == ARCHIVE_FORMAT_CPIO ||
	    format_of(r) == ARCHIVE_FORMAT_RAW)
		used = (uint64_t)archive_filter_bytes(r->a, is_compressed(r) ? -1 : 0);
	if (find_next(r, r->from + used))
		return true;
	end_all(r, true);
	return false;
}

/* --- what libarchive does not look at ------------------------------------------------------------------- */

/* Frames that zstd skips, before the first one that counts. */
static uint64_t skip_frames(const struct pk_unpack_input *in)
{
	uint64_t at = 0;
	uint8_t b[8];

	while (pk_unpack_bytes_at(in, at, b, sizeof(b)) == sizeof(b) && pk_unpack_is_skippable(pk_str_n(b, 4))) {
		struct pk_cur c = pk_cur(b + 4, 4);

		at += 8 + (uint64_t)pk_rd_le32(&c);
	}
	return at < in->n ? at : 0;
}

/* The end record of a zip (APPNOTE.TXT 4.3.16) whose comment reaches the input's end: where the record ends, and how many
 * bytes lie before what its directory is about. libarchive looks for it in the last 16 KiB only. */
static bool find_zip_end(const struct pk_unpack_input *in, uint64_t *ret_end, uint64_t *ret_before)
{
	static const uint8_t sign[4] = {'P', 'K', 5, 6};
	size_t n = (size_t)PK_MIN(in->n, (uint64_t)PK_UNPACK_TAIL);
	pk_autofree uint8_t *tail = malloc(n + 1);

	if (!tail || n < ZIP_END || pk_unpack_bytes_at(in, in->n - n, tail, n) != n)
		return false;
	for (size_t i = n - ZIP_END + 1; i-- > 0;) {
		struct pk_cur c = pk_cur(tail + i + 12, ZIP_END - 12);
		uint32_t size = pk_rd_le32(&c), offset = pk_rd_le32(&c);
		uint64_t at = in->n - n + i;

		if (memcmp(tail + i, sign, sizeof(sign)) != 0 || pk_rd_le16(&c) != n - i - ZIP_END)
			continue;
		*ret_end = at + ZIP_END;
		*ret_before = at - PK_MIN(at, (uint64_t)size + offset);
		return true;
	}
	return false;
}

static void begin_zip(struct reader *r)
{
	pk_zip_done(&r->zip);
	r->has_zip = pk_zip_read(r->in, &r->zip);
}

static void read_earlier_zip(struct reader *r)
{
	begin_zip(r);
	(void)read_members(r, ANY); /* where it stops, the directory goes on */
	if (!r->has_zip)
		r->doubt = "the directory of a zip before the last one is not whole";
	read_untold(r);
}

/* Zips one behind the other: programs differ in which one they open, so each is read, the last one by read_one(). A
 * comment is cut off, and needs no reading: the file as a whole is scanned too. */
static void read_zips(struct reader *r, struct pk_unpack_input *in)
{
	struct pk_unpack_input part = *in;
	uint64_t end = 0, before = 0;
	uint8_t head[4];
	bool is_zip = pk_unpack_bytes_at(in, 0, head, 4) == 4 && memcmp(head, "PK\3\4", 4) == 0;

	for (unsigned i = 0; i < MAX_ZIPS && find_zip_end(&part, &end, &before); i++) {
		part.n = end;
		if (i == 0)
			in->n = end;
		else
			read_earlier_zip(r);
		if (!is_zip || before == 0)
			break;
		part.n = before;
		r->in = &part;
	}
	r->in = in;
}

/* All of the input: one archive may follow another, as boot images have it, or who hides something. */
void pk_unpack_read(const struct pk_unpack_input *input, struct pk_sink sink)
{
	struct pk_unpack_input in = *input;
	struct reader *r = calloc(1, sizeof(*r));

	if (!r)
		return;
	pk_unpack_host();
	r->in = &in;
	r->sink = sink;
	read_zips(r, &in);
	begin_zip(r);
	r->from = skip_frames(&in);
	while (read_one(r))
		;
	archive_read_free(r->a);
	pk_zip_done(&r->zip);
	pk_buf_done(&r->record);
	free(r);
}
