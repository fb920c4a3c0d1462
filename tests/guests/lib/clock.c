/* Reading the time info: retry while the hypervisor is writing it. */
#include "clock.h"
#include "smp.h"
#include "test.h"

uint64_t clock_at(const volatile struct vcpu_time_info *info, uint64_t tsc)
{
	uint64_t delta = tsc - info->tsc_timestamp;

	if (info->tsc_shift >= 0)
		delta <<= info->tsc_shift;
	else
		delta >>= -info->tsc_shift;
	return info->system_time +
	       (uint64_t)(((unsigned __int128)delta * info->tsc_to_system_mul) >> 32);
}

uint64_t clock_now(void)
{
	const volatile struct vcpu_time_info *info = &vcpu_info(smp_id())->time;
	uint32_t version;
	uint64_t now;

	do {
		version = info->version & ~1U;
		barrier();
		now = clock_at(info, rdtsc());
		barrier();
	} while (info->version != version);
	return now;
}
