/* SPDX-License-Identifier: Apache-2.0 */
/* The roster on disk: signature, pin, rollback, and replacing all three so that a power cut loses nothing. */
#include "lines.h"

#include <picket/hash.h>
#include <picket/limits.h>
#include <picket/roster.h>

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* ROSTER.pin: whose signature counts, and the newest roster seen. */
struct pin {
	struct pk_minisign_pub key;
	uint64_t version;
	uint8_t sha256[PK_SHA256_SIZE];
};

static PK_NODISCARD int beside(const char *path, const char *suffix, struct pk_buf *ret, struct pk_err *err)
{
	pk_buf_reset(ret);
	pk_buf_putf(ret, "%s%s", path, suffix);
	return pk_buf_check(ret, err);
}

/* --- the pin ---------------------------------------------------------------------------------------- */

static PK_NODISCARD int parse_pin(struct pk_str text, struct pin *ret, struct pk_err *err)
{
	struct pk_err why = {0};
	struct pk_lines l;
	struct pk_str s;

	if (pk_lines_begin(&l, "picket-roster-pin", text, err) < 0 || pk_lines_take(&l, "key", &s, err) < 0)
		return -1;
	if (pk_minisign_pub_parse(s, &ret->key, &why) < 0)
		return pk_lines_because(&l, &why, err);
	if (pk_lines_take(&l, "version", &s, err) < 0)
		return -1;
	if (!pk_str_u64(s, INT64_MAX, &ret->version))
		return pk_lines_bad(&l, err, "not a version number");
	if (pk_lines_take(&l, "sha256", &s, err) < 0)
		return -1;
	if (!pk_hex_decode(s, ret->sha256, sizeof(ret->sha256)))
		return pk_lines_bad(&l, err, "not a SHA-256");
	return pk_lines_end(&l, err);
}

static PK_NODISCARD int read_pin(const char *path, struct pin *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0};
	PK_AUTO(pk_buf) text = {0};

	if (beside(path, ".pin", &name, err) < 0 || pk_read_path(name.p, PK_MAX_TEXT_FILE, &text, err) < 0)
		return -1;
	return parse_pin(pk_buf_str(&text), ret, err) < 0 ? pk_wrap(err, "%s", name.p) : 0;
}

static PK_NODISCARD int write_pin(const char *path, const struct pk_roster *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0};
	PK_AUTO(pk_buf) text = {0};
	uint8_t sum[PK_SHA256_SIZE];

	pk_sha256(r->text.p, r->text.n, sum);
	pk_buf_puts(&text, "picket-roster-pin: 1\nkey: ");
	pk_buf_put_minisign_pub(&text, &r->party[0].sign);
	pk_buf_putf(&text, "\nversion: %llu\nsha256: ", (unsigned long long)r->version);
	pk_buf_put_hex(&text, sum, sizeof(sum));
	pk_buf_put_c(&text, '\n');
	if (pk_buf_check(&text, err) < 0 || beside(path, ".pin", &name, err) < 0)
		return -1;
	return pk_write_path(name.p, 0, pk_buf_str(&text), err);
}

static PK_NODISCARD int check_pin(const struct pin *pin, const struct pk_roster *r, struct pk_err *err)
{
	uint8_t sum[PK_SHA256_SIZE];

	if (r->version < pin->version)
		return pk_fail(err, PK_ECRYPTO, 0,
			       "version %llu is older than %llu, which this station has seen: get the current one from "
			       "its lead",
			       (unsigned long long)r->version, (unsigned long long)pin->version);
	pk_sha256(r->text.p, r->text.n, sum);
	if (r->version == pin->version && memcmp(sum, pin->sha256, sizeof(sum)) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "this station has seen another version %llu: ask its lead",
			       (unsigned long long)r->version);
	return 0;
}

/* --- loading ---------------------------------------------------------------------------------------- */

/* A save that was cut between its renames leaves the new signature in ".minisig.new". */
static PK_NODISCARD int verify_files(const char *path, const struct pk_minisign_pub *key, struct pk_roster *ret,
				     struct pk_err *err)
{
	static const char *const suffix[] = {".minisig", ".minisig.new"};
	PK_AUTO(pk_buf) text = {0};
	struct pk_err first = {0};

