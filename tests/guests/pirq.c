#include "test.h"
#include <xen/physdev.h>
#include "event.h"
#include "mm.h"
#include "trap.h"
#include "clock.h"

static inline void outl(uint16_t p, uint32_t v) { __asm__ volatile("outl %0,%1" :: "a"(v), "Nd"(p)); }
static inline uint32_t inl(uint16_t p) { uint32_t v; __asm__ volatile("inl %1,%0" : "=a"(v) : "Nd"(p)); return v; }
#define P(...) print(__VA_ARGS__)
static long setup(int gsi, int lvl, int low) {
	struct physdev_setup_gsi g = { gsi, lvl, low };
	return hv_physdev_op(PHYSDEVOP_setup_gsi, &g);
}
static long map(int type, int index, int *pirq, int busdev, int entry, uint64_t base) {
	struct physdev_map_pirq m = { .domid = DOMID_SELF, .type = type, .index = index, .pirq = *pirq, .bus = busdev>>8, .devfn = busdev&255, .entry_nr = entry, .table_base = base };
	long rc = hv_physdev_op(PHYSDEVOP_map_pirq, &m);
	*pirq = m.pirq;
	P("map type %d index %d busdev %x entry %d base %lx: rc %ld pirq %d entry_nr %d\n", type, index, busdev, entry, (unsigned long)base, rc, m.pirq, m.entry_nr);
	return rc;
}
static long unmap(int pirq) { struct physdev_unmap_pirq u = { DOMID_SELF, pirq }; long rc = hv_physdev_op(PHYSDEVOP_unmap_pirq, &u); P("unmap %d: %ld\n", pirq, rc); return rc; }
static long bind(int pirq, int share) { struct evtchn_bind_pirq b = { .pirq = pirq, .flags = share }; long rc = hv_event_channel_op(EVTCHNOP_bind_pirq, &b); P("bind %d share %d: %ld port %d\n", pirq, share, rc, b.port); return rc ? rc : b.port; }
static long eoi(int pirq) { struct physdev_eoi e = { pirq }; long rc = hv_physdev_op(PHYSDEVOP_eoi, &e); P("eoi %d: %ld\n", pirq, rc); return rc; }
static void query(int pirq) { struct physdev_irq_status_query q = { pirq, 0xaa }; long rc = hv_physdev_op(PHYSDEVOP_irq_status_query, &q); P("query %d: %ld flags %x\n", pirq, rc, q.flags); }
static void getfree(int type) { struct physdev_get_free_pirq f = { .type = type }; long rc = hv_physdev_op(PHYSDEVOP_get_free_pirq, &f); P("getfree type %d: %ld %d\n", type, rc, f.pirq); }

