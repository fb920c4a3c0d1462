/* SPDX-License-Identifier: MIT */
/*
 * What domain 0's kernel does for the host, and asks of it: clock, firmware,
 * power, processors.
 *
 * int platform_op(struct xen_platform_op *op). The structure is copied back, so
 * fields that are not [out] come back as they were. -EPERM: not the hardware
 * domain; -EACCES: interface_version is not XENPF_INTERFACE_VERSION; -ENOSYS: no
 * such command; -EINVAL: an operand is out of range, or no such CPU.
 */
#ifndef __XEN_PUBLIC_PLATFORM_H__
#define __XEN_PUBLIC_PLATFORM_H__

#include "xen.h"

#define XENPF_INTERFACE_VERSION		0x03000001

#define XENPF_settime32			17
#define XENPF_add_memtype		31
#define XENPF_del_memtype		32
#define XENPF_read_memtype		33
#define XENPF_microcode_update		35
#define XENPF_platform_quirk		39
#define XENPF_get_cpu_version		48
#define XENPF_efi_runtime_call		49
#define XENPF_firmware_info		50
#define XENPF_enter_acpi_sleep		51
#define XENPF_change_freq		52
#define XENPF_getidletime		53
#define XENPF_set_processor_pminfo	54
#define XENPF_get_cpuinfo		55
#define XENPF_cpu_online		56
#define XENPF_cpu_offline		57
#define XENPF_cpu_hotadd		58
#define XENPF_mem_hotadd		59
#define XENPF_core_parking		60
#define XENPF_resource_op		61
#define XENPF_settime64			62
#define XENPF_get_symbol		63

#define XENPF_settime			XENPF_settime64
#define xenpf_settime			xenpf_settime64

/* xenpf_platform_quirk.quirk_id: about the chipset's interrupt controllers */
#define QUIRK_NOIRQBALANCING		1	/* do not move interrupts */
#define QUIRK_IOAPIC_BAD_REGSEL		2	/* write the index every time */
#define QUIRK_IOAPIC_GOOD_REGSEL	3	/* the index keeps its value */

/* xenpf_efi_runtime_call.function, and .misc of some */
#define XEN_EFI_get_time			1
#define XEN_EFI_set_time			2
#define XEN_EFI_get_wakeup_time			3
#define XEN_EFI_set_wakeup_time			4
#define XEN_EFI_get_next_high_monotonic_count	5
#define XEN_EFI_get_variable			6
#define XEN_EFI_set_variable			7
#define XEN_EFI_get_next_variable_name		8
#define XEN_EFI_query_variable_info		9
#define XEN_EFI_query_capsule_capabilities	10
#define XEN_EFI_update_capsule			11
#define XEN_EFI_GET_TIME_SET_CLEARS_NS		0x00000001	/* [out] */
#define XEN_EFI_GET_WAKEUP_TIME_ENABLED		0x00000001	/* [out] */
#define XEN_EFI_GET_WAKEUP_TIME_PENDING		0x00000002	/* [out] */
#define XEN_EFI_SET_WAKEUP_TIME_ENABLE		0x00000001	/* [in] */
#define XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY	0x00000002	/* [in] */
#define XEN_EFI_VARIABLE_NON_VOLATILE		0x00000001	/* both ways */
#define XEN_EFI_VARIABLE_BOOTSERVICE_ACCESS	0x00000002	/* both ways */
#define XEN_EFI_VARIABLE_RUNTIME_ACCESS		0x00000004	/* both ways */
#define XEN_EFI_VARINFO_BOOT_SNAPSHOT		0x00000001	/* [in] as at boot */

/* xenpf_firmware_info.type, and .index of XEN_FW_EFI_INFO */
#define XEN_FW_DISK_INFO		1	/* a BIOS disk; index from 0 */
#define XEN_FW_DISK_MBR_SIGNATURE	2	/* its signature; index from 0 */
#define XEN_FW_VBEDDC_INFO		3	/* the screen's EDID */
#define XEN_FW_EFI_INFO			4
#define XEN_FW_EFI_VERSION		0
#define XEN_FW_EFI_CONFIG_TABLE		1
#define XEN_FW_EFI_VENDOR		2
#define XEN_FW_EFI_MEM_INFO		3
#define XEN_FW_EFI_RT_VERSION		4
#define XEN_FW_EFI_PCI_ROM		5
#define XEN_FW_EFI_APPLE_PROPERTIES	6
#define XEN_FW_KBD_SHIFT_FLAGS		5	/* the BIOS's, at boot */

