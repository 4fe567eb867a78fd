// The "kernel" that core.c is loaded into: the same names, other layouts.
enum color { GREEN = 3, RED, BLUE = 100, VIOLET };
enum big { BIG_B = 0x300000007ULL, BIG_A = 0x7fffffff00000000ULL };

struct inner {
    char pad;
    int values[8];
    int a;
};

struct outer {
    char pad[24];
    struct {
        struct {
            long moved;
        };
        struct {
            long filler;
            union {
                long u2;
                int u1;
            };
        };
        int anon;
    };
    struct inner arr[5];
    struct inner in;
    unsigned long grows;
    unsigned int shrinks;
    long signed_grows;
    int *pointer;
    int before : 7;
    unsigned int three : 4;
    unsigned int flag : 1;
    int signed_bits : 9;
    unsigned long wide_bits : 44;
    enum color color;
    int first;
    int renamed;
    char tail[];
};

struct same {
    int extra;
    int (*call)(struct inner *, long);
    struct inner *pointer;
    enum color *color;
    int a;
};

typedef struct outer outer_t;

struct outer *keep_outer;
outer_t *keep_typedef;
struct same *keep_same;
enum color keep_color;
enum big keep_big;
