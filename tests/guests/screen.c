/*
 * The screen as dom0 finds it described: text, or a framebuffer, whose memory is
 * then really there. Which of them, the way of booting decides: the line that
 * begins with SCREEN is for tests/system/test_boot.py.
 */
#include "test.h"
#include "mm.h"

static void text(const struct dom0_vga_console_info *info)
{
	print("SCREEN text\n");
	CHECK_EQ(info->u.text_mode_3.columns, 80);
	CHECK_EQ(info->u.text_mode_3.rows, 25);
	CHECK_EQ(info->u.text_mode_3.font_height, 16);
}

/* A page of the framebuffer keeps what is written to it. */
static void use(uint64_t address)
{
	volatile uint32_t *window = page_alloc();
	unsigned int at = address % PAGE_SIZE / 4, i;

	if (!CHECK_EQ(map_mfn((void *)window, address >> 12, PTE_RW | PTE_PCD), 0))
		return;
	for (i = 0; i < 4; i++) {
		uint32_t old = window[at];

		window[at] = 0x123456 << i;
		CHECK_EQ(window[at], 0x123456 << i);
		window[at] = old;
	}
	CHECK_EQ(map_mfn((void *)window, virt_to_mfn((void *)window), PTE_RW), 0);
}

static void framebuffer(const struct dom0_vga_console_info *info)
{
	unsigned int line = info->u.vesa_lfb.bytes_per_line, height = info->u.vesa_lfb.height;
	unsigned int width = info->u.vesa_lfb.width, bits = info->u.vesa_lfb.bits_per_pixel;
	uint64_t base = info->u.vesa_lfb.lfb_base | (uint64_t)info->u.vesa_lfb.ext_lfb_base << 32;

	print("SCREEN %s framebuffer\n", info->video_type == XEN_VGATYPE_EFI_LFB ? "EFI" : "VESA");
	CHECK(width >= 640 && height >= 480, "%u by %u", width, height);
	CHECK(bits == 24 || bits == 32, "%u bits", bits);
	CHECK(line >= width * bits / 8, "%u bytes for %u", line, width);
	CHECK(info->u.vesa_lfb.lfb_size << 16 >= line * height, "%u * 64 KiB for %u by %u",
	      info->u.vesa_lfb.lfb_size, line, height);
	/* QEMU's. */
	CHECK_EQ(info->u.vesa_lfb.red_pos, 16);
	CHECK_EQ(info->u.vesa_lfb.red_size, 8);
	CHECK_EQ(info->u.vesa_lfb.green_pos, 8);
	CHECK_EQ(info->u.vesa_lfb.green_size, 8);
	CHECK_EQ(info->u.vesa_lfb.blue_pos, 0);
	CHECK_EQ(info->u.vesa_lfb.blue_size, 8);
	CHECK_EQ(info->u.vesa_lfb.rsvd_size, bits - 24);
	CHECK_EQ(info->u.vesa_lfb.rsvd_pos, bits == 24 ? 0 : 24);
	if (info->video_type == XEN_VGATYPE_EFI_LFB)
		CHECK_EQ(info->u.vesa_lfb.gbl_caps, 2);
	use(base);
	use(base + (line * height - 1) / 4 * 4);
}

int test_main(struct start_info *si)
{
	const struct dom0_vga_console_info *info;

	info = (void *)((char *)si + si->console.dom0.info_off);
	if (si->console.dom0.info_size == 0) {
		print("SCREEN none\n");
		return 0;
	}
	CHECK_EQ(si->console.dom0.info_off, sizeof(*si));
	CHECK_EQ(si->console.dom0.info_size, sizeof(*info));
	switch (info->video_type) {
	case XEN_VGATYPE_TEXT_MODE_3:
		text(info);
		break;
	case XEN_VGATYPE_VESA_LFB:
	case XEN_VGATYPE_EFI_LFB:
		framebuffer(info);
		break;
	default:
		CHECK(false, "type %x", info->video_type);
	}
	return 0;
}