/* xenpf_enter_acpi_sleep.flags: val_a and val_b are sleep types. */
#define XENPF_ACPI_SLEEP_EXTENDED	0x00000001

/* What the hypervisor controls itself; in start_info.flags (SIF_PM_MASK). */
#define XEN_PROCESSOR_PM_CX		1
#define XEN_PROCESSOR_PM_PX		2
#define XEN_PROCESSOR_PM_TX		4

/* xenpf_set_processor_pminfo.type: idle, performance, throttling, _PDC */
#define XEN_PM_CX			0
#define XEN_PM_PX			1
#define XEN_PM_TX			2
#define XEN_PM_PDC			3

/* xen_processor_performance.flags: which ACPI objects are filled in */
#define XEN_PX_PCT			1
#define XEN_PX_PSS			2
#define XEN_PX_PPC			4
#define XEN_PX_PSD			8

/* xen_processor_performance.shared_type: who coordinates CPUs of a group */
#define XEN_CPUPERF_SHARED_TYPE_HW	1	/* hardware */
#define XEN_CPUPERF_SHARED_TYPE_ALL	2	/* software sets all of them */
#define XEN_CPUPERF_SHARED_TYPE_ANY	3	/* software sets any of them */

/* xenpf_pcpuinfo.flags */
#define XEN_PCPU_FLAGS_ONLINE		1
#define XEN_PCPU_FLAGS_INVALID		2	/* there is no such CPU */

/* xenpf_core_parking.type */
#define XEN_CORE_PARKING_SET		1
#define XEN_CORE_PARKING_GET		2

/* xenpf_resource_entry.u.cmd */
#define XEN_RESOURCE_OP_MSR_READ	0
#define XEN_RESOURCE_OP_MSR_WRITE	1

#ifndef __ASSEMBLY__

/*
 * XENPF_settime32, settime64: the wall clock reads secs and nsecs (since 1970,
 * UTC) when system time is system_time. Domains see it in shared_info.
 */
struct xenpf_settime32 {
	uint32_t secs;			/* [in] */
	uint32_t nsecs;			/* [in] */
	uint64_t system_time;		/* [in] ns */
};
typedef struct xenpf_settime32 xenpf_settime32_t;

struct xenpf_settime64 {
	uint64_t secs;			/* [in] */
	uint32_t nsecs;			/* [in] */
	uint32_t mbz;			/* [in] 0 */
	uint64_t system_time;		/* [in] ns */
};
typedef struct xenpf_settime64 xenpf_settime64_t;
typedef struct xenpf_settime64 xenpf_settime_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_settime_t);

/* Ranges of memory types (MTRRs). */
struct xenpf_add_memtype {
	xen_pfn_t mfn;			/* [in] first machine frame */
	uint64_t nr_mfns;		/* [in] frames */
	uint32_t type;			/* [in] MTRR type */
	uint32_t handle;		/* [out] for XENPF_del_memtype */
	uint32_t reg;			/* [out] MTRR number */
};
typedef struct xenpf_add_memtype xenpf_add_memtype_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_add_memtype_t);

struct xenpf_del_memtype {
	uint32_t handle;		/* [in] 0: not known */
	uint32_t reg;			/* [in] MTRR number */
};
typedef struct xenpf_del_memtype xenpf_del_memtype_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_del_memtype_t);

struct xenpf_read_memtype {
	uint32_t reg;			/* [in] MTRR number */
	xen_pfn_t mfn;			/* [out] first machine frame */
	uint64_t nr_mfns;		/* [out] frames; 0: not in use */
	uint32_t type;			/* [out] MTRR type */
};
typedef struct xenpf_read_memtype xenpf_read_memtype_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_read_memtype_t);

