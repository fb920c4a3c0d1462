/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes become a transmit ring's slots, and a frame. All packets are parsed as the network
 * back end does, until one has no end; what is accepted must be within its slots' pages
 * and within the ring. The frame is hashed, and its addresses are looked at.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "backend/netback/hash.h"
#include "backend/netback/parse.h"
#include "backend/netback/spoof.h"

static void check(const union tx_slot *slots, const struct tx_packet *p)
{
	unsigned int parts = p->nr_slots - p->nr_extras, sum = p->first_size, i;

	assert(slots[0].request.offset + p->first_size <= SLOT_BYTES_MAX);
	assert(p->first_size > 0);
	for (i = 1; i < parts; i++) {
		const struct xen_netif_tx_request *r = &slots[tx_part_slot(p, i)].request;

		assert(tx_part_slot(p, i) < p->nr_slots);
		assert(r->size > 0 && r->offset + r->size <= SLOT_BYTES_MAX);
		sum += r->size;
	}
	assert(sum == p->size && sum >= FRAME_BYTES_MIN && sum <= XEN_NETIF_MAX_TX_SIZE);
	assert(!p->gso_type == !p->gso_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	unsigned int nr = bytes / sizeof(union tx_slot), at = 0;
	static struct hash hash = { .algorithm = 1, .types = HASH_TYPES };
	static struct spoof spoof = { .nr_addresses = 1 };
	struct tx_packet packet;
	union tx_slot *slots;
	u32 value;

	/* Blocks of their own, so that a byte too far is seen. */
	slots = malloc(nr * sizeof(*slots) + 1);
	memcpy(slots, data, nr * sizeof(*slots));
	while (at < nr && tx_parse(slots + at, nr - at, &packet) == 0) {
		assert(packet.nr_slots > packet.nr_extras && packet.nr_slots <= nr - at);
		if (packet.verdict == TX_SEND)
			check(slots + at, &packet);
		at += packet.nr_slots;
	}
	free(slots);
	if (bytes && bytes <= SPOOF_HEADER_MAX) {
		u8 *frame = malloc(bytes);

		memcpy(frame, data, bytes);
		if (bytes >= 12)
			memcpy(spoof.mac, frame + 6, 6);
		spoof_allowed(&spoof, frame, bytes);
		if (bytes <= HASH_HEADER_MAX)
			hash_frame(&hash, frame, bytes, &value);
		free(frame);
	}
	return 0;
}
