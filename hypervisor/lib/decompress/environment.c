/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the libraries find in a program, for as long as we call them:
 *
 * - SSE registers. CR0.TS is cleared, and set again if it was. Nobody's state is
 *   in the registers then, nor is any left there: a VCPU loads its own.
 * - A thread's data at FS, where the stack protector's canary is.
 * - Constructors that have run, once.
 * - malloc(). Each object is a block of frames of its own: they are few, and the
 *   large ones matter. What a library leaves behind is freed in the end.
 * - The red zone below the stack pointer: interrupts are off, and stay off.
 *   Nothing here may call preempt_check().
 *
 * The file is linked with the libraries alone, and what it gives them is not to
 * be seen by the rest of the hypervisor (Makefile).
 */
#include "cpu/asm.h"
#include "lib/decompress/decompress.h"
#include "lib/decompress/environment.h"
#include "lib/string.h"
#include "machine.h"

void *malloc(size_t bytes);
void *calloc(size_t n, size_t bytes);
void free(void *p);
void __noreturn __stack_chk_fail(void);

extern void (*const __init_array_start[])(void);
extern void (*const __init_array_end[])(void);

/* System V ABI, AMD64: what the compiler knows of a thread's data. */
static struct {
	u64 unknown[5], canary;
} thread;
_Static_assert(offsetof(__typeof__(thread), canary) == 0x28, "ABI");

#define MAX_OBJECTS 64

static struct {
	void *p;
	size_t bytes;
} object[MAX_OBJECTS];

static u64 saved_fs, saved_cr0;

void environment_enter(void)
{
	static bool constructed;

	saved_fs = rdmsr(MSR_FS_BASE);
	saved_cr0 = read_cr0();
	thread.canary = rdtsc();
	wrmsr(MSR_FS_BASE, (u64)&thread);
	write_cr0(saved_cr0 & ~(CR0_TS | CR0_EM));
	if (constructed)
		return;
	constructed = true;
	for (size_t i = 0; __init_array_start + i < __init_array_end; i++)
		__init_array_start[i]();
}

void environment_leave(void)
{
	write_cr0(saved_cr0);
	wrmsr(MSR_FS_BASE, saved_fs);
	for (unsigned int i = 0; i < MAX_OBJECTS; i++)
		free(object[i].p);
}

void *malloc(size_t bytes)
{
	unsigned int i = 0;

	while (object[i].p)
		if (++i == MAX_OBJECTS)
			return NULL;
	object[i].p = decompress_memory_take(bytes);
	object[i].bytes = bytes;
	return object[i].p;
}

void *calloc(size_t n, size_t bytes)
{
	void *p = NULL;

	if (!__builtin_mul_overflow(n, bytes, &bytes))
		p = malloc(bytes);
	if (p)
		memset(p, 0, bytes);
	return p;
}

void free(void *p)
{
	unsigned int i = 0;

	if (!p)
		return;
	while (object[i].p != p)
		if (++i == MAX_OBJECTS)
			panic("a library frees %p, which it does not have", p);
	decompress_memory_give(p, object[i].bytes);
	object[i].p = NULL;
}

void __stack_chk_fail(void)
{
	panic("a library has run over its part of the stack");
}

/*
 * libzstd calls these if a program has them. A call of nothing, though it never
 * happens, would be out of our code's reach. 0: do not call the second.
 */
u64 ZSTD_trace_decompress_begin(const void *context);
void ZSTD_trace_decompress_end(u64 trace, const void *data);

u64 ZSTD_trace_decompress_begin(const void *context)
{
	return 0;
}

void ZSTD_trace_decompress_end(u64 trace, const void *data)
{
}

/*
 * libzstd can read what its predecessors wrote before the format was settled,
 * with a decoder for each, 90 KiB together. Never called: such data
 * is not taken for zstd's (zstd_unpack()).
 */
static void __used old_zstd(void)
{
	BUG();
}

#define NOT(f)        \
	void f(void); \
	void f(void) __attribute__((alias("old_zstd")));
#define NOT_VERSION(v)                           \
	NOT(ZBUFF##v##_createDCtx)               \
	NOT(ZBUFF##v##_decompressContinue)       \
	NOT(ZBUFF##v##_decompressInitDictionary) \
	NOT(ZBUFF##v##_freeDCtx)                 \
	NOT(ZSTD##v##_createDCtx)                \
	NOT(ZSTD##v##_decompress_usingDict)      \
	NOT(ZSTD##v##_findFrameSizeInfoLegacy)   \
	NOT(ZSTD##v##_freeDCtx)                  \
	NOT(ZSTD##v##_getFrameParams)
NOT_VERSION(v05)
NOT_VERSION(v06)
NOT_VERSION(v07)
