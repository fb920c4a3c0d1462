/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's console from domain 0: what it printed (xl dmesg), and keys as
 * if typed (xl debug-keys). Text passes through a small buffer of ours, so that
 * the console lock is never held while guest memory is touched.
 */
#include <xen/errno.h>

#include "console/console.h"
#include "console/keys.h"
#include "hypercall/sysctl.h"
#include "machine.h"

#define CHUNK 256
#define MAX_KEYS 1024

/*
 * Bytes are numbered since the beginning of time. The caller's index is the next
 * that it wants; when it is gone already, or was never there, the oldest is.
 */
long sysctl_readconsole(struct xen_sysctl_readconsole *op)
{
	u32 oldest, end, at, done = 0;
	char chunk[CHUNK];

	console_ring_range(&oldest, &end);
	at = oldest;
	if (op->incremental && op->index - oldest <= end - oldest)
		at = op->index;
	while (done < op->count) {
		u32 n = console_ring_read(chunk, min(op->count - done, (u32)CHUNK), &at);

		if (n == 0)
			break;
		if (copy_to_guest(op->buffer.p + done, chunk, n))
			return -XEN_EFAULT;
		done += n;
		preempt_check();
	}
	if (op->clear)
		console_ring_forget(end);
	op->index = at;
	op->count = done;
	return 0;
}

long sysctl_debug_keys(const struct xen_sysctl_debug_keys *op)
{
	if (op->nr_keys > MAX_KEYS)
		return -XEN_EINVAL;
	for (u32 i = 0; i < op->nr_keys; i++) {
		char key;

		if (copy_from_guest(&key, op->keys.p + i, 1))
			return -XEN_EFAULT;
		key_handle(key);
		preempt_check();
	}
	return 0;
}
