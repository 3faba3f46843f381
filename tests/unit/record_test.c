/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of records: docs/bundle-format.md, section 7. */
#include "../../lib/bundle/format.h"
#include "../../lib/bundle/sharein.h"
#include "../t.h"

#define SALT "\"salt\":\"000102030405060708090a0b0c0d0e0f\""
#define M "{\"t\":\"m\",\"i\":7," SALT ",\"path\":\"/a\",\"outcome\":\"taken\""
#define C "{\"t\":\"c\",\"i\":7," SALT ",\"frame\":0,\"off\":512,\"size\":6,\"sha256\":" ZEROS
#define B "{\"t\":\"b\",\"i\":7," SALT
#define H "{\"t\":\"h\",\"i\":7," SALT
#define E "{\"t\":\"e\",\"i\":7," SALT
#define L L_OF "\"table\":\"processes\""
#define L_OF "{\"t\":\"l\",\"i\":7," SALT ",\"rows\":1,\"frame\":0,\"off\":512,\"sha256\":" ZEROS ","
#define U "{\"t\":\"u\",\"i\":7," SALT
#define ID "00112233445566778899aabbccddeeff"
#define PREVIOUS "\"previous\":{\"bundle\":\"" ID "\",\"root\":" ZEROS "}"
#define ZEROS "\"0000000000000000000000000000000000000000000000000000000000000000\""

static int check(const char *line, struct pk_err *err)
{
	PK_AUTO(pk_record) r = {0};

	return pk_record_parse(pk_str(line), 7, &r, err) < 0 ? -1 : pk_record_check(&r, err);
}

TEST(takes_what_the_format_has)
{
	static const char *const good[] = {
		M "}",
		M ",\"kind\":\"file\",\"mode\":420,\"uid\":0,\"gid\":4294967295,\"user\":\"root\",\"size\":1,\"dev\":"
		  "\"65024\","
		  "\"ino\":\"18446744073709551615\",\"nlink\":1,\"mtime\":\"-1.500000000\",\"via\":[\"A\"],\"flags\":["
		  "\"append\"],"
		  "\"c\":6,\"unknown\":{\"x\":[1]}}",
		"{\"t\":\"m\",\"i\":7," SALT ",\"path_b64\":\"L/8=\",\"outcome\":\"denied\",\"why\":\"no\"}",
		"{\"t\":\"m\",\"i\":7," SALT ",\"more_of\":3,\"via\":[\"B\"]}",
		C "}",
		C ",\"padded\":3,\"extents\":[[0,3],[5,3]],\"logical\":9,\"sha256_logical\":" ZEROS
		  ",\"flags\":[\"grew\"]}",
		"{\"t\":\"c\",\"i\":7," SALT ",\"more_of\":3,\"extents\":[[9,1]]}",
		B ",\"part\":1,\"to\":[],\"host\":{\"hostname\":\"h\"}}",
		B ",\"part\":2," PREVIOUS "}",
		B ",\"part\":1,\"share\":true,\"host\":{\"clock\":{\"wall\":\"1.000000000\",\"synchronized\":false,"
		  "\"max_error_us\":0}}}",
		M ",\"kind\":\"char\",\"rdev\":\"1:4294967295\"}",
		L ",\"size\":16777216,\"member\":\"data/live/processes-0000.jsonl\"}",
		L ",\"size\":0,\"member\":\"data/live/processes-10000.jsonl\"}",
		L ",\"size\":0,\"src\":[\"" ID "\",9],\"member\":\"data/" ID "/live/processes-0012.jsonl\"}",
		U ",\"action\":\"seen\"}",
		U ",\"action\":\"release\",\"release\":\"r\",\"release_signature\":\"s\"}",
		U ",\"action\":\"override\",\"release\":\"r\",\"release_signature\":\"s\",\"release_second\":\"s\"}",
		H ",\"rule\":\"r\",\"namespace\":\"n\",\"meta\":{},\"strings\":[{\"name\":\"$a\",\"offset\":0,"
		  "\"length\":4,"
		  "\"data_b64\":\"/w==\"}],\"of\":5,\"more\":true}",
		E ",\"event\":\"end\"}",
		"{\"t\":\"u\",\"i\":7," SALT "}",
		M ",\"xattrs\":[{\"name\":\"user.a\",\"value_b64\":\"AAAA\"},{\"name_b64\":\"/w==\",\"size\":9000}]}",
		H ",\"rule\":\"r\",\"namespace\":\"n\",\"strings\":[{\"name\":\"$a\",\"data_b64\":\"AAEA\"}]}",
		B ",\"part\":1,\"tool\":{\"argv\":[],\"uid\":0,\"start\":\"1.000000000\"},\"host\":{\"hostname_b64\":"
		  "\"/w==\"}}",
	};

	for (size_t i = 0; i < PK_LEN(good); i++)
		OK(check(good[i], &err));
}

