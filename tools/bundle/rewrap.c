/* SPDX-License-Identifier: Apache-2.0 */
/* picket-bundle rewrap: more readers for a sealed bundle, its payload untouched; and the original back. */
#include "verbs.h"

static struct pk_strv to;
static const char *signer, *output;
static bool original;

static const struct pk_opt opts[] = {
	{0, "to", PK_OPT_LIST, &to, "PARTY", "who is to open it too: a party, age1... or a file", NULL},
	BUNDLE_OPT_IDENTITY,
	{0, "signer", PK_OPT_STR, &signer, "NAME", "who lets them in: a party with its keys here", NULL},
	BUNDLE_OPT_OVERRIDE,
	BUNDLE_OPT_SECOND,
	BUNDLE_OPT_RELEASE,
	{0, "original", PK_OPT_FLAG, &original, NULL,
	 "the way back: rebuild the file that the collector signed; no secret is needed", NULL},
	{'o', "output", PK_OPT_STR, &output, "FILE",
	 "the new bundle, with what belongs beside it (default: BUNDLE-rewrap.age or BUNDLE-original.age)", NULL},
	BUNDLE_OPT_PASSPHRASE_FD,
	BUNDLE_OPT_ROSTER,
	PK_OPT_END,
};

/* "a/b.age" and "-rewrap" make "a/b-rewrap.age". */
static int default_output(const char *path, const char *word, struct pk_buf *ret, struct pk_err *err)
{
	struct pk_str stem = pk_str(path);

	if (pk_str_ends(stem, PK_STR(".age")))
		stem.n -= 4;
	pk_buf_put_str(ret, stem);
	pk_buf_puts(ret, word);
	pk_buf_puts(ret, ".age");
	return pk_buf_check(ret, err);
}

static int take_back(const char *path, const char *out, struct pk_err *err)
{
	if (to.n || signer || bundle_override || bundle_second || bundle_release_files.n || bundle_identities.n)
		return pk_fail(err, PK_EUSAGE, 0, "--original takes no readers, keys or releases");
	if (pk_bundle_unwrap(path, out, err) < 0)
		return -1;
	pk_msg_info("wrote '%s', the file that the collector signed, and what belongs beside it", out);
	return PK_EXIT_OK;
}

struct material {
	struct pk_roster roster;
	struct pk_keys keys, second;
	struct pk_strv recipients;
	struct bundle_releases releases;
	struct pk_age_identities *ids;
};

static void material_done(struct material *m)
{
	pk_roster_done(&m->roster);
	pk_keys_done(&m->keys);
	pk_keys_done(&m->second);
	pk_strv_done(&m->recipients);
	bundle_releases_done(&m->releases);
	pk_age_identities_free(m->ids);
}

static int gather(struct material *m, bool *ret_second, struct pk_err *err)
{
	if (!to.n || !signer)
		return pk_fail(err, PK_EUSAGE, 0, "who is let in, and by whom? give --to PARTY and --signer NAME");
	if (bundle_need_roster(&m->roster, err) < 0 || bundle_load_identities(&m->ids, err) < 0 ||
	    pk_station_keys(signer, bundle_passphrase_fd, &pk_msg_events, &m->keys, err) < 0 ||
	    bundle_load_second(bundle_passphrase_fd, &m->second, ret_second, err) < 0)
		return -1;
	for (size_t i = 0; i < to.n; i++)
		if (pk_roster_resolve(&m->roster, to.v[i], &m->recipients, err) < 0)
			return -1;
	return 0;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(material) m = {0};
	PK_AUTO(pk_buf) out = {0}, label = {0};
	PK_AUTO(pk_rewrap) done = {0};
	struct pk_time now = pk_time_now();
	bool has_second = false;

	(void)argc;
	if (output)
		pk_buf_puts(&out, output);
	else if (default_output(argv[0], original ? "-original" : "-rewrap", &out, err) < 0)
		return -1;
	if (pk_buf_check(&out, err) < 0)
		return -1;
	if (original)
		return take_back(argv[0], out.p, err);
	if (gather(&m, &has_second, err) < 0)
		return -1;
	if (bundle_read_releases(&m.roster, now, &m.releases, err) < 0)
		return bundle_answer(err);
	const struct pk_rewrap_params p = {
		.path = argv[0],
		.out = out.p,
		.ids = m.ids,
		.recipients = &m.recipients,
		.signer = &m.keys.sign,
		.roster = &m.roster,
		.at = now,
		.override_reason = bundle_override,
		.second = has_second ? &m.second.sign : NULL,
		.releases = m.releases.v,
		.releases_n = m.releases.n,
		.ev = &pk_msg_events,
	};

	if (pk_bundle_rewrap(&p, &done, err) < 0)
		return bundle_wrong(err);
	pk_msg_progress_done();
	pk_buf_put_label_shown(&label, &done.label);
	if (!label.oom) /* it is written: that no memory is left to say so is no failure */
		pk_msg_info("%s%s", label.p, done.label.tlp == PK_TLP_NONE ? ": not releasable" : "");
	if (bundle_override && done.authority != PK_AUTHORITY_OVERRIDE)
		pk_msg_info("the label allows it: no override was needed, and none is recorded");
	for (size_t i = 0; i < done.added.n; i++)
		pk_msg_info("let in: %s", done.added.v[i] + 65);
	pk_msg_info("wrote '%s' and what belongs beside it; whoever could open '%s' still can: a rewrap revokes nobody",
		    out.p, argv[0]);
	return PK_EXIT_OK;
}

const struct pk_verb bundle_rewrap = {
	.name = "rewrap",
	.operands = "BUNDLE",
	.summary = "let more readers open a bundle; its payload and the collector's signature stay",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
