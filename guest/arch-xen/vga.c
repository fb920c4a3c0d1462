// SPDX-License-Identifier: GPL-2.0
/* The screen of domain 0: how the boot loader and the hypervisor leave it. */
#include <linux/init.h>
#include <linux/screen_info.h>
#include <asm/bootparam.h>
#include <asm/setup.h>
#include <asm/xen/hypervisor.h>
#include <xen/interface/xen.h>

#include "cpu.h"

static void __init text(struct screen_info *screen, const struct dom0_vga_console_info *info)
{
	screen->orig_video_isVGA = 1;
	screen->orig_video_mode = 3;
	screen->orig_video_ega_bx = 3;
	screen->orig_video_cols = info->u.text_mode_3.columns;
	screen->orig_video_lines = info->u.text_mode_3.rows;
	screen->orig_video_points = info->u.text_mode_3.font_height;
	screen->orig_x = info->u.text_mode_3.cursor_x;
	screen->orig_y = info->u.text_mode_3.cursor_y;
}

static void __init framebuffer(struct screen_info *screen,
			       const struct dom0_vga_console_info *info, size_t size)
{
	screen->orig_video_isVGA = info->video_type == XEN_VGATYPE_EFI_LFB ? VIDEO_TYPE_EFI :
									     VIDEO_TYPE_VLFB;
	screen->lfb_width = info->u.vesa_lfb.width;
	screen->lfb_height = info->u.vesa_lfb.height;
	screen->lfb_depth = info->u.vesa_lfb.bits_per_pixel;
	screen->lfb_linelength = info->u.vesa_lfb.bytes_per_line;
	screen->lfb_base = info->u.vesa_lfb.lfb_base;
	screen->lfb_size = info->u.vesa_lfb.lfb_size;
	screen->red_pos = info->u.vesa_lfb.red_pos;
	screen->red_size = info->u.vesa_lfb.red_size;
	screen->green_pos = info->u.vesa_lfb.green_pos;
	screen->green_size = info->u.vesa_lfb.green_size;
	screen->blue_pos = info->u.vesa_lfb.blue_pos;
	screen->blue_size = info->u.vesa_lfb.blue_size;
	screen->rsvd_pos = info->u.vesa_lfb.rsvd_pos;
	screen->rsvd_size = info->u.vesa_lfb.rsvd_size;
	/* Of these, what the hypervisor knows. */
	if (size >= offsetofend(struct dom0_vga_console_info, u.vesa_lfb.gbl_caps))
		screen->capabilities = info->u.vesa_lfb.gbl_caps;
	if (size >= offsetofend(struct dom0_vga_console_info, u.vesa_lfb.mode_attrs))
		screen->vesa_attributes = info->u.vesa_lfb.mode_attrs;
	if (size >= offsetofend(struct dom0_vga_console_info, u.vesa_lfb.ext_lfb_base) &&
	    info->u.vesa_lfb.ext_lfb_base) {
		screen->ext_lfb_base = info->u.vesa_lfb.ext_lfb_base;
		screen->capabilities |= VIDEO_CAPABILITY_64BIT_BASE;
	}
}

void __init xen_vga_init(void)
{
	const struct start_info *si = xen_start_info;
	const struct dom0_vga_console_info *info = (void *)si + si->console.dom0.info_off;
	size_t size = si->console.dom0.info_size;
	struct screen_info *screen = &boot_params.screen_info;

	/* An old screen, until we know better. */
	screen->orig_video_mode = 3;
	screen->orig_video_cols = 80;
	screen->orig_video_lines = 25;
	screen->orig_video_points = 16;
	screen->orig_y = screen->orig_video_lines - 1;
	switch (size ? info->video_type : 0) {
	case XEN_VGATYPE_TEXT_MODE_3:
		if (size >= offsetofend(struct dom0_vga_console_info, u.text_mode_3))
			text(screen, info);
		break;
	case XEN_VGATYPE_VESA_LFB:
	case XEN_VGATYPE_EFI_LFB:
		if (size >= offsetof(struct dom0_vga_console_info, u.vesa_lfb.gbl_caps))
			framebuffer(screen, info, size);
		break;
	}
}
