/*
 * User mode. user_enter() and user_leave() in start.S are a setjmp and longjmp
 * around the iret hypercall; traps from user mode arrive on a stack of their
 * own, given to the hypervisor with stack_switch.
 */
#include "user.h"
#include "mm.h"
#include "test.h"

char user_code_page[PAGE_SIZE] page_aligned, user_data_page[PAGE_SIZE] page_aligned;
uint64_t user_l4[512] page_aligned, user_l1_code[512] page_aligned, user_l1_data[512] page_aligned;
static uint64_t user_l3[512] page_aligned, user_l2[512] page_aligned;
static char entry_stack[2 * PAGE_SIZE] page_aligned;

extern unsigned long user_return; /* the stack to come back to; 0: not in user mode */
void user_enter(struct regs *regs);
void user_leave(void) __attribute__((noreturn));

static struct regs at_trap;

static uint64_t table(uint64_t *t)
{
	CHECK_EQ(map_readonly(t), 0);
	return mfn_pte(virt_to_mfn(t), PTE_TABLE);
}

void user_init(void)
{
	user_l1_code[table_index(USER_CODE, 1)] =
		mfn_pte(virt_to_mfn(user_code_page), PTE_P | PTE_U);
	user_l1_data[table_index(USER_DATA, 1)] =
		mfn_pte(virt_to_mfn(user_data_page), PTE_P | PTE_U | PTE_W | PTE_NX);
	user_l2[table_index(USER_CODE, 2)] = table(user_l1_code);
	user_l2[table_index(USER_DATA, 2)] = table(user_l1_data);
	user_l3[0] = table(user_l2);
	user_l4[0] = table(user_l3);
	table(user_l4);
	REQUIRE(!mmuext(MMUEXT_PIN_L4_TABLE, virt_to_mfn(user_l4)));
	REQUIRE(!mmuext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(user_l4)));
	REQUIRE(!hv_stack_switch(FLAT_KERNEL_SS, entry_stack + sizeof(entry_stack)));
}

void user_regs(struct regs *regs)
{
	memset(regs, 0, sizeof(*regs));
	regs->rip = USER_CODE;
	regs->cs = FLAT_USER_CS;
	regs->rflags = FLAG_IF | 2;
	regs->rsp = USER_STACK;
	regs->ss = FLAT_USER_SS;
}

void user_run(struct regs *regs)
{
	at_trap = *regs;
	user_enter(&at_trap);
	*regs = at_trap;
}

void user_exec(struct regs *regs, const void *code, size_t size)
{
	memcpy(user_code_page, code, size);
	user_regs(regs);
	user_run(regs);
}

bool user_trap(struct regs *regs)
{
	if (!user_return)
		return false;
	at_trap = *regs;
	user_leave();
}
