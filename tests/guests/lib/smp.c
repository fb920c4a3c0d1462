/* Bringing up other VCPUs, and finding out about oneself. */
#include "smp.h"
#include <xen/vcpu.h>
#include "mm.h"
#include "test.h"
#include "trap.h"

char stacks[MAX_VCPUS][STACK_SIZE] __attribute__((aligned(STACK_SIZE)));
struct vcpu_info *vcpu_info_moved[MAX_VCPUS];

extern char smp_entry[], event_entry[], failsafe_entry[], syscall_entry[];

struct vcpu_info *vcpu_info(unsigned int vcpu)
{
	if (vcpu_info_moved[vcpu])
		return vcpu_info_moved[vcpu];
	return &shared_info->vcpu_info[vcpu];
}

unsigned int smp_count(void)
{
	unsigned int n = 0;

	while (hv_vcpu_op(VCPUOP_is_up, n, 0) >= 0)
		n++;
	return n;
}

/* Called by smp_entry in start.S. */
void smp_main(void (*fn)(void *), void *arg)
{
	fn(arg);
	smp_down();
}

void smp_context(struct vcpu_guest_context *ctxt, unsigned int vcpu, void (*fn)(void *), void *arg)
{
	unsigned int i;

	memset(ctxt, 0, sizeof(*ctxt));
	ctxt->flags = VGCF_in_kernel;
	ctxt->user_regs.rip = (unsigned long)smp_entry;
	ctxt->user_regs.rsp = (unsigned long)stacks[vcpu + 1];
	ctxt->user_regs.rdi = (unsigned long)fn;
	ctxt->user_regs.rsi = (unsigned long)arg;
	ctxt->user_regs.rflags = FLAG_IF;
	ctxt->user_regs.cs = FLAT_KERNEL_CS;
	ctxt->user_regs.ss = FLAT_KERNEL_SS;
	ctxt->kernel_ss = FLAT_KERNEL_SS;
	ctxt->kernel_sp = ctxt->user_regs.rsp;
	ctxt->ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn((void *)start_info->pt_base));
	ctxt->event_callback_eip = (unsigned long)event_entry;
	ctxt->failsafe_callback_eip = (unsigned long)failsafe_entry;
	ctxt->syscall_callback_eip = (unsigned long)syscall_entry;
	for (i = 0; i < 256; i++) {
		ctxt->trap_ctxt[i].vector = i;
		ctxt->trap_ctxt[i].cs = FLAT_KERNEL_CS;
		ctxt->trap_ctxt[i].address = trap_entry(i);
	}
}

long smp_start(unsigned int vcpu, void (*fn)(void *), void *arg)
{
	static struct vcpu_guest_context ctxt;
	long rc;

	smp_context(&ctxt, vcpu, fn, arg);
	rc = hv_vcpu_op(VCPUOP_initialise, vcpu, &ctxt);
	if (rc && rc != -EEXIST)
		return rc;
	return hv_vcpu_op(VCPUOP_up, vcpu, 0);
}

long smp_down(void)
{
	return hv_vcpu_op(VCPUOP_down, smp_id(), 0);
}
