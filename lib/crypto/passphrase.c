/* SPDX-License-Identifier: Apache-2.0 */
/* Asking for a passphrase: on the terminal with echo off, or from a descriptor. */
#include <picket/io.h>
#include <picket/secret.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#define MAX_PASSPHRASE 1024

/* One line, byte by byte: whatever follows it stays in the descriptor for the next question. `sfd` >= 0: a
 * descriptor that becomes readable when a signal waits; *ret_signal then says so. */
static int read_line(struct pk_secret *s, int fd, int sfd, bool *ret_signal, struct pk_err *err)
{
	PK_AUTO(pk_secret) line = {0};
	size_t n = 0;

	if (pk_secret_new(&line, MAX_PASSPHRASE + 1, err) < 0)
		return -1;
	for (;;) {
		struct pollfd ready[2] = {{.fd = fd, .events = POLLIN}, {.fd = sfd, .events = POLLIN}};
		ssize_t r;

		if (poll(ready, 2, -1) < 0 && errno != EINTR)
			return pk_fail(err, PK_ESYS, errno, "cannot read the passphrase");
		if (ready[1].revents) {
			*ret_signal = true;
			return 0;
		}
		if (!ready[0].revents)
			continue;
		r = read(fd, line.p + n, 1);
		if (r < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (r < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot read the passphrase");
		if (r == 0 || line.p[n] == '\n')
			break;
		if (++n > MAX_PASSPHRASE)
			return pk_fail(err, PK_ELIMIT, 0, "the passphrase is longer than %d bytes", MAX_PASSPHRASE);
	}
	if (n && line.p[n - 1] == '\r')
		n--;
	if (n == 0)
		return pk_fail(err, PK_EUSAGE, 0, "the passphrase is empty");
	return pk_secret_copy(s, line.p, n, err);
}

/* Signals wait while echo is off: the terminal is put right first, then they are delivered. A stop (^Z) asks
 * again when the program goes on. */
static int ask_once(struct pk_secret *s, int tty, const char *prompt, struct pk_err *err)
{
	static const int held[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
	struct termios old, quiet;
	sigset_t set, before;
	bool signalled;
	int r;

	sigemptyset(&set);
	for (size_t i = 0; i < PK_LEN(held); i++)
		sigaddset(&set, held[i]);
	do {
		pk_autoclose int sfd = -1;

		signalled = false;
		sigprocmask(SIG_BLOCK, &set, &before);
		sfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
		if (sfd < 0 || tcgetattr(tty, &old) < 0) {
			int saved = errno;

			sigprocmask(SIG_SETMASK, &before, NULL);
			return pk_fail(err, PK_ESYS, saved, "cannot use the terminal");
		}
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
		tcsetattr(tty, TCSAFLUSH, &quiet);
		r = pk_write_full(tty, prompt, strlen(prompt), err);
		if (r == 0)
			r = read_line(s, tty, sfd, &signalled, err);
		tcsetattr(tty, TCSAFLUSH, &old);
		(void)!write(tty, "\n", 1);
		sigprocmask(SIG_SETMASK, &before, NULL);
	} while (signalled);
	return r;
}

int pk_secret_ask(struct pk_secret *s, const char *prompt, bool confirm, int fd, struct pk_err *err)
{
	PK_AUTO(pk_secret) first = {0};
	PK_AUTO(pk_secret) again = {0};
	pk_autoclose int tty = -1;
	bool signalled = false;

	if (fd >= 0) {
		if (read_line(s, fd, -1, &signalled, err) < 0)
			return pk_wrap(err, "passphrase from descriptor %d", fd);
		return 0;
	}
	tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty < 0)
		return pk_fail(err, PK_ESYS, errno,
			       "a passphrase is needed and there is no terminal to ask on (use --passphrase-fd)");
	if (ask_once(&first, tty, prompt, err) < 0)
		return -1;
	if (confirm) {
		if (ask_once(&again, tty, "The same again: ", err) < 0)
			return -1;
		if (first.n != again.n || sodium_memcmp(first.p, again.p, first.n) != 0)
			return pk_fail(err, PK_EUSAGE, 0, "the two passphrases differ");
	}
	return pk_secret_copy(s, first.p, first.n, err);
}
