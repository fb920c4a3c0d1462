// SPDX-License-Identifier: GPL-2.0
/* The pid file. Its content is for people and `xend stop`; the lock is what counts. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "paths.h"
#include "pidfile.h"

static pid_t read_pid(int fd)
{
	char text[24] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return 0;
	return strtol(text, NULL, 10);
}

int pidfile_take(struct error *e)
{
	int fd = open(paths.pid, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return error_errno(e, "%s", paths.pid);
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK)
			error_set(e, EEXIST, "it runs already (pid %d)", (int)read_pid(fd));
		else
			error_errno(e, "%s", paths.pid);
		close(fd);
		return -1;
	}
	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", (int)getpid()) < 0) {
		error_errno(e, "%s", paths.pid);
		close(fd);
		return -1;
	}
	return 0; /* the descriptor stays open, and with it the lock */
}

pid_t pidfile_owner(void)
{
	int fd = open(paths.pid, O_RDONLY | O_CLOEXEC);
	pid_t pid = 0;

	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK)
		pid = read_pid(fd);
	close(fd);
	return pid;
}
