/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System time: now(). It is computed from the TSC with the very formula that
 * guests use (include/xen/xen.h, vcpu_time_info), so that both get the same
 * result from the same tick.
 *
 * The TSC is fast to read but its frequency is known only roughly. At boot it is
 * measured against the reference clock for a few milliseconds. Later, once a
 * second, the two are compared again, and the rate for the next second is chosen
 * so that at its end both agree: system time neither drifts away from the
 * reference nor ever jumps.
 *
 * On all machines of the last fifteen years the TSCs of all CPUs tick as one.
 * Each CPU checks that when it starts. If one does not agree, it gets an offset,
 * and since that can be no better than the measurement, now() then also takes
 * care that no CPU sees an earlier time than another saw before.
 */
#include "machine.h"
#include "time/clock.h"
#include "time/reference.h"
#include "time/timer.h"
#include "time/vtime.h"

#define CALIBRATION MILLISECONDS(10)
#define CORRECTION SECONDS(1)

/* An error this small is that of the measurement. */
#define TOLERANCE 500
/* A greater one is corrected by so much a second: 500 ppm. */
#define MAX_SLEW MICROSECONDS(500)
/* No clock drifts that far in a second: the machine was stopped meanwhile. */
#define LOST_TRACK MILLISECONDS(100)

/* The frequency is measured over the last one to two of these. */
#define WINDOW SECONDS(64)

/*
 * The scale, written by the first CPU alone. sequence is odd while it is. The
 * writer reads the TSC while the sequence is odd, and a reader that saw it even
 * before and after its own reading: so each reading falls on one side of the
 * change, and time does not go backwards over it.
 *
 * Hence an NMI handler must not call now().
 */
static u32 sequence;
static struct clock_scale scale;

/* A CPU's TSC + offset is the first CPU's TSC. */
static u64 tsc_offset[NR_CPUS];
static bool tscs_differ;
static stime_t latest; /* with tscs_differ: the latest time anybody was told */

/* Moments when reference and TSC were compared. */
struct sample {
	u64 ns, tsc;
};

static struct sample older, newer;
/* System time was 0 when the reference was here. */
static u64 reference_zero;
static u64 tsc_hz;

static struct timer correction_timer;
static bool slewing; /* the rate makes good for an error */

/* As rdtsc(), but not before what precedes it in the program. */
static inline u64 rdtsc_ordered(void)
{
	__asm__ volatile("lfence" : : : "memory");
	return rdtsc();
}

static inline u64 scaled(const struct clock_scale *s, u64 tsc)
{
	u64 delta = tsc - s->tsc_timestamp;

	/* TSCs that tick as one may still be a few ticks apart. */
	if (unlikely((s64)delta < 0))
		delta = 0;
	if (s->shift >= 0)
		delta <<= s->shift;
	else
		delta >>= -s->shift;
	return s->system_time + (u64)((unsigned __int128)delta * s->mul >> 32);
}

static stime_t not_before_latest(stime_t t)
{
	stime_t seen = __atomic_load_n(&latest, __ATOMIC_RELAXED);

	do {
		if (seen >= t)
			return seen;
	} while (!__atomic_compare_exchange_n(&latest, &seen, t, false,
					      __ATOMIC_ACQ_REL,
					      __ATOMIC_RELAXED));
	return t;
}