	if (pk_read_path(path, PK_MAX_TEXT_FILE, &text, err) < 0)
		return -1;
	for (size_t i = 0; i < PK_LEN(suffix); i++) {
		PK_AUTO(pk_buf) name = {0};
		PK_AUTO(pk_buf) sig = {0};
		PK_AUTO(pk_roster) unsure = {0};
		struct pk_err why = {0};
		struct pk_minisign_pub self;

		if (beside(path, suffix[i], &name, err) < 0)
			return -1;
		if (pk_read_path(name.p, PK_MINISIGN_MAX_READ, &sig, &why) == 0) {
			/* key NULL: about to be pinned, so the first party's own */
			if (!key && pk_roster_parse(pk_buf_str(&text), &unsure, &why) == 0) {
				self = unsure.party[0].sign;
				if (pk_roster_verify(pk_buf_str(&text), pk_buf_str(&sig), &self, ret, &why) == 0)
					return 0;
			} else if (key && pk_roster_verify(pk_buf_str(&text), pk_buf_str(&sig), key, ret, &why) == 0) {
				return 0;
			}
		} else if (why.kind == PK_ESYS && why.sys == ENOENT) {
			pk_fail(&why, PK_ECRYPTO, 0, "not signed: there is no '%s'", name.p);
		}
		if (i == 0)
			first = why;
	}
	if (err)
		*err = first;
	return first.kind == PK_ESYS ? -1 : pk_wrap(err, "%s", path);
}

int pk_roster_load(const char *path, struct pk_roster *ret, struct pk_err *err)
{
	PK_AUTO(pk_roster) r = {0};
	struct pin pin = {0};
	struct pk_err why = {0};

	if (access(path, F_OK) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open the roster '%s'", path);
	if (read_pin(path, &pin, &why) < 0) {
		if (why.kind == PK_ESYS && why.sys == ENOENT)
			return pk_fail(err, PK_EUSAGE, 0,
				       "roster '%s' is not pinned here: compare its lead's fingerprint with "
				       "'picket-key roster pin'",
				       path);
		if (err)
			*err = why;
		return -1;
	}
	if (verify_files(path, &pin.key, &r, err) < 0)
		return -1;
	if (check_pin(&pin, &r, err) < 0)
		return pk_wrap(err, "%s", path);
	/* a read-only folder cannot remember the newer version; that is no reason not to work */
	if (r.version > pin.version && write_pin(path, &r, &why) < 0)
		why.kind = PK_ENONE;
	*ret = r;
	r = (struct pk_roster){0};
	return 0;
}

int pk_roster_load_any(const char *path, struct pk_roster *ret, bool *ret_there, struct pk_err *err)
{
	struct pk_err why = {0};

	*ret_there = pk_roster_load(path, ret, &why) == 0;
	if (*ret_there || (why.kind == PK_ESYS && why.sys == ENOENT))
		return 0;
	if (err)
		*err = why;
	return -1;
}

int pk_station_roster(const char *given, struct pk_roster *ret, bool *ret_there, struct pk_buf *ret_path,
		      struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0};
	struct pk_err why = {0};

	*ret_there = false;
	if (given) {
		pk_buf_puts(&path, given);
	} else if (pk_station_path("roster", &path, &why) < 0) {
		if (why.kind == PK_EUSAGE) /* nowhere to have one */
			return 0;
		if (err)
			*err = why;
		return -1;
	}
	if (pk_buf_check(&path, err) < 0)
		return -1;
	if ((given ? pk_roster_load(path.p, ret, err) : pk_roster_load_any(path.p, ret, ret_there, err)) < 0)
		return -1;
	*ret_there = *ret_there || given;
	if (ret_path)
		pk_buf_put_str(ret_path, pk_buf_str(&path));
	return ret_path ? pk_buf_check(ret_path, err) : 0;
}

/* --- saving ----------------------------------------------------------------------------------------- */

/* A save that was cut may have left the signature of the text that is there in ".minisig.new" alone: it goes to its place
 * before the next one is put aside. */
static PK_NODISCARD int settle(const char *path, const char *name, const char *next, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) sig = {0};
	PK_AUTO(pk_roster) unsure = {0}, sure = {0};
	struct pk_err why = {0};

	if (access(next, F_OK) < 0)
		return 0;
	if (pk_read_path(path, PK_MAX_TEXT_FILE, &text, &why) == 0 &&
	    pk_read_path(next, PK_MINISIGN_MAX_READ, &sig, &why) == 0 &&
	    pk_roster_parse(pk_buf_str(&text), &unsure, &why) == 0 &&
	    pk_roster_verify(pk_buf_str(&text), pk_buf_str(&sig), &unsure.party[0].sign, &sure, &why) == 0)
		return rename(next, name) < 0 ? pk_fail(err, PK_ESYS, errno, "cannot rename '%s'", next) : 0;
	if (why.kind == PK_EFORMAT || why.kind == PK_ECRYPTO || why.kind == PK_ELIMIT || why.sys == ENOENT)
		return 0;
	if (err)
		*err = why;
	return -1;
}

/* New signature aside, then the text, then the signature in its place: at every moment one of the two
 * signatures fits the text. */
static PK_NODISCARD int replace_files(const char *path, const char *name, const char *next, const struct pk_roster *r,
				      struct pk_err *err)
{
	if (settle(path, name, next, err) < 0 || pk_write_path(next, 0, pk_buf_str(&r->sig), err) < 0)
		return -1;
	if (pk_write_path(path, 0, pk_buf_str(&r->text), err) < 0) {
		(void)unlink(next);
		return -1;
	}
	if (rename(next, name) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot rename '%s'", next);
	return write_pin(path, r, err);
}

static PK_NODISCARD int write_files(const char *path, const struct pk_roster *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0};
	PK_AUTO(pk_buf) next = {0};
	bool is_first = access(path, F_OK) < 0;