TEST(refuses_what_is_of_another_kind_and_names_it)
{
	static const char *const bad[][2] = {
		{"{\"t\":\"m\",\"i\":7," SALT ",\"outcome\":\"taken\"}", "record 7: it has no 'path'"},
		{"{\"t\":\"m\",\"i\":7," SALT ",\"path\":\"/a\"}", "record 7: it has no 'outcome'"},
		{"{\"t\":\"m\",\"i\":7," SALT ",\"path\":\"/a\",\"path_b64\":\"L2E=\",\"outcome\":\"taken\"}",
		 "'path' is not"},
		{"{\"t\":\"m\",\"i\":7," SALT ",\"path_b64\":\"L2E!\",\"outcome\":\"taken\"}", "'path' is not"},
		{"{\"t\":\"m\",\"i\":7," SALT ",\"path\":3,\"outcome\":\"taken\"}", "'path' is not"},
		{"{\"t\":\"m\",\"i\":7," SALT ",\"path\":\"/a\",\"outcome\":\"zzz\"}", "outcome is not known"},
		{"{\"t\":\"m\",\"i\":7," SALT ",\"path\":\"/a\",\"outcome\":\"absent\",\"c\":3}", "it has a content"},
		{M ",\"kind\":\"zzz\"}", "kind is not known"},
		{M ",\"kind\":3}", "'kind' is not a string"},
		{M ",\"mode\":-1}", "'mode' is not a number"},
		{M ",\"mode\":65535}", "'mode' is more than"},
		{M ",\"size\":-5}", "'size' is not a number"},
		{M ",\"size\":1.0}", "'size' is not a number"},
		{M ",\"ino\":1}", "'ino' is not a number in a string"},
		{M ",\"ino\":\"01\"}", "'ino' is not a number in a string"},
		{M ",\"ino\":\"18446744073709551616\"}", "'ino' is not a number in a string"},
		{M ",\"mtime\":\"1.5\"}", "'mtime' is not a time"},
		{M ",\"mtime\":1}", "'mtime' is not a time"},
		{M ",\"mtime\":\"x.000000000\"}", "'mtime' is not a time"},
		{M ",\"via\":3}", "'via' is not a list of strings"},
		{M ",\"via\":[3]}", "'via' is not a list of strings"},
		{M ",\"xattrs\":{}}", "'xattrs' is not a list"},
		{M ",\"c\":\"3\"}", "'c' is not a number"},
		{"{\"t\":\"m\",\"i\":7," SALT ",\"more_of\":3}", "it continues a list and has none"},
		{"{\"t\":\"m\",\"i\":7," SALT ",\"more_of\":3,\"via\":{}}", "it continues a list and has none"},
		{E ",\"more_of\":3,\"via\":[]}", "it continues a list and has none"},
		{C ",\"padded\":-1}", "'padded' is not a number"},
		{C ",\"extents\":[[0,6]]}", "'extents' without 'logical'"},
		{C ",\"extents\":{},\"logical\":9}", "'extents' is not a list"},
		{C ",\"extents\":[],\"logical\":\"9\"}", "'logical' is not a number"},
		{C ",\"extents\":[],\"logical\":9,\"sha256_logical\":\"00\"}", "'sha256_logical' is not 32 bytes"},
		{C ",\"flags\":3}", "'flags' is not a list of strings"},
		{B "}", "it has no 'part'"},
		{B ",\"part\":0}", "'part' is not a number from 1 on"},
		{B ",\"part\":2}", "'previous' goes with every part but the first"},
		{B ",\"part\":1,\"previous\":{}}", "'previous' goes with every part but the first"},
		{B ",\"part\":1,\"host\":3}", "'host' is not an object"},
		{H ",\"rule\":3,\"namespace\":\"n\"}", "'rule' is not a string"},
		{H ",\"rule\":\"r\"}", "it has no 'namespace'"},
		{H ",\"rule\":\"r\",\"namespace\":\"n\",\"strings\":3}", "'strings' is not a list"},
		{H ",\"rule\":\"r\",\"namespace\":\"n\",\"strings\":[3]}", "'strings' is not a list of objects"},
		{H ",\"rule\":\"r\",\"namespace\":\"n\",\"strings\":[{\"name\":\"$a\",\"offset\":-1}]}",
		 "'offset' is not a number"},
		{E "}", "it has no 'event'"},
		{"{\"t\":\"m\",\"i\":7," SALT ",\"more_of\":\"x\",\"via\":[\"B\"]}", "it continues what is not there"},
		{"{\"t\":\"m\",\"i\":7," SALT ",\"more_of\":7,\"via\":[\"B\"]}", "it continues what is not there"},
		{"{\"t\":\"m\",\"i\":7," SALT ",\"more_of\":3,\"via\":[\"B\",null]}",
		 "it continues a list and has none"},
		{M ",\"more_of\":3,\"via\":[\"B\"]}", "it continues what is not there"},
		{M ",\"xattrs\":[1]}", "'xattrs' is not a list of objects"},
		{M ",\"xattrs\":[{\"size\":1}]}", "'xattrs': it has no 'name'"},
		{B ",\"part\":1,\"to\":[1]}", "'to' is not a list of strings"},
		{B ",\"part\":1,\"host\":{\"hostname\":3}}", "'host': 'hostname' is not"},
		{B ",\"part\":1,\"tool\":{\"start\":\"1\"}}", "'tool': 'start' is not a time"},
		{B ",\"part\":1,\"share\":false}", "'share' is not true"},
		{B ",\"part\":2,\"previous\":{}}", "'previous': it has no 'bundle'"},
		{B ",\"part\":2,\"previous\":{\"bundle\":\"" ID "\"}}", "'previous': it has no 'root'"},
		{B ",\"part\":2,\"previous\":{\"bundle\":\"" ID "\",\"root\":5}}", "'root' is not 32 bytes in hex"},
		{B ",\"part\":2,\"previous\":{\"bundle\":\"" ID "\",\"root\":\"" ID "\"}}",
		 "'root' is not 32 bytes in hex"},
		{B ",\"part\":2,\"previous\":{\"bundle\":\"00112233445566778899AABBCCDDEEFF\",\"root\":" ZEROS "}}",
		 "'bundle' is not 16 bytes in hex"},
		{B ",\"part\":1,\"host\":{\"clock\":{\"wall\":5}}}", "'host': 'clock': 'wall' is not a time"},
		{B ",\"part\":1,\"host\":{\"clock\":{\"synchronized\":1}}}", "'synchronized' is not true or false"},
		{B ",\"part\":1,\"host\":{\"clock\":{\"max_error_us\":-5}}}", "'max_error_us' is not a number"},
		{M ",\"c\":7}", "its content does not come before it"},
		{M ",\"c\":8}", "its content does not come before it"},
		{M ",\"rdev\":\"1\"}", "'rdev' is not MAJOR:MINOR"},
		{M ",\"rdev\":\"1:02\"}", "'rdev' is not MAJOR:MINOR"},
		{M ",\"rdev\":\"1:2:3\"}", "'rdev' is not MAJOR:MINOR"},
		{M ",\"rdev\":\"4294967296:0\"}", "'rdev' is not MAJOR:MINOR"},
		{M ",\"xattrs\":[{\"name\":\"a\",\"value_b64\":\"AA\"}]}", "'value_b64' is not base64"},
		{M ",\"xattrs\":[{\"name\":\"a\",\"value_b64\":\"AB==\"}]}", "'value_b64' is not base64"},
		{M ",\"xattrs\":[{\"name\":\"a\",\"value_b64\":\"A?==\"}]}", "'value_b64' is not base64"},
		{C ",\"extents\":[[0,3],[2,3]],\"logical\":9}", "its extents cannot be"},
		{C ",\"extents\":[[4,3],[0,3]],\"logical\":9}", "its extents cannot be"},
		{C ",\"extents\":[[0,6]],\"logical\":5}", "its extents cannot be"},
		{C ",\"extents\":[[0,3,0]],\"logical\":9}", "its extents cannot be"},
		{C ",\"extents\":[[0,7]],\"logical\":9}", "its extents are more than its content"},
		{"{\"t\":\"c\",\"i\":7," SALT ",\"more_of\":3,\"extents\":[[9,1],[9,1]]}", "its extents cannot be"},
		{H ",\"rule\":\"r\",\"namespace\":\"n\",\"more\":false}", "'more' is not true"},
		{H ",\"rule\":\"r\",\"namespace\":\"n\",\"more\":1}", "'more' is not true"},
		{H ",\"rule\":\"r\",\"namespace\":\"n\",\"known_good\":false}", "'known_good' is not true"},
		{H ",\"rule\":\"r\",\"namespace\":\"n\",\"strings\":[{}]}", "'strings': it has no 'name'"},
		{L ",\"size\":16777217,\"member\":\"data/live/processes-0000.jsonl\"}", "allowed are 16777216"},
		{L ",\"size\":0,\"member\":\"data/root/etc/x\"}", "its member's name is not of its table"},
		{L ",\"size\":0,\"member\":\"data/live/process-0000.jsonl\"}", "not of its table"},
		{L ",\"size\":0,\"member\":\"data/live/processes-0.jsonl\"}", "not of its table"},
		{L ",\"size\":0,\"member\":\"data/live/processes-00010.jsonl\"}", "not of its table"},
		{L ",\"size\":0,\"member\":\"data/live/processes-00x0.jsonl\"}", "not of its table"},
		{L ",\"size\":0,\"member\":\"data/live/processes-.jsonl\"}", "not of its table"},
		{L ",\"size\":0,\"member\":\"data/live/processes-0000.json\"}", "not of its table"},
		{L ",\"size\":0,\"member\":\"data/" ID "/live/processes-0000.jsonl\"}", "not of its table"},
		{L ",\"size\":0,\"src\":[\"" ID "\",9],\"member\":\"data/live/processes-0000.jsonl\"}",
		 "not of its table"},
		{L_OF "\"size\":0,\"table\":\"A\",\"member\":\"data/live/A-0000.jsonl\"}", "not of its table"},
		{U ",\"action\":5}", "'action' is not a string"},
		{U ",\"release\":5}", "'release' is not a string"},
		{U ",\"action\":\"override\"}", "it has no 'release'"},
		{U ",\"action\":\"release\",\"release\":\"r\"}", "it has no 'release_signature'"},
		{U ",\"action\":\"override\",\"release\":\"r\",\"release_signature\":\"s\"}",
		 "it has no 'release_second'"},
	};

	for (size_t i = 0; i < PK_LEN(bad); i++) {
		struct pk_err err = {0};

		CHECK(check(bad[i][0], &err) < 0 && err.kind == PK_EFORMAT);
		CHECK(strstr(err.msg, bad[i][1]) != NULL);
		if (!strstr(err.msg, bad[i][1]))
			printf("# %s: %s\n", bad[i][0], err.msg);
	}
}

