/*
 * What operations cost a user program, in instructions. This is the first and
 * only program of a Linux machine, its /init: it measures, prints a line an
 * operation for bench/run and switches the machine off.
 *
 *	BENCH <name> <instructions>
 *	BENCH tsc_at_init <instructions>	since the machine was switched on
 *
 * Boot with QEMU's -icount shift=0 and one CPU, where the TSC counts executed
 * instructions: the program's, the kernel's and the hypervisor's.
 *
 * An operation costs the least of several runs, less what nothing costs: the
 * kernel's timer interrupt adds to the others. What is measured is run(); the
 * processes and the memory that it needs are there before.
 *
 * "bench=<name>" in the environment, where the kernel puts such a word of its
 * command line, is from bench/profile: that operation alone, each run between
 * two marks. "log=y": the lines go to the kernel's log, since a kernel for
 * unprivileged domains has no other console as domain 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define MANY 256 /* pages */
#define FEW 64	 /* pages */
#define WARM_UP 4
#define FAST 64 /* runs of what costs little */
#define SLOW 16

struct bench {
	const char *name;
	int runs;
	void (*setup)(void); /* once, before anything */
	void (*run)(void);   /* what is measured */
};

static volatile sig_atomic_t signals;
static volatile char *area; /* MANY pages that were written to */
static int near_end[2];	    /* read, write: to the process at the other end */
static int far_end[2];	    /* the other end's */

static const char *level = ""; /* of the kernel's log, before each line */

static void check(int right, const char *what)
{
	if (right)
		return;
	printf("%sRESULT programs FAIL: %s: %s\n", level, what, strerror(errno));
	fflush(stdout);
	reboot(RB_POWER_OFF);
}

static inline uint64_t tsc(void)
{
	uint32_t low, high;

	asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static void nothing(void)
{
}

static volatile char *map(int pages)
{
	void *at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);

	check(at != MAP_FAILED, "mmap");
	return at;
}

static void touch(volatile char *at, int pages)
{
	for (int i = 0; i < pages; i++)
		at[i * PAGE] = 1;
}

static void wait_for(pid_t child)
{
	int status;

	check(child > 0, "fork");
	check(waitpid(child, &status, 0) == child && status == 0, "waitpid");
}

static void run_getpid(void)
{
	syscall(SYS_getpid);
}

static void map_touch_unmap(int pages)
{
	volatile char *at = map(pages);

	touch(at, pages);
	munmap((void *)at, pages * PAGE);
}

static void run_faults(void)
{
	map_touch_unmap(MANY);
}

/* A process of some size, for what forks: MANY pages that it has written to. */
static void setup_area(void)
{
	if (area)
		return;
	area = map(MANY);
	touch(area, MANY);
}

static void run_fork_cow(void)
{
	pid_t child = fork();

	if (child == 0) {
		touch(area, MANY);
		_exit(0);
	}
	wait_for(child);
}

static void run_mmap(void)
{
	map_touch_unmap(FEW);
}

static void run_fork_exit(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	wait_for(child);
}

static void run_fork_exec(void)
{
	pid_t child = fork();

	if (child == 0) {
		execl("/init", "init", "exit", NULL);
		_exit(1);
	}
	wait_for(child);
}

static void on_signal(int number)
{
	(void)number;
	signals++;
}

static void setup_signal(void)
{
	check(signal(SIGUSR1, on_signal) != SIG_ERR, "signal");
}

static void run_signal(void)
{
	kill(getpid(), SIGUSR1);
}

/* Start a process that sends every byte back, until nothing more can come. */
static void start_echo(void)
{
	pid_t child = fork();
	char byte;

	check(child >= 0, "fork");
	if (child == 0) {
		close(near_end[0]);
		close(near_end[1]);
		while (read(far_end[0], &byte, 1) == 1)
			if (write(far_end[1], &byte, 1) != 1)
				break;
		_exit(0);
	}
	close(far_end[0]);
	if (far_end[1] != far_end[0])
		close(far_end[1]);
}

