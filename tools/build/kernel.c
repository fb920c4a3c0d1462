/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel comes as an ELF image, as a file that packs one, or as a bzImage: code
 * for the real mode, code that unpacks, and a packed ELF image, of which only the
 * last is for us (Linux, Documentation/x86/boot.rst). What it wants from its
 * builder is in ELF notes.
 *
 * The file may be anything: every number in it is checked before it is used.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gelf.h>

#include <xen/elfnote.h>

#include "build/cache.h"
#include "build/kernel.h"
#include "lib/decompress/decompress.h"

/* Where the fields of a bzImage's header are. */
#define SETUP_SECTS 0x1f1
#define HEADER_MAGIC 0x202
#define VERSION 0x206
#define PAYLOAD_OFFSET 0x248
#define PAYLOAD_LENGTH 0x24c
#define HEADER_END 0x250

#define SECTOR 512
#define DEFAULT_SETUP_SECTS 4
#define VERSION_WITH_PAYLOAD 0x208

/* More memory than any kernel has between its first and its last byte. */
#define MAX_SPAN (1ull << 32)

static uint32_t read_u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static bool is_bzimage(const uint8_t *data, size_t bytes)
{
	return bytes >= HEADER_END && memcmp(data + HEADER_MAGIC, "HdrS", 4) == 0;
}

/* Narrow data down to the packed kernel in a bzImage. */
static int find_payload(const uint8_t **data, size_t *bytes, struct error *e)
{
	const uint8_t *header = *data;
	unsigned int version = header[VERSION] | header[VERSION + 1] << 8;
	uint64_t start = header[SETUP_SECTS] ?: DEFAULT_SETUP_SECTS;
	uint64_t length = read_u32(header + PAYLOAD_LENGTH);

	if (version < VERSION_WITH_PAYLOAD || length == 0)
		return error_set(e, EINVAL,
				 "a bzImage that does not say where its kernel is "
				 "(boot protocol before 2.08)");
	/* The offset counts from what follows the real-mode part. */
	start = (start + 1) * SECTOR + read_u32(header + PAYLOAD_OFFSET);
	if (start > *bytes || length > *bytes - start)
		return error_set(e, EINVAL,
				 "a bzImage cut off: it has %zu bytes, its kernel ends at %lu",
				 *bytes, start + length);
	*data += start;
	*bytes = length;
	return 0;
}

static int unpack(struct kernel *k, const struct compression *c, const uint8_t *data, size_t bytes,
		  size_t size, struct error *e)
{
	const char *why;

	if (size == 0)
		return error_set(e, EINVAL, "its %s data does not say its size, or is cut off",
				 c->name);
	if (size > KERNEL_MAX_BYTES)
		return error_set(e, EINVAL, "its %s data unpacks to %zu MiB; %llu are allowed",
				 c->name, size >> 20, KERNEL_MAX_BYTES >> 20);
	k->unpacked = malloc(size);
	if (!k->unpacked)
		return error_set(e, ENOMEM, "out of memory: it unpacks to %zu MiB", size >> 20);
	why = decompress(c, data, bytes, k->unpacked, &size);
	if (why)
		return error_set(e, EINVAL, "its %s data: %s", c->name, why);
	k->elf = k->unpacked;
	k->bytes = size;
	return 0;
}

/* From the file to the ELF image in it. */
static int find_image(struct kernel *k, const uint8_t *data, size_t bytes, struct error *e)
{
	bool bzimage = is_bzimage(data, bytes);
	const struct compression *c;
	uint64_t size;

	k->elf = data;
	k->bytes = bytes;
	if (bzimage && find_payload(&data, &bytes, e))
		return -1;
	c = decompress_find(data, bytes);
	if (!c && !bzimage)
		return 0;
	if (!c)
		return error_set(e, EINVAL, "a bzImage whose kernel is packed in an unknown way");
	if (!c->unpack)
		return error_set(e, EINVAL, "packed with %s; gzip, xz, zstd and lz4 are supported",
				 c->name);
	/* gzip ends in the size; behind the others, the kernel's build adds it. */
	if (bzimage && bytes > sizeof(uint32_t)) {
		size = read_u32(data + bytes - sizeof(uint32_t));
		if (strcmp(c->name, "gzip") != 0)
			bytes -= sizeof(uint32_t);
	} else {
		size = decompress_size(c, data, bytes);
	}
	return unpack(k, c, data, bytes, size, e);
}

static bool in_image(const struct kernel *k, uint64_t offset, uint64_t bytes)
{
	return offset <= k->bytes && bytes <= k->bytes - offset;
}

