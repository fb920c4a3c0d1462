/*
 * Instructions that a kernel in ring 3 cannot execute and the hypervisor does
 * for it: CPUID with the forced-emulation prefix, MSRs, I/O ports, control
 * registers. What it does not do is a #GP, as the processor says.
 */
#include "test.h"
#include <xen/physdev.h>
#include "mm.h"
#include "smp.h"
#include "trap.h"

#define CR4_OSXSAVE (1UL << 18)

static uint32_t a, b, c, d;

static void cpuid(uint32_t leaf, uint32_t subleaf)
{
	CHECK_NO_TRAP(XEN_EMULATE_PREFIX "cpuid", "=a"(a), "=b"(b), "=c"(c), "=d"(d)
		      : "0"(leaf), "2"(subleaf));
}

static void hypervisor_leaves(void)
{
	cpuid(0x40000000, 0);
	CHECK_EQ(a, 0x40000005);
	CHECK_EQ(b, 0x566e6558); /* "XenVMMXenVMM" */
	CHECK_EQ(c, 0x65584d4d);
	CHECK_EQ(d, 0x4d4d566e);
	cpuid(0x40000001, 0);
	CHECK_EQ(a, 4 << 16 | 17);
	CHECK_EQ(b | c | d, 0);
	cpuid(0x40000002, 0);
	CHECK_EQ(a, 1);		 /* hypercall pages, */
	CHECK_EQ(b, 0x40000000); /* made by this MSR */
	CHECK_EQ(c, 1);		 /* MMU_PT_UPDATE_PRESERVE_AD is there */
	CHECK_EQ(d, 0);
	cpuid(0x40000003, 2);
	CHECK(a > 100000 && a < 10000000, "%u kHz", a);
	cpuid(0x40000004, 0);
	CHECK_EQ(a | b | c | d, 0);
	cpuid(0x40000005, 0);
	CHECK(b >= 20 && b <= 52, "%u bits", b);
	cpuid(0x40000006, 0);
	CHECK_EQ(a | b | c | d, 0);
	cpuid(0x40000100, 0);
	CHECK_EQ(a | b | c | d, 0);
}

static void processor_leaves(void)
{
	uint32_t max;

	cpuid(0, 0);
	max = a;
	CHECK(max >= 1);
	cpuid(1, 0);
	CHECK_EQ(c >> 31, 1);	  /* under a hypervisor */
	CHECK_EQ(d & 1, 1);	  /* FPU */
	CHECK_EQ(d >> 5 & 1, 1);  /* MSR */
	CHECK_EQ(d >> 6 & 1, 1);  /* PAE */
	CHECK_EQ(d >> 3 & 1, 0);  /* no PSE: superpages are not for PV guests */
	CHECK_EQ(d >> 12 & 1, 1); /* MTRR, which dom0 may see */
	CHECK_EQ(c >> 3 & 1, 0);  /* no MONITOR */
	CHECK_EQ(c >> 5 & 1, 0);  /* no VMX */
	CHECK_EQ(c >> 17 & 1, 0); /* no PCID */
	/* Every VCPU is the first thread of the first core, as far as it can see. */
	CHECK_EQ(b >> 24, 0); /* its local APIC's id */
	CHECK_EQ(b >> 8 & 0xff, 8); /* what CLFLUSH flushes, in words of 8 bytes */
	if (max >= 0xb) {
		cpuid(0xb, 0);
		CHECK_EQ(a | b | d, 0);
		cpuid(0xb, 1);
		CHECK_EQ(a | b | d, 0);
	}
	cpuid(0x80000008, 0);
	CHECK_EQ(a >> 8 & 0xff, 48); /* bits of a linear address */
	cpuid(0x80000001, 0);
	CHECK_EQ(d >> 29 & 1, 1); /* long mode */
	CHECK_EQ(d >> 20 & 1, 1); /* NX */
	CHECK_EQ(d >> 11 & 1, 1); /* SYSCALL */
	CHECK_EQ(d >> 26 & 1, 0); /* no 1 GB pages */
	CHECK_EQ(c >> 2 & 1, 0);  /* no SVM */
	if (max >= 7) {
		cpuid(7, 0);
		CHECK_EQ(b >> 20 & 1, 0); /* no SMAP: the kernel is in ring 3 */
		CHECK_EQ(b >> 7 & 1, 0);  /* no SMEP */
		CHECK_EQ(b >> 10 & 1, 0); /* no INVPCID */
	}
	/* The prefix is for cpuid alone; what looks like it is not it. */
	CHECK_TRAP(TRAP_UD, 0, XEN_EMULATE_PREFIX "nop");
	CHECK_EQ(trap_seen.regs.rip, trap_seen.insn);
	CHECK_TRAP(TRAP_UD, 0, XEN_EMULATE_PREFIX "hlt");
	CHECK_TRAP(TRAP_UD, 0, ".byte 0x0f, 0x0b, 'x', 'e', 'm'; cpuid",
		   :
		   : "rax", "rbx", "rcx", "rdx");
}

