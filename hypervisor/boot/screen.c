/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The screen, described for domain 0, which takes it over: text as a BIOS has it,
 * or the framebuffer that the boot loader has set up. We ourselves write on it as
 * long as it is text (console/vga.c).
 */
#include <xen/xen.h>

#include "boot/boot_info.h"
#include "boot/screen.h"

/* gbl_caps, beyond what VBE says: all of the address counts, and there is no VGA. */
#define CAP_64BIT (1u << 1)

#define LFB_UNIT (64ul << 10)

static bool fits(const struct framebuffer *f)
{
	return f->width <= UINT16_MAX && f->height <= UINT16_MAX && f->pitch <= UINT16_MAX &&
	       f->bpp <= 32 && 0u + f->red.size + f->green.size + f->blue.size <= f->bpp;
}

static void describe_framebuffer(const struct framebuffer *f, struct dom0_vga_console_info *info)
{
	u64 used = ((1ull << f->red.size) - 1) << f->red.pos |
		   ((1ull << f->green.size) - 1) << f->green.pos |
		   ((1ull << f->blue.size) - 1) << f->blue.pos;
	u64 unused = ~used & ((1ull << f->bpp) - 1);

	info->video_type = boot_info.efi ? XEN_VGATYPE_EFI_LFB : XEN_VGATYPE_VESA_LFB;
	info->u.vesa_lfb.width = f->width;
	info->u.vesa_lfb.height = f->height;
	info->u.vesa_lfb.bytes_per_line = f->pitch;
	info->u.vesa_lfb.bits_per_pixel = f->bpp;
	info->u.vesa_lfb.lfb_base = f->address;
	info->u.vesa_lfb.ext_lfb_base = f->address >> 32;
	info->u.vesa_lfb.lfb_size = DIV_ROUND_UP((u64)f->pitch * f->height, LFB_UNIT);
	info->u.vesa_lfb.red_pos = f->red.pos;
	info->u.vesa_lfb.red_size = f->red.size;
	info->u.vesa_lfb.green_pos = f->green.pos;
	info->u.vesa_lfb.green_size = f->green.size;
	info->u.vesa_lfb.blue_pos = f->blue.pos;
	info->u.vesa_lfb.blue_size = f->blue.size;
	info->u.vesa_lfb.rsvd_pos = unused ? __builtin_ctzll(unused) : 0;
	info->u.vesa_lfb.rsvd_size = unused ? f->bpp - f->red.size - f->green.size - f->blue.size :
					      0;
	info->u.vesa_lfb.gbl_caps = CAP_64BIT;
}

bool screen_describe(struct dom0_vga_console_info *info)
{
	const struct framebuffer *f = &boot_info.framebuffer;

	if (boot_info.vga_text_available) {
		info->video_type = XEN_VGATYPE_TEXT_MODE_3;
		info->u.text_mode_3.rows = 25;
		info->u.text_mode_3.columns = 80;
		info->u.text_mode_3.font_height = 16;
		return true;
	}
	if (f->address == 0 || !fits(f))
		return false;
	describe_framebuffer(f, info);
	return true;
}