	if (beside(path, ".minisig", &name, err) < 0 || beside(path, ".minisig.new", &next, err) < 0)
		return -1;
	if (replace_files(path, name.p, next.p, r, err) == 0)
		return 0;
	if (is_first) { /* a first roster without its pin would only be in the way */
		(void)unlink(path);
		(void)unlink(name.p);
		(void)unlink(next.p);
	}
	return -1;
}

int pk_roster_pin(const char *path, const char *brought, struct pk_str compared, bool replace, struct pk_err *err)
{
	const char *from = brought ? brought : path;
	PK_AUTO(pk_roster) r = {0};
	struct pin pin = {0};
	struct pk_err why = {0};

	if (verify_files(from, NULL, &r, err) < 0)
		return -1;
	if (!pk_str_eq(pk_buf_str(&r.text), compared))
		return pk_fail(err, PK_ECRYPTO, 0, "%s: it changed since its fingerprint was compared", from);
	if (read_pin(path, &pin, &why) == 0) {
		bool same = pk_minisign_pub_eq(&pin.key, &r.party[0].sign);

		if (!same && !replace)
			return pk_fail(
				err, PK_ECRYPTO, 0,
				"another lead's key is pinned for '%s': give --replace to trust this one instead",
				path);
		if (same && check_pin(&pin, &r, err) < 0)
			return pk_wrap(err, "%s", from);
	} else if (why.kind != PK_ESYS || why.sys != ENOENT) {
		if (err)
			*err = why;
		return -1;
	} else if (brought && !replace && access(path, F_OK) == 0) {
		return pk_fail(
			err, PK_ECRYPTO, 0,
			"there is a roster '%s', which is not pinned: give --replace to put this one in its place",
			path);
	}
	if (!brought)
		return write_pin(path, &r, err);
	return pk_make_parents(path, err) < 0 ? -1 : write_files(path, &r, err);
}

int pk_roster_update(const char *path, const char *newer, struct pk_roster *ret, struct pk_err *err)
{
	PK_AUTO(pk_roster) r = {0};
	struct pin pin = {0};

	if (access(newer, F_OK) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open the roster '%s'", newer);
	if (read_pin(path, &pin, err) < 0 || verify_files(newer, &pin.key, &r, err) < 0)
		return -1;
	if (check_pin(&pin, &r, err) < 0)
		return pk_wrap(err, "%s", newer);
	if (write_files(path, &r, err) < 0)
		return -1;
	*ret = r;
	r = (struct pk_roster){0};
	return 0;
}

int pk_roster_save(struct pk_roster *r, const char *path, const struct pk_minisign_key *signer, struct pk_err *err)
{
	PK_AUTO(pk_buf) comment = {0};
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) sig = {0};
	struct pin pin = {0};
	struct pk_err why = {0};
	uint64_t version = r->version;

	if (r->n == 0)
		return pk_fail(err, PK_EUSAGE, 0, "a roster needs at least one party");
	if (!pk_minisign_pub_eq(&r->party[0].sign, &signer->pub))
		return pk_fail(err, PK_EUSAGE, 0, "only its lead '%s' can sign this roster", r->party[0].name);
	if (read_pin(path, &pin, &why) == 0) {
		if (!pk_minisign_pub_eq(&pin.key, &signer->pub))
			return pk_fail(err, PK_EUSAGE, 0, "another lead's key is pinned in '%s.pin'", path);
		version = PK_MAX(version, pin.version);
	} else if (why.kind != PK_ESYS || why.sys != ENOENT) {
		if (err)
			*err = why;
		return -1;
	}
	if (version >= INT64_MAX)
		return pk_fail(
			err, PK_ELIMIT, 0,
			"%s: version %llu is the highest that there can be, and no other can follow: begin a new "
			"roster with another lead's key",
			path, (unsigned long long)version);
	r->version = version + 1;
	r->time = (struct pk_time){.sec = pk_time_now().sec};
	pk_buf_put_roster(&text, r);
	pk_buf_putf(&comment, "picket-roster version:%llu", (unsigned long long)r->version);
	if (pk_buf_check(&text, err) < 0 || pk_buf_check(&comment, err) < 0 || pk_make_parents(path, err) < 0 ||
	    pk_minisign_sign_bytes(signer, pk_buf_str(&text), comment.p, &sig, err) < 0)
		return -1;
	pk_buf_done(&r->text);
	pk_buf_done(&r->sig);
	r->text = text;
	r->sig = sig;
	text = sig = (struct pk_buf){0};
	return write_files(path, r, err);
}
