/*
 * Where a test guest lives, shared by C, assembly and the linker script.
 *
 * The kernel is linked at the start of the top 2 GB, so that pseudo-physical
 * frame n is at VIRT_BASE + n * 4096 for all that the builder mapped.
 */
#ifndef LIB_LAYOUT_H
#define LIB_LAYOUT_H

#define VIRT_BASE 0xffffffff80000000
#define STACK_SIZE 16384
#define MAX_VCPUS 4

#endif
