/* A Wasm module without libraries that calls BPF, and whose export BPF calls. */
#include <stdint.h>

__attribute__((import_module("bpf"), import_name("count"))) int count(void *packet, int size);

static unsigned char frame[64];

/* Lets the program see so many Ethernet frames of a type; gives the sum of its results. */
__attribute__((export_name("send"))) int send(int type, int frames)
{
	int sum = 0;

	frame[12] = type >> 8;
	frame[13] = type;
	for (int i = 0; i < frames; i++)
		sum += count(frame, sizeof(frame));
	return sum;
}

/* A helper for BPF programs. */
__attribute__((export_name("mix"))) int64_t mix(int64_t a, int64_t b)
{
	return a * 1000003 ^ b;
}
