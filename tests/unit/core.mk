# What the host build of the core is made of; for tests/unit and tests/fuzz.
# mm/heap.c is not: sim/heap.c takes its place, so that AddressSanitizer sees
# each object. Nor mm/paging.c, the hypervisor's own page tables.

core = $(patsubst $(TOP)/%,%,$(wildcard $(1:%=$(TOP)/%)))
CORE := $(call core,hypervisor/event/*.c hypervisor/sched/*.c) \
	hypervisor/time/timer.c \
	hypervisor/time/vtimer.c \
	$(call core,hypervisor/grant/*.c) \
	$(filter-out hypervisor/mm/paging.c hypervisor/mm/heap.c, \
		$(call core,hypervisor/mm/*.c)) \
	$(addprefix hypervisor/domain/,domain.c destroy.c context.c info.c vcpu_op.c) \
	$(addprefix hypervisor/cpu/,guest_descriptors.c insn.c writable_pt.c writable_insn.c) \
	$(addprefix hypervisor/hypercall/,table.c restart.c multicall.c callbacks.c \
		vm_assist.c memory_op.c memory_exchange.c memory_tools.c memory_refused.c \
		bitmap.c sysctl_cpupool.c sysctl_domains.c) \
	$(call core,tests/unit/sim/*.c)

CORE_CFLAGS := -std=gnu17 -O1 -g -Wall -Wextra -Werror -Wno-unused-parameter -Wno-override-init \
	-fno-strict-aliasing -fno-common -fwrapv -fno-omit-frame-pointer \
	-DXENOLITH_HOST -DCONFIG_DEBUG -DXENOLITH_VERSION='"host"' \
	-I$(TOP)/hypervisor -I$(TOP)/include -I$(TOP)/tests/unit
