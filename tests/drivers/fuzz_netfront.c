/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A back end that writes anything into the receive ring of netfront: the input is the
 * ring's slots and indexes, and what a packet begins with. What is said to be good must
 * be: parts within their pages, no slot twice, sums that add up.
 */
#include <stdlib.h>
#include <string.h>

#include "guest/drivers/netfront/receive.h"

#define SIZE 256
#define require(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

static void check(const struct rx_packet *packet, u32 cons, u32 prod)
{
	unsigned int i, len = 0;
	u8 used[SIZE] = { 0 };

	require(packet->slots >= 1 && packet->slots <= prod - cons);
	require(packet->frags >= 1 && packet->frags <= RX_FRAGS_MAX);
	require(packet->frags <= packet->slots);
	for (i = 0; i < packet->frags; i++) {
		const struct rx_frag *frag = &packet->frag[i];

		require(frag->slot < SIZE && !used[frag->slot]++);
		require(((frag->slot - cons) & (SIZE - 1)) < packet->slots);
		require(frag->len && frag->offset + frag->len <= RX_PAGE_SIZE);
		len += frag->len;
	}
	require(len == packet->len && len >= 14 && len <= 65535 + 18);
	if (packet->gso_type != XEN_NETIF_GSO_TYPE_NONE)
		require(packet->gso_size >= 8 && packet->csum_blank);
}

static void look_at_headers(const struct rx_packet *packet, const u8 *data, size_t size)
{
	u8 *head = malloc(size ?: 1);	/* so that a byte too far is noticed */
	struct rx_headers headers;

	memcpy(head, data, size);
	if (receive_headers(head, size, packet, &headers)) {
		require(headers.l4 + headers.checksum + 2 <= headers.end && headers.end <= size);
		require(headers.l4 >= 14 + 20);
	}
	free(head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	union rx_slot *ring;
	u32 cons, prod, n;
	size_t bytes;

	if (size < 8)
		return 0;
	memcpy(&cons, data, 4);
	prod = cons + (data[4] | (data[5] & 1) << 8);
	if (prod - cons > SIZE)
		prod = cons + SIZE;
	data += 8;
	size -= 8;
	ring = calloc(SIZE, sizeof(*ring));
	bytes = size < SIZE * sizeof(*ring) ? size : SIZE * sizeof(*ring);
	for (n = 0; n < bytes; n++)
		((u8 *)&ring[(cons + n / 8) % SIZE])[n % 8] = data[n];
	/* Random ids are never right; an odd byte in the second place makes it so. */
	for (n = cons; n != prod; n++)
		if (ring[n % SIZE].data.id & 0x100)
			ring[n % SIZE].data.id = n % SIZE;
	while (cons != prod) {
		struct rx_packet packet;
		enum rx_verdict verdict = receive_packet(ring, SIZE, cons, prod, &packet);

		if (verdict == RX_PARTIAL || verdict == RX_BROKEN)
			break;
		require(packet.slots && packet.slots <= prod - cons);
		if (verdict == RX_GOOD) {
			check(&packet, cons, prod);
			look_at_headers(&packet, data, size < 128 ? size : 128);
		}
		cons += packet.slots;
	}
	free(ring);
	return 0;
}
