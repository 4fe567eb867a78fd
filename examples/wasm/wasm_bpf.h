/* The six host functions of wasm-bpf, as its applications import them. */
#ifndef WASM_BPF_H
#define WASM_BPF_H
#include <stdint.h>

#define WASM_BPF(name) __attribute__((import_module("wasm_bpf"), import_name(#name))) name

typedef uint64_t bpf_object_handle;
typedef int (*bpf_sample_fn)(void *ctx, void *data, uint32_t size);

/* 0: refused. */
bpf_object_handle WASM_BPF(wasm_load_bpf_object)(const void *bytes, int size);
int WASM_BPF(wasm_close_bpf_object)(bpf_object_handle object);
int WASM_BPF(wasm_attach_bpf_program)(bpf_object_handle object, const char *name, const char *target);
int WASM_BPF(wasm_bpf_map_fd_by_name)(bpf_object_handle object, const char *name);
/* Calls sample for each record, which it copies to buffer. */
int WASM_BPF(wasm_bpf_buffer_poll)(bpf_object_handle object, int fd, bpf_sample_fn sample, void *ctx,
				   void *buffer, int buffer_size, int timeout_ms);
int WASM_BPF(wasm_bpf_map_operate)(int fd, int command, const void *key, void *value, void *next_key,
				   uint64_t flags);

/* Commands of wasm_bpf_map_operate. */
enum { BPF_MAP_LOOKUP_ELEM = 1, BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM, BPF_MAP_GET_NEXT_KEY };

/* Its flags. */
enum { BPF_ANY, BPF_NOEXIST, BPF_EXIST };

#endif
