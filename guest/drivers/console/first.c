// SPDX-License-Identifier: GPL-2.0
/*
 * The first console, which every domain has from its start: start_info names its page
 * and its port. It is hvc0, unless xencons= says otherwise:
 *
 *     xencons=off	there is none
 *     xencons=tty	it is tty1, in a kernel without virtual terminals
 *     xencons=ttyS	it is ttyS0, in a kernel without serial lines
 *
 * And before there is a console: earlyprintk=xen, and the raw functions that the
 * port's own start of day prints with.
 */
#include <linux/console.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/xen/hypervisor.h>
#include <asm/xen/hypercall.h>
#include <xen/events.h>
#include <xen/hvc-console.h>
#include <xen/page.h>
#include <xen/xen.h>

#include "console.h"

struct xc xc_first = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(xc_first.lock),
};

enum xc_where xc_where;

static int __init parse_xencons(char *arg)
{
	static const char *const names[] = {
		[XC_HVC] = "hvc", [XC_OFF] = "off", [XC_TTY] = "tty", [XC_TTYS] = "ttyS"
	};
	int i = match_string(names, ARRAY_SIZE(names), arg ?: "");

	if (i < 0) {
		pr_err("xencons=%s: allowed is off, tty, ttyS or hvc; it is hvc\n", arg ?: "");
		return 0;
	}
	/* Kernels for machines with screens and serial lines. */
	if ((i == XC_TTY && IS_ENABLED(CONFIG_VT)) ||
	    (i == XC_TTYS && IS_ENABLED(CONFIG_SERIAL_8250))) {
		pr_err("xencons=%s: this kernel has others of that name; it is hvc\n", arg);
		return 0;
	}
	xc_where = i;
	return 0;
}
early_param("xencons", parse_xencons);

/* Find the first console; any time after start of day. False: there is none. */
bool xc_find_first(void)
{
	struct xc *c = &xc_first;

	if (!xen_pv_domain() || !xen_start_info)
		return false;
	if (xen_start_info->flags & SIF_INITDOMAIN)
		return true;
	if (!c->ring) {
		if (!xen_start_info->console.domU.mfn)
			return false;
		c->port = xen_start_info->console.domU.evtchn;
		c->ring = gfn_to_virt(xen_start_info->console.domU.mfn);
	}
	return true;
}

/* console_initcall: from here on printk() reaches it. */
static int __init first_console_init(void)
{
	if (xc_where == XC_OFF || !xc_find_first())
		return 0;
	return xc_where == XC_HVC ? xc_hvc_console() : xc_tty_console();
}
console_initcall(first_console_init);

/* And from here on it has interrupts and is a terminal. */
static int __init first_init(void)
{
	struct xc *c = &xc_first;

	if (xc_where == XC_OFF || !xc_find_first())
		return 0;
	if (c->ring)
		c->irq = bind_evtchn_to_irq_lateeoi(c->port);
	else
		c->irq = bind_virq_to_irq(VIRQ_CONSOLE, 0, false);
	if (c->irq < 0) {
		pr_err("xen console: no interrupt (%d): it is polled\n", c->irq);
		c->irq = 0;
	}
	return xc_where == XC_HVC ? xc_hvc_add(c) : xc_tty_add();
}
device_initcall(first_init);

/*
 * The domain was restored or resumed elsewhere, by a process with interrupts on: page
 * and port are new. Called by control.c.
 */
void xen_console_resume(void)
{
	struct xc *c = &xc_first;
	unsigned long flags;

	if (!c->ring)
		return;
	raw_spin_lock_irqsave(&c->lock, flags);
	c->ring = gfn_to_virt(xen_start_info->console.domU.mfn);
	c->port = xen_start_info->console.domU.evtchn;
	c->full_since = 0;
	c->lied = false;
	raw_spin_unlock_irqrestore(&c->lock, flags);
	if (c->irq)
		rebind_evtchn_irq(c->port, c->irq);
}

/* All of it goes, or waits in vain for a second. */
static void write_all(struct xc *c, const char *s, int len)
{
	while (len > 0) {
		int n = xc_write(c, s, len);

		if (n == -EAGAIN) {
			xc_yield();
			continue;
		}
		if (n <= 0)
			return;
		s += n;
		len -= n;
	}
}

/* Text to the first console, lines ending as terminals want them. Any context. */
void xc_print(const char *s, unsigned int len)
{
	const char *end = s + len;

	if (!xc_find_first())
		return;
	while (s < end) {
		const char *line = memchr(s, '\n', end - s);

		write_all(&xc_first, s, (line ?: end) - s);
		if (!line)
			return;
		write_all(&xc_first, "\r\n", 2);
		s = line + 1;
	}
}

static void boot_write(struct console *console, const char *s, unsigned int len)
{
	xc_print(s, len);
}

struct console xenboot_console = {
	.name = "xenboot",
	.write = boot_write,
	.flags = CON_PRINTBUFFER | CON_BOOT | CON_ANYTIME,
	.index = -1,
};

/*
 * To the hypervisor's console; most let domain 0 alone write there, others write to
 * their own if it has been found, for before that its page may not be mapped. For when
 * nothing else works: any context, before and after everything.
 */
void xen_raw_console_write(const char *s)
{
	int len = strlen(s);

	if (HYPERVISOR_console_io(CONSOLEIO_write, len, (char *)s) < 0 && xc_first.ring)
		xc_print(s, len);
}

void xen_raw_printk(const char *fmt, ...)
{
	static char text[512];
	va_list args;

	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	xen_raw_console_write(text);
}
