/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What to do about an NMI that the machine raises, for broken memory or a broken
 * bus: end at once, tell dom0, or go on as if nothing had been.
 */
#include <xen/errno.h>

#include "boot/cmdline.h"
#include "irq/nmi.h"
#include "lib/string.h"

#ifdef CONFIG_DEBUG
enum nmi_policy nmi_policy = NMI_FATAL;
#else
enum nmi_policy nmi_policy = NMI_DOM0;
#endif

static int parse_nmi(const char *value)
{
	static const char *const names[] = {
		[NMI_IGNORE] = "ignore",
		[NMI_DOM0] = "dom0",
		[NMI_FATAL] = "fatal",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(value, names[i]) == 0) {
			nmi_policy = i;
			return 0;
		}
	}
	return -XEN_EINVAL;
}
PARAM_FN("nmi", parse_nmi);