struct xenpf_microcode_update {
	XEN_GUEST_HANDLE(const_void) data;	/* [in] as the vendor ships it */
	uint32_t length;			/* [in] bytes */
};
typedef struct xenpf_microcode_update xenpf_microcode_update_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_microcode_update_t);

struct xenpf_platform_quirk {
	uint32_t quirk_id;		/* [in] QUIRK_* */
};
typedef struct xenpf_platform_quirk xenpf_platform_quirk_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_platform_quirk_t);

/* EFI's own structures, EFI_TIME and EFI_GUID. */
struct xenpf_efi_time {
	uint16_t year;
	uint8_t month;			/* from 1 */
	uint8_t day;			/* from 1 */
	uint8_t hour;
	uint8_t min;
	uint8_t sec;
	uint32_t ns;
	int16_t tz;			/* minutes from UTC; 2047: local time */
	uint8_t daylight;
};

struct xenpf_efi_guid {
	uint32_t data1;
	uint16_t data2;
	uint16_t data3;
	uint8_t data4[8];
};

/*
 * XENPF_efi_runtime_call: call the firmware. Returns 0 if it was called; what
 * it said is in status. -ENOSYS: no EFI, or not this call.
 */
struct xenpf_efi_runtime_call {
	uint32_t function;		/* [in] XEN_EFI_* */
	uint32_t misc;			/* flags; [out] the monotonic count */
	xen_ulong_t status;		/* [out] EFI_STATUS */
	union {
		struct {
			struct xenpf_efi_time time;	/* [out] */
			uint32_t resolution;		/* [out] Hz */
			uint32_t accuracy;		/* [out] 10^-12 */
		} get_time;
		struct xenpf_efi_time set_time;		/* [in] */
		struct xenpf_efi_time get_wakeup_time;	/* [out] */
		struct xenpf_efi_time set_wakeup_time;	/* [in] */
		struct {
			XEN_GUEST_HANDLE(void) name;	/* [in] UTF-16 */
			xen_ulong_t size;		/* [in/out] bytes of data */
			XEN_GUEST_HANDLE(void) data;	/* get [out], set [in] */
			struct xenpf_efi_guid vendor_guid;	/* [in] */
		} get_variable, set_variable;
		struct {
			xen_ulong_t size;		/* [in/out] bytes of name */
			XEN_GUEST_HANDLE(void) name;	/* [in/out] UTF-16 */
			struct xenpf_efi_guid vendor_guid;	/* [in/out] */
		} get_next_variable_name;
		struct {
			uint32_t attr;			/* [in] variable flags */
			uint64_t max_store_size;	/* [out] bytes */
			uint64_t remain_store_size;	/* [out] bytes */
			uint64_t max_size;		/* [out] bytes */
		} query_variable_info;
		struct {
			XEN_GUEST_HANDLE(void) capsule_header_array;	/* [in] */
			xen_ulong_t capsule_count;	/* [in] */
			uint64_t max_capsule_size;	/* [out] bytes */
			uint32_t reset_type;		/* [out] */
		} query_capsule_capabilities;
		struct {
			XEN_GUEST_HANDLE(void) capsule_header_array;	/* [in] */
			xen_ulong_t capsule_count;	/* [in] */
			uint64_t sg_list;		/* [in] machine address */
		} update_capsule;
	} u;
};
typedef struct xenpf_efi_runtime_call xenpf_efi_runtime_call_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_efi_runtime_call_t);

