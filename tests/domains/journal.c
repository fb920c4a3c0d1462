/*
 * A load like a database's, and what became of it: for the test of power cuts.
 *
 *     journal write DISK TAG	in a domain: append records of one page, a few at a time; flush;
 *				and only then tell on the console which are safe: "safe TAG N"
 *     journal check FILE N	after the cut: records 0 to N - 1 are there and whole
 *
 * Records are at N * 4096. Each has its number, the same pseudo-random data for every run of a
 * number, and a sum over it. Before it starts "write" looks for nothing: the disk is new.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/fs.h>

struct record {
	uint64_t magic, number, sum;
	uint64_t data[509];
};

#define MAGIC 0x6a6f75726e616c00ull

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 33) * 0xff51afd7ed558ccdull;
	return x ^ x >> 33;
}

static void fill(struct record *record, uint64_t number)
{
	record->magic = MAGIC;
	record->number = number;
	record->sum = mix(number);
	for (unsigned int i = 0; i < 509; i++) {
		record->data[i] = mix(number * 512 + i + 1);
		record->sum = record->sum * 31 + record->data[i];
	}
}

static void write_records(const char *disk, const char *tag)
{
	static struct record records[8] __attribute__((aligned(4096)));
	int fd = open(disk, O_RDWR);
	uint64_t bytes, number = 0;
	char line[64];

	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &bytes))
		err(1, "%s", disk);
	while ((number + 8) * 4096 <= bytes) {
		unsigned int nr = 1 + mix(number) % 8;

		for (unsigned int i = 0; i < nr; i++)
			fill(&records[i], number + i);
		if (pwrite(fd, records, nr * 4096, number * 4096) != nr * 4096 || fdatasync(fd))
			err(1, "%s: record %llu", disk, (unsigned long long)number);
		number += nr;
		/* One write, so that lines of several do not mix. */
		int n = snprintf(line, sizeof(line), "safe %s %llu\n", tag,
				 (unsigned long long)number);
		if (write(1, line, n) != n)
			err(1, "console");
	}
}

static int check_records(const char *file, uint64_t nr)
{
	struct record wanted, found;
	int fd = open(file, O_RDONLY);

	if (fd < 0)
		err(2, "%s", file);
	for (uint64_t number = 0; number < nr; number++) {
		fill(&wanted, number);
		if (pread(fd, &found, 4096, number * 4096) == 4096 &&
		    !memcmp(&wanted, &found, 4096))
			continue;
		printf("record %llu of %llu is not there: magic %llx, number %llu\n",
		       (unsigned long long)number, (unsigned long long)nr,
		       (unsigned long long)found.magic, (unsigned long long)found.number);
		return 1;
	}
	printf("%llu records\n", (unsigned long long)nr);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "write"))
		write_records(argv[2], argv[3]);
	else if (argc == 4 && !strcmp(argv[1], "check"))
		return check_records(argv[2], strtoull(argv[3], NULL, 0));
	else
		errx(2, "usage: journal write DISK TAG | journal check FILE N");
}
