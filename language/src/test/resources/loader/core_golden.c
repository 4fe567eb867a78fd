// Prints what libbpf does with the CO-RE records of an object: golden data for the loader's tests.
// usage: core_golden OBJECT TARGET_BTF
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>

static int print(enum libbpf_print_level level, const char *format, va_list args) {
    char line[4096];
    vsnprintf(line, sizeof(line), format, args);
    if (strstr(line, "relo #") && (strstr(line, "patched insn") || strstr(line, "substituting insn")
                                   || strstr(line, "<"))
        && !strstr(line, "candidate")) {
        char *start = strstr(line, "prog '");
        fputs(start ? start : line, stdout);
    }
    return 0;
}

int main(int argc, char **argv) {
    LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = argv[2]);
    libbpf_set_print(print);
    struct bpf_object *object = bpf_object__open_file(argv[1], &opts);
    if (!object) {
        return 1;
    }
    struct bpf_program *program;
    bpf_object__for_each_program(program, object) {
        bpf_program__set_autoload(program, true);
    }
    bpf_object__load(object); // may fail later: the records are done by then
    return 0;
}
