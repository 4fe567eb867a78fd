/* Maps of all kinds, maps in maps, lookups of what lookups gave. */
#include "corpus.h"
struct value { __u64 packets, bytes; __u32 next; __u32 flags; };
struct lpm { __u32 length, address; };
MAP(hash, BPF_MAP_TYPE_HASH, __u32, struct value, 1024);
MAP(lru, BPF_MAP_TYPE_LRU_HASH, __u64, struct value, 1024);
MAP(percpu, BPF_MAP_TYPE_PERCPU_HASH, __u32, struct value, 128);
MAP(table, BPF_MAP_TYPE_ARRAY, __u32, struct value, 64);
struct { __uint(type, BPF_MAP_TYPE_LPM_TRIE); __uint(max_entries, 64); __type(key, struct lpm); __type(value, __u32);
    __uint(map_flags, BPF_F_NO_PREALLOC); } routes SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_QUEUE); __uint(max_entries, 16); __type(value, __u64); } queue SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_STACK); __uint(max_entries, 16); __type(value, __u64); } stack SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_BLOOM_FILTER); __uint(max_entries, 64); __type(value, __u32); } bloom SEC(".maps");
struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 8); __type(key, __u32); __type(value, struct value); } inner0 SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 4); __type(key, __u32); __array(values, struct inner); } outer SEC(".maps") = {.values = {&inner0}};
struct inner_hash { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, __u64); __type(value, __u64); } inner1 SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __uint(max_entries, 4); __type(key, __u32); __array(values, struct inner_hash); } outer_hash SEC(".maps");
__u64 total;
__u32 table_size = 17;
const volatile __u32 limit = 8;
struct value slots[16];

#define PROGRAM(name, ...) SEC("xdp") int name(struct xdp_md *ctx) { __u32 key = ctx->rx_queue_index; __VA_ARGS__ return XDP_PASS; }
PROGRAM(hash_count, struct value *v = bpf_map_lookup_elem(&hash, &key); if (v) { v->packets++; v->bytes += 64; })
PROGRAM(hash_unchecked, struct value *v = bpf_map_lookup_elem(&hash, &key); v->packets++;)
PROGRAM(hash_insert, struct value *v = bpf_map_lookup_elem(&hash, &key); if (!v) { struct value fresh = {.packets = 1};
        bpf_map_update_elem(&hash, &key, &fresh, BPF_ANY); v = bpf_map_lookup_elem(&hash, &key); if (!v) return XDP_DROP; } v->bytes++;)
