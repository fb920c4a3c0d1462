// SPDX-License-Identifier: GPL-2.0
/*
 * The first console as tty1 or as ttyS0 (xencons=tty, xencons=ttyS), for an image that
 * knows no hvc0: a terminal of one line, without hvc.
 */
#include <linux/console.h>
#include <linux/interrupt.h>
#include <linux/major.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/tty_flip.h>
#include <xen/events.h>

#include "console.h"

static struct tty_driver *driver;
static struct tty_port port;

static irqreturn_t event(int irq, void *unused)
{
	struct xc *c = &xc_first;
	char buf[64];
	int n;

	while ((n = xc_read(c, buf, sizeof(buf))) > 0)
		tty_insert_flip_string(&port, buf, n);
	tty_flip_buffer_push(&port);
	tty_port_tty_wakeup(&port);
	if (c->ring)
		xen_irq_lateeoi(irq, xchg(&c->busy, false) ? 0 : XEN_EOI_FLAG_SPURIOUS);
	return IRQ_HANDLED;
}

/* The first who opens it, and the last who closes. */
static int activate(struct tty_port *p, struct tty_struct *tty)
{
	return request_irq(xc_first.irq, event, 0, "xencons", &port);
}

static void shutdown(struct tty_port *p)
{
	free_irq(xc_first.irq, &port);
}

static const struct tty_port_operations port_ops = {
	.activate = activate,
	.shutdown = shutdown,
};

static int open(struct tty_struct *tty, struct file *file)
{
	return tty_port_open(&port, tty, file);
}

static void close(struct tty_struct *tty, struct file *file)
{
	tty_port_close(&port, tty, file);
}

static void hangup(struct tty_struct *tty)
{
	tty_port_hangup(&port);
}

static int write(struct tty_struct *tty, const unsigned char *buf, int len)
{
	return max(xc_write(&xc_first, buf, len), 0);
}

static unsigned int write_room(struct tty_struct *tty)
{
	return xc_room(&xc_first);
}

static const struct tty_operations tty_ops = {
	.open = open,
	.close = close,
	.hangup = hangup,
	.write = write,
	.write_room = write_room,
};

/* For processes, once, when xc_first has its interrupt. */
int __init xc_tty_add(void)
{
	int err;

	if (!xc_first.irq)
		return -ENXIO;
	driver = tty_alloc_driver(1, TTY_DRIVER_REAL_RAW);
	if (IS_ERR(driver))
		return PTR_ERR(driver);
	driver->driver_name = "xencons";
	driver->name = xc_where == XC_TTY ? "tty" : "ttyS";
	driver->name_base = xc_where == XC_TTY ? 1 : 0;
	driver->major = TTY_MAJOR;
	driver->minor_start = xc_where == XC_TTY ? 1 : 64;
	driver->type = TTY_DRIVER_TYPE_SERIAL;
	driver->init_termios = tty_std_termios;
	tty_set_operations(driver, &tty_ops);
	tty_port_init(&port);
	port.ops = &port_ops;
	tty_port_link_device(&port, driver, 0);
	err = tty_register_driver(driver);
	if (err) {
		pr_err("xencons=%s: the numbers of %s%d belong to another driver\n", driver->name,
		       driver->name, driver->name_base);
		tty_driver_kref_put(driver);
		driver = NULL;
	}
	return err;
}

static void print(struct console *console, const char *s, unsigned int len)
{
	xc_print(s, len);
}

static struct tty_driver *device_of(struct console *console, int *index)
{
	*index = 0;
	return driver;
}

static struct console console = {
	.write = print,
	.device = device_of,
	.flags = CON_PRINTBUFFER | CON_ANYTIME,
};

/* console_initcall: it is printk()'s console, unless the command line names others. */
int __init xc_tty_console(void)
{
	strscpy(console.name, xc_where == XC_TTY ? "tty" : "ttyS", sizeof(console.name));
	/* tty0 would be whichever virtual terminal is seen. */
	console.index = xc_where == XC_TTY ? 1 : 0;
	if (!console_set_on_cmdline)
		add_preferred_console(console.name, console.index, NULL);
	register_console(&console);
	return 0;
}
