/* SPDX-License-Identifier: Apache-2.0 */
/* Table `docker_containers`: Docker's state on disk, which needs no daemon and works on an image. */
#include "live.h"
#include "tables.h"

#include <fcntl.h>

#define MAX_CONFIG (4u << 20)

static const struct pk_live_column columns[] = {
	{"id", PK_LIVE_TEXT, "container"},
	{"name", PK_LIVE_TEXT, "name"},
	{"image", PK_LIVE_TEXT, "image it was asked for by"},
	{"image_id", PK_LIVE_TEXT, "image"},
	{"command", PK_LIVE_TEXT, "program it starts"},
	{"created", PK_LIVE_TEXT, "RFC 3339"},
	{"state", PK_LIVE_TEXT, "running, paused, restarting, dead or exited, as last written"},
	{"pid", PK_LIVE_BIGINT, "process, as last written"},
	{"path", PK_LIVE_TEXT, "program"},
	{"started_at", PK_LIVE_TEXT, "RFC 3339"},
	{"finished_at", PK_LIVE_TEXT, "RFC 3339"},
	{"privileged", PK_LIVE_INTEGER, "1: nothing holds it"},
	{"user", PK_LIVE_TEXT, "user it runs as"},
	{"hostname", PK_LIVE_TEXT, "host name"},
	{"exit_code", PK_LIVE_INTEGER, "how it ended"},
	{"arguments", PK_LIVE_TEXT, "arguments, by newlines"},
	{"binds", PK_LIVE_TEXT, "folders of the host it sees, by newlines"},
	{"capabilities_added", PK_LIVE_TEXT, "by commas"},
	{"network_mode", PK_LIVE_TEXT, "host: sees the host's network"},
	{"pid_mode", PK_LIVE_TEXT, "host: sees the host's processes"},
	{"restart_policy", PK_LIVE_TEXT, "whether it comes back by itself"},
	{"driver", PK_LIVE_TEXT, "storage driver"},
	{"config_path", PK_LIVE_TEXT, "the file"},
	{0},
};

static void put(struct pk_live_out *out, const struct pk_json_value *obj, const char *field, const char *key)
{
	struct pk_str v;

	if (obj && pk_json_get_str(obj, field, &v))
		live_kopt(out, key, v);
}

static void put_number(struct pk_live_out *out, const struct pk_json_value *obj, const char *field, const char *key)
{
	int64_t v;

	if (obj && pk_json_get_int(obj, field, &v))
		pk_json_kint(&out->json, key, v);
}

static void put_list(struct pk_live_out *out, const struct pk_json_value *obj, const char *field, const char *key,
		     char sep)
{
	const struct pk_json_value *list = obj ? pk_json_get(obj, field) : NULL;
	PK_AUTO(pk_buf) b = {0};

	for (size_t i = 0; i < pk_json_count(list); i++) {
		struct pk_str v;

		if (!pk_json_at_str(list, i, &v))
			continue;
		if (b.n)
			pk_buf_put_c(&b, sep);
		pk_buf_put_str(&b, v);
	}
	live_kopt(out, key, pk_buf_str(&b));
}

static const char *state_of(const struct pk_json_value *state)
{
	static const char *const flags[][2] = {
		{"Paused", "paused"}, {"Restarting", "restarting"}, {"Running", "running"}, {"Dead", "dead"}};
	bool on;

	for (size_t i = 0; i < PK_LEN(flags); i++)
		if (state && pk_json_get_bool(state, flags[i][0], &on) && on)
			return flags[i][1];
	return "exited";
}

static int container_row(struct pk_live_out *out, const struct pk_json_value *c, const struct pk_json_value *host,
			 struct pk_str path, struct pk_err *err)
{
	const struct pk_json_value *state = pk_json_get(c, "State"), *config = pk_json_get(c, "Config");
	const struct pk_json_value *restart = host ? pk_json_get(host, "RestartPolicy") : NULL;
	bool privileged;
	struct pk_json *j = live_row(out);

	put(out, c, "ID", "id");
	put(out, c, "Name", "name");
	put(out, config, "Image", "image");
	put(out, c, "Image", "image_id");
	put_list(out, config, "Cmd", "command", ' ');
	put(out, c, "Created", "created");
	pk_json_kz(j, "state", state_of(state));
	put_number(out, state, "Pid", "pid");
	put(out, c, "Path", "path");
	put(out, state, "StartedAt", "started_at");
	put(out, state, "FinishedAt", "finished_at");
	if (host && pk_json_get_bool(host, "Privileged", &privileged))
		pk_json_kint(j, "privileged", privileged);
	put(out, config, "User", "user");
	put(out, config, "Hostname", "hostname");
	put_number(out, state, "ExitCode", "exit_code");
	put_list(out, c, "Args", "arguments", '\n');
	put_list(out, host, "Binds", "binds", '\n');
	put_list(out, host, "CapAdd", "capabilities_added", ',');
	put(out, host, "NetworkMode", "network_mode");
	put(out, host, "PidMode", "pid_mode");
	put(out, restart, "Name", "restart_policy");
	put(out, c, "Driver", "driver");
	live_kbytes(out, "config_path", path);
	return live_emit(out, err);
}

/* Parsed in a guarded child: it reads what a container's owner may have written. */
static int one(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t key, bool careful, void *arg,
	       struct pk_err *err)
{
	const struct pk_strv *names = arg;
	struct pk_str folder = PK_STR("/var/lib/docker/containers");
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) host_text = {0};
	pk_autojson *config = NULL;
	pk_autojson *host = NULL;
	struct pk_err why = {0};
	bool cut;

	pk_buf_put_str(&path, folder);
	pk_buf_putf(&path, "/%s/hostconfig.json", names->v[key]);
	if (careful || pk_buf_check(&path, err) < 0)
		return careful ? 0 : -1;
	if (live_read_root(ctx, pk_buf_str(&path), MAX_CONFIG, &host_text, &cut) == 0 &&
	    pk_json_parse(pk_buf_str(&host_text), &host, &why) < 0)
		pk_live_note(out, "'%.*s': %s", PK_STR_ARG(pk_buf_str(&path)), why.msg);
	pk_buf_reset(&path);
	pk_buf_put_str(&path, folder);
	pk_buf_putf(&path, "/%s/config.v2.json", names->v[key]);
	if (pk_buf_check(&path, err) < 0)
		return -1;
	if (!live_text_root(ctx, out, pk_buf_str(&path), &text))
		return 0;
	if (pk_json_parse(pk_buf_str(&text), &config, &why) < 0) {
		pk_live_note(out, "'%.*s': %s", PK_STR_ARG(pk_buf_str(&path)), why.msg);
		return 0;
	}
	return container_row(out, config, host, pk_buf_str(&path), err);
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(live_keys) keys = {0};
	pk_autoclose int dir = -1;
	struct live_guard g = {.what = "container number", .each = one, .arg = &names};
	int e = live_dir_root(ctx, PK_STR("var/lib/docker/containers"), &dir);

	if (e == 0)
		e = live_list(dir, &names);
	if (e && e != ENOENT && e != ENOTDIR)
		pk_live_note(out, "'/var/lib/docker/containers': %s", strerror(e));
	for (size_t i = 0; i < names.n; i++)
		if (live_keys_add(&keys, i, err) < 0)
			return -1;
	g.keys = keys.v;
	g.n = keys.n;
	return live_guard_run(ctx, out, &g, err);
}

const struct pk_live_table live_docker_containers = {
	.name = "docker_containers",
	.doc = "Docker's containers, from its files on disk",
	.columns = columns,
	.rows = rows,
};