/* The time when the TSC, read on this CPU plus offset, says so. */
static inline stime_t read_time(u64 offset)
{
	u32 before;
	stime_t t;

	do {
		/* An odd number is never what it is compared with. */
		before = __atomic_load_n(&sequence, __ATOMIC_ACQUIRE) & ~1u;
		t = scaled(&scale, rdtsc_ordered() + offset);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (unlikely(before != READ_ONCE(sequence)));
	return t;
}

stime_t now(void)
{
	if (unlikely(tscs_differ))
		return not_before_latest(read_time(tsc_offset[this_cpu_id()]));
	return read_time(0);
}

void clock_read_scale(struct clock_scale *s)
{
	u32 before;

	do {
		before = __atomic_load_n(&sequence, __ATOMIC_ACQUIRE) & ~1u;
		*s = scale;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (before != READ_ONCE(sequence));
	if (unlikely(tscs_differ))
		s->tsc_timestamp -= tsc_offset[this_cpu_id()];
}

/* Set the rate: so many TSC ticks are so many nanoseconds; both not zero. */
static void rate_set(struct clock_scale *s, u64 ticks, u64 ns)
{
	s->shift = 0;
	/* ns / ticks as mul / 2^32 * 2^shift with mul from 2^31 up to 2^32. */
	while (ns >= ticks) {
		ticks <<= 1;
		s->shift++;
	}
	while (2 * ns < ticks) {
		ns <<= 1;
		s->shift--;
	}
	while (ns > UINT32_MAX) {
		ns >>= 1;
		ticks >>= 1;
	}
	s->mul = min((ns << 32) / ticks, (u64)UINT32_MAX);
}

/* a * b / c, where the result fits and b and c are below 2^40. */
static u64 mul_div(u64 a, u64 b, u64 c)
{
	u64 whole = a / c * b, rest = a % c;

	/* rest * b may not fit: give up bits that do not matter. */
	while (rest && b > UINT64_MAX / rest) {
		rest >>= 1;
		c >>= 1;
	}
	return whole + rest * b / c;
}

/*
 * Once a second, on the first CPU. The reference says what the time should be.
 * Let the next second be longer or shorter by the difference.
 */
static void correct(void *unused)
{
	struct sample sample;
	struct clock_scale new = scale;
	u64 ticks;
	s64 error;

	sample.ns = reference_read(&sample.tsc);
	error = (s64)(sample.ns - reference_zero - scaled(&scale, sample.tsc));
	timer_set(&correction_timer, now() + CORRECTION);

	if (error > LOST_TRACK || error < -LOST_TRACK) {
		log_debug("clock: reference is off by %ld us, starting anew",
			  error / 1000);
		reference_zero += error;
		older = newer = sample;
		return;
	}
	if (error <= TOLERANCE && error >= -TOLERANCE) {
		if (!slewing)
			return;
		error = 0; /* this second made good for it: on at par */
	}
	slewing = error != 0;
	ticks = mul_div(sample.tsc - older.tsc, CORRECTION,
			sample.ns - older.ns);
	if (sample.ns - older.ns > 2 * WINDOW) {
		older = newer;
		newer = sample;
	}
	tsc_hz = ticks;
	error = min(max(error, -MAX_SLEW), MAX_SLEW);
	rate_set(&new, ticks, CORRECTION + error);

	WRITE_ONCE(sequence, sequence + 1);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	new.tsc_timestamp = rdtsc_ordered();
	/* Rounded up: what was cut off the old result must not be missing. */
	new.system_time = scaled(&scale, new.tsc_timestamp) + 1;
	scale = new;
	__atomic_store_n(&sequence, sequence + 1, __ATOMIC_RELEASE);

	vtime_scale_changed();
}

void clock_init(void)
{
	struct sample start;

	reference_init();
	start.ns = reference_read(&start.tsc);
	do {
		newer.ns = reference_read(&newer.tsc);
	} while (newer.ns - start.ns < CALIBRATION);
	older = start;

	tsc_hz = mul_div(newer.tsc - start.tsc, SECONDS(1),
			 newer.ns - start.ns);
	if (tsc_hz == 0)
		panic("clock: the TSC stands still");
	rate_set(&scale, tsc_hz, SECONDS(1));
	/* System time began with the calibration. */
	scale.tsc_timestamp = newer.tsc;
	scale.system_time = newer.ns - start.ns;
	reference_zero = start.ns;
	log_info("clock: TSC runs at %lu kHz%s", tsc_hz / 1000,
		 cpu_features.invariant_tsc ? ", always" : "");
}

/* Nobody reads the time while we are here. */
static stime_t stopped_at;

void clock_suspend(void)
{
	stopped_at = now();
}

/* TSC and reference can be anywhere now; their rates are the same. */
void clock_resume(void)
{
	struct sample sample;

	reference_resume();
	sample.ns = reference_read(&sample.tsc);
	older = newer = sample;
	reference_zero = sample.ns - stopped_at;
	scale.tsc_timestamp = sample.tsc;
	scale.system_time = stopped_at;
}

/*
 * TSCs compared. The starting CPU asks, the first one answers with its TSC. Of a
 * question that was asked at t0 and answered at t1 by its own TSC, the answer
 * must be between the two if both tick as one; if it is not, the quickest answer
 * tells best by how much they differ.
 */
#define SYNC_ROUNDS 20
#define SYNC_PATIENCE MILLISECONDS(200)

static struct {
	struct spinlock lock; /* between CPUs that start */
	u32 asked, answered;
	u64 tsc;
} sync;

void clock_sync_serve(void)
{
	u32 asked = __atomic_load_n(&sync.asked, __ATOMIC_ACQUIRE);

	if (asked == sync.answered)
		return;
	sync.tsc = rdtsc_ordered();
	__atomic_store_n(&sync.answered, asked, __ATOMIC_RELEASE);
}

/* False: no answer. */
static bool sync_ask(u64 *t0, u64 *answer, u64 *t1)
{
	u64 patience = mul_div(SYNC_PATIENCE, tsc_hz, SECONDS(1));
	u32 question = sync.asked + 1;

	*t0 = rdtsc_ordered();
	__atomic_store_n(&sync.asked, question, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&sync.answered, __ATOMIC_ACQUIRE) != question) {
		if (rdtsc() - *t0 > patience)
			return false;
		cpu_relax();
	}
	*t1 = rdtsc_ordered();
	*answer = sync.tsc;
	return true;
}

static void sync_with_first(void)
{
	unsigned int cpu = this_cpu_id();
	u64 t0, t1, answer, best = UINT64_MAX, offset = 0;
	bool differ = false;

	spin_lock(&sync.lock);
	for (unsigned int i = 0; i < SYNC_ROUNDS; i++) {
		if (!sync_ask(&t0, &answer, &t1)) {
			log_warning("clock: TSC of CPU %u not compared", cpu);
			break;
		}
		if (answer < t0 || answer > t1)
			differ = true;
		if (t1 - t0 < best) {
			best = t1 - t0;
			offset = answer - (t0 + best / 2);
		}
	}
	tsc_offset[cpu] = 0;
	if (differ) {
		log_warning("clock: TSC of CPU %u differs by %ld ticks", cpu,
			    (s64)offset);
		tsc_offset[cpu] = offset;
		WRITE_ONCE(tscs_differ, true);
	}
	spin_unlock(&sync.lock);
}

void clock_init_cpu(void)
{
	if (this_cpu_id() != 0)
		sync_with_first();
}

void clock_init_late(void)
{
	vtime_init();
	if (!reference_lasts())
		return;
	timer_init(&correction_timer, correct, NULL, 0);
	timer_set(&correction_timer, now() + CORRECTION);
}

void clock_delay(stime_t ns)
{
	u64 start = rdtsc(), ticks;

	if (!tsc_hz) {
		/* Before clock_init(): an access to this port takes 1 us. */
		for (; ns > 0; ns -= 1000)
			inb(0x80);
		return;
	}
	ticks = mul_div(ns, tsc_hz, SECONDS(1));
	while (rdtsc() - start < ticks)
		cpu_relax();
}

u64 clock_tsc_hz(void)
{
	return tsc_hz;
}
