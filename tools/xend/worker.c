// SPDX-License-Identifier: GPL-2.0
/* A thread a job; an eventfd tells the main loop of its end. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "log.h"
#include "mainloop.h"
#include "worker.h"

struct job {
	void (*work)(void *context);
	void (*done)(void *context);
	void *context;
	pthread_t thread;
	int finished; /* an eventfd */
	struct poll *poll;
};

static void *job_thread(void *argument)
{
	struct job *job = argument;

	job->work(job->context);
	eventfd_write(job->finished, 1);
	return NULL;
}

static void job_finished(void *context, uint32_t events)
{
	struct job *job = context;
	void (*done)(void *) = job->done;
	void *done_context = job->context;

	(void)events;
	pthread_join(job->thread, NULL);
	poll_remove(job->poll);
	close(job->finished);
	free(job);
	done(done_context);
}

void worker_run(void (*work)(void *context), void (*done)(void *context), void *context)
{
	struct job *job = calloc(1, sizeof(*job));
	sigset_t all, old;

	if (!job)
		log_die("out of memory");
	job->work = work;
	job->done = done;
	job->context = context;
	job->finished = eventfd(0, EFD_CLOEXEC);
	if (job->finished < 0)
		log_die("eventfd: %m");
	job->poll = poll_add(job->finished, EPOLLIN, job_finished, job);
	/* Signals are for the main thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&job->thread, NULL, job_thread, job))
		log_die("cannot start a thread");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}
