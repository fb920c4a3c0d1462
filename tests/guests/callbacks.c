/*
 * Callbacks: where the hypervisor enters the guest for events, system calls,
 * NMIs and when it could not return to what the guest wanted (failsafe).
 */
#include "test.h"
#include <xen/callback.h>
#include <xen/nmi.h>
#include <xen/vcpu.h>
#include "event.h"
#include "smp.h"
#include "user.h"

#define NONCANONICAL 0x1234567812345678UL

extern char event_entry[], failsafe_entry[], syscall_entry[], sysenter_entry[], nmi_entry[];

static struct regs regs;

static long set(unsigned int type, unsigned int flags, void *address)
{
	struct callback_register op = { .type = type,
					.flags = flags,
					.address = (unsigned long)address };

	return hv_callback_op(CALLBACKOP_register, &op);
}

static long unset(unsigned int type)
{
	struct callback_unregister op = { .type = type };

	return hv_callback_op(CALLBACKOP_unregister, &op);
}

static void answers(void)
{
	CHECK_EQ(set(CALLBACKTYPE_event, 0, event_entry), 0);
	CHECK_EQ(set(CALLBACKTYPE_failsafe, 0, failsafe_entry), 0);
	CHECK_EQ(set(CALLBACKTYPE_failsafe, CALLBACKF_mask_events, failsafe_entry), 0);
	CHECK_EQ(set(CALLBACKTYPE_syscall, 0, syscall_entry), 0);
	CHECK_EQ(set(CALLBACKTYPE_sysenter, 0, sysenter_entry), 0);
	CHECK_EQ(set(CALLBACKTYPE_sysenter_deprecated, 0, sysenter_entry), -ENOSYS);
	CHECK_EQ(set(CALLBACKTYPE_syscall32, 0, syscall_entry), 0);
	CHECK_EQ(set(CALLBACKTYPE_nmi, 0, nmi_entry), 0);
	CHECK_EQ(set(6, 0, event_entry), -ENOSYS);
	CHECK_EQ(set(8, 0, event_entry), -ENOSYS);
	CHECK_EQ(set(0xffff, 0, event_entry), -ENOSYS);
	CHECK_EQ(set(CALLBACKTYPE_event, 0, (void *)NONCANONICAL), -EINVAL);
	CHECK_EQ(set(CALLBACKTYPE_syscall, 0, (void *)NONCANONICAL), -EINVAL);
	/* Unknown flags are not looked at. */
	CHECK_EQ(set(CALLBACKTYPE_event, 0xfffe, event_entry), 0);
	/* What is needed cannot be taken away. */
	CHECK_EQ(unset(CALLBACKTYPE_event), -EINVAL);
	CHECK_EQ(unset(CALLBACKTYPE_failsafe), -EINVAL);
	CHECK_EQ(unset(CALLBACKTYPE_syscall), -EINVAL);
	CHECK_EQ(unset(CALLBACKTYPE_sysenter), -EINVAL);
	CHECK_EQ(unset(CALLBACKTYPE_nmi), 0);
	CHECK_EQ(unset(CALLBACKTYPE_nmi), 0);
	CHECK_EQ(unset(6), -ENOSYS);
	CHECK_EQ(hv_callback_op(2, 0), -ENOSYS);
	CHECK_EQ(hv_callback_op(CALLBACKOP_register, 0x1000), -EFAULT);
	CHECK_EQ(hv_callback_op(CALLBACKOP_unregister, 0x1000), -EFAULT);
	/* The old call forgives: what it cannot use it leaves out. */
	CHECK_EQ(hv_set_callbacks(NONCANONICAL, NONCANONICAL, NONCANONICAL), 0);
	CHECK_EQ(hv_set_callbacks(event_entry, failsafe_entry, syscall_entry), 0);
}

/* Where events go can be changed, here to the entry for system calls. */
static unsigned int by_syscall_entry;

static bool counted(struct regs *r)
{
	event_upcall(r);
	by_syscall_entry++;
	return true;
}

