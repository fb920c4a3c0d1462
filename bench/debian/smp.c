// SPDX-License-Identifier: GPL-2.0
/*
 * What bench/smp runs in a Debian: prints one time, by CLOCK_MONOTONIC.
 *
 *	smp pipe		microseconds that a byte takes there and back between two processes
 *	smp ring N		microseconds a switch, of a byte that goes round N processes
 *	smp run COMMAND...	seconds that a command takes
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS	20000
#define REPEATS	5
#define MEMBERS_MAX 64

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Pass a byte on, from one pipe to the next, until there is none. */
static void pass_on(int from, int to)
{
	char byte;

	while (read(from, &byte, 1) == 1)
		if (write(to, &byte, 1) != 1)
			break;
	_exit(0);
}

/* Microseconds for a byte to go once round @members processes, this among them. */
static double ring(int members)
{
	int pipes[MEMBERS_MAX][2], i;
	double least = 0;
	char byte = 'x';

	for (i = 0; i < members; i++)
		if (pipe(pipes[i]))
			die("pipe");
	for (i = 1; i < members; i++) {
		pid_t child = fork();
		int j;

		if (child < 0)
			die("fork");
		if (child)
			continue;
		for (j = 0; j < members; j++) {
			if (j != i - 1)
				close(pipes[j][0]);
			if (j != i)
				close(pipes[j][1]);
		}
		pass_on(pipes[i - 1][0], pipes[i][1]);
	}
	for (int repeat = 0; repeat < REPEATS; repeat++) {
		double start = now(), each;

		for (i = 0; i < ROUNDS / members; i++)
			if (write(pipes[0][1], &byte, 1) != 1 ||
			    read(pipes[members - 1][0], &byte, 1) != 1)
				die("the byte");
		each = (now() - start) * 1e6 / (ROUNDS / members);
		if (!repeat || each < least)
			least = each;
	}
	return least;
}

static double run(char **command)
{
	double start = now();
	pid_t child = fork();
	int status;

	if (child < 0)
		die("fork");
	if (!child) {
		execvp(command[0], command);
		die(command[0]);
	}
	if (waitpid(child, &status, 0) != child || status)
		die("the command");
	return now() - start;
}

int main(int argc, char **argv)
{
	int members;

	if (argc == 2 && !strcmp(argv[1], "pipe")) {
		printf("%.3f\n", ring(2));
	} else if (argc == 3 && !strcmp(argv[1], "ring")) {
		members = atoi(argv[2]);
		if (members < 2 || members > MEMBERS_MAX) {
			fprintf(stderr, "smp: ring: 2 to %d\n", MEMBERS_MAX);
			return 2;
		}
		printf("%.3f\n", ring(members) / members);
	} else if (argc > 2 && !strcmp(argv[1], "run")) {
		printf("%.3f\n", run(argv + 2));
	} else {
		fprintf(stderr, "usage: smp pipe | ring N | run COMMAND...\n");
		return 2;
	}
	return 0;
}
