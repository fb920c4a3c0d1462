/* SPDX-License-Identifier: GPL-2.0-only */
/* Option nmi=: what an NMI from the machine (parity, IOCHK, unknown) leads to. */
#ifndef IRQ_NMI_H
#define IRQ_NMI_H

enum nmi_policy { NMI_IGNORE, NMI_DOM0, NMI_FATAL };

extern enum nmi_policy nmi_policy;

#endif
