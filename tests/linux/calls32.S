/*
 * A 32-bit program that makes system calls in the two ways that there are: int
 * 0x80, and the entry that the kernel's vDSO offers, which is SYSCALL or SYSENTER
 * by the kind of CPU. Each is made many times, one with all six arguments too;
 * results and preserved registers must be right.
 *
 * Prints "right, by syscall" (or sysenter, or int 0x80) and exits with 0, or with
 * 1: int 0x80 went wrong, 2: the other, 3: there is no other.
 */
#define AT_SYSINFO 32
#define NR_exit 1
#define NR_write 4
#define NR_getpid 20
#define NR_munmap 91
#define NR_mmap2 192
#define TIMES 1000
#define PAGE 4096

	.text
	.globl _start
_start:
	/* argc, arguments, 0, environment, 0, then pairs: what the kernel tells. */
	movl (%esp), %eax
	leal 8(%esp, %eax, 4), %esi
1:	lodsl
	testl %eax, %eax
	jnz 1b
2:	lodsl
	movl %eax, %edx
	lodsl
	cmpl $AT_SYSINFO, %edx
	je 3f
	testl %edx, %edx
	jnz 2b
	movl $3, %ebx
	jmp exit
3:	movl %eax, vdso_entry

	movl $1, code
	movl $int80, call
	call try
	movl $2, code
	movl vdso_entry, %eax
	movl %eax, call
	call try

	/* Which instruction it was: the first of these in the vDSO's entry. */
	movl vdso_entry, %esi
4:	movzwl (%esi), %eax
	incl %esi
	movl $by_syscall, %ecx
	cmpl $0x050f, %eax
	je 5f
	movl $by_sysenter, %ecx
	cmpl $0x340f, %eax
	je 5f
	movl $by_int80, %ecx
	cmpl $0x80cd, %eax
	jne 4b
5:	movl $TEXT_BYTES, %edx
	movl $1, %ebx
	movl $NR_write, %eax
	call *vdso_entry
	xorl %ebx, %ebx
exit:	movl $NR_exit, %eax
	int $0x80

int80:	int $0x80
	ret

/* The calls, by the function in `call`; exits with `code` when one is wrong. */
try:	movl $NR_getpid, %eax
	int $0x80
	movl %eax, pid
	movl $TIMES, count
1:	movl $0xb, %ebx
	movl $0xc, %ecx
	movl $0xd, %edx
	movl $0x51, %esi
	movl $0xd1, %edi
	movl $0xb9, %ebp
	movl $NR_getpid, %eax
	call *call
	cmpl pid, %eax
	jne wrong
	cmpl $0xb, %ebx
	jne wrong
	cmpl $0xc, %ecx
	jne wrong
	cmpl $0xd, %edx
	jne wrong
	cmpl $0x51, %esi
	jne wrong
	cmpl $0xd1, %edi
	jne wrong
	cmpl $0xb9, %ebp
	jne wrong
	decl count
	jnz 1b

	/* Six arguments: a page of memory, which must be there then. */
	movl $NR_mmap2, %eax
	xorl %ebx, %ebx
	movl $PAGE, %ecx
	movl $3, %edx		/* read and write */
	movl $0x22, %esi	/* private, anonymous */
	movl $-1, %edi
	xorl %ebp, %ebp
	call *call
	cmpl $-PAGE, %eax
	ja wrong
	movl %eax, (%eax)
	movl %eax, %ebx
	movl $NR_munmap, %eax
	call *call
	testl %eax, %eax
	jnz wrong
	ret
wrong:	movl code, %ebx
	jmp exit

	.section .rodata
by_syscall:
	.ascii "right, by syscall \n"
	.set TEXT_BYTES, . - by_syscall
by_sysenter:
	.ascii "right, by sysenter\n"
by_int80:
	.ascii "right, by int 0x80\n"

	.bss
	.balign 4
vdso_entry:
	.skip 4
call:	.skip 4
code:	.skip 4
pid:	.skip 4
count:	.skip 4

	.section .note.GNU-stack, "", @progbits