static int add_segment(struct kernel *k, const GElf_Phdr *p, struct error *e)
{
	struct kernel_segment *s = &k->segment[k->nr_segments];

	if (p->p_memsz == 0)
		return 0;
	if (k->nr_segments == KERNEL_MAX_SEGMENTS)
		return error_set(e, EINVAL, "more than %u loadable ELF segments",
				 KERNEL_MAX_SEGMENTS);
	if (!in_image(k, p->p_offset, p->p_filesz) || p->p_filesz > p->p_memsz ||
	    p->p_paddr + p->p_memsz < p->p_paddr)
		return error_set(e, EINVAL, "a bad ELF segment (%u), or the image is cut off",
				 k->nr_segments);
	*s = (struct kernel_segment){
		.offset = p->p_offset,
		.file_bytes = p->p_filesz,
		.paddr = p->p_paddr,
		.memory_bytes = p->p_memsz,
	};
	k->nr_segments++;
	if (s->paddr < k->start)
		k->start = s->paddr;
	if (s->paddr + s->memory_bytes > k->end)
		k->end = s->paddr + s->memory_bytes;
	return 0;
}

/* Notes make a kernel one for us; some are for other kinds of guest only. */
static bool use_note(struct kernel *k, unsigned int type, const uint8_t *desc, size_t bytes)
{
	uint64_t v = 0;

	memcpy(&v, desc, bytes < sizeof(v) ? bytes : sizeof(v));
	switch (type) {
	case XEN_ELFNOTE_ENTRY:
		k->entry = v;
		return true;
	case XEN_ELFNOTE_HYPERCALL_PAGE:
		k->hypercall_page = v;
		return true;
	case XEN_ELFNOTE_VIRT_BASE:
		k->virt_base = v;
		return true;
	case XEN_ELFNOTE_PADDR_OFFSET:
		k->paddr_offset = v;
		return true;
	case XEN_ELFNOTE_INIT_P2M:
		k->init_p2m = v;
		return true;
	case XEN_ELFNOTE_MOD_START_PFN:
		k->mod_start_pfn = v != 0;
		return true;
	case XEN_ELFNOTE_XEN_VERSION:
	case XEN_ELFNOTE_GUEST_OS:
	case XEN_ELFNOTE_LOADER:
		return true;
	default:
		return false;
	}
}

/* The notes in one place of the image; true if any was for us. */
static bool read_notes(struct kernel *k, Elf *elf, uint64_t offset, uint64_t bytes)
{
	size_t at = 0, next, name, desc;
	bool found = false;
	Elf_Data *data;
	GElf_Nhdr n;

	if (!in_image(k, offset, bytes) || bytes == 0)
		return false;
	data = elf_getdata_rawchunk(elf, offset, bytes, ELF_T_NHDR);
	if (!data)
		return false;
	while ((next = gelf_getnote(data, at, &n, &name, &desc)) > at) {
		const uint8_t *p = data->d_buf;

		if (n.n_namesz == 4 && memcmp(p + name, "Xen", 4) == 0)
			found |= use_note(k, n.n_type, p + desc, n.n_descsz);
		at = next;
	}
	return found;
}

/* In segments; kernels whose linker made none for them have sections. */
static bool find_notes(struct kernel *k, Elf *elf, size_t nr_headers)
{
	bool found = false;
	Elf_Scn *section = NULL;
	GElf_Phdr p;
	GElf_Shdr s;

	for (size_t i = 0; i < nr_headers; i++)
		if (gelf_getphdr(elf, i, &p) && p.p_type == PT_NOTE)
			found |= read_notes(k, elf, p.p_offset, p.p_filesz);
	if (found)
		return true;
	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &s) && s.sh_type == SHT_NOTE)
			found |= read_notes(k, elf, s.sh_offset, s.sh_size);
	return found;
}

static int parse_elf(struct kernel *k, Elf *elf, struct error *e)
{
	size_t nr_headers;
	GElf_Ehdr h;
	GElf_Phdr p;

	if (elf_kind(elf) != ELF_K_ELF)
		return error_set(e, EINVAL, "neither an ELF image nor a bzImage");
	if (!gelf_getehdr(elf, &h) || h.e_ident[EI_CLASS] != ELFCLASS64 ||
	    h.e_ident[EI_DATA] != ELFDATA2LSB || h.e_machine != EM_X86_64)
		return error_set(e, EINVAL, "not a 64-bit x86 ELF image");
	if (elf_getphdrnum(elf, &nr_headers))
		return error_set(e, EINVAL, "bad ELF program headers: %s", elf_errmsg(-1));
	for (size_t i = 0; i < nr_headers; i++) {
		if (!gelf_getphdr(elf, i, &p))
			return error_set(e, EINVAL, "bad ELF program headers: %s", elf_errmsg(-1));
		if (p.p_type == PT_LOAD && add_segment(k, &p, e))
			return -1;
	}
	if (k->nr_segments == 0)
		return error_set(e, EINVAL, "no loadable ELF segment");
	if (k->end - k->start > MAX_SPAN)
		return error_set(e, EINVAL, "its ELF segments are %lu MiB apart",
				 (k->end - k->start) >> 20);
	k->entry = h.e_entry;
	if (!find_notes(k, elf, nr_headers))
		return error_set(e, EINVAL,
				 "no Xen ELF notes: not a kernel for paravirtual guests");
	return 0;
}