TEST(a_nul_is_no_part_of_a_name)
{
	static const char *const bad[][2] = {
		{"{\"t\":\"m\",\"i\":7," SALT ",\"path\":\"/etc/passwd\\u0000.bak\",\"outcome\":\"taken\"}",
		 "record 7: 'path' holds a NUL"},
		{"{\"t\":\"m\",\"i\":7," SALT ",\"path_b64\":\"L2EAYg==\",\"outcome\":\"taken\"}", "without NUL"},
		{M ",\"target\":\"\\u0000\"}", "'target' holds a NUL"},
		{M ",\"target_b64\":\"AA==\"}", "'target' is not a string, or base64 under the other key, without NUL"},
		{M ",\"why_b64\":\"AA==\"}", "'why' is not"},
		{M ",\"user\":\"root\\u0000x\"}", "'user' holds a NUL"},
		{M ",\"via\":[\"A\",\"B\\u0000\"]}", "'via' holds a NUL"},
		{M ",\"xattrs\":[{\"name_b64\":\"YQA=\"}]}", "'name' is not"},
		{M ",\"unknown\":{\"x\":[[\"\\u0000\"]]}}", "'x' holds a NUL"},
		{C ",\"flags\":[\"\\u0000\"]}", "'flags' holds a NUL"},
		{B ",\"part\":1,\"to\":[\"ab\\u0000\"]}", "'to' holds a NUL"},
		{B ",\"part\":1,\"host\":{\"hostname_b64\":\"YQA=\"}}", "'hostname' is not"},
		{H ",\"rule\":\"r\\u0000\",\"namespace\":\"n\"}", "'rule' holds a NUL"},
		{H ",\"rule\":\"r\",\"namespace_b64\":\"AA==\"}", "'namespace' is not"},
		{H ",\"rule\":\"r\",\"namespace\":\"n\",\"tags\":[\"\\u0000\"]}", "'tags' holds a NUL"},
		{H ",\"rule\":\"r\",\"namespace\":\"n\",\"strings\":[{\"name\":\"$\\u0000\"}]}", "'name' holds a NUL"},
		{E ",\"event\":\"end\\u0000\"}", "'event' holds a NUL"},
	};

	for (size_t i = 0; i < PK_LEN(bad); i++) {
		struct pk_err err = {0};

		CHECK(check(bad[i][0], &err) < 0 && err.kind == PK_EFORMAT);
		CHECK(strstr(err.msg, bad[i][1]) != NULL);
		if (!strstr(err.msg, bad[i][1]))
			printf("# %s: %s\n", bad[i][0], err.msg);
	}
}

