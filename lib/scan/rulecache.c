/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of compiled rules: one file a part, its MAC and that one's salt first. */
#include "rulecache.h"
#include "compile.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <picket/io.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT "picket compiled rules 2"
#define KEY_BYTES 32u
#define MAC_BYTES 16u
#define SALT_BYTES 16u
#define HEAD_BYTES (MAC_BYTES + SALT_BYTES)
#define ID_BYTES 32u
#define NAME_BYTES 16u                          /* of the id, in hexadecimal */
#define CACHE_NAME (2 * (size_t)NAME_BYTES + 2) /* length of a file's name: those, "." and the part */
#define MAX_FILES 24                            /* those of some four sets of rules */
#define MAX_BYTES (512u << 20)                  /* one file */

struct pk_rulecache {
	int dir;
	char *folder;
	uint8_t key[KEY_BYTES], id[ID_BYTES];
};

/* --- what compiling depends on ------------------------------------------------------------------------ */

/* From the linker: where this program begins in memory. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));

/* The linker's hash of this very program: libyara, the partition and their limits are all inside. */
static void put_build(struct pk_buf *b)
{
	Elf64_Ehdr e;

	memcpy(&e, __ehdr_start, sizeof(e));
	for (size_t i = 0; i < e.e_phnum; i++) {
		Elf64_Phdr ph;
		const char *p = NULL;

		memcpy(&ph, __ehdr_start + e.e_phoff + i * sizeof(ph), sizeof(ph));
		p = __ehdr_start + ph.p_vaddr;
		for (size_t at = 0; ph.p_type == PT_NOTE && at + sizeof(Elf64_Nhdr) <= ph.p_memsz;) {
			Elf64_Nhdr n;
			size_t name = at + sizeof(n), desc;

			memcpy(&n, p + at, sizeof(n));
			desc = name + ((size_t)n.n_namesz + 3) / 4 * 4;
			if (n.n_type == NT_GNU_BUILD_ID && n.n_namesz == 4 && memcmp(p + name, "GNU", 4) == 0)
				pk_buf_put(b, p + desc, n.n_descsz);
			at = desc + ((size_t)n.n_descsz + 3) / 4 * 4;
		}
	}
}

static void hash_text(crypto_generichash_state *h, const char *p, size_t n)
{
	uint64_t le = n;

	crypto_generichash_update(h, (const uint8_t *)&le, sizeof(le));
	crypto_generichash_update(h, (const uint8_t *)p, n);
}

int pk_rules_id(const struct pk_rules *rules, uint8_t ret[ID_BYTES], struct pk_err *err)
{
	PK_AUTO(pk_buf) build = {0};
	crypto_generichash_state h;

	put_build(&build);
	if (pk_buf_check(&build, err) < 0)
		return -1;
	if (build.n == 0)
		return pk_fail(err, PK_EINTERNAL, 0, "this program was linked without a build id");
	crypto_generichash_init(&h, NULL, 0, ID_BYTES);
	hash_text(&h, FORMAT, strlen(FORMAT));
	hash_text(&h, build.p, build.n);
	hash_text(&h, YR_VERSION, strlen(YR_VERSION));
	for (size_t i = 0; i < PK_SCAN_EXTERNALS; i++)
		hash_text(&h, pk_scan_variables[i].name, strlen(pk_scan_variables[i].name));
	for (size_t i = 0; i < rules->n; i++) {
		const struct pk_rule_source *s = &rules->v[i];
		const char *problem = s->problem ? s->problem : "";

		hash_text(&h, s->ns, strlen(s->ns));
		hash_text(&h, s->name, strlen(s->name));
		hash_text(&h, problem, strlen(problem));
		hash_text(&h, s->include_only ? "i" : "", s->include_only);
		hash_text(&h, s->text, s->n);
	}
	crypto_generichash_final(&h, ret, ID_BYTES);
	return 0;
}