PROGRAM(hash_insert_garbage, struct value fresh; fresh.packets = 1; fresh.bytes = 2; bpf_map_update_elem(&hash, &key, &fresh, BPF_ANY);)
PROGRAM(hash_delete, bpf_map_delete_elem(&hash, &key);)
PROGRAM(hash_beyond, struct value *v = bpf_map_lookup_elem(&hash, &key); if (v) v[1].packets++;)
PROGRAM(hash_keep, struct value *v = bpf_map_lookup_elem(&hash, &key); bpf_map_delete_elem(&hash, &key); if (v) v->packets = 0;)
PROGRAM(hash_key_in_value, struct value *v = bpf_map_lookup_elem(&hash, &key); if (v) { v = bpf_map_lookup_elem(&hash, &v->next); if (v) v->packets++; })
PROGRAM(chain, for (int i = 0; i < 8; i++) { struct value *v = bpf_map_lookup_elem(&hash, &key); if (!v) break; v->packets++; key = v->next; })
PROGRAM(chain_long, for (int i = 0; i < 64; i++) { struct value *v = bpf_map_lookup_elem(&hash, &key); if (!v) break; v->packets++; key = v->next; })
PROGRAM(lru_count, __u64 k = (__u64)key << 32 | 7; struct value *v = bpf_map_lookup_elem(&lru, &k); if (v) __sync_fetch_and_add(&v->packets, 1);)
PROGRAM(lru_short_key, struct value *v = bpf_map_lookup_elem(&lru, &key); if (v) v->packets++;)
PROGRAM(percpu_count, struct value *v = bpf_map_lookup_elem(&percpu, &key); if (v) v->packets++;)
PROGRAM(percpu_other, struct value *v = bpf_map_lookup_percpu_elem(&percpu, &key, 0); if (v) v->packets++;)
PROGRAM(percpu_other_wrong, struct value *v = bpf_map_lookup_percpu_elem(&hash, &key, 0); if (v) v->packets++;)
PROGRAM(array_index, struct value *v = bpf_map_lookup_elem(&table, &key); if (v) v->packets++;)
PROGRAM(route, struct lpm k = {32, key}; __u32 *v = bpf_map_lookup_elem(&routes, &k); if (v) total += *v;)
PROGRAM(push, __u64 v = key; bpf_map_push_elem(&queue, &v, BPF_EXIST);)
PROGRAM(pop, __u64 v; if (!bpf_map_pop_elem(&stack, &v)) total += v;)
PROGRAM(peek, __u64 v = 0; bpf_map_peek_elem(&queue, &v); total += v;)
PROGRAM(pop_short, __u32 v[1]; if (!bpf_map_pop_elem(&stack, v)) total += v[0];)
PROGRAM(queue_lookup, struct value *v = bpf_map_lookup_elem(&queue, &key); if (v) total++;)
PROGRAM(bloom_test, if (bpf_map_peek_elem(&bloom, &key)) bpf_map_push_elem(&bloom, &key, 0);)
PROGRAM(bloom_pop, bpf_map_pop_elem(&bloom, &key);)
PROGRAM(nested, void *m = bpf_map_lookup_elem(&outer, &key); if (m) { __u32 zero = 0; struct value *v = bpf_map_lookup_elem(m, &zero); if (v) v->packets++; })
PROGRAM(nested_unchecked, void *m = bpf_map_lookup_elem(&outer, &key); __u32 zero = 0; struct value *v = bpf_map_lookup_elem(m, &zero); if (v) v->packets++;)
PROGRAM(nested_value_unchecked, void *m = bpf_map_lookup_elem(&outer, &key); if (m) { __u32 zero = 0; struct value *v = bpf_map_lookup_elem(m, &zero); v->packets++; })
PROGRAM(nested_read, __u64 *m = bpf_map_lookup_elem(&outer, &key); if (m) total += *m;)
PROGRAM(nested_hash, void *m = bpf_map_lookup_elem(&outer_hash, &key); if (m) { __u64 k = key, v = 1; bpf_map_update_elem(m, &k, &v, BPF_ANY); })
PROGRAM(nested_hash_short_key, void *m = bpf_map_lookup_elem(&outer_hash, &key); if (m) { __u64 *v = bpf_map_lookup_elem(m, &key); if (v) total++; })
PROGRAM(nested_twice, void *m = bpf_map_lookup_elem(&outer, &key); void *n = bpf_map_lookup_elem(&outer_hash, &key); if (m && n) { __u32 z = 0; __u64 k = 1;
        struct value *v = bpf_map_lookup_elem(m, &z); __u64 *w = bpf_map_lookup_elem(n, &k); if (v && w) v->bytes = *w; })
PROGRAM(nested_twice_or, void *m = bpf_map_lookup_elem(&outer, &key); void *n = bpf_map_lookup_elem(&outer_hash, &key); if (m || n) { __u32 z = 0; __u64 k = 1;
        struct value *v = bpf_map_lookup_elem(m, &z); __u64 *w = bpf_map_lookup_elem(n, &k); if (v && w) v->bytes = *w; })
PROGRAM(global_counter, total++;)
PROGRAM(global_index, if (key < 16) slots[key].packets++;)
PROGRAM(global_index_unchecked, slots[key].packets++;)
PROGRAM(global_index_size, if (key < table_size) slots[key].packets++;)
PROGRAM(global_index_constant, if (key < limit) slots[key].packets++;)
PROGRAM(global_write_constant, *(volatile __u32 *)&limit = 9;)
PROGRAM(two_keys, struct value *a = bpf_map_lookup_elem(&hash, &key); key++; struct value *b = bpf_map_lookup_elem(&hash, &key); if (a && b) { a->packets += b->packets; b->bytes += a->bytes; })
PROGRAM(select, struct value *a = bpf_map_lookup_elem(&hash, &key), *b = bpf_map_lookup_elem(&table, &key); struct value *v = a ? a : b; if (v) v->packets++;)
PROGRAM(select_wrong, struct value *a = bpf_map_lookup_elem(&hash, &key), *b = bpf_map_lookup_elem(&table, &key); struct value *v = a ? a : b; v->packets++;)
