/*
 * The frame of every guest: set up traps, map the shared info page, run the
 * test, print the one result line and power off.
 */
#include "test.h"
#include <xen/sched.h>
#include "mm.h"
#include "trap.h"

struct start_info *start_info;
struct shared_info *shared_info;

static char first_failure[400];
static char shared_info_page[PAGE_SIZE] page_aligned;

static void record(const char *text)
{
	print("FAILED %s\n", text);
	if (!first_failure[0])
		memcpy(first_failure, text, strlen(text) + 1);
}

static const char *base_name(const char *path)
{
	const char *base = path;

	for (; *path; path++)
		if (*path == '/')
			base = path + 1;
	return base;
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
	char text[sizeof(first_failure)];
	va_list ap;
	int len;

	len = format(text, sizeof(text), "%s:%d: ", base_name(file), line);
	va_start(ap, fmt);
	vformat(text + len, sizeof(text) - len, fmt, ap);
	va_end(ap);
	record(text);
}

void test_fail_cond(const char *file, int line, const char *cond, const char *fmt, ...)
{
	char text[sizeof(first_failure)];
	va_list ap;

	va_start(ap, fmt);
	vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	test_fail(file, line, "%s%s", cond, text);
}

void test_fail_values(const char *file, int line, const char *what, unsigned long a,
		      unsigned long b)
{
	char text[sizeof(first_failure)];

	format(text, sizeof(text), "%s:%d: %s: %ld (0x%lx) and %ld (0x%lx)", base_name(file), line,
	       what, (long)a, a, (long)b, b);
	record(text);
}

static void shutdown(unsigned int reason)
{
	struct sched_shutdown arg = { .reason = reason };

	for (;;)
		hv_sched_op(SCHEDOP_shutdown, &arg);
}

void test_done(void)
{
	if (first_failure[0])
		print("RESULT %s FAIL: %s\n", guest_name, first_failure);
	else
		print("RESULT %s PASS\n", guest_name);
	shutdown(SHUTDOWN_poweroff);
	__builtin_unreachable();
}

void test_expect(const char *action)
{
	if (first_failure[0])
		test_done();
	print("RESULT %s EXPECT-%s\n", guest_name, action);
}

/* The C entry, called by start.S. */
void guest_start(struct start_info *si)
{
	start_info = si;
	trap_init();
	mm_init();
	shared_info = (void *)shared_info_page;
	REQUIRE(!map_mfn(shared_info_page, si->shared_info >> 12, PTE_RW));
	test_main(si);
	test_done();
}