/* XENPF_firmware_info. -ESRCH: index is beyond the last; -ENODEV: not there. */
struct xenpf_firmware_info {
	uint32_t type;			/* [in] XEN_FW_* */
	uint32_t index;			/* [in] which of them */
	union {
		struct {		/* from the BIOS calls INT 13h 41h, 08h, 48h */
			uint8_t device;			/* [out] 80h and up */
			uint8_t version;		/* [out] of the extensions */
			uint16_t interface_support;	/* [out] bitmap */
			uint16_t legacy_max_cylinder;	/* [out] */
			uint8_t legacy_max_head;	/* [out] */
			uint8_t legacy_sectors_per_track;	/* [out] */
			/* [out] drive parameters; [in] first two bytes: room */
			XEN_GUEST_HANDLE(void) edd_params;
		} disk_info;
		struct {
			uint8_t device;			/* [out] 80h and up */
			uint32_t mbr_signature;		/* [out] */
		} disk_mbr_signature;
		struct {
			uint8_t capabilities;		/* [out] */
			uint8_t edid_transfer_time;	/* [out] seconds */
			XEN_GUEST_HANDLE(uint8) edid;	/* [out] 128 bytes */
		} vbeddc_info;
		union xenpf_efi_info {
			uint32_t version;		/* [out] EFI's, runtime's */
			struct {
				uint64_t addr;		/* [out] machine address */
				uint32_t nent;		/* [out] entries */
			} cfg;
			struct {
				uint32_t revision;	/* [out] */
				uint32_t bufsz;		/* [in] bytes */
				XEN_GUEST_HANDLE(void) name;	/* [out] UTF-16 */
			} vendor;
			struct {
				uint64_t addr;		/* [in] machine address */
				uint64_t size;		/* [out] bytes from it on */
				uint64_t attr;		/* [out] EFI_MEMORY_* */
				uint32_t type;		/* [out] EFI_MEMORY_TYPE */
			} mem;
			struct {
				uint16_t segment;	/* [in] */
				uint8_t bus;		/* [in] */
				uint8_t devfn;		/* [in] */
				uint16_t vendor;	/* [in] */
				uint16_t devid;		/* [in] */
				uint64_t address;	/* [out] machine address */
				xen_ulong_t size;	/* [out] bytes */
			} pci_rom;
			struct {
				uint64_t address;	/* [out] machine address */
				xen_ulong_t size;	/* [out] bytes */
			} apple_properties;
		} efi_info;
		uint8_t kbd_shift_flags;		/* [out] */
	} u;
};
typedef struct xenpf_firmware_info xenpf_firmware_info_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_firmware_info_t);

/* XENPF_enter_acpi_sleep: returns when the host wakes. S5 does not return. */
struct xenpf_enter_acpi_sleep {
	uint16_t val_a;			/* [in] for the PM1a control register */
	uint16_t val_b;			/* [in] for the PM1b control register */
	uint32_t sleep_state;		/* [in] 1 to 5 */
	uint32_t flags;			/* [in] XENPF_ACPI_SLEEP_* */
};
typedef struct xenpf_enter_acpi_sleep xenpf_enter_acpi_sleep_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_enter_acpi_sleep_t);

/* XENPF_change_freq: domain 0 changed the frequency of a CPU. */
struct xenpf_change_freq {
	uint32_t flags;			/* [in] 0 */
	uint32_t cpu;			/* [in] physical CPU */
	uint64_t freq;			/* [in] Hz */
};
typedef struct xenpf_change_freq xenpf_change_freq_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_change_freq_t);

/* XENPF_getidletime: how long CPUs have been idle. */
struct xenpf_getidletime {
	XEN_GUEST_HANDLE(uint8) cpumap_bitmap;	/* [in] which, [out] those there */
	uint32_t cpumap_nr_cpus;		/* [in] bits */
	XEN_GUEST_HANDLE(uint64) idletime;	/* [out] ns, by CPU number */
	uint64_t now;				/* [out] system time, ns */
};
typedef struct xenpf_getidletime xenpf_getidletime_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_getidletime_t);

/*
 * XENPF_set_processor_pminfo: what ACPI says about a CPU's power management.
 * Domain 0 interprets the tables, the hypervisor acts on them. All [in].
 */
struct xen_power_register {		/* an ACPI generic address */
	uint32_t space_id;
	uint32_t bit_width;
	uint32_t bit_offset;
	uint32_t access_size;
	uint64_t address;
};

struct xen_processor_csd {		/* an entry of _CSD */
	uint32_t domain;		/* group of CPUs that depend on each other */
	uint32_t coord_type;
	uint32_t num;			/* CPUs in it */
};
typedef struct xen_processor_csd xen_processor_csd_t;
DEFINE_XEN_GUEST_HANDLE(xen_processor_csd_t);