TEST(a_line_ends_with_its_brace)
{
	static const char *const bad[] = {
		M "} ",
		M "}\r",
		M "}\t\t",
		"{\"t\":\"u\",\"i\":7," SALT " }",
		"{\"t\":\"u\",\"i\":7," SALT " ,\"a\":1}",
		"{\"t\":\"u\",\"i\":7," SALT "}}",
	};

	OK(check("{\"t\":\"u\",\"i\":7," SALT ", \"a\" :\r1 }", &err));
	for (size_t i = 0; i < PK_LEN(bad); i++)
		FAILS(PK_EFORMAT, check(bad[i], &err));
}

TEST(a_record_does_not_grow_in_a_share)
{
	PK_AUTO(pk_buf) line = {0};
	PK_AUTO(pk_buf) out = {0};
	PK_AUTO(pk_record) r = {0};

	pk_buf_puts(&line, M ",\"why\":\"");
	for (int i = 0; i < 12000; i++)
		pk_buf_put_c(&line, 0x7f);
	pk_buf_puts(&line, "\"}");
	OK(pk_record_read(pk_buf_str(&line), 7, &r, &err));
	OK(pk_share_put_carried(&r, &out, &err));
	CHECK(out.n == r.fields.n - 1); /* without the brace */
}

static bool take(struct pk_ranges *x, const char *pair)
{
	pk_autojson *v = NULL;
	uint64_t off = 0, len = 0;

	OK(pk_json_parse(pk_str(pair), &v, &err));
	return pk_ranges_take(x, v, &off, &len);
}

