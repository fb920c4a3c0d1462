# The one way in. `make help` tells what there is.

# What `make run` boots, and on what machine; scripts/run has the defaults.
export GUEST ARGS MEMORY CPUS MACHINE CPU FIRMWARE ENTRY OPTIONS KERNEL DISK CONFIG

# All CPUs, unless -j on the command line says how many.
jobs = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
submake = $(MAKE) --no-print-directory $(jobs)
image := dist/install/boot
# In so many processes at once: those of the tools mostly wait, those in QEMU compute.
pytest = /usr/bin/python3 -m pytest -q -p no:cacheprovider --dist loadgroup -n

all:
	@$(submake) -C hypervisor

# dom0's tools, as they are installed, in dist/install.
tools:
	@$(submake) -s -C tools install

# The split drivers, as modules for Debian's kernels, in dist/drivers.
drivers:
	+@scripts/drivers

# Our kernels, in dist/install and dist/kernels. NAME-menuconfig and the like change
# the configuration of one.
KERNELS := linux-6.1-xen0 linux-6.1-xenU

kernels:
	+@for name in $(KERNELS); do scripts/kernel $$name || exit 1; done

$(foreach how,menu old n x def,linux-%-$(how)config):
	+@target=$@; scripts/kernel $${target%-*} $${target##*-}

guests:
	@$(submake) -s -C tests/guests

deps:
	@scripts/deps

run: deps
	@$(submake) all $(if $(filter-out system,$(GUEST)),guests,tools)
	@$(if $(filter-out system,$(GUEST)),:,$(MAKE) --no-print-directory kernels)
	@scripts/run

# Fast layers first; the first that fails ends it. The hypervisor under test is
# a debug build, whose audit runs after every guest.
test: deps
	@echo "== build (debug=y)"
	@$(submake) all tools guests drivers debug=y
	@$(MAKE) --no-print-directory kernels
	@echo "== abi: our headers against Xen's"
	@$(submake) -s -C tests/abi check
	@echo "== unit: the core as a host program"
	@$(submake) -s -C tests/unit check
	@echo "== drivers: what of them is a host program, known and random inputs"
	@$(submake) -s -C tests/drivers check
	@echo "== tools: on the host"
	@$(submake) -s -C tests/tools/unit check
	@$(pytest) 4 tests/tools
	@echo "== fuzz: the core, known inputs and 10 s of new ones"
	@$(submake) -s -C tests/fuzz check
	@echo "== guests and system: in QEMU"
	@$(pytest) $$(nproc) tests/system tests/guests --durations=40

# bench/run builds what it measures.
bench: deps
	@bench/run

# All that is installed, into dist/install.
world: deps
	@$(MAKE) --no-print-directory all tools kernels

install: all tools
	@KERNELS="$(KERNELS)" DESTDIR="$(DESTDIR)" scripts/install

uninstall:
	@DESTDIR="$(DESTDIR)" scripts/install uninstall

# The same as Debian packages, in dist/packages.
packages: world
	@KERNELS="$(KERNELS)" scripts/packages

# A disk with Debian for a domain, and its configuration, which takes the kernel of dist/.
# IMAGE= and SIZE= choose another file and more than 2G.
IMAGE := dist/guests/debian.img

debian-guest: deps
	@$(MAKE) --no-print-directory kernels KERNELS=linux-6.1-xenU
	@mkdir -p $(dir $(IMAGE))
	@tools/scripts/debian-guest -k "$$(ls -t $(image)/vmlinuz-*-xenU | head -n 1)" \
		$(if $(SIZE),-s $(SIZE)) $(IMAGE) > $(basename $(IMAGE)).new
	@mv $(basename $(IMAGE)).new $(basename $(IMAGE))
	@echo "its configuration is $(basename $(IMAGE)): xm create -c $(abspath $(basename $(IMAGE)))"

clean:
	rm -rf build dist

define help
Targets
  make            build the hypervisor: $(image)/xenolith.gz for GRUB,
                  $(image)/xenolith for QEMU's -kernel
  make tools      build dom0's tools into dist/install
  make drivers    build the split drivers for Debian's kernels into dist/drivers
  make kernels    build our kernels into dist/install and dist/kernels
                  (KERNELS=$(KERNELS))
  make NAME-menuconfig   change the configuration of one
  make deps       install the Debian packages that are missing (file dependencies)
  make run        boot it by GRUB in QEMU, on this terminal
  make test       build, then run every test
  make bench      what each operation costs, in instructions, beside Xen 4.17
  make world      build all that is installed: hypervisor, tools, KERNELS, into dist/install
  make install    copy that below $$(DESTDIR)/ (KERNELS= for no kernels)
  make uninstall  remove what was copied, and no other file
  make packages   the same as Debian packages, in dist/packages
  make debian-guest   make a disk with Debian for a domain, and its configuration
                  (IMAGE=dist/guests/debian.img SIZE=2G)
  make clean      remove everything that was built
  make help       this text

Options of the build (each set builds in a directory of its own)
  debug=y         assertions, and an audit of all page types and counts
  verbose=y       show every command
  perfc=y         performance counters
  trace=y         trace buffers
  debugger=y      the GDB stub

Options of make run
  GUEST=system    domain 0: our kernel and the tools, with a running domain;
                  or a guest of tests/guests (demo), or the path of a PV kernel
  KERNEL=         of that domain, a file: vmlinux or vmlinuz
  DISK=           one more disk of that domain, a raw image
  CONFIG=         a configuration of your own for xm create, instead: there are
                  /guest/linux-6.1-xenU/{vmlinux,initramfs}, /guest/kernel (KERNEL),
                  /dev/vdb (DISK), and 1 GiB for domains
  ARGS=           the guest's command line
  MEMORY=2048     MiB; 512 for other guests
  CPUS=2
  MACHINE=q35     or pc
  CPU=max         a QEMU CPU model: max, qemu64, ...
  FIRMWARE=bios   or uefi
  ENTRY=multiboot2  or multiboot: the menu entry that starts by itself
  OPTIONS=        more of the hypervisor's command line
endef

help:
	$(info $(help))
	@:

.PHONY: all tools drivers kernels guests deps run test bench world install uninstall packages \
	debian-guest clean help
