/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The screen of a PC in text mode: 80 by 25 cells of a character and its colours
 * at 0xb8000, and a cursor that the CRT controller shows.
 */
#include "console/vga.h"
#include "cpu/asm.h"
#include "mm/paging.h"

#define COLUMNS 80
#define ROWS 25
#define CELLS (COLUMNS * ROWS)
#define SCREEN 0xb8000
#define BLANK 0x0720 /* light grey on black, space */

/* CRT controller: the number of a register, then its value. */
#define CRTC_INDEX 0x3d4
#define CRTC_DATA 0x3d5
#define CRTC_CURSOR_HIGH 0x0e
#define CRTC_CURSOR_LOW 0x0f

static bool active;
static unsigned int position; /* cell of the cursor */
static bool wrapped;	      /* the last character filled a line */

static void cursor_show(void)
{
	outb(CRTC_INDEX, CRTC_CURSOR_HIGH);
	outb(CRTC_DATA, position >> 8);
	outb(CRTC_INDEX, CRTC_CURSOR_LOW);
	outb(CRTC_DATA, position);
}

void vga_init(void)
{
	outb(CRTC_INDEX, CRTC_CURSOR_HIGH);
	position = inb(CRTC_DATA) << 8;
	outb(CRTC_INDEX, CRTC_CURSOR_LOW);
	position |= inb(CRTC_DATA);
	if (position >= CELLS)
		position = CELLS - 1;
	/* Begin on a line of our own. */
	active = true;
	if (position % COLUMNS)
		vga_write("\n", 1);
}

static void scroll(volatile u16 *cell)
{
	for (unsigned int i = 0; i < CELLS - COLUMNS; i++)
		cell[i] = cell[i + COLUMNS];
	for (unsigned int i = CELLS - COLUMNS; i < CELLS; i++)
		cell[i] = BLANK;
	position -= COLUMNS;
}

static void put(volatile u16 *cell, char c)
{
	bool was_wrapped = wrapped;

	wrapped = false;
	switch (c) {
	case '\n':
		/* The end of a full line leaves no empty one behind. */
		if (!was_wrapped)
			position += COLUMNS - position % COLUMNS;
		break;
	case '\r':
		position -= position % COLUMNS;
		break;
	case '\t':
		position = ROUND_UP(position + 1, 8u);
		break;
	case '\b':
		if (position % COLUMNS)
			position--;
		break;
	default:
		cell[position++] = (BLANK & 0xff00) | (u8)c;
		wrapped = position % COLUMNS == 0;
		break;
	}
	if (position >= CELLS)
		scroll(cell);
}

void vga_write(const char *s, size_t n)
{
	/* Asked for each time: address spaces change while we boot. */
	volatile u16 *cell;

	if (!active)
		return;
	cell = map_physical(SCREEN, CELLS * sizeof(*cell));
	for (size_t i = 0; i < n; i++)
		put(cell, s[i]);
	cursor_show();
}
