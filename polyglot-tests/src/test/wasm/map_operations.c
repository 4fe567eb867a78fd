/* Works on maps of fixtures/api/types.o through wasm_bpf, and holds each result to what bpf() gives. The exit
 * status is the number of the line of the first that differs. */
#include <string.h>

#include "../../../../examples/wasm/wasm_bpf.h"

enum { ENOENT = 2, EINTR = 4, E2BIG = 7, EBADF = 9, EFAULT = 14, EEXIST = 17, EINVAL = 22, EOPNOTSUPP = 95 };

static const unsigned char object_file[] = {
#embed "../../../../language/src/test/fixtures/api/types.o"
};

#define IS(expected, expression)             \
	do {                                 \
		if ((expression) != (expected)) \
			return __LINE__;     \
	} while (0)

struct point {
	int16_t x, y;
};

struct event {
	uint32_t length;
	char text[12];
};

static int samples;
static uint32_t lengths;

static int add_up(void *ctx, void *data, uint32_t size)
{
	struct event *event = data;

	samples++;
	lengths += event->length;
	return size == sizeof(*event) && !strcmp(event->text, "packet") && ctx == &samples ? 0 : -99;
}

static int fail(void *ctx, void *data, uint32_t size)
{
	return -42;
}

static int operate(int fd, int command, const void *key, void *value, void *next)
{
	return wasm_bpf_map_operate(fd, command, key, value, next, BPF_ANY);
}

