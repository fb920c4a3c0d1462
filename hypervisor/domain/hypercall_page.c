/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry n of the page, 32 bytes, makes hypercall n by SYSCALL, which destroys
 * rcx and r11: they are kept on the stack, as the ABI promises. iret is special:
 * it does not come back, and what it pushes is the head of its frame.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "domain/domain.h"
#include "domain/hypercall_page.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/frame.h"

#define ENTRY_BYTES 32

void hypercall_page_fill(void *page)
{
	memset(page, 0xcc, PAGE_SIZE); /* int3 */
	for (unsigned int n = 0; n < PAGE_SIZE / ENTRY_BYTES; n++) {
		u8 call[] = {
			0x51,		     /* push %rcx */
			0x41, 0x53,	     /* push %r11 */
			0xb8, n, 0, 0, 0,    /* mov $n, %eax */
			0x0f, 0x05,	     /* syscall */
			0x41, 0x5b,	     /* pop %r11 */
			0x59,		     /* pop %rcx */
			0xc3,		     /* ret */
		};
		u8 iret[] = {
			0x51,		     /* push %rcx */
			0x41, 0x53,	     /* push %r11 */
			0x50,		     /* push %rax */
			0xb8, n, 0, 0, 0,    /* mov $n, %eax */
			0x0f, 0x05,	     /* syscall */
		};
		void *entry = page + n * ENTRY_BYTES;

		if (n == __HYPERVISOR_iret)
			memcpy(entry, iret, sizeof(iret));
		else
			memcpy(entry, call, sizeof(call));
	}
}

int hypercall_page_write(struct domain *d, mfn_t mfn)
{
	if (!mfn_valid(mfn) || !frame_get_writable(mfn_to_frame(mfn), d->id))
		return -XEN_EINVAL;
	hypercall_page_fill(map_frame(mfn));
	frame_put_writable(mfn_to_frame(mfn));
	return 0;
}
