package org.trufflebpf.verifier;

/** The kinds of refusal, one row each, with what usually mends it. */
public enum RefusalKind {
    CONTROL_FLOW("every path has to end in exit or a jump inside its own function"),
    UNREACHABLE("remove code that no path reaches; compilers do so with -O2"),
    UNINITIALIZED_REGISTER("give the variable a value on every path that leads here"),
    UNINITIALIZED_STACK("initialize the whole variable, padding too, before its address is given"),
    STACK_BOUNDS("the stack of a program has 512 bytes; move large buffers to a map"),
    PACKET_BOUNDS("compare the end of the bytes that you use with data_end before this access"),
    MAP_VALUE_BOUNDS(
            "bound the index by a comparison (or a mask) before it is added to the pointer"),
    MEMORY_BOUNDS("bound offset and size by comparisons before the access"),
    UNBOUNDED(
            "compare the value with constants on both sides before it is used; declare it"
                    + " unsigned"),
    MAYBE_NULL("compare the pointer with NULL before it is used"),
    NULL_ACCESS("the pointer is NULL on this path: return when the check fails"),
    INVALID_POINTER(
            "a number is no address: keep the pointer itself, not a copy that lost its type"),
    POINTER_ARITHMETIC(
            "only add and subtract bounded numbers; do other arithmetic on a copy of the offset"),
    CONTEXT_ACCESS("use the field with its declared width; fields differ between program types"),
    READ_ONLY("this memory may only be read"),
    ALIGNMENT("access memory at multiples of the width, or copy byte by byte"),
    ARGUMENT("give the helper the kind of argument that its documentation names"),
    HELPER("use a helper that this program type may call, or another program type"),
    MAP_USE("use a map type that goes with this helper"),
    TRUST(
            "use a pointer that is trusted: from the context, acquired, or read inside"
                    + " bpf_rcu_read_lock"),
    REFERENCE_LEAK("release (or submit, discard, destroy) what was acquired, on every path"),
    REFERENCE("release what was acquired, once, by the pointer that acquired it"),
    LOCK("unlock before leaving, and call nothing between lock and unlock"),
    REGION("leave the section that was entered, on every path, before this"),
    SLEEPABLE("make the program sleepable (SEC(\"x.s/...\")), or use what does not sleep"),
    RETURN_VALUE("return one of the values that this program type allows, on every path"),
    CALL("functions take up to 5 arguments, nest 8 deep, and never call themselves"),
    GLOBAL_FUNCTION(
            "arguments of a global function need types that say their size; or make it static"),
    CALLBACK("the callback has to be a static function with the documented signature"),
    ITERATOR("create with _new, step with _next, and destroy on every path"),
    DYNPTR("initialize the dynptr once, and submit or discard it on every path"),
    LOOP("bound the loop by a constant, or use bpf_loop, bpf_for or can_loop"),
    COMPLEXITY(
            "split the program (global functions, tail calls, bpf_loop), so that fewer paths"
                    + " exist"),
    BTF_ACCESS("read kernel objects by their BTF types, and do not write them"),
    INSTRUCTION("compile the program anew; this instruction is not valid"),
    UNRESOLVED(
            "this kernel does not have it: ask first (bpf_core_field_exists, bpf_ksym_exists of a"
                    + " __weak symbol), or give the types of a kernel that has it"),
    UNSUPPORTED(
            "this verifier cannot judge it yet: run it unverified (--no-verify), or ask the"
                    + " kernel");

    private final String hint;

    RefusalKind(String hint) {
        this.hint = hint;
    }

    /** Whether a run can show it: an access out of bounds, or through what is no pointer. */
    public boolean isShownByRuns() {
        return switch (this) {
            case STACK_BOUNDS,
                    PACKET_BOUNDS,
                    MAP_VALUE_BOUNDS,
                    MEMORY_BOUNDS,
                    MAYBE_NULL,
                    NULL_ACCESS,
                    INVALID_POINTER,
                    CONTEXT_ACCESS,
                    READ_ONLY,
                    ALIGNMENT ->
                    true;
            default -> isArithmetic();
        };
    }

    /** Whether what is refused makes an address, and a later instruction uses it. */
    public boolean isArithmetic() {
        return this == POINTER_ARITHMETIC || this == UNBOUNDED;
    }

    /** What usually mends it, in one line. */
    public String hint() {
        return hint;
    }
}
