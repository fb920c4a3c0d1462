/*
 * The test API. A guest is one file with one function, test_main(); its name
 * is the file's name. Checks that fail are printed and the guest goes on,
 * REQUIRE ends it, because what follows would make no sense.
 *
 * The last thing a guest prints is one line for the runner:
 *
 *	RESULT <name> PASS
 *	RESULT <name> FAIL: <the first failed check>
 *	RESULT <name> EXPECT-<ACTION>	the machine must now do this
 */
#ifndef LIB_TEST_H
#define LIB_TEST_H

#include <stdbool.h>
#include <stdint.h>
#include "errno.h"
#include "hypercall.h"
#include "print.h"
#include "string.h"

#ifdef GUEST_NAME
const char guest_name[] = GUEST_NAME;
#else
extern const char guest_name[];
#endif

/* Registers at the very start, as the hypervisor set them. */
struct entry_state {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15, pad;
	uint64_t rsp, rflags;
	uint16_t cs, ss, ds, es, fs, gs;
};
extern struct entry_state entry_state;

extern struct start_info *start_info;
/* Mapped before test_main() is called. */
extern struct shared_info *shared_info;

/* The guest. Returning ends the test with PASS unless a check failed. */
int test_main(struct start_info *si);

/* Print the result and power off. */
void test_done(void) __attribute__((noreturn));
/* Print "RESULT name EXPECT-action": what the machine must do now, OFF or RESET, or the failure if a check failed before. */
void test_expect(const char *action);

/* Record a failure: printed at once, the first one again in the result. */
void test_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void test_fail_cond(const char *file, int line, const char *cond, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void test_fail_values(const char *file, int line, const char *what, unsigned long a,
		      unsigned long b);

/* CHECK(cond) or CHECK(cond, "format", values...); true when it held */
#define CHECK(cond, ...)                                                            \
	({                                                                          \
		bool ok_ = !!(cond);                                                \
		if (!ok_)                                                           \
			test_fail_cond(__FILE__, __LINE__, #cond, " " __VA_ARGS__); \
		ok_;                                                                \
	})

#define CHECK_EQ(a, b)                                                              \
	({                                                                          \
		unsigned long a_ = (unsigned long)(a), b_ = (unsigned long)(b);     \
		if (a_ != b_)                                                       \
			test_fail_values(__FILE__, __LINE__, #a " == " #b, a_, b_); \
		a_ == b_;                                                           \
	})

#define REQUIRE(cond)                \
	do {                         \
		if (!CHECK(cond))    \
			test_done(); \
	} while (0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PAGE_SIZE 4096UL
#define page_aligned __attribute__((aligned(4096)))
#define barrier() __asm__ volatile("" ::: "memory")

#endif