int main(void)
{
	/* the value is that of all CPUs, each rounded up to 8 bytes; there are two */
	uint32_t key = 0, next = 77, runs[4] = {};
	struct point point = {.x = -7, .y = 8}, seen = {};
	uint64_t popped = 5;
	int color = 5, red = 0, other = 9;
	char value[104] = {}, buffer[64], small[4];
	int points, table, queue, count, events;
	bpf_object_handle object, again;

	IS(0, wasm_load_bpf_object("not an object", 13));
	IS(0, wasm_load_bpf_object((void *)0xffff0000, 100) == (uint64_t)-EFAULT ? 0 : 1);
	object = wasm_load_bpf_object(object_file, sizeof(object_file));
	IS(1, object != 0);
	again = wasm_load_bpf_object(object_file, sizeof(object_file));
	IS(1, again != 0 && again != object);

	IS(-ENOENT, wasm_bpf_map_fd_by_name(object, "pointz"));
	points = wasm_bpf_map_fd_by_name(object, "points");
	IS(points, wasm_bpf_map_fd_by_name(object, "points"));
	IS(1, points > 2 && points != wasm_bpf_map_fd_by_name(again, "points"));

	/* an array */
	key = 3;
	IS(0, operate(points, BPF_MAP_UPDATE_ELEM, &key, &point, NULL));
	IS(0, operate(points, BPF_MAP_LOOKUP_ELEM, &key, &seen, NULL));
	IS(0, memcmp(&seen, &point, sizeof(seen)));
	/* the other object's map is another */
	IS(0, operate(wasm_bpf_map_fd_by_name(again, "points"), BPF_MAP_LOOKUP_ELEM, &key, &seen, NULL));
	IS(0, seen.x | seen.y);
	key = 4;
	IS(-E2BIG, operate(points, BPF_MAP_UPDATE_ELEM, &key, &point, NULL));
	IS(-ENOENT, operate(points, BPF_MAP_LOOKUP_ELEM, &key, &seen, NULL));
	key = 1;
	IS(-EINVAL, operate(points, BPF_MAP_DELETE_ELEM, &key, NULL, NULL));
	IS(0, operate(points, BPF_MAP_GET_NEXT_KEY, &key, NULL, &next));
	IS(2, next);
	key = 3;
	IS(-ENOENT, operate(points, BPF_MAP_GET_NEXT_KEY, &key, NULL, &next));
	IS(0, operate(points, BPF_MAP_GET_NEXT_KEY, NULL, NULL, &next));
	IS(0, next);

	/* a hash */
	table = wasm_bpf_map_fd_by_name(object, "table");
	IS(-ENOENT, operate(table, BPF_MAP_LOOKUP_ELEM, &color, value, NULL));
	IS(-ENOENT, operate(table, BPF_MAP_DELETE_ELEM, &color, NULL, NULL));
	IS(-ENOENT, wasm_bpf_map_operate(table, BPF_MAP_UPDATE_ELEM, &color, value, NULL, BPF_EXIST));
	IS(0, wasm_bpf_map_operate(table, BPF_MAP_UPDATE_ELEM, &color, value, NULL, BPF_NOEXIST));
	IS(-EEXIST, wasm_bpf_map_operate(table, BPF_MAP_UPDATE_ELEM, &color, value, NULL, BPF_NOEXIST));
	IS(-EINVAL, wasm_bpf_map_operate(table, BPF_MAP_UPDATE_ELEM, &color, value, NULL, 1 << 20));
	IS(0, operate(table, BPF_MAP_UPDATE_ELEM, &red, value, NULL));
	IS(-E2BIG, operate(table, BPF_MAP_UPDATE_ELEM, &other, value, NULL));
	IS(0, operate(table, BPF_MAP_DELETE_ELEM, &red, NULL, NULL));
	IS(0, operate(table, BPF_MAP_GET_NEXT_KEY, NULL, NULL, &next));
	IS(5, next);

	/* pointers that lead nowhere, commands and descriptors that are none */
	IS(-EFAULT, operate(table, BPF_MAP_LOOKUP_ELEM, &color, (void *)0xfffffff0, NULL));
	IS(-EFAULT, operate(table, BPF_MAP_LOOKUP_ELEM, (void *)0xfffffffe, value, NULL));
	IS(-EFAULT, wasm_bpf_map_fd_by_name(object, (char *)0xfffffffe));
	IS(-EINVAL, operate(table, 21, &color, value, NULL));
	IS(-EBADF, operate(99, BPF_MAP_LOOKUP_ELEM, &color, value, NULL));
	IS(-EINVAL, wasm_attach_bpf_program(99, "touch", NULL));

	/* events */
	events = wasm_bpf_map_fd_by_name(object, "events");
	IS(-EINTR, wasm_bpf_buffer_poll(object, events, add_up, &samples, buffer, sizeof(buffer), 100));
	IS(-ENOENT, wasm_attach_bpf_program(object, "tuch", NULL));
	IS(-EOPNOTSUPP, wasm_attach_bpf_program(object, "touch", "nowhere"));
	IS(0, wasm_attach_bpf_program(object, "touch", NULL));
	IS(0, wasm_bpf_buffer_poll(object, events, add_up, &samples, buffer, sizeof(buffer), 100));
	IS(1, samples);
	IS(64, lengths);
	IS(-42, wasm_bpf_buffer_poll(object, events, fail, NULL, small, sizeof(small), 100));
	IS(0, memcmp(small, &(uint32_t){100}, 4));
	IS(-EINTR, wasm_bpf_buffer_poll(object, events, add_up, &samples, buffer, sizeof(buffer), 100));
	IS(1, samples);
	IS(-ENOENT, wasm_bpf_buffer_poll(again, events, add_up, &samples, buffer, sizeof(buffer), 100));

	/* what the program did: maps per CPU, queues */
	count = wasm_bpf_map_fd_by_name(object, "runs");
	key = 0;
	IS(0, operate(count, BPF_MAP_LOOKUP_ELEM, &key, runs, NULL));
	IS(2, runs[0]);
	IS(0, runs[2]);
	queue = wasm_bpf_map_fd_by_name(object, "queue");
	IS(0, operate(queue, BPF_MAP_LOOKUP_ELEM, NULL, &popped, NULL));
	IS(64, popped);

	IS(0, wasm_close_bpf_object(object));
	IS(-EINVAL, wasm_close_bpf_object(object));
	IS(-EBADF, operate(table, BPF_MAP_LOOKUP_ELEM, &color, value, NULL));
	return 0;
}
