# What the host build of the core is made of; for tests/unit and tests/fuzz.

CORE := \
	$(patsubst $(TOP)/%,%,$(wildcard $(TOP)/hypervisor/event/*.c)) \
	$(patsubst $(TOP)/%,%,$(wildcard $(TOP)/hypervisor/sched/*.c)) \
	hypervisor/time/timer.c \
	hypervisor/time/vtimer.c \
	hypervisor/domain/vcpu_op.c \
	hypervisor/mm/alloc.c \
	hypervisor/mm/frame.c \
	hypervisor/mm/domain_memory.c \
	hypervisor/mm/tlb.c \
	$(patsubst $(TOP)/%,%,$(wildcard $(TOP)/tests/unit/sim/*.c))

CORE_CFLAGS := -std=gnu17 -O1 -g -Wall -Wextra -Werror -Wno-unused-parameter \
	-fno-strict-aliasing -fno-common -fwrapv -fno-omit-frame-pointer \
	-DXENOLITH_HOST -DCONFIG_DEBUG -DXENOLITH_VERSION='"host"' \
	-I$(TOP)/hypervisor -I$(TOP)/include -I$(TOP)/tests/unit