struct xen_processor_cx {		/* an entry of _CST */
	struct xen_power_register reg;	/* what to read or execute */
	uint8_t type;			/* 1: C1, and so on */
	uint32_t latency;		/* microseconds, worst case */
	uint32_t power;			/* mW */
	uint32_t dpcnt;			/* entries in dp */
	XEN_GUEST_HANDLE(xen_processor_csd_t) dp;
};
typedef struct xen_processor_cx xen_processor_cx_t;
DEFINE_XEN_GUEST_HANDLE(xen_processor_cx_t);

struct xen_processor_flags {
	uint32_t bm_control : 1;
	uint32_t bm_check : 1;
	uint32_t has_cst : 1;
	uint32_t power_setup_done : 1;
	uint32_t bm_rld_set : 1;
};

struct xen_processor_power {
	uint32_t count;			/* entries in states */
	struct xen_processor_flags flags;
	XEN_GUEST_HANDLE(xen_processor_cx_t) states;
};

struct xen_pct_register {		/* an element of _PCT */
	uint8_t descriptor;
	uint16_t length;
	uint8_t space_id;
	uint8_t bit_width;
	uint8_t bit_offset;
	uint8_t reserved;
	uint64_t address;
};

struct xen_processor_px {		/* an entry of _PSS */
	uint64_t core_frequency;	/* MHz */
	uint64_t power;			/* mW */
	uint64_t transition_latency;	/* microseconds */
	uint64_t bus_master_latency;	/* microseconds */
	uint64_t control;		/* to be written to enter it */
	uint64_t status;		/* to be read when it is entered */
};
typedef struct xen_processor_px xen_processor_px_t;
DEFINE_XEN_GUEST_HANDLE(xen_processor_px_t);

struct xen_psd_package {		/* _PSD */
	uint64_t num_entries;
	uint64_t revision;
	uint64_t domain;
	uint64_t coord_type;
	uint64_t num_processors;
};

struct xen_processor_performance {
	uint32_t flags;			/* XEN_PX_* */
	uint32_t platform_limit;	/* _PPC: first state allowed */
	struct xen_pct_register control_register;
	struct xen_pct_register status_register;
	uint32_t state_count;		/* entries in states */
	XEN_GUEST_HANDLE(xen_processor_px_t) states;
	struct xen_psd_package domain_info;
	uint32_t shared_type;		/* XEN_CPUPERF_SHARED_TYPE_* */
};
typedef struct xen_processor_performance xen_processor_performance_t;
DEFINE_XEN_GUEST_HANDLE(xen_processor_performance_t);

struct xenpf_set_processor_pminfo {
	uint32_t id;			/* the CPU's ACPI number */
	uint32_t type;			/* XEN_PM_* */
	union {
		struct xen_processor_power power;
		struct xen_processor_performance perf;
		XEN_GUEST_HANDLE(uint32) pdc;	/* in/out: the _PDC buffer */
	} u;
};
typedef struct xenpf_set_processor_pminfo xenpf_set_processor_pminfo_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_set_processor_pminfo_t);

/* XENPF_get_cpuinfo. */
struct xenpf_pcpuinfo {
	uint32_t xen_cpuid;		/* [in] physical CPU */
	uint32_t max_present;		/* [out] highest one there */
	uint32_t flags;			/* [out] XEN_PCPU_FLAGS_* */
	uint32_t apic_id;		/* [out] */
	uint32_t acpi_id;		/* [out] */
};
typedef struct xenpf_pcpuinfo xenpf_pcpuinfo_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_pcpuinfo_t);

/* XENPF_get_cpu_version. A CPU that is not there: an empty vendor, zeroes. */
struct xenpf_pcpu_version {
	uint32_t xen_cpuid;		/* [in] physical CPU */
	uint32_t max_present;		/* [out] highest one there */
	char vendor_id[12];		/* [out] as CPUID has it */
	uint32_t family;		/* [out] */
	uint32_t model;			/* [out] */
	uint32_t stepping;		/* [out] */
};
typedef struct xenpf_pcpu_version xenpf_pcpu_version_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_pcpu_version_t);

/* XENPF_cpu_online, cpu_offline. */
struct xenpf_cpu_ol {
	uint32_t cpuid;			/* [in] physical CPU */
};
typedef struct xenpf_cpu_ol xenpf_cpu_ol_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_cpu_ol_t);

