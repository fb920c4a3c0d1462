// SPDX-License-Identifier: GPL-2.0
/*
 * Unpacking a kernel takes longer than all the rest of making a domain, and what was
 * unpacked is kept. Most guests start the kernel that domain 0 runs, too. So xend
 * unpacks it when it starts, once for each new kernel, in a thread that has the CPU
 * only while nobody else wants it. A domain that is to be made of it meanwhile waits
 * for this, at full speed, and does not begin once more.
 */
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "ahead.h"
#include "build/build.h"
#include "log.h"
#include "mainloop.h"
#include "paths.h"
#include "worker.h"

static struct {
	bool running;
	char kernel[300];
	struct stat file;
	bool unpacked; /* now, not in an earlier life */
	struct error error;
	int rc;
	uint64_t begun; /* mainloop_now() */
	void (*then)(void *context);
	void *context;
} ahead;

/*
 * The thread, 0 before it runs, and whether somebody waits for it. Each side writes
 * its own before it reads the other's: whoever comes second sees both.
 */
static _Atomic pid_t thread;
static atomic_bool awaited;

static void set_policy(pid_t tid, int policy)
{
	struct sched_param none = { 0 };

	/* What it fails for, a lack of rights, is not xend's. */
	sched_setscheduler(tid, policy, &none);
}

static void unpack(void *context)
{
	(void)context;
	thread = gettid();
	set_policy(thread, SCHED_IDLE);
	if (awaited)
		set_policy(thread, SCHED_OTHER);
	ahead.rc = build_unpack(ahead.kernel, paths.cache, &ahead.unpacked, &ahead.error);
}

static void unpacked(void *context)
{
	(void)context;
	ahead.running = false;
	if (ahead.rc)
		log_info("not unpacked ahead: %s", ahead.error.text);
	else if (ahead.unpacked)
		log_info("kernel %s unpacked ahead, in %llu ms", ahead.kernel,
			 (unsigned long long)(mainloop_now() - ahead.begun));
	if (ahead.then)
		ahead.then(ahead.context);
}

void ahead_start(void)
{
	struct utsname name;

	if (uname(&name))
		return;
	snprintf(ahead.kernel, sizeof(ahead.kernel), "%s/vmlinuz-%s", paths.boot, name.release);
	/* Where nothing can be kept, it would be for nothing. */
	if (stat(ahead.kernel, &ahead.file) || access(paths.cache, W_OK))
		return;
	ahead.running = true;
	ahead.begun = mainloop_now();
	worker_run(unpack, unpacked, NULL);
}

bool ahead_wait(const char *kernel, void (*then)(void *context), void *context)
{
	struct stat file;

	if (!ahead.running || stat(kernel, &file) || file.st_dev != ahead.file.st_dev ||
	    file.st_ino != ahead.file.st_ino)
		return false;
	ahead.then = then;
	ahead.context = context;
	awaited = true;
	if (thread)
		set_policy(thread, SCHED_OTHER);
	return true;
}
