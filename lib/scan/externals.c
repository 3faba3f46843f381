/* SPDX-License-Identifier: Apache-2.0 */
/* The external variables that rules of THOR and LOKI expect. */
#include <picket/scan.h>

#include <fcntl.h>
#include <sys/stat.h>

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

/* As `ls -l` shows it. */
static void put_permissions(uint32_t mode, char ret[12])
{
	static const struct {
		uint32_t kind;
		char letter;
	} kinds[] = {{S_IFREG, '-'},  {S_IFDIR, 'd'}, {S_IFLNK, 'l'}, {S_IFIFO, 'p'},
		     {S_IFSOCK, 's'}, {S_IFCHR, 'c'}, {S_IFBLK, 'b'}};
	static const char letters[] = "rwxrwxrwx";
	static const struct {
		uint32_t bit;
		size_t at;
		char with_x, without;
	} special[] = {{S_ISUID, 3, 's', 'S'}, {S_ISGID, 6, 's', 'S'}, {S_ISVTX, 9, 't', 'T'}};

	ret[0] = '?';
	for (size_t i = 0; i < PK_LEN(kinds); i++)
		if ((mode & S_IFMT) == kinds[i].kind)
			ret[0] = kinds[i].letter;
	for (size_t i = 0; i < 9; i++)
		ret[i + 1] = mode & (0400u >> i) ? letters[i] : '-';
	for (size_t i = 0; i < PK_LEN(special); i++)
		if (mode & special[i].bit)
			ret[special[i].at] = ret[special[i].at] == 'x' ? special[i].with_x : special[i].without;
	ret[10] = '\0';
}

static struct pk_str name_or_number(const char *name, uint32_t number, char ret[12])
{
	if (name)
		return pk_str(name);
	(void)snprintf(ret, 12, "%u", number);
	return pk_str(ret);
}

void pk_scan_externals_meta(struct pk_scan_externals *ext, const struct pk_scan_meta *meta,
			    const struct pk_scan_hostvars *host, struct pk_scan_metatext *text)
{
	put_permissions(meta->mode, text->permissions);
	ext->permissions = pk_str(text->permissions);
	ext->filemode = meta->mode;
	ext->owner = name_or_number(meta->owner, meta->uid, text->owner);
	ext->group = name_or_number(meta->group, meta->gid, text->group);
	ext->has_age = host && meta->has_btime;
	if (ext->has_age)
		ext->age = ((double)host->now.sec - (double)meta->btime.sec +
			    ((double)host->now.nsec - (double)meta->btime.nsec) / 1e9) /
			   86400;
	if (host && host->timezone)
		ext->timezone = pk_str(host->timezone);
	if (host && host->language)
		ext->language = pk_str(host->language);
}

bool pk_scan_btime(int fd, struct pk_time *ret)
{
	struct statx x;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &x) < 0 || !(x.stx_mask & STATX_BTIME))
		return false;
	*ret = (struct pk_time){x.stx_btime.tv_sec, x.stx_btime.tv_nsec};
	return true;
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

/* The first that fits counts. docs/externals.md shows this table to people, and a test compares them. The words are those
 * of THOR's manual and of its public rules, then those of LOKI's list, then ours. */
