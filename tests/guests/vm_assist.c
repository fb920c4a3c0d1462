/*
 * vm_assist: switches for behaviour that guests of different times expect.
 */
#include "test.h"
#include <xen/physdev.h>
#include "trap.h"

#define CMD_ENABLE VMASST_CMD_enable
#define CMD_DISABLE VMASST_CMD_disable

static unsigned long flags(void)
{
	CHECK(TRY("ud2"));
	return trap_seen.regs.rflags;
}

int test_main(struct start_info *si)
{
	static const struct {
		unsigned int type;
		long answer;
	} types[] = {
		/* Three that mean something to 32-bit guests only. */
		{ VMASST_TYPE_4gb_segments, 0 },
		{ VMASST_TYPE_4gb_segments_notify, 0 },
		{ VMASST_TYPE_pae_extended_cr3, 0 },
		{ VMASST_TYPE_writable_pagetables, 0 },
		{ VMASST_TYPE_architectural_iopl, 0 },
		{ VMASST_TYPE_runstate_update_flag, 0 },
		{ 6, -EINVAL },
		{ 31, -EINVAL },
		{ VMASST_TYPE_m2p_strict, 0 },
		{ 33, -EINVAL },
		{ 63, -EINVAL },
		{ 64, -EINVAL },
		{ -1U, -EINVAL },
	};
	struct physdev_set_iopl iopl;
	unsigned int i;

	(void)si;
	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (!(CHECK_EQ(hv_vm_assist(CMD_ENABLE, types[i].type), types[i].answer) &
		      CHECK_EQ(hv_vm_assist(CMD_DISABLE, types[i].type), types[i].answer)))
			print("type %u\n", types[i].type);
	CHECK_EQ(hv_vm_assist(2, VMASST_TYPE_writable_pagetables), -ENOSYS);
	CHECK_EQ(hv_vm_assist(-1, 0), -ENOSYS);

	/* The I/O privilege level is shown in the flags only when asked for. */
	iopl.iopl = 2;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_set_iopl, &iopl), 0);
	CHECK_EQ(flags() & FLAG_IOPL, 0);
	CHECK_EQ(hv_vm_assist(CMD_ENABLE, VMASST_TYPE_architectural_iopl), 0);
	CHECK_EQ(flags() & FLAG_IOPL, 2 << 12);
	CHECK_EQ(hv_vm_assist(CMD_DISABLE, VMASST_TYPE_architectural_iopl), 0);
	CHECK_EQ(flags() & FLAG_IOPL, 0);
	return 0;
}