/* XENPF_cpu_hotadd: a CPU was plugged in. Returns its number. */
struct xenpf_cpu_hotadd {
	uint32_t apic_id;		/* [in] */
	uint32_t acpi_id;		/* [in] */
	uint32_t pxm;			/* [in] proximity domain */
};
typedef struct xenpf_cpu_hotadd xenpf_cpu_hotadd_t;

/* XENPF_mem_hotadd: memory was plugged in. */
struct xenpf_mem_hotadd {
	uint64_t spfn;			/* [in] first machine frame */
	uint64_t epfn;			/* [in] last, exclusive */
	uint32_t pxm;			/* [in] proximity domain */
	uint32_t flags;			/* [in] 0 */
};
typedef struct xenpf_mem_hotadd xenpf_mem_hotadd_t;

/* XENPF_core_parking: how many CPUs to take out of service to save power. */
struct xenpf_core_parking {
	uint32_t type;			/* [in] XEN_CORE_PARKING_* */
	uint32_t idle_nums;		/* set [in], get [out] */
};
typedef struct xenpf_core_parking xenpf_core_parking_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_core_parking_t);

/*
 * XENPF_resource_op: MSR accesses on one CPU, in order. Returns how many
 * succeeded; the entry after those has its error in u.ret. Reading the TSC's
 * MSR returns system time in ns, at the moment of the read before it.
 */
struct xenpf_resource_entry {
	union {
		uint32_t cmd;		/* [in] XEN_RESOURCE_OP_* */
		int32_t ret;		/* [out] -errno */
	} u;
	uint32_t rsvd;			/* [in] 0 */
	uint64_t idx;			/* [in] MSR number */
	uint64_t val;			/* write [in], read [out] */
};
typedef struct xenpf_resource_entry xenpf_resource_entry_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_resource_entry_t);

struct xenpf_resource_op {
	uint32_t nr_entries;		/* [in] */
	uint32_t cpu;			/* [in] physical CPU */
	XEN_GUEST_HANDLE(xenpf_resource_entry_t) entries;
};
typedef struct xenpf_resource_op xenpf_resource_op_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_resource_op_t);

/* XENPF_get_symbol: walk the hypervisor's symbol table, beginning at 0. */
struct xenpf_symdata {
	uint32_t namelen;		/* [in] room, [out] length */
	uint32_t symnum;		/* [in] which, [out] next; unchanged: the end */
	XEN_GUEST_HANDLE(char) name;	/* [out] */
	uint64_t address;		/* [out] virtual address */
	char type;			/* [out] as nm prints it */
};
typedef struct xenpf_symdata xenpf_symdata_t;
DEFINE_XEN_GUEST_HANDLE(xenpf_symdata_t);

struct xen_platform_op {
	uint32_t cmd;			/* [in] XENPF_* */
	uint32_t interface_version;	/* [in] XENPF_INTERFACE_VERSION */
	union {
		xenpf_settime_t settime;
		xenpf_settime32_t settime32;
		xenpf_settime64_t settime64;
		xenpf_add_memtype_t add_memtype;
		xenpf_del_memtype_t del_memtype;
		xenpf_read_memtype_t read_memtype;
		xenpf_microcode_update_t microcode;
		xenpf_platform_quirk_t platform_quirk;
		xenpf_efi_runtime_call_t efi_runtime_call;
		xenpf_firmware_info_t firmware_info;
		xenpf_enter_acpi_sleep_t enter_acpi_sleep;
		xenpf_change_freq_t change_freq;
		xenpf_getidletime_t getidletime;
		xenpf_set_processor_pminfo_t set_pminfo;
		xenpf_pcpuinfo_t pcpu_info;
		xenpf_pcpu_version_t pcpu_version;
		xenpf_cpu_ol_t cpu_ol;
		xenpf_cpu_hotadd_t cpu_add;
		xenpf_mem_hotadd_t mem_add;
		xenpf_core_parking_t core_parking;
		xenpf_resource_op_t resource_op;
		xenpf_symdata_t symdata;
		uint8_t pad[128];
	} u;
};
typedef struct xen_platform_op xen_platform_op_t;
DEFINE_XEN_GUEST_HANDLE(xen_platform_op_t);

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_PLATFORM_H__ */