static void setup_pipe(void)
{
	int to[2], back[2];

	check(pipe(to) == 0 && pipe(back) == 0, "pipe");
	near_end[0] = back[0];
	near_end[1] = to[1];
	far_end[0] = to[0];
	far_end[1] = back[1];
	start_echo();
}

static void setup_socket(void)
{
	int ends[2];

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
	near_end[0] = near_end[1] = ends[0];
	far_end[0] = far_end[1] = ends[1];
	start_echo();
}

static void run_round_trip(void)
{
	char byte = 1;

	check(write(near_end[1], &byte, 1) == 1, "write");
	check(read(near_end[0], &byte, 1) == 1, "read");
}

static void run_yield(void)
{
	sched_yield();
}

static const struct bench benches[] = {
	{ "getpid", FAST, nothing, run_getpid },
	{ "page_faults_256", SLOW, nothing, run_faults },
	{ "fork_cow_256", SLOW, setup_area, run_fork_cow },
	{ "mmap_touch_64", SLOW, nothing, run_mmap },
	{ "fork_exit", SLOW, setup_area, run_fork_exit },
	{ "fork_exec", SLOW, setup_area, run_fork_exec },
	{ "signal", FAST, setup_signal, run_signal },
	{ "pipe", FAST, setup_pipe, run_round_trip },
	{ "unix_socket", FAST, setup_socket, run_round_trip },
	{ "sched_yield", FAST, nothing, run_yield },
};

#define COUNT ((int)(sizeof(benches) / sizeof(benches[0])))

/* Marks for bench/profile, which sets breakpoints on them. */
__attribute__((noinline)) void profile_begin(void)
{
	asm volatile("");
}

__attribute__((noinline)) void profile_end(void)
{
	asm volatile("");
}

__attribute__((noinline)) void profile_done(void)
{
	asm volatile("");
}

static void profile(const struct bench *b)
{
	b->setup();
	for (int i = 0; i < WARM_UP; i++) {
		b->run();
	}
	for (int i = 0; i < WARM_UP; i++) {
		profile_begin();
		b->run();
		profile_end();
	}
	profile_done();
}

static const struct bench empty = { "nothing", FAST, nothing, nothing };

static uint64_t measure(const struct bench *b)
{
	uint64_t least = UINT64_MAX;

	b->setup();
	for (int i = -WARM_UP; i < b->runs; i++) {
		uint64_t before, cost;

		before = tsc();
		b->run();
		cost = tsc() - before;
		if (i >= 0 && cost < least)
			least = cost;
	}
	return least;
}

/* To the kernel's log. Without an early console it keeps the lines to itself. */
static void print_to_log(void)
{
	int log;

	mknod("/kmsg", S_IFCHR | 0600, makedev(1, 11));
	log = open("/kmsg", O_WRONLY);
	check(log >= 0 && dup2(log, 1) == 1, "/kmsg");
	close(log);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	level = "<0>";
}

int main(int argc, char **argv)
{
	uint64_t costs[COUNT], overhead, at_init = tsc();
	const char *only = getenv("bench");

	if (argc > 1 && !strcmp(argv[1], "exit"))
		_exit(0);

	if (getenv("log"))
		print_to_log();
	overhead = measure(&empty);
	for (int i = 0; i < COUNT; i++) {
		if (only && strcmp(only, benches[i].name))
			continue;
		if (only)
			profile(&benches[i]);
		else
			costs[i] = measure(&benches[i]);
	}
	check(only || signals == FAST + WARM_UP, "signals got lost");

	/* All at the end: what printing started may still be going on. */
	for (int i = 0; i < COUNT && !only; i++)
		printf("%sBENCH %s %lu\n", level, benches[i].name, costs[i] - overhead);
	printf("%sBENCH tsc_at_init %lu\n", level, at_init);
	printf("%sRESULT programs PASS\n", level);
	fflush(stdout);
	sleep(1); /* the console of a PV kernel is written to by a thread */
	reboot(RB_POWER_OFF);
	return 1;
}
