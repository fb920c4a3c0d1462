// SPDX-License-Identifier: GPL-2.0-only
/* XDP programs for test_netfront.py, by section: clang -O2 -target bpf. */
#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))

/* UDP to port 9 (discard) is dropped, everything else goes on. */
SEC("drop")
int drop_udp(struct xdp_md *context)
{
	__u8 *data = (void *)(unsigned long)context->data;

	if (data + 38 > (__u8 *)(unsigned long)context->data_end)
		return XDP_PASS;
	return data[12] == 8 && data[23] == 17 && data[36] == 0 && data[37] == 9 ? XDP_DROP : XDP_PASS;
}

/* A ping becomes its answer: addresses swapped, type 8 made 0. Else it is 0. */
static __attribute__((always_inline)) int answer_ping(struct xdp_md *context)
{
	__u8 *data = (void *)(unsigned long)context->data, byte;
	__u16 *checksum;
	__u32 sum;
	int i;

	if (data + 42 > (__u8 *)(unsigned long)context->data_end)
		return 0;
	if (data[12] != 8 || data[13] || data[23] != 1 || data[34] != 8)
		return 0;
#pragma clang loop unroll(full)
	for (i = 0; i < 6; i++) {
		byte = data[i];
		data[i] = data[i + 6];
		data[i + 6] = byte;
	}
#pragma clang loop unroll(full)
	for (i = 26; i < 30; i++) {
		byte = data[i];
		data[i] = data[i + 4];
		data[i + 4] = byte;
	}
	data[34] = 0;
	checksum = (__u16 *)(data + 36);
	sum = *checksum + 8;
	*checksum = sum + (sum >> 16);
	return 1;
}

/* Pings are answered without the kernel. */
SEC("tx")
int answer_pings(struct xdp_md *context)
{
	return answer_ping(context) ? XDP_TX : XDP_PASS;
}

/* The same, by way of the device's other side: frames that are redirected to it. */
SEC("redirect")
int redirect_pings(struct xdp_md *context)
{
	static long (*const redirect)(__u32, __u64) = (void *)BPF_FUNC_redirect;

	return answer_ping(context) ? redirect(context->ingress_ifindex, 0) : XDP_PASS;
}
