/*
 * Ports for a mode whose I/O privilege level is too low: by the bitmap that
 * PHYSDEVOP_set_iobitmap names, in the kernel's memory, read when it is needed.
 */
#include "test.h"
#include <xen/physdev.h>
#include "mm.h"
#include "trap.h"
#include "user.h"

/* Port 0x64 answers, 0x61 too, and 0x2f8 to 0x2fb nobody. */
#define STATUS 0x64

/* One page more: the CPU's way to look at the last port reads a byte beyond. */
static uint8_t bitmap[3 * PAGE_SIZE] page_aligned;
static struct regs regs;

USER_CODE_IS(do_in, "inb %dx, %al; ud2");
USER_CODE_IS(do_inw, "inw %dx, %ax; ud2");
USER_CODE_IS(do_inl, "inl %dx, %eax; ud2");
USER_CODE_IS(do_out, "outb %al, %dx; ud2");
USER_CODE_IS(do_ins, "cld; rep insb; ud2");
USER_CODE_IS(do_cli, "cli; ud2");

static void user(int line, const char *code, const char *end, unsigned int port, bool may)
{
	unsigned long size = end - code;

	memcpy(user_code_page, code, size);
	user_regs(&regs);
	regs.rdx = port;
	regs.rcx = 4;
	regs.rdi = USER_DATA;
	user_run(&regs);
	if (regs.vector != (may ? TRAP_UD : TRAP_GP) || regs.error != 0 ||
	    (may && regs.rip != USER_CODE + size - 2))
		test_fail(__FILE__, line, "port %x: trap %lu error %lx at +%lx", port, regs.vector,
			  regs.error, regs.rip - USER_CODE);
}
#define USER(name, port, may) user(__LINE__, name, name##_end, port, may)

static void kernel(int line, unsigned int port, bool may)
{
	TRY("inb %%dx, %%al", : "d"(port) : "rax");
	if (trap_seen.vector != (may ? -1 : TRAP_GP))
		test_fail(__FILE__, line, "port %x: trap %ld", port, trap_seen.vector);
}
#define KERNEL(port, may) kernel(__LINE__, port, may)

static void iopl(unsigned int level)
{
	struct physdev_set_iopl op = { .iopl = level };

	CHECK_EQ(hv_physdev_op(PHYSDEVOP_set_iopl, &op), 0);
}

static long set(const void *at, unsigned int ports)
{
	struct physdev_set_iobitmap op = { .nr_ports = ports };

	set_xen_guest_handle(op.bitmap, (void *)at);
	return hv_physdev_op(PHYSDEVOP_set_iobitmap, &op);
}

static void nothing(void)
{
	USER(do_in, STATUS, false);
	USER(do_out, 0x80, false);
	USER(do_ins, STATUS, false);
	USER(do_cli, 0, false);
	KERNEL(STATUS, false);
}

static void levels(void)
{
	unsigned int level;

	for (level = 0; level < 3; level++) {
		iopl(level);
		USER(do_in, STATUS, false);
		USER(do_cli, 0, false);
		KERNEL(STATUS, level > 0);
	}
	iopl(3);
	USER(do_in, STATUS, true);
	CHECK((regs.rax & 0xff) != 0xff);
	USER(do_in, 0x20, true); /* it may, and nobody answers */
	CHECK_EQ(regs.rax & 0xff, 0xff);
	USER(do_cli, 0, true);
	iopl(0);
}

static void bits(void)
{
	memset(bitmap, 0xff, sizeof(bitmap));
	CHECK_EQ(set(bitmap, 65536), 0);
	nothing();
	/* A bit that is clear: one port, for both modes, and cli is none. */
	bitmap[STATUS / 8] &= ~(1 << STATUS % 8);
	USER(do_in, STATUS, true);
	CHECK((regs.rax & 0xff) != 0xff);
	USER(do_in, STATUS - 1, false);
	USER(do_in, STATUS + 1, false);
	USER(do_inw, STATUS, false);
	USER(do_ins, STATUS, true);
	CHECK((uint8_t)user_data_page[3] != 0xff);
	CHECK_EQ(regs.rdi, USER_DATA + 4);
	KERNEL(STATUS, true);
	KERNEL(STATUS + 1, false);
	USER(do_cli, 0, false);
	CHECK_TRAP(TRAP_GP, 0, "cli");
	/* All of a wide access, beyond the byte too. */
	memset(bitmap, 0, sizeof(bitmap));
	USER(do_out, 0x80, true);
	USER(do_inl, 0x2f6, true);
	bitmap[0x2f9 / 8] = 1 << 0x2f9 % 8;
	USER(do_inl, 0x2f6, false);
	USER(do_inl, 0x2f5, true);
	USER(do_inw, 0x2f8, false);
	USER(do_inw, 0x2fa, true);
	/* It gives no port that the domain has not. */
	USER(do_in, 0x20, true);
	CHECK_EQ(regs.rax & 0xff, 0xff);
}

static void ends(void)
{
	memset(bitmap, 0, sizeof(bitmap));
	CHECK_EQ(set(bitmap, 0x2f8), 0);
	USER(do_in, 0x2f7, true);
	USER(do_in, 0x2f8, false);
	USER(do_inw, 0x2f6, true);
	USER(do_inw, 0x2f7, false);
	USER(do_inl, 0x2f5, false);
	CHECK_EQ(set(bitmap, 65536), 0);
	USER(do_in, 0xffff, true);
	USER(do_inw, 0xffff, false);
	USER(do_inl, 0xfffd, false);
	CHECK_EQ(set(bitmap, 65535), 0);
	USER(do_in, 0xffff, false);
	CHECK_EQ(set(bitmap, 0), 0);
	nothing();
	/* Two bytes are read, whether the second is needed or not. */
	CHECK_EQ(set(bitmap, 65536), 0);
	CHECK_EQ(hv_update_va_mapping(bitmap + PAGE_SIZE, 0, UVMF_INVLPG), 0);
	USER(do_in, 0x7ff7, true);
	USER(do_in, 0x7ff8, false);
	USER(do_in, 0x8000, false);
	CHECK_EQ(map_mfn(bitmap + PAGE_SIZE, virt_to_mfn(bitmap + PAGE_SIZE), PTE_RW), 0);
	USER(do_in, 0x8000, true);
}

static void places(void)
{
	/* What it refuses leaves all as it was. */
	CHECK_EQ(set((void *)0xffff800000000000, 65536), -EINVAL);
	CHECK_EQ(set((void *)0xffff82d040000000, 65536), -EINVAL);
	CHECK_EQ(set((void *)0x8000000000000000, 65536), -EINVAL);
	CHECK_EQ(set(bitmap, 65537), -EINVAL);
	USER(do_in, STATUS, true);
	/* Where nothing is, is no bit. */
	CHECK_EQ(set((void *)0x1000, 65536), 0);
	nothing();
	CHECK_EQ(set(NULL, 65536), 0);
	nothing();
}

int test_main(struct start_info *si)
{
	(void)si;
	user_init();
	levels();
	nothing();
	bits();
	ends();
	places();
	return 0;
}
