# What the host build of the core is made of; for tests/unit and tests/fuzz.
# mm/heap.c is not: sim/heap.c takes its place, so that AddressSanitizer sees
# each object. Nor mm/paging.c, the hypervisor's own page tables.

core = $(patsubst $(TOP)/%,%,$(wildcard $(1:%=$(TOP)/%)))
CORE := $(call core,hypervisor/event/*.c hypervisor/sched/*.c) \
	hypervisor/time/timer.c \
	hypervisor/time/vtimer.c \
	hypervisor/domain/vcpu_op.c \
	$(patsubst %,hypervisor/mm/%.c,alloc audit domain_memory foreign frame \
		mmu_update mmuext pagetable tlb) \
	$(call core,tests/unit/sim/*.c)

CORE_CFLAGS := -std=gnu17 -O1 -g -Wall -Wextra -Werror -Wno-unused-parameter \
	-fno-strict-aliasing -fno-common -fwrapv -fno-omit-frame-pointer \
	-DXENOLITH_HOST -DCONFIG_DEBUG -DXENOLITH_VERSION='"host"' \
	-I$(TOP)/hypervisor -I$(TOP)/include -I$(TOP)/tests/unit
