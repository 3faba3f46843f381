/* SPDX-License-Identifier: Apache-2.0 */
/* The external variables that rules of THOR and LOKI expect. */
#include <picket/scan.h>

void pk_scan_externals_path(struct pk_scan_externals *ext, struct pk_str path, struct pk_buf *lower)
{
	size_t slash = path.n, dot;

	while (slash > 0 && path.p[slash - 1] != '/')
		slash--;
	ext->filename = pk_str_n(path.p + slash, path.n - slash);
	/* the directory without the slash, but "/" stays "/" */
	ext->filepath = pk_str_n(path.p, slash > 1 ? slash - 1 : slash);
	dot = ext->filename.n;
	while (dot > 0 && ext->filename.p[dot - 1] != '.')
		dot--;
	pk_buf_reset(lower);
	for (size_t i = dot > 0 ? dot - 1 : ext->filename.n; i < ext->filename.n; i++) {
		char c = ext->filename.p[i];

		pk_buf_put_c(lower, (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c));
	}
	ext->extension = pk_buf_str(lower);
}

struct magic {
	const char *word;
	size_t offset;
	struct pk_str bytes;
};
#define AT(offset, word, bytes) \
	{ \
		word, offset, { bytes, sizeof(bytes) - 1 } \
	}

/* The first that fits counts. docs/man/picket-scan.mdoc shows this table to people. */
static const struct magic magics[] = {
	AT(0, "EXE", "MZ"),
	AT(0, "ELF",
	   "\x7f"
	   "ELF"),
	AT(0, "MACHO", "\xfe\xed\xfa\xce"),
	AT(0, "MACHO", "\xfe\xed\xfa\xcf"),
	AT(0, "MACHO", "\xce\xfa\xed\xfe"),
	AT(0, "MACHO", "\xcf\xfa\xed\xfe"),
	AT(0, "CLASS", "\xca\xfe\xba\xbe\0\0\0"),
	AT(0, "MACHO", "\xca\xfe\xba\xbe"),
	AT(0, "WASM", "\0asm"),
	AT(0, "DEX", "dex\n"),
	AT(0, "ZIP", "PK\x03\x04"),
	AT(0, "ZIP", "PK\x05\x06"),
	AT(0, "RAR", "Rar!\x1a\x07"),
	AT(0, "7ZIP", "7z\xbc\xaf\x27\x1c"),
	AT(0, "GZIP", "\x1f\x8b"),
	AT(0, "BZIP2", "BZh"),
	AT(0, "XZ",
	   "\xfd"
	   "7zXZ\0"),
	AT(0, "ZSTD", "\x28\xb5\x2f\xfd"),
	AT(0, "LZ4", "\x04\x22\x4d\x18"),
	AT(0, "CAB", "MSCF"),
	AT(257, "TAR", "ustar"),
	AT(0, "AR", "!<arch>\n"),
	AT(0, "CPIO", "070701"),
	AT(0, "RPM", "\xed\xab\xee\xdb"),
	AT(0, "PDF", "%PDF-"),
	AT(0, "OLE", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
	AT(0, "RTF", "{\\rt"),
	AT(0, "LNK", "L\0\0\0\x01\x14\x02\0"),
	AT(0, "CHM", "ITSF"),
	AT(0, "SWF", "FWS"),
	AT(0, "SWF", "CWS"),
	AT(0, "PNG", "\x89PNG\r\n\x1a\n"),
	AT(0, "JPG", "\xff\xd8\xff"),
	AT(0, "GIF", "GIF8"),
	AT(0, "BMP", "BM"),
	AT(0, "ICO", "\0\0\x01\0"),
	AT(0, "MDMP", "MDMP\x93\xa7"),
	AT(0, "REGISTRY", "regf"),
	AT(0, "EVTX", "ElfFile\0"),
	AT(0, "EVT", "0\0\0\0LfLe"),
	AT(0, "ETL", "\0\0\x01\0\x02\0"),
	AT(0, "PREFETCH", "MAM\x04"),
	AT(4, "PREFETCH", "SCCA"),
	AT(0, "JOURNAL", "LPKSHHRH"),
	AT(0, "SQLITE", "SQLite format 3\0"),
	AT(0, "ESE", "\xef\xcd\xab\x89"),
	AT(4, "ESE", "\xef\xcd\xab\x89"),
	AT(0, "PCAP", "\xd4\xc3\xb2\xa1"),
	AT(0, "PCAP", "\xa1\xb2\xc3\xd4"),
	AT(0, "PCAPNG", "\x0a\x0d\x0d\x0a"),
	AT(0, "JAVAOBJ", "\xac\xed\0\x05"),
	AT(0, "PHP", "<?php"),
	AT(0, "XML", "<?xml"),
	AT(0, "SCRIPT", "#!"),
	AT(0, "PEM", "-----BEGIN "),
};

const char *pk_scan_filetype(const void *p, size_t n)
{
	struct pk_str s = pk_str_n(p, n);

	for (size_t i = 0; i < PK_LEN(magics); i++) {
		const struct magic *m = &magics[i];

		if (m->offset <= n && pk_str_starts(pk_str_n(s.p + m->offset, n - m->offset), m->bytes))
			return m->word;
	}
	return "UNKNOWN";
}