/* Poly1305, for its speed, each time with a key of its own: the keyed hash of the salt and of what the file is. */
static void make_mac(const struct pk_rulecache *c, unsigned part, const uint8_t salt[SALT_BYTES], struct pk_str bytes,
		     uint8_t ret[MAC_BYTES])
{
	crypto_generichash_state h;
	uint8_t number = (uint8_t)part, once[crypto_onetimeauth_KEYBYTES];

	crypto_generichash_init(&h, c->key, KEY_BYTES, sizeof(once));
	crypto_generichash_update(&h, c->id, ID_BYTES);
	crypto_generichash_update(&h, &number, 1);
	crypto_generichash_update(&h, salt, SALT_BYTES);
	crypto_generichash_final(&h, once, sizeof(once));
	crypto_onetimeauth(ret, (const uint8_t *)bytes.p, bytes.n, once);
	sodium_memzero(once, sizeof(once));
}

/* --- the folder ------------------------------------------------------------------------------------------- */

/* Nobody else may have had a hand in it. */
static bool is_ours(int fd, mode_t kind, mode_t forbidden)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == kind && st.st_uid == geteuid() &&
	       (st.st_mode & forbidden) == 0 && (kind == S_IFDIR || st.st_nlink == 1);
}

/* A file of ours, whole. */
static int read_ours(int dir, const char *name, size_t max, struct pk_buf *ret, struct pk_err *err)
{
	pk_autoclose int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	uint64_t size = 0;

	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", name);
	if (!is_ours(fd, S_IFREG, 077))
		return pk_fail(err, PK_EUSAGE, 0, "'%s' can be read or changed by others: remove it", name);
	/* room for all of it at once: it is large, and start-up waits for it */
	if (pk_file_size(fd, &size, err) < 0)
		return -1;
	if (size <= max && !pk_buf_room(ret, (size_t)size + 1))
		return pk_fail_oom(err);
	return pk_read_all(fd, max, ret, err);
}