TEST(ranges_ascend_within_the_file)
{
	struct pk_ranges x = {.logical = 10};

	CHECK(take(&x, "[0,3]") && take(&x, "[3,1]") && take(&x, "[6,0]"));
	CHECK(!take(&x, "[5,1]") && !take(&x, "[-1,1]") && !take(&x, "[7,1,1]") && !take(&x, "[7]") && !take(&x, "7"));
	CHECK(!take(&x, "[7,4]") && !take(&x, "[7,9223372036854775807]") && !take(&x, "[11,0]"));
	CHECK(take(&x, "[7,3]") && x.stored == 7 && x.end == 10);
	CHECK(!take(&x, "[9,1]"));
}

TEST(an_item_is_found_by_its_leaf)
{
	static const struct {
		uint64_t leaf;
		char what;
	} v[] = {{0, 'a'}, {3, 'b'}, {4, 'c'}, {PK_LEAF_NONE - 1, 'd'}};

	for (size_t n = 0; n <= PK_LEN(v); n++) {
		for (size_t i = 0; i < PK_LEN(v); i++)
			CHECK(pk_leaf_find(v, n, sizeof(v[0]), v[i].leaf) == (i < n ? &v[i] : NULL));
		CHECK(!pk_leaf_find(v, n, sizeof(v[0]), 2));
		CHECK(!pk_leaf_find(v, n, sizeof(v[0]), PK_LEAF_NONE));
	}
	CHECK(!pk_leaf_find(NULL, 0, sizeof(v[0]), 0));
}

RUN_TESTS(T(an_item_is_found_by_its_leaf), T(takes_what_the_format_has),
	  T(refuses_what_is_of_another_kind_and_names_it), T(a_nul_is_no_part_of_a_name), T(a_line_ends_with_its_brace),
	  T(a_record_does_not_grow_in_a_share), T(ranges_ascend_within_the_file))
