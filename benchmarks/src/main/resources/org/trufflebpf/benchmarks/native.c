/* native.c - what stands behind a benchmark that is compiled for the host (FORM_NATIVE): the loop that repeats it, and
 * for class b the maps, plain and for one thread: a lower bound, not a product. Programs keep packet pointers in 32
 * bits, so that packets lie below 4 GiB. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

void *bench_memory(void)
{
	void *p = mmap(0, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	return p == MAP_FAILED ? 0 : p;
}

#ifdef CLASS_A
u64 entry(u8 *mem, u64 len);
u64 bench_run(u8 *mem, u64 len, u64 times)
{
	u64 result = 0;
	for (u64 i = 0; i < times; i++)
		result = entry(mem, len);
	return result;
}
#else
struct xdp_md { u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex; };
int entry(struct xdp_md *ctx);
u64 bench_run(u8 *mem, u64 len, u64 times)
{
	u64 result = 0;
	for (u64 i = 0; i < times; i++) {
		struct xdp_md ctx = { (u32)(long)mem, (u32)(long)mem + len };
		__asm__ volatile("" : : "r"(&ctx) : "memory");
		result = (u32)entry(&ctx);
	}
	return result;
}

enum { HASH, ARRAY, LPM, RING };
struct node { struct node *child[2]; u32 plen; u8 used, data[4]; u64 value; };
struct umap {
	const char *name;
	int kind;
	u32 key, value, max;
	u8 *slots; /* hash: u32 next, key, value; array: value */
	u32 *heads, used;
	struct node *root;
	u64 position;
};
static struct umap maps[] = {
	{ "cnt_map", HASH, 4, 16, 65536 }, { "routes", LPM, 8, 4, 65536 }, { "nexthops", ARRAY, 4, 16, 256 },
	{ "proto_map", ARRAY, 4, 16, 256 }, { "events", RING, 0, 0, 32 << 20 },
};
u64 umap_n;

struct umap *umap_get(const char *name, u64 unused)
{
	for (u32 i = 0; i < sizeof maps / sizeof *maps; i++) {
		struct umap *m = &maps[i];
		if (strcmp(m->name, name))
			continue;
		if (!m->slots && m->kind != LPM)
			m->slots = calloc(m->max + 1, m->kind == HASH ? 24 : m->kind == ARRAY ? 16 : 1);
		if (m->kind == HASH && !m->heads)
			m->heads = calloc(m->max, 4);
		return m;
	}
	return 0;
}

static u32 bucket(struct umap *m, u32 key)
{
	return (u32)((key * 0x9e3779b97f4a7c15ULL) >> 40) & (m->max - 1);
}

static int bit(const u8 *data, u32 i)
{
	return data[i >> 3] >> (7 - (i & 7)) & 1;
}

static u32 common(const u8 *a, const u8 *b, u32 limit)
{
	u32 x, y;
	memcpy(&x, a, 4);
	memcpy(&y, b, 4);
	u32 n = x == y ? 32 : __builtin_clz(__builtin_bswap32(x ^ y));
	return n < limit ? n : limit;
}

void *umap_lookup(struct umap *m, const void *key)
{
	u32 k = *(const u32 *)key;
	if (m->kind == ARRAY)
		return k < m->max ? m->slots + 16ul * k : 0;
	if (m->kind == HASH) {
		for (u32 i = m->heads[bucket(m, k)]; i; i = *(u32 *)(m->slots + 24ul * i))
			if (*(u32 *)(m->slots + 24ul * i + 4) == k)
				return m->slots + 24ul * i + 8;
		return 0;
	}
	const u8 *data = (const u8 *)key + 4;
	struct node *found = 0;
	for (struct node *n = m->root; n; n = n->child[bit(data, n->plen)]) {
		if (common(n->data, data, n->plen) < n->plen)
			break;
		if (n->used)
			found = n;
		if (n->plen == 32)
			break;
	}
	return found ? &found->value : 0;
}

static long insert(struct umap *m, const u8 *key, const void *value)
{
	u32 plen;
	memcpy(&plen, key, 4);
	struct node *added = calloc(1, sizeof *added), **at = &m->root;
	added->plen = plen;
	added->used = 1;
	memcpy(added->data, key + 4, 4);
	memcpy(&added->value, value, m->value);
	while (*at) {
		struct node *n = *at;
		u32 same = common(n->data, key + 4, n->plen < plen ? n->plen : plen);
		if (same == n->plen && same == plen) {
			n->used = 1;
			n->value = added->value;
			return 0;
		}
		if (same < n->plen) {
			struct node *join = added;
			if (same < plen) {
				join = calloc(1, sizeof *join);
				join->plen = same;
				memcpy(join->data, key + 4, 4);
				join->child[bit(key + 4, same)] = added;
			}
			join->child[bit(n->data, same)] = n;
			*at = join;
			return 0;
		}
		at = &n->child[bit(key + 4, same)];
	}
	*at = added;
	return 0;
}

long umap_update(struct umap *m, const void *key, const void *value, u64 flags)
{
	if (m->kind == LPM)
		return insert(m, key, value);
	u8 *old = umap_lookup(m, key);
	if (!old && m->kind == HASH && m->used < m->max) {
		u32 i = ++m->used, *head = &m->heads[bucket(m, *(const u32 *)key)];
		u8 *slot = m->slots + 24ul * i;
		*(u32 *)slot = *head;
		memcpy(slot + 4, key, 4);
		*head = i;
		old = slot + 8;
	}
	if (!old)
		return -7;
	memcpy(old, value, m->value);
	return 0;
}

long umap_delete(struct umap *m, const void *key)
{
	return -22;
}

u64 u_ktime(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

u64 u_prandom(void)
{
	static u64 x = 1;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

/* nobody reads: the ring begins again at its end */
void *u_rb_reserve(struct umap *m, u64 size, u64 flags)
{
	u64 at = m->position, whole = (size + 15) & ~7ull;
	if (at + whole > m->max)
		at = 0;
	m->position = at + whole;
	*(volatile u32 *)(m->slots + at) = (u32)size | 1u << 31;
	return m->slots + at + 8;
}

void u_rb_submit(void *record, u64 flags)
{
	u32 *header = (u32 *)((u8 *)record - 8);
	__atomic_exchange_n(header, *header & ~(1u << 31), __ATOMIC_SEQ_CST);
}

long u_rb_output(struct umap *m, void *data, u64 size, u64 flags)
{
	void *record = u_rb_reserve(m, size, 0);
	memcpy(record, data, size);
	u_rb_submit(record, flags);
	return 0;
}
#endif