static int read_key(struct pk_rulecache *c, struct pk_err *err)
{
	PK_AUTO(pk_buf) bytes = {0};
	PK_AUTO(pk_buf) path = {0};
	uint8_t fresh[KEY_BYTES];

	if (faccessat(c->dir, "key", F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT) {
		struct pk_err lost_race = {0};
		int r;

		pk_buf_putf(&path, "%s/key", c->folder);
		if (pk_buf_check(&path, err) < 0)
			return -1;
		randombytes_buf(fresh, sizeof(fresh));
		r = pk_write_path(path.p, PK_OUT_EXCL, pk_str_n((const char *)fresh, sizeof(fresh)), &lost_race);
		sodium_memzero(fresh, sizeof(fresh));
		if (r < 0 && lost_race.kind != PK_EUSAGE) {
			*err = lost_race;
			return -1;
		}
	}
	if (read_ours(c->dir, "key", KEY_BYTES, &bytes, err) < 0)
		return -1;
	if (bytes.n != KEY_BYTES)
		return pk_fail(err, PK_EFORMAT, 0, "'key' is not %u bytes: remove it", KEY_BYTES);
	memcpy(c->key, bytes.p, KEY_BYTES);
	sodium_memzero(bytes.p, bytes.n);
	return 0;
}

static int open_folder(struct pk_rulecache *c, struct pk_err *err)
{
	pk_autofree char *parent = pk_str_dup(pk_str(c->folder));
	char *slash = parent ? strrchr(parent, '/') : NULL;

	if (!parent)
		return pk_fail_oom(err);
	if (slash && slash != parent) {
		*slash = '\0';
		(void)mkdir(parent, 0700);
	}
	(void)mkdir(c->folder, 0700);
	c->dir = open(c->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (c->dir < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open folder '%s'", c->folder);
	if (!is_ours(c->dir, S_IFDIR, 022))
		return pk_fail(err, PK_EUSAGE, 0, "folder '%s' can be changed by others", c->folder);
	return 0;
}

int pk_rulecache_open(const char *folder, const struct pk_rules *rules, struct pk_rulecache **ret, struct pk_err *err)
{
	struct pk_rulecache *c = calloc(1, sizeof(*c));

	if (!c)
		return pk_fail_oom(err);
	c->dir = -1;
	c->folder = pk_str_dup(pk_str(folder));
	if (!c->folder || sodium_init() < 0) {
		pk_rulecache_free(c);
		return pk_fail_oom(err);
	}
	if (open_folder(c, err) < 0 || read_key(c, err) < 0 || pk_rules_id(rules, c->id, err) < 0) {
		pk_rulecache_free(c);
		return pk_wrap(err, "cache '%s'", folder);
	}
	*ret = c;
	return 0;
}

void pk_rulecache_free(struct pk_rulecache *c)
{
	if (!c)
		return;
	if (c->dir >= 0)
		close(c->dir);
	sodium_memzero(c->key, sizeof(c->key));
	free(c->folder);
	free(c);
}

/* --- files ------------------------------------------------------------------------------------------------- */

static void put_name(struct pk_buf *b, const struct pk_rulecache *c, unsigned part)
{
	pk_buf_put_hex(b, c->id, NAME_BYTES);
	pk_buf_putf(b, ".%u", part);
}

bool pk_rulecache_get(const struct pk_rulecache *c, unsigned part, struct pk_buf *store, struct pk_str *ret)
{
	PK_AUTO(pk_buf) name = {0};
	PK_AUTO(pk_buf) bytes = {0};
	uint8_t mac[MAC_BYTES];

	put_name(&name, c, part);
	if (name.oom || read_ours(c->dir, name.p, MAX_BYTES, &bytes, NULL) < 0 || bytes.n <= HEAD_BYTES)
		return false;
	make_mac(c, part, (const uint8_t *)bytes.p + MAC_BYTES, pk_str_n(bytes.p + HEAD_BYTES, bytes.n - HEAD_BYTES),
		 mac);
	if (sodium_memcmp(mac, bytes.p, MAC_BYTES) != 0)
		return false;
	(void)utimensat(c->dir, name.p, NULL, AT_SYMLINK_NOFOLLOW); /* in use */
	pk_buf_done(store);
	*store = bytes;
	bytes = (struct pk_buf){0};
	*ret = pk_str_n(store->p + HEAD_BYTES, store->n - HEAD_BYTES);
	return true;
}

static bool is_cache_name(const char *name)
{
	size_t n = strspn(name, "0123456789abcdef");

	return n == CACHE_NAME - 2 && name[n] == '.' && strlen(name) == CACHE_NAME;
}

/* Removes the file that was longest unused, once there are too many. */
static void make_room(const struct pk_rulecache *c)
{
	int fd = openat(c->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct timespec oldest_time = {0};
	char oldest[CACHE_NAME + 1] = "";
	size_t n = 0;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		struct stat st;

		if (!is_cache_name(e->d_name) || fstatat(c->dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (n++ == 0 || st.st_mtim.tv_sec < oldest_time.tv_sec ||
		    (st.st_mtim.tv_sec == oldest_time.tv_sec && st.st_mtim.tv_nsec < oldest_time.tv_nsec)) {
			oldest_time = st.st_mtim;
			memcpy(oldest, e->d_name, sizeof(oldest));
		}
	}
	closedir(dir);
	if (n >= MAX_FILES)
		(void)unlinkat(c->dir, oldest, 0);
}

int pk_rulecache_put(const struct pk_rulecache *c, unsigned part, struct pk_str bytes, struct pk_err *err)
{
	PK_AUTO(pk_outfile) out = PK_OUTFILE_INIT;
	PK_AUTO(pk_buf) path = {0};
	uint8_t head[HEAD_BYTES];

	make_room(c);
	randombytes_buf(head + MAC_BYTES, SALT_BYTES);
	pk_buf_putf(&path, "%s/", c->folder);
	put_name(&path, c, part);
	make_mac(c, part, head + MAC_BYTES, bytes, head);
	if (pk_buf_check(&path, err) < 0 || pk_outfile_open(&out, path.p, 0, err) < 0 ||
	    pk_outfile_write(&out, head, sizeof(head), err) < 0 || pk_outfile_write(&out, bytes.p, bytes.n, err) < 0)
		return -1;
	return pk_outfile_commit(&out, err);
}
