/* An application for wasm-bpf: watches DNS queries. It carries the BPF object examples/events.o in its memory,
 * attaches its program, and prints each record of the ring buffer, through a callback in its function table. */
#include <stdio.h>
#include <string.h>

#include "wasm_bpf.h"

/* As events.c defines it. */
struct event {
	uint8_t client[4];
	uint16_t port;
	uint16_t id;
	char name[40];
};

static const unsigned char object_file[] = {
#embed "../events.o"
};

/* The name in DNS form is a row of labels, each with its length before it. */
static void print_name(const char *name)
{
	const char *dot = "";

	while (*name) {
		int length = *name++;

		printf("%s%.*s", dot, length, name);
		name += length;
		dot = ".";
	}
}

static int print_event(void *ctx, void *data, uint32_t size)
{
	const struct event *event = data;
	int *seen = ctx;

	if (size != sizeof(*event))
		return -1;
	printf("%d.%d.%d.%d:%d asks for ", event->client[0], event->client[1], event->client[2], event->client[3],
	       event->port);
	print_name(event->name);
	printf("\n");
	++*seen;
	return 0;
}

int main(int argc, char **argv)
{
	const char *device = argc > 1 ? argv[1] : "eth0";
	char buffer[256];
	int seen = 0, events, error;
	bpf_object_handle object = wasm_load_bpf_object(object_file, sizeof(object_file));

	if (!object) {
		fprintf(stderr, "cannot load the object\n");
		return 1;
	}
	error = wasm_attach_bpf_program(object, "dns_queries", device);
	if (error) {
		fprintf(stderr, "cannot attach to %s: %d\n", device, error);
		return 1;
	}
	events = wasm_bpf_map_fd_by_name(object, "events");
	if (events < 0)
		return 1;
	/* Interrupted when there is nothing more to see. */
	while (!wasm_bpf_buffer_poll(object, events, print_event, &seen, buffer, sizeof(buffer), 100))
		;
	printf("%d queries\n", seen);
	wasm_close_bpf_object(object);
	return 0;
}
