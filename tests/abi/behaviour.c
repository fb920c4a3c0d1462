// SPDX-License-Identifier: MIT
/*
 * What a table of values cannot show: macros that take structures. This program
 * is compiled with our headers and with Xen's, and must print the same.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define xen_mb()	__sync_synchronize()
#define xen_rmb()	__sync_synchronize()
#define xen_wmb()	__sync_synchronize()

#define XEN_NETIF_DEFINE_TOEPLITZ
#include <xen/xen.h>
#include <xen/trace.h>
#include <xen/arch-x86/xen-mca.h>
#include <xen/io/blkif.h>
#include <xen/io/netif.h>
#include <xen/io/console.h>
#include <xen/io/xs_wire.h>

static uint32_t seed = 12345;

static uint32_t pick(uint32_t n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % n;
}

static char memory[2 * 4096] __attribute__((aligned(4096)));

static void show(const blkif_front_ring_t *f, const blkif_back_ring_t *b)
{
	const blkif_sring_t *s = f->sring;

	printf("%u %u %u %u | %u %u | %u %u", s->req_prod, s->req_event, s->rsp_prod,
	       s->rsp_event, f->req_prod_pvt, f->rsp_cons, b->rsp_prod_pvt, b->req_cons);
	printf(" | %u %d %u %u\n", RING_FREE_REQUESTS(f), RING_FULL(f),
	       XEN_RING_NR_UNCONSUMED_RESPONSES(f), XEN_RING_NR_UNCONSUMED_REQUESTS(b));
}

/* Both ends of a ring, in steps that chance chooses. */
static void ring(unsigned int bytes, RING_IDX start)
{
	blkif_sring_t *s = (blkif_sring_t *)memory;
	blkif_front_ring_t f;
	blkif_back_ring_t b;
	int step, flag;

	memset(memory, 0xa5, sizeof(memory));
	XEN_FRONT_RING_INIT(&f, s, bytes);
	BACK_RING_INIT(&b, s, bytes);
	if (start) {
		FRONT_RING_ATTACH(&f, s, start, bytes);
		BACK_RING_ATTACH(&b, s, start, bytes);
		s->req_prod = s->rsp_prod = start;
		s->req_event = s->rsp_event = start + 1;
	}
	printf("%d %u\n", RING_SIZE(&f), RING_SIZE(&b));
	for (size_t i = 0; i < offsetof(blkif_sring_t, ring); i++)
		printf("%02x", (unsigned char)memory[i]);
	printf("\n");

	for (step = 0; step < 3000; step++) {
		blkif_request_t request;
		blkif_response_t response;

		flag = -1;
		switch (pick(8)) {
		case 0:
		case 1:
			if (RING_FULL(&f))
				break;
			RING_GET_REQUEST(&f, f.req_prod_pvt)->id = step;
			f.req_prod_pvt++;
			break;
		case 2:
			RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&f, flag);
			break;
		case 3:
			if (!RING_HAS_UNCONSUMED_REQUESTS(&b) ||
			    RING_REQUEST_CONS_OVERFLOW(&b, b.req_cons))
				break;
			RING_COPY_REQUEST(&b, b.req_cons, &request);
			b.req_cons++;
			RING_GET_RESPONSE(&b, b.rsp_prod_pvt)->id = request.id;
			b.rsp_prod_pvt++;
			printf("request %llu\n", (unsigned long long)request.id);
			break;
		case 4:
			RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&b, flag);
			break;
		case 5:
			if (!RING_HAS_UNCONSUMED_RESPONSES(&f))
				break;
			RING_COPY_RESPONSE(&f, f.rsp_cons, &response);
			f.rsp_cons++;
			printf("response %llu\n", (unsigned long long)response.id);
			break;
		case 6:
			RING_FINAL_CHECK_FOR_REQUESTS(&b, flag);
			break;
		case 7:
			RING_FINAL_CHECK_FOR_RESPONSES(&f, flag);
			break;
		}
		printf("%d %d ", flag, RING_REQUEST_PROD_OVERFLOW(&b, s->req_prod + pick(40)));
		printf("%d ", RING_RESPONSE_PROD_OVERFLOW(&f, s->rsp_prod + pick(40)));
		show(&f, &b);
	}
	RING_PUSH_REQUESTS(&f);
	RING_PUSH_RESPONSES(&b);
	show(&f, &b);
}

