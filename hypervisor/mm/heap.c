/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small objects. Sizes are rounded to powers of two from 16 to 2048 bytes, each
 * with a list of free objects cut from pages; larger ones are whole blocks of
 * frames. A page belongs to one size for good, noted in its frame's record, so
 * that heap_free() needs no header in front of the object.
 */
#include "lib/string.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"

#define MIN_SHIFT 4
#define MAX_SHIFT 11

struct free_object {
	struct free_object *next;
};

static struct free_object *free_objects[MAX_SHIFT + 1];
static struct spinlock lock = SPINLOCK_INIT;

static unsigned int shift_of(size_t bytes)
{
	unsigned int shift = MIN_SHIFT;

	while (bytes > 1ul << shift)
		shift++;
	return shift;
}

/* frame.done of the first page of ours holds the shift of its size. */
static void *block_alloc(unsigned int shift)
{
	struct frame *f = frames_alloc(shift - PAGE_SHIFT, 0);

	if (!f)
		return NULL;
	f->done = shift;
	return frame_to_virt(f);
}

void *heap_alloc(size_t bytes)
{
	unsigned int shift = shift_of(bytes);
	struct free_object *o;

	if (shift > MAX_SHIFT)
		return block_alloc(max(shift, PAGE_SHIFT + 0u));
	spin_lock(&lock);
	if (!free_objects[shift]) {
		char *page = page_alloc();

		if (!page) {
			spin_unlock(&lock);
			return NULL;
		}
		mfn_to_frame(virt_to_mfn(page))->done = shift;
		for (size_t i = 0; i < PAGE_SIZE; i += 1ul << shift) {
			o = (struct free_object *)(page + i);
			o->next = free_objects[shift];
			free_objects[shift] = o;
		}
	}
	o = free_objects[shift];
	free_objects[shift] = o->next;
	spin_unlock(&lock);
	return memset(o, 0, 1ul << shift);
}

void heap_free(void *p)
{
	struct free_object *o = p;
	unsigned int shift;

	if (!p)
		return;
	shift = mfn_to_frame(virt_to_mfn(p))->done;
	if (shift > MAX_SHIFT) {
		frames_free(mfn_to_frame(virt_to_mfn(p)), shift - PAGE_SHIFT);
		return;
	}
	spin_lock(&lock);
	o->next = free_objects[shift];
	free_objects[shift] = o;
	spin_unlock(&lock);
}
