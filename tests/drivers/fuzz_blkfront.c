// SPDX-License-Identifier: GPL-2.0
/*
 * blkfront against a back end that writes anything into its ring: a front end that
 * takes responses by the checks, as queue.c does, must never take one twice, nor one
 * that it did not ask for, nor more than it has slots. And numbers of devices, sizes
 * and offers of any value.
 *
 * The input: a device number, a geometry, an offer; then steps of 12 bytes: send so
 * many requests, or a response (identifier, operation, status) and its producer index.
 */
#include <stdlib.h>
#include <string.h>

#include "guest/drivers/blkfront/checks.h"
#include <xen/interface/io/blkif.h>

#define SLOTS 64u
#define NEED(what)               \
	do {                     \
		if (!(what))     \
			abort(); \
	} while (0)

struct step {
	u8 kind, operation;
	s16 status;
	u32 producer, id;
};

static void values(const u8 *in)
{
	struct bf_geometry g;
	struct bf_offer o;
	struct bf_name name;
	u32 device;

	memcpy(&device, in, 4);
	if (bf_name_device(device, &name)) {
		NEED(strlen(name.text) < sizeof(name.text));
		NEED(name.minor + name.minors <= 1u << 20);
		NEED(name.partition < 256 && name.minors);
	}
	memcpy(&g.sectors, in + 4, 8);
	memcpy(&g.sector_bytes, in + 12, 4);
	memcpy(&g.physical_bytes, in + 16, 4);
	if (!bf_check_geometry(&g)) {
		NEED(g.sector_bytes >= 512 && g.sector_bytes <= 4096);
		NEED(g.physical_bytes >= g.sector_bytes);
		NEED(g.sectors * 512 / 512 == g.sectors);
	}
	memcpy(&o, in + 20, sizeof(o));
	bf_bound_offer(&o, 4, 2);
	NEED(o.queues >= 1 && o.queues <= 4 && o.ring_order <= 2);
	NEED(!o.indirect_segments || (o.indirect_segments > BF_DIRECT_SEGMENTS &&
				      o.indirect_segments <= BF_INDIRECT_SEGMENTS));
}

int LLVMFuzzerTestOneInput(const u8 *in, size_t size)
{
	struct bf_sent sent[SLOTS] = {};
	u32 req_prod, pushed, rsp_cons, flying = 0;
	struct step s;

	if (size < 36)
		return 0;
	values(in);
	memcpy(&req_prod, in + 32, 4); /* near where it wraps as well */
	pushed = rsp_cons = req_prod;
	for (in += 36, size -= 36; size >= sizeof(s); in += sizeof(s), size -= sizeof(s)) {
		memcpy(&s, in, sizeof(s));
		if (s.kind < 128) {
			for (u32 i = 0; i < SLOTS && s.kind; i++)
				if (!sent[i].in_flight) {
					sent[i] = (struct bf_sent){ req_prod++, s.operation & 3,
								    true };
					flying++;
					s.kind--;
				}
			if (s.status & 1)
				pushed = req_prod;
			continue;
		}
		s.producer = s.status & 0x100 ? s.producer : rsp_cons + s.producer % (SLOTS + 2);
		if (bf_check_producer(s.producer, rsp_cons, pushed))
			break;
		NEED(s.producer - rsp_cons <= SLOTS);
		while (rsp_cons != s.producer) {
			if (bf_check_response(s.id, s.operation, (int8_t)s.status, sent, SLOTS,
					      pushed))
				return 0;
			NEED(s.id < SLOTS && sent[s.id].in_flight && flying);
			NEED((s32)(sent[s.id].index - pushed) < 0);
			sent[s.id].in_flight = false;
			flying--;
			rsp_cons++;
			s.id++;
		}
	}
	return 0;
}