int test_main(struct start_info *si)
{
	struct physdev_set_iopl io = { .iopl = 1 };
	int pirq, i, edu = -1; 
	(void)si;
	hv_physdev_op(PHYSDEVOP_set_iopl, &io);
	for (i = 0; i < 256; i++) { uint32_t v; outl(0xcf8, 0x80000000 | i << 8); v = inl(0xcfc); if (v != ~0U) { P("pci %x: %x\n", i, v); if (v == 0x11e81234) edu = i; } }
	for (i = 0; i < 26; i++) P("setup %d 1 1: %ld; again %ld; 0 0 %ld\n", i, setup(i, 1, 1), setup(i, 1, 1), setup(i, 0, 0));
	P("setup -1: %ld\n", setup(-1, 0, 0)); P("setup 2,2 %ld\n", setup(20, 2, 2));
	eoi(5); query(5); eoi(500); query(500); query(300); query(272); query(279); query(280); eoi(-1);
	for (i = 0; i < 17; i++) { pirq = i; map(1, i, &pirq, 0, 0, 0); }
	pirq = -1; map(1, 8, &pirq, 0, 0, 0);
	pirq = 9; map(1, 8, &pirq, 0, 0, 0);
	pirq = 40; map(1, 8, &pirq, 0, 0, 0);
	pirq = -1; map(1, 17, &pirq, 0, 0, 0);
	pirq = -1; map(1, 18, &pirq, 0, 0, 0);
	pirq = -5; map(1, 19, &pirq, 0, 0, 0);
	pirq = 100; map(1, 20, &pirq, 0, 0, 0);
	pirq = 100; map(1, 20, &pirq, 0, 0, 0);
	pirq = 100000; map(1, 21, &pirq, 0, 0, 0);
	pirq = 21; map(1, 23, &pirq, 0, 0, 0);
	pirq = -1; map(1, 24, &pirq, 0, 0, 0);
	pirq = -1; map(1, -1, &pirq, 0, 0, 0);
	pirq = -1; map(2, 22, &pirq, 0, 0, 0);
	eoi(8); query(8); query(17);
	getfree(0); getfree(0); getfree(1); getfree(1); getfree(2); getfree(3); getfree(4); getfree(99);
	long p = bind(8, 0); bind(8, 1); 
	query(8); eoi(8); unmap(8); { struct evtchn_status st; P("status %ld\n", event_status(p, &st)); P("st %d pirq %d\n", st.status, st.u.pirq); }
	query(8); eoi(8);
	pirq = 8; map(1, 8, &pirq, 0, 0, 0); bind(8, 0); P("close %ld\n", event_close(p)); pirq = 8; map(1, 8, &pirq, 0, 0, 0); p = bind(8, 1); 
	P("close %ld\n", event_close(p));
	unmap(-1); unmap(100000); unmap(8); unmap(8);
	/* MSI */
	P("edu %x\n", edu);
	if (edu < 0) return 0;
	pirq = -1; map(3, -1, &pirq, edu, 0, 0);
	{ struct physdev_pci_device_add a = { .devfn = edu }; P("add %ld\n", hv_physdev_op(PHYSDEVOP_pci_device_add, &a)); }
	{ struct physdev_pci_device a = { .devfn = edu }; a.devfn = 0x18; P("nic add %ld\n", hv_physdev_op(PHYSDEVOP_pci_device_add, &a)); P("nic prep %ld\n", hv_physdev_op(PHYSDEVOP_prepare_msix, &a)); P("nic prep %ld\n", hv_physdev_op(PHYSDEVOP_prepare_msix, &a));  P("rel %ld\n", hv_physdev_op(PHYSDEVOP_release_msix, &a));P("rel %ld\n", hv_physdev_op(PHYSDEVOP_release_msix, &a));
	outl(0xcf8, 0x80001800 | 0x1c); uint32_t bar3 = inl(0xcfc); P("bar3 %x\n", bar3);
	pirq = -1; map(3, -1, &pirq, 0x18, 0, bar3 & ~15); i = pirq;
	pirq = -1; map(3, -1, &pirq, 0x18, 0, bar3 & ~15);
	pirq = -1; map(3, -1, &pirq, 0x18, 7, bar3 & ~15);
	pirq = -1; map(3, -1, &pirq, 0x18, -1, bar3 & ~15);
	pirq = -1; map(3, -1, &pirq, 0x18, 1, 0x123000);
	pirq = -1; map(3, -1, &pirq, 0x18, 2, 0);
	P("nic prep %ld\n", hv_physdev_op(PHYSDEVOP_prepare_msix, &a)); P("rel %ld\n", hv_physdev_op(PHYSDEVOP_release_msix, &a));
	volatile uint32_t *t = page_alloc(); P("mapped %ld\n", map_mfn(t, bar3 >> 12, PTE_RW | PTE_PCD)); P("entry %lx ", *pt_entry(t, 1)); P("table %x %x %x %x\n", t[0], t[1], t[2], t[3]); int ok = TRY("movl $5, %0", "=m"(*(volatile uint32_t *)(t + 4))); P("write trap %d: table %x %x %x %x\n", ok, t[4], t[5], t[6], t[7]);
	unmap(i); P("table %x %x %x %x\n", t[0], t[1], t[2], t[3]);
	outl(0xcf8, 0x80001800 | 0xa0); P("msix %x\n", inl(0xcfc));
	a.devfn = edu; P("restore %ld\n", hv_physdev_op(PHYSDEVOP_restore_msi_ext, &a));
	a.devfn = 0xf9; P("prep %ld", hv_physdev_op(PHYSDEVOP_prepare_msix, &a));  P("rel %ld\n", hv_physdev_op(PHYSDEVOP_release_msix, &a)); P("restore %ld\n", hv_physdev_op(PHYSDEVOP_restore_msi_ext, &a)); }
	{ struct physdev_restore_msi a = { .devfn = 0xf9 }; P("restore %ld\n", hv_physdev_op(PHYSDEVOP_restore_msi, &a)); }
	pirq = -1; map(4, -1, &pirq, edu, 0, 0);
	pirq = -1; map(4, -1, &pirq, edu, 2, 0);
	pirq = -1; map(4, -1, &pirq, edu, 33, 0);
	pirq = -1; map(4, -1, &pirq, edu, 1, 0);
	i = pirq;
	pirq = -1; map(3, -1, &pirq, edu, 0, 0);
	pirq = -1; map(3, -1, &pirq, edu, 0, 0xfe000000);
	pirq = -1; map(0, -1, &pirq, edu, 0, 0);
	outl(0xcf8, 0x80000000 | edu << 8 | 0x40); P("cap %x ", inl(0xcfc)); outl(0xcf8, 0x80000000 | edu << 8 | 0x44); P("%x ", inl(0xcfc)); outl(0xcf8, 0x80000000 | edu << 8 | 0x48); P("%x ", inl(0xcfc)); outl(0xcf8, 0x80000000 | edu << 8 | 0x4c); P("%x\n", inl(0xcfc));
	p = bind(i, 0); query(i);eoi(i);
	outl(0xcf8, 0x80000000 | edu << 8 | 0x40); P("cap %x ", inl(0xcfc)); outl(0xcf8, 0x80000000 | edu << 8 | 0x44); P("%x ", inl(0xcfc)); outl(0xcf8, 0x80000000 | edu << 8 | 0x48); P("%x ", inl(0xcfc)); outl(0xcf8, 0x80000000 | edu << 8 | 0x4c); P("%x\n", inl(0xcfc));
	{ struct physdev_pci_device a = { .devfn = edu };  P("restore %ld\n", hv_physdev_op(PHYSDEVOP_restore_msi_ext, &a)); }
	unmap(i); 
	pirq = -1; map(3, -1, &pirq, edu, 0, 0);
	pirq = 5; map(3, -1, &pirq, edu, 0, 0);
	outl(0xcf8, 0x80000000 | edu << 8 | 0x40); P("cap %x\n", inl(0xcfc));
	{ struct physdev_pci_device a = { .devfn = edu };  P("remove %ld\n", hv_physdev_op(PHYSDEVOP_pci_device_remove, &a)); P("remove %ld\n", hv_physdev_op(PHYSDEVOP_pci_device_remove, &a)); }
	query(pirq); unmap(pirq);
	{ struct physdev_manage_pci a = { .devfn = edu };  P("madd %ld\n", hv_physdev_op(PHYSDEVOP_manage_pci_add, &a)); P("remove %ld\n", hv_physdev_op(PHYSDEVOP_manage_pci_remove, &a)); P("remove %ld\n", hv_physdev_op(PHYSDEVOP_manage_pci_remove, &a)); }
	{ struct physdev_pci_mmcfg_reserved m = { .address = 0xb0000000, .end_bus = 255 }; P("mmcfg %ld ", hv_physdev_op(PHYSDEVOP_pci_mmcfg_reserved, &m)); m.flags = 2;  P("mmcfg %ld ", hv_physdev_op(PHYSDEVOP_pci_mmcfg_reserved, &m)); m.flags = 1;  m.end_bus = 100; P("mmcfg %ld ", hv_physdev_op(PHYSDEVOP_pci_mmcfg_reserved, &m)); m.end_bus = 255; m.address = 0xc0000000; P("mmcfg %ld\n", hv_physdev_op(PHYSDEVOP_pci_mmcfg_reserved, &m)); }
	{ struct physdev_dbgp_op d = { .op = 1, .bus = 0 }; P("dbgp %ld ", hv_physdev_op(PHYSDEVOP_dbgp_op, &d)); d.op = 7;  P("dbgp %ld\n", hv_physdev_op(PHYSDEVOP_dbgp_op, &d)); }
	{ struct physdev_irq q = { .irq = 8, .vector = 0x5555 }; P("alloc %ld", hv_physdev_op(PHYSDEVOP_alloc_irq_vector, &q)); P(" vec %x\n", q.vector); }
	{ struct physdev_apic op = { .apic_physbase = 0xfec00000, .reg = 0x10 }; for (i = 0; i < 0x42; i++) { op.reg = i; long rc = hv_physdev_op(PHYSDEVOP_apic_read, &op); P("apic %x: %ld %x\n", i, rc, op.value); } for (i = 0; i < 0x50; i+=4) { op.reg = i; op.value = 0x10000;  P("apic write %x: %ld\n", i, hv_physdev_op(PHYSDEVOP_apic_write, &op)); } }
	return 0;
}
