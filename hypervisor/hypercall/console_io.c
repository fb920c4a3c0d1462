/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypercall console_io: how dom0 prints on the console and reads what is
 * typed there. Data passes through a small buffer of ours, so that the console
 * lock is never held while guest memory is touched; between two buffers
 * interrupts get in, and a long text is continued later if one of them has work
 * to be done.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "console/console.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "machine.h"

#define CHUNK 128

static long console_io_write(const char *buffer, unsigned int count)
{
	char chunk[CHUNK];

	while (count) {
		unsigned int n = min(count, (unsigned int)CHUNK);

		if (copy_from_guest(chunk, buffer, n) != 0)
			return -XEN_EFAULT;
		console_guest_write(chunk, n);
		buffer += n;
		count -= n;
		if (count && preempt_check())
			return hypercall_restart(__HYPERVISOR_console_io, 3,
						 (u64)CONSOLEIO_write,
						 (u64)count, (u64)buffer);
	}
	return 0;
}

static long console_io_read(char *buffer, unsigned int count)
{
	char chunk[CHUNK];
	long done = 0;
	unsigned int n;

	do {
		n = console_guest_read(chunk, min(count, (unsigned int)CHUNK));
		if (n && copy_to_guest(buffer, chunk, n) != 0)
			return -XEN_EFAULT;
		buffer += n;
		count -= n;
		done += n;
	} while (n == CHUNK && count);
	return done;
}

long do_console_io(unsigned int cmd, unsigned int count, void *buffer)
{
	if (!current->domain->is_privileged)
		return -XEN_EPERM;
	switch (cmd) {
	case CONSOLEIO_write:
		return console_io_write(buffer, count);
	case CONSOLEIO_read:
		return console_io_read(buffer, count);
	default:
		return -XEN_ENOSYS;
	}
}