static const struct magic magics[] = {
	AT(0, "EXE", "MZ"),
	AT(0, "ELF",
	   "\x7f"
	   "ELF"),
	AT(0, "MACH-O", "\xfe\xed\xfa\xce"),
	AT(0, "MACH-O", "\xfe\xed\xfa\xcf"),
	AT(0, "MACH-O", "\xce\xfa\xed\xfe"),
	AT(0, "MACH-O", "\xcf\xfa\xed\xfe"),
	AT(0, "Class", "\xca\xfe\xba\xbe\0\0\0"),
	AT(0, "MACH-O", "\xca\xfe\xba\xbe"),
	AT(0, "WASM", "\0asm"),
	AT(0, "DEX", "dex\n"),
	AT(0, "Office", "PK\x03\x04\x14\0\x06\0"),
	AT(0, "ZIP", "PK\x03\x04"),
	AT(0, "ZIP", "PK\x05\x06"),
	AT(0, "RAR", "Rar!\x1a\x07"),
	AT(0, "7ZIP", "7z\xbc\xaf\x27\x1c"),
	AT(0, "GZIP", "\x1f\x8b"),
	AT(0, "TARZ", "\x1f\x9d"),
	AT(0, "TARZ", "\x1f\xa0"),
	AT(0, "BZIP2", "BZh"),
	AT(0, "ARJ", "\x60\xea"),
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
	AT(0, "PDF", "%PDF"),
	AT(0, "OLE", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
	AT(0, "RTF", "{\\rt"),
	AT(0, "DOC",
	   "\x0d"
	   "DOC"),
	AT(0, "LNK", "L\0\0\0\x01\x14\x02\0"),
	AT(0, "CHM", "ITSF"),
	AT(0, "SWF", "FWS"),
	AT(0, "SWF", "CWS"),
	AT(0, "SWF", "ZWS"),
	AT(0, "PNG", "\x89PNG\r\n\x1a\n"),
	AT(0, "JPEG", "\xff\xd8\xff"),
	AT(0, "GIF", "GIF8"),
	AT(0, "BMP", "BM"),
	AT(0, "ICO", "\0\0\x01\0"),
	AT(0, "MDMP", "MDMP"),
	AT(0, "REGISTRY", "regf"),
	AT(0, "EVTX", "ElfFile\0"),
	AT(0, "EVT", "0\0\0\0LfLe"),
	AT(0, "ETL", "\0\0\x01\0\x02\0"),
	AT(0, "PREFETCH", "MAM\x04"),
	AT(4, "PREFETCH", "SCCA"),
	AT(0, "MFT", "FILE0"),
	AT(0, "JOURNAL", "LPKSHHRH"),
	AT(0, "SQLITE", "SQLite format 3\0"),
	AT(0, "ESE", "\xef\xcd\xab\x89"),
	AT(4, "ESE", "\xef\xcd\xab\x89"),
	AT(0, "WINPCAP", "\xd4\xc3\xb2\xa1"),
	AT(0, "LIBPCAP", "\xa1\xb2\xc3\xd4"),
	AT(0, "PCAPNG", "\x0a\x0d\x0d\x0a"),
	AT(0, "VMDK", "KDMV"),
	AT(0, "VMDK", "# Disk D"),
	AT(0, "VHD", "conectix"),
	AT(0, "JAVAOBJ", "\xac\xed\0\x05"),
	AT(0, "PHP", "<?php"),
	AT(0, "XML", "<?xml"),
	AT(0, "XML", "<?XML"),
	AT(0, "ASP", "<%@ Page"),
	AT(0, "ASP", "<%@ Language"),
	AT(0, "ASP", "<%@ LANGUAGE"),
	AT(0, "ASP", "<%@LANGUAGE"),
	AT(0, "ASP", "<%@ WebHandler"),
	AT(0, "ASP", "<%@ WebService"),
	AT(0, "ASP", "<%@ Control"),
	AT(0, "JSP", "<%"),
	AT(0, "Python", "#!/usr/bin/env python"),
	AT(0, "Python", "#!/usr/bin/python"),
	AT(0, "Python", "#!/usr/local/bin/python"),
	AT(0, "Python", "#!/bin/python"),
	AT(0, "UNIX SCRIPT", "#!"),
	AT(0, "BATCH", "@echo off"),
	AT(0, "BATCH", "@ECHO OFF"),
	AT(0, "VBS", "Function"),
	AT(0, "AGE", "age-encryption.org/v1\n"),
	AT(0, "AGE", "-----BEGIN AGE ENCRYPTED FILE-----"),
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