static void redirect(void)
{
	long port = event_bind_ipi(0);

	trap_handler(TRAP_SYSCALL, counted);
	CHECK_EQ(set(CALLBACKTYPE_event, 0, syscall_entry), 0);
	events_enable();
	CHECK_EQ(event_send(port), 0);
	events_disable();
	CHECK_EQ(by_syscall_entry, 1);
	CHECK_EQ(event_count[port], 1);
	CHECK_EQ(set(CALLBACKTYPE_event, 0, event_entry), 0);
	trap_handler(TRAP_SYSCALL, NULL);
	CHECK_EQ(event_close(port), 0);
}

/* System calls mask events if asked to. */
USER_CODE_IS(do_syscall, "syscall");

static uint8_t mask_seen;

static bool look(struct regs *r)
{
	(void)r;
	mask_seen = vcpu_info(0)->evtchn_upcall_mask;
	return false;
}

static void masking(void)
{
	trap_handler(TRAP_SYSCALL, look);
	USER_EXEC(&regs, do_syscall);
	CHECK_EQ(regs.vector, TRAP_SYSCALL);
	CHECK_EQ(mask_seen, 0);
	events_disable();
	CHECK_EQ(set(CALLBACKTYPE_syscall, CALLBACKF_mask_events, syscall_entry), 0);
	USER_EXEC(&regs, do_syscall);
	CHECK_EQ(mask_seen, 1);
	CHECK_EQ(regs.saved_mask, 0);
	events_disable();
	trap_handler(TRAP_SYSCALL, NULL);
}

/*
 * Returning to a selector that does not exist: the fault arrives as if the code
 * there had caused it, with the frame that could not be used.
 */
static void bad_return(void)
{
	user_regs(&regs);
	regs.cs = 0x33;
	regs.rax = 55;
	user_run(&regs);
	CHECK_EQ(regs.vector, TRAP_GP);
	CHECK_EQ(regs.error, 0x30);
	CHECK_EQ(regs.cs, 0x33);
	CHECK_EQ(regs.rip, USER_CODE);
	CHECK_EQ(regs.rsp, USER_STACK);
	CHECK_EQ(regs.ss, FLAT_USER_SS);
	CHECK_EQ(regs.rax, 55);
}

/* An NMI that the guest sends itself. */
static unsigned int nmis;

static bool nmi(struct regs *r)
{
	(void)r;
	nmis++;
	mask_seen = vcpu_info(0)->evtchn_upcall_mask;
	return true;
}

static void non_maskable(void)
{
	struct xennmi_callback cb = { 0 };

	trap_handler(TRAP_NMI_CALLBACK, nmi);
	CHECK_EQ(hv_vcpu_op(VCPUOP_send_nmi, 0, 0), 0); /* nowhere to go */
	CHECK_EQ(nmis, 0);
	events_enable();
	CHECK_EQ(set(CALLBACKTYPE_nmi, 0, nmi_entry), 0);
	CHECK_EQ(nmis, 0);
	CHECK_EQ(hv_vcpu_op(VCPUOP_send_nmi, 0, 0), 0);
	CHECK_EQ(nmis, 1);
	CHECK_EQ(mask_seen, 1);
	CHECK_EQ(vcpu_info(0)->evtchn_upcall_mask, 0);
	/* Masking events does not mask it. */
	events_disable();
	CHECK_EQ(hv_vcpu_op(VCPUOP_send_nmi, 0, 0), 0);
	CHECK_EQ(nmis, 2);
	CHECK_EQ(hv_vcpu_op(VCPUOP_send_nmi, 4096, 0), -ENOENT);
	CHECK_EQ(hv_nmi_op(XENNMI_unregister_callback, 0), 0);
	cb.handler_address = (unsigned long)nmi_entry;
	CHECK_EQ(hv_nmi_op(XENNMI_register_callback, &cb), 0);
	CHECK_EQ(hv_vcpu_op(VCPUOP_send_nmi, 0, 0), 0);
	CHECK_EQ(nmis, 3);
	cb.handler_address = NONCANONICAL;
	CHECK_EQ(hv_nmi_op(XENNMI_register_callback, &cb), -EINVAL);
	CHECK_EQ(hv_nmi_op(2, 0), -ENOSYS);
}

int test_main(struct start_info *si)
{
	(void)si;
	events_disable();
	answers();
	redirect();
	user_init();
	masking();
	bad_return();
	non_maskable();
	return 0;
}