static long rdmsr(uint32_t msr, uint64_t *value)
{
	TRY("rdmsr", "=a"(a), "=d"(d) : "c"(msr), "0"(0), "1"(0));
	*value = (uint64_t)d << 32 | a;
	return trap_seen.vector;
}

static long wrmsr(uint32_t msr, uint64_t value)
{
	TRY("wrmsr", : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
	return trap_seen.vector;
}

static void msrs(void)
{
	static const uint32_t unknown[] = { 0x174,	0x175,	    0x2ff,	0xc0000081,
					    0xc0000082, 0xc0000083, 0xc0000084, 0x3a,
					    0x830,	0x40000200, 0x12345,	-1U };
	uint64_t value, before;
	unsigned int i;

	CHECK_EQ(rdmsr(0xc0000080, &value), -1);
	CHECK_EQ(value & 0xfff, 0xd01); /* EFER: NXE LMA LME SCE */
	CHECK_EQ(wrmsr(0xc0000080, value), -1);
	CHECK_EQ(wrmsr(0xc0000080, value ^ 1), TRAP_GP);
	CHECK_EQ(rdmsr(0x10, &before), -1); /* TSC */
	CHECK_EQ(rdmsr(0x10, &value), -1);
	CHECK(value > before);
	CHECK_EQ(rdmsr(0x1b, &value), -1); /* APIC base: enabled, the boot processor */
	CHECK_EQ(value, 0xfee00900);
	CHECK_EQ(wrmsr(0x1b, value), TRAP_GP);
	CHECK_EQ(rdmsr(0x277, &value), -1); /* PAT, as the hypervisor set it */
	CHECK_EQ(value, 0x0000050100070406);
	CHECK_EQ(wrmsr(0x277, value), TRAP_GP);
	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		if (!(CHECK_EQ(rdmsr(unknown[i], &value), TRAP_GP) &
		      CHECK_EQ(wrmsr(unknown[i], 0), TRAP_GP)))
			print("msr %x\n", unknown[i]);
	CHECK_EQ(rdmsr(0x12345, &value), TRAP_GP);
	CHECK_EQ(trap_seen.error, 0);
	CHECK_EQ(trap_seen.regs.rip, trap_seen.insn);
}

/* The MSR that fills a page with hypercall stubs. */
static void hypercall_msr(void)
{
	char *page = page_alloc();
	uint64_t value;
	long rc;

	CHECK_EQ(rdmsr(0x40000000, &value), -1);
	CHECK_EQ(value, 0);
	CHECK_EQ(wrmsr(0x40000000, 0xfffffffffUL << 12), TRAP_GP);
	CHECK_EQ(wrmsr(0x40000000, virt_to_maddr(page) | 1), TRAP_GP);
	CHECK_EQ(wrmsr(0x40000000, virt_to_maddr(page)), -1);
	__asm__ volatile("call *%1"
			 : "=a"(rc)
			 : "r"(page + __HYPERVISOR_xen_version * 32), "D"(0UL), "S"(0UL)
			 : "rcx", "r11", "memory");
	CHECK_EQ(rc, hv_xen_version(0, 0));
	CHECK_EQ(memcmp(page + 32, hypercall_page + 32, PAGE_SIZE - 32), 0);
}

static void iopl(unsigned int level)
{
	struct physdev_set_iopl op = { .iopl = level };

	CHECK_EQ(hv_physdev_op(PHYSDEVOP_set_iopl, &op), 0);
}

static uint8_t inb(uint16_t port)
{
	uint8_t value;

	CHECK_NO_TRAP("inb %%dx, %%al", "=a"(value) : "d"(port));
	return value;
}

static uint32_t inl(uint16_t port)
{
	uint32_t value;

	CHECK_NO_TRAP("inl %%dx, %%eax", "=a"(value) : "d"(port));
	return value;
}

static void outl(uint16_t port, uint32_t value)
{
	CHECK_NO_TRAP("outl %%eax, %%dx", : "a"(value), "d"(port));
}

static void ports(void)
{
	static char buf[16];

	/* The kernel needs IOPL 1: it is in a "ring 1" of its own. */
	CHECK_TRAP(TRAP_GP, 0, "inb $0x61, %%al", : : "rax");
	CHECK_TRAP(TRAP_GP, 0, "outb %%al, $0x80");
	CHECK_TRAP(TRAP_GP, 0, "cli");
	CHECK_TRAP(TRAP_GP, 0, "sti");
	iopl(1);
	CHECK(inb(0x61) != 0xff);
	CHECK_NO_TRAP("outb %%al, $0x80");
	/* Only the low bytes of %rax change. */
	CHECK_NO_TRAP("inb $0x61, %%al", "=a"(a) : "0"(0x11223344));
	CHECK_EQ(a >> 8, 0x112233);
	/* PCI configuration: the host bridge, and no device. */
	outl(0xcf8, 0x80000000);
	CHECK_EQ(inl(0xcf8), 0x80000000);
	CHECK(inl(0xcfc) != 0xffffffff);
	outl(0xcf8, 0x8000f800 | 200 << 16);
	CHECK_EQ(inl(0xcfc), 0xffffffff);
	outl(0xcf8, 0);
	/* Ports of the hypervisor's devices: all ones, and writes go nowhere. */
	CHECK_EQ(inb(0x20), 0xff);
	CHECK_EQ(inb(0x21), 0xff);
	CHECK_EQ(inb(0xa1), 0xff);
	CHECK_EQ(inb(0x40), 0xff);
	CHECK_EQ(inb(0x3f8 + 5), 0xff);
	CHECK_NO_TRAP("outb %%al, %%dx", : "a"('?'), "d"(0x3f8));
	/* Strings of bytes. */
	memset(buf, 0xee, sizeof(buf));
	CHECK_NO_TRAP("cld; rep insb", : "D"(buf), "c"(8), "d"(0x3fd) : "memory");
	CHECK_EQ(memcmp(buf, "\xff\xff\xff\xff\xff\xff\xff\xff\xee", 9), 0);
	CHECK_NO_TRAP("cld; rep outsb", : "S"(buf), "c"(8), "d"(0x80) : "memory");
	CHECK_TRAP(TRAP_PF, 2, "insb", : "D"(0x1000), "d"(0x3fd) : "memory");
	CHECK_EQ(trap_seen.cr2, 0x1000);
	/* cli and sti are allowed, and do nothing: the event mask is in memory. */
	events_enable();
	CHECK_NO_TRAP("cli");
	CHECK_EQ(vcpu_info(0)->evtchn_upcall_mask, 0);
	events_disable();
	CHECK_NO_TRAP("sti");
	CHECK_EQ(vcpu_info(0)->evtchn_upcall_mask, 1);
	iopl(0);
	CHECK_TRAP(TRAP_GP, 0, "inb $0x61, %%al", : : "rax");
}

static void control_registers(void)
{
	unsigned long value, again;

	CHECK_NO_TRAP("movq %%cr0, %0", "=r"(value));
	CHECK_EQ(value, 0x80050033);
	CHECK_NO_TRAP("movq %0, %%cr0", : "r"(value));
	CHECK_NO_TRAP("movq %%cr3, %0", "=r"(value));
	CHECK_EQ(value, virt_to_maddr((void *)start_info->pt_base));
	CHECK_TRAP(TRAP_GP, 0, "movq %0, %%cr3", : "r"(0xfffffffffUL << 12));
	CHECK_NO_TRAP("movq %%cr4, %0", "=r"(value));
	CHECK_EQ(value & 0x20, 0x20); /* PAE */
	/* A write is taken, but keeps only the bits that are the guest's. */
	CHECK_NO_TRAP("movq %0, %%cr4", : "r"(value ^ 0x20));
	CHECK_NO_TRAP("movq %%cr4, %0", "=r"(again));
	CHECK_EQ(again, value);
	/* XCR0 may be set once CR4 says so. */
	CHECK_EQ(value & CR4_OSXSAVE, 0);
	CHECK_TRAP(TRAP_UD, 0, "xsetbv", : "c"(0), "a"(3), "d"(0));
	CHECK_NO_TRAP("movq %0, %%cr4", : "r"(value | CR4_OSXSAVE));
	CHECK_NO_TRAP("movq %%cr4, %0", "=r"(again));
	CHECK_EQ(again, value | CR4_OSXSAVE);
	CHECK_NO_TRAP("xsetbv", : "c"(0), "a"(3), "d"(0));
	CHECK_TRAP(TRAP_GP, 0, "xsetbv", : "c"(1), "a"(3), "d"(0));
	CHECK_NO_TRAP("movq %0, %%cr4", : "r"(value));
	CHECK_TRAP(TRAP_UD, 0, "xsetbv", : "c"(0), "a"(3), "d"(0));
	CHECK_TRAP(TRAP_GP, 0, "movq %%cr8, %%rax", : : "rax");
}

/* What needs privilege and is not emulated, and what needs none. */
static void others(void)
{
	static char image[16];

	CHECK_TRAP(TRAP_GP, 0, "hlt");
	CHECK_TRAP(TRAP_GP, 0, "invlpg (%0)", : "r"(image));
	CHECK_TRAP(TRAP_GP, 0, "invd");
	CHECK_TRAP(TRAP_GP, 0, "lgdt (%0)", : "r"(image));
	CHECK_TRAP(TRAP_GP, 0, "lidt (%0)", : "r"(image));
	CHECK_TRAP(TRAP_GP, 0, "lldt %w0", : "r"(0));
	CHECK_TRAP(TRAP_GP, 0, "ltr %w0", : "r"(0));
	CHECK_TRAP(TRAP_GP, 0, "lmsw %w0", : "r"(0));
	CHECK_TRAP(TRAP_GP, 0, "swapgs");
	CHECK_TRAP(TRAP_GP, 0, "sysretq");
	CHECK_NO_TRAP("wbinvd");
	CHECK_NO_TRAP("clts");
	CHECK_NO_TRAP("rdtsc", : : "rax", "rdx");
	CHECK_NO_TRAP("cpuid", : "a"(0) : "rbx", "rcx", "rdx");
}

int test_main(struct start_info *si)
{
	(void)si;
	hypervisor_leaves();
	processor_leaves();
	msrs();
	hypercall_msr();
	ports();
	control_registers();
	others();
	return 0;
}