static void toeplitz(void)
{
	uint8_t key[52], data[36];
	unsigned int i, keylen, len;

	for (i = 0; i < 200; i++) {
		for (keylen = 0; keylen < sizeof(key); keylen++)
			key[keylen] = pick(256);
		for (len = 0; len < sizeof(data); len++)
			data[len] = pick(256);
		printf("%08x\n", xen_netif_toeplitz_hash(key, pick(sizeof(key) + 1), data,
							 pick(sizeof(data) + 1)));
	}
}

/* A report of machine checks: three entries, of two types. */
static void report(void)
{
	static mc_info_t info;
	struct mcinfo_common *c = x86_mcinfo_first(&info);
	void *first;
	int type;

	info.mi_nentries = 3;
	*c = (struct mcinfo_common){ MC_TYPE_GLOBAL, sizeof(struct mcinfo_global) };
	c = x86_mcinfo_next(c);
	*c = (struct mcinfo_common){ MC_TYPE_BANK, sizeof(struct mcinfo_bank) };
	c = x86_mcinfo_next(c);
	*c = (struct mcinfo_common){ MC_TYPE_BANK, sizeof(struct mcinfo_bank) };
	printf("%u %d:", x86_mcinfo_nentries(&info), (int)((char *)c - (char *)&info));
	for (type = MC_TYPE_GLOBAL; type <= MC_TYPE_RECOVERY; type++) {
		x86_mcinfo_lookup(first, &info, type);
		printf(" %d", first ? (int)((char *)first - (char *)&info) : -1);
	}
	printf("\n");
}

int main(void)
{
	static const xen_uuid_t uuid = XEN_DEFINE_UUID_(0x00112233, 0x4455, 0x6677, 0x8899, 0xaa,
							0xbb, 0xcc, 0xdd, 0xee, 0xff);
	xen_uuid_t uuid2 = XEN_DEFINE_UUID(0xf0112233, 0xf455, 0xf677, 0xf899, 1, 2, 3, 4, 5, 6);
	XEN_GUEST_HANDLE(uint8) handle;
	XEN_GUEST_HANDLE_PARAM(const_uint8) parameter;
	struct trap_info trap = { .flags = 0 };
	struct xencons_interface *console = NULL;
	size_t i;

	ring(4096, 0);
	ring(8192, 0);
	ring(4096, 0xffffff00u);
	printf("%zu %zu\n", (size_t)__CONST_RING_SIZE(blkif, 4096),
	       (size_t)__CONST_RING_SIZE(netif_tx, 4096));
	toeplitz();
	report();

	for (i = 0; i < sizeof(uuid.a); i++)
		printf("%02x %02x\n", uuid.a[i], uuid2.a[i]);
	set_xen_guest_handle(handle, (uint8_t *)memory);
	set_xen_guest_handle_raw(parameter, (const uint8_t *)memory);
	printf("%d %d\n", handle.p == (void *)memory, parameter.p == (void *)memory);
	for (i = 0; i < 8; i++) {
		trap.flags = 0;
		TI_SET_DPL(&trap, i & 3);
		TI_SET_IF(&trap, i & 4);
		printf("%u %u %u\n", trap.flags, TI_GET_DPL(&trap), TI_GET_IF(&trap));
	}
	printf("%zu %zu\n", (size_t)MASK_XENCONS_IDX(5000, console->in),
	       (size_t)MASK_XENCONS_IDX(5000, console->out));
	printf("%zu\n", offsetof(struct shared_info, xen_wc_sec_hi));
	printf("%lx\n", (unsigned long)TRC_SCHED_CLASS_EVT(RTDS, 0x1f3));
	for (i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
		printf("%d %s\n", xsd_errors[i].errnum, xsd_errors[i].errstring);
	return 0;
}
