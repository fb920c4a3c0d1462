/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * I/O ports. The task state segment gives guests no port, so every access
 * faults, and here is decided: the domain's bitmap says which ports it may use,
 * the VCPU's I/O privilege level whether its current mode may, or else a bitmap of
 * the guest's own, like that in a task state segment. A few that domain
 * 0 has no right to it still finds there: what it does to them, we do.
 */
#include <xen/errno.h>

#include "cpu/asm.h"
#include "cpu/ioport.h"
#include "domain/domain.h"
#include "irq/pci.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/alloc.h"
#include "time/pit.h"

#define PORTS 65536

struct ioports {
	u64 allowed[PORTS / 64];
};

static u64 denied[PORTS / 64];

void ioport_deny(u16 first, u16 last)
{
	for (u32 p = first; p <= last; p++)
		denied[p / 64] |= 1ull << (p % 64);
}

int ioport_domain_init(struct domain *d)
{
	struct ioports *io = new (struct ioports);

	if (!io)
		return -XEN_ENOMEM;
	if (d->is_privileged)
		for (unsigned int i = 0; i < ARRAY_SIZE(denied); i++)
			io->allowed[i] = ~denied[i];
	d->ioports = io;
	return 0;
}

bool ioport_permitted(const struct domain *d, u32 first, u32 nr)
{
	for (u32 p = first; p < first + nr; p++)
		if (!(d->ioports->allowed[p / 64] >> (p % 64) & 1))
			return false;
	return true;
}

void ioport_permit(struct domain *d, u32 first, u32 nr, bool allow)
{
	/* A word at a time is what those who read it look at. */
	for (u32 p = first; p < first + nr; p++) {
		u64 *word = &d->ioports->allowed[p / 64], bit = 1ull << (p % 64);

		WRITE_ONCE(*word, allow ? *word | bit : *word & ~bit);
	}
}

void ioport_domain_destroy(struct domain *d)
{
	heap_free(d->ioports);
	d->ioports = NULL;
}

int ioport_set_bitmap(struct vcpu *v, const void *bitmap, u32 ports)
{
	if (ports > PORTS || !guest_range(bitmap, DIV_ROUND_UP(ports, 8u)))
		return -XEN_EINVAL;
	v->io_bitmap = bitmap;
	v->io_bitmap_ports = ports;
	return 0;
}

/* Its kernel's, wherever it is. */
static bool read_bitmap(const struct vcpu *v, u32 port, u16 *bits)
{
	const u8 *at = (const u8 *)v->io_bitmap + port / 8;
	bool ok;

	if (!v->kernel_mode)
		write_cr3(v->kernel_l4 << PAGE_SHIFT);
	ok = copy_from_guest(bits, at, sizeof(*bits)) == 0;
	if (!v->kernel_mode)
		write_cr3(v->cr3);
	return ok;
}

bool ioport_privileged(const struct vcpu *v, u16 port, unsigned int bytes)
{
	u16 bits;

	/* IOPL 1 is enough for the kernel, which thinks it is in ring 1. */
	if (v->iopl >= (v->kernel_mode ? 1 : 3))
		return true;
	/* Two bytes always, as a CPU does it: SDM vol. 1, 19.5.2. */
	return port + bytes <= v->io_bitmap_ports && read_bitmap(v, port, &bits) &&
	       (bits >> port % 8 & ((1u << bytes) - 1)) == 0;
}

static bool permitted(const struct vcpu *v, u16 port, unsigned int bytes)
{
	return port + bytes <= PORTS && ioport_permitted(v->domain, port, bytes);
}

/* What domain 0 reaches through us, though it has no right to the ports. */
static bool pci_does(const struct vcpu *v, u32 port, unsigned int bytes)
{
	return v->domain->is_privileged && pci_owns_port(port) && pci_owns_port(port + bytes - 1);
}

static u8 byte_in(struct vcpu *v, u32 port)
{
	if (port >= PORTS)
		return 0xff;
	if (pci_does(v, port, 1))
		return pci_port_in(v->domain, port, 1);
	if (v->domain->is_privileged && pit_owns_port(port))
		return pit_port_in(port);
	return permitted(v, port, 1) ? inb(port) : 0xff;
}

static void byte_out(struct vcpu *v, u32 port, u8 value)
{
	if (port >= PORTS)
		return;
	if (pci_does(v, port, 1))
		pci_port_out(v->domain, port, 1, value);
	else if (v->domain->is_privileged && pit_owns_port(port))
		pit_port_out(port, value);
	else if (permitted(v, port, 1))
		outb(port, value);
}

u32 ioport_in(struct vcpu *v, u16 port, unsigned int bytes)
{
	u32 value = 0;

	if (pci_does(v, port, bytes))
		return pci_port_in(v->domain, port, bytes);
	if (permitted(v, port, bytes))
		return port_in(port, bytes);
	/* Some of it may be: the rest is as if nobody answered. */
	for (unsigned int i = 0; i < bytes; i++)
		value |= (u32)byte_in(v, port + i) << 8 * i;
	return value;
}

void ioport_out(struct vcpu *v, u16 port, unsigned int bytes, u32 value)
{
	if (pci_does(v, port, bytes)) {
		pci_port_out(v->domain, port, bytes, value);
	} else if (permitted(v, port, bytes)) {
		port_out(port, bytes, value);
	} else {
		for (unsigned int i = 0; i < bytes; i++)
			byte_out(v, port + i, value >> 8 * i);
	}
}