int kernel_parse(struct kernel *k, const void *data, size_t bytes, struct error *e)
{
	Elf *elf;
	int rc;

	*k = (struct kernel){
		.start = UINT64_MAX, .hypercall_page = UINT64_MAX, .init_p2m = UINT64_MAX, .fd = -1
	};
	if (find_image(k, data, bytes, e))
		return -1;
	elf_version(EV_CURRENT);
	elf = k->bytes ? elf_memory((char *)k->elf, k->bytes) : NULL;
	if (!elf)
		return error_set(e, EINVAL, "neither an ELF image nor a bzImage");
	rc = parse_elf(k, elf, e);
	elf_end(elf);
	return rc;
}

/* The file as it is now: mapped it could be cut off under us. */
static int read_file(int fd, size_t size, void **file, size_t *bytes, struct error *e)
{
	size_t done = 0;
	ssize_t n = 1;

	*file = malloc(size + 1);
	if (!*file)
		return error_set(e, ENOMEM, "out of memory: it has %zu MiB", size >> 20);
	while (done < size && n > 0) {
		n = read(fd, *file + done, size - done);
		if (n > 0)
			done += n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (n < 0)
		return error_errno(e, "cannot be read");
	*bytes = done;
	return 0;
}

/* An image that was kept; nobody but us changes it, so that it can be mapped. */
static bool open_kept(struct kernel *k, const char *cache, const struct stat *kernel)
{
	int fd = cache_find(cache, kernel);
	void *p = MAP_FAILED;
	struct stat st;
	int rc = -1;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && st.st_size > 0)
		p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p != MAP_FAILED) {
		rc = kernel_parse(k, p, st.st_size, NULL);
		k->mapped = p;
	}
	k->fd = fd;
	if (rc == 0)
		return true;
	kernel_close(k);
	cache_drop(cache, kernel);
	return false;
}

static int open_fd(struct kernel *k, int fd, const char *cache, struct error *e)
{
	void *file = NULL;
	size_t bytes = 0;
	struct stat st;
	int rc = -1;

	if (fstat(fd, &st))
		return error_errno(e, "cannot be looked at");
	if (!S_ISREG(st.st_mode))
		return error_set(e, EINVAL, "not a file");
	if ((uint64_t)st.st_size > KERNEL_MAX_BYTES)
		return error_set(e, EINVAL, "%lu MiB; %llu are allowed", st.st_size >> 20,
				 KERNEL_MAX_BYTES >> 20);
	if (cache && open_kept(k, cache, &st))
		return 0;
	if (read_file(fd, st.st_size, &file, &bytes, e) == 0)
		rc = kernel_parse(k, file, bytes, e);
	k->file = file;
	if (rc == 0 && cache && k->unpacked)
		cache_add(cache, &st, k->elf, k->bytes);
	return rc;
}

int kernel_open(struct kernel *k, const char *path, const char *cache, struct error *e)
{
	/* Without O_NONBLOCK a pipe with no writer would keep us here. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int rc;

	*k = (struct kernel){ .fd = -1 };
	if (fd < 0)
		return error_errno(e, "kernel '%s'", path);
	rc = open_fd(k, fd, cache, e);
	close(fd);
	if (rc)
		error_prefix(e, "kernel '%s'", path);
	return rc;
}

void kernel_close(struct kernel *k)
{
	free(k->unpacked);
	free(k->file);
	if (k->mapped)
		munmap(k->mapped, k->bytes);
	if (k->fd >= 0)
		close(k->fd);
	*k = (struct kernel){ .fd = -1 };
}

/*
 * What the file has next: so many bytes of data, or of a hole (returned negative).
 * Where it is not known, or the file ends, it is data that is to be read.
 */
static ssize_t next_part(int fd, uint64_t offset, size_t bytes)
{
	off_t data = lseek(fd, offset, SEEK_DATA), hole;

	if (data > (off_t)offset)
		return -(ssize_t)(data - offset < bytes ? data - offset : bytes);
	hole = lseek(fd, offset, SEEK_HOLE);
	return hole > (off_t)offset && hole - offset < bytes ? hole - offset : bytes;
}

/* From the file if it is one: so it takes no way through our page tables. */
static int copy(const struct kernel *k, uint64_t offset, char *to, size_t bytes, struct error *e)
{
	if (k->fd < 0) {
		memcpy(to, k->elf + offset, bytes);
		return 0;
	}
	while (bytes > 0) {
		ssize_t n = next_part(k->fd, offset, bytes);

		if (n < 0) {
			n = -n;
			memset(to, 0, n);
		} else {
			n = pread(k->fd, to, n, offset);
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(e, "its unpacked image");
		if (n == 0)
			return error_set(e, EIO, "its unpacked image is cut off");
		to += n;
		offset += n;
		bytes -= n;
	}
	return 0;
}

int kernel_load(const struct kernel *k, void *to, struct error *e)
{
	for (unsigned int i = 0; i < k->nr_segments; i++) {
		const struct kernel_segment *s = &k->segment[i];
		char *at = to + (s->paddr - k->start);

		if (copy(k, s->offset, at, s->file_bytes, e))
			return -1;
		memset(at + s->file_bytes, 0, s->memory_bytes - s->file_bytes);
	}
	return 0;
}
