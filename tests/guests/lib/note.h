/*
 * More ELF notes than the library's: XEN_NOTE(type, value) at file level tells
 * the domain builder something about this guest alone.
 */
#ifndef LIB_NOTE_H
#define LIB_NOTE_H

#include <xen/elfnote.h>

#define XEN_NOTE(type, value) XEN_NOTE_(type, value)
#define XEN_NOTE_(type, value)                             \
	__asm__(".pushsection .note.Xen, \"a\", @note\n\t" \
		".long 4, 8, " #type "\n\t"                \
		".asciz \"Xen\"\n\t"                       \
		".quad " #value "\n\t"                     \
		".popsection")

#endif
