/* platform_op enter_acpi_sleep, for the guests that ask for what they must not get. */
#ifndef LIB_SLEEP_H
#define LIB_SLEEP_H

#include "test.h"
#include <xen/platform.h>

/* What goes into PM1 control: ACPI specification 6.4, 4.8.3.2.1. */
#define SLP_EN 0x2000
#define SLP_TYP(n) ((n) << 10)

static inline long enter(unsigned int state, unsigned int a, unsigned int b, unsigned int flags)
{
	static struct xen_platform_op op;

	memset(&op, 0, sizeof(op));
	op.cmd = XENPF_enter_acpi_sleep;
	op.interface_version = XENPF_INTERFACE_VERSION;
	op.u.enter_acpi_sleep.sleep_state = state;
	op.u.enter_acpi_sleep.val_a = a;
	op.u.enter_acpi_sleep.val_b = b;
	op.u.enter_acpi_sleep.flags = flags;
	return hv_platform_op(&op);
}

#endif
