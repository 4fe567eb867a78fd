// Programs without SEC(): the global functions of .text are all there is.
static __attribute__((noinline)) int helper(int a) {
    asm volatile("");
    return a + 1;
}

int helloworld(void *ctx) {
    return helper(41);
}

int other(void *ctx) {
    return helloworld(ctx) + helper(0);
}
