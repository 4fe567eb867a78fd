package org.trufflebpf.api;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyObject;

import java.util.Map;

/**
 * The function table of a Wasm instance, through which C programs call by pointer. A table cannot
 * be read from outside, so a module of one function does the {@code call_indirect}:
 *
 * <pre>{@code
 * (module
 *   (type $callback (func (param i32 i32 i32) (result i32)))
 *   (import "app" "table" (table 0 funcref))
 *   (func (export "call") (param i32 i32 i32 i32) (result i32)
 *     (call_indirect (type $callback) (local.get 1) (local.get 2) (local.get 3) (local.get 0))))
 * }</pre>
 */
final class WasmTable {
    private static final byte[] CALLER = {
        0,
        'a',
        's',
        'm',
        1,
        0,
        0,
        0,
        // types: of the callback, of "call"
        1,
        16,
        2,
        0x60,
        3,
        0x7f,
        0x7f,
        0x7f,
        1,
        0x7f,
        0x60,
        4,
        0x7f,
        0x7f,
        0x7f,
        0x7f,
        1,
        0x7f,
        // import
        2,
        15,
        1,
        3,
        'a',
        'p',
        'p',
        5,
        't',
        'a',
        'b',
        'l',
        'e',
        1,
        0x70,
        0,
        0,
        // function 0 is of type 1, and exported
        3,
        2,
        1,
        1,
        7,
        8,
        1,
        4,
        'c',
        'a',
        'l',
        'l',
        0,
        0,
        // its code
        10,
        15,
        1,
        13,
        0,
        0x20,
        1,
        0x20,
        2,
        0x20,
        3,
        0x20,
        0,
        0x11,
        0,
        0,
        0x0b
    };

    private final Value call;

    WasmTable(Context context, Value table) {
        Source source =
                Source.newBuilder("wasm", ByteSequence.create(CALLER), "call_indirect")
                        .buildLiteral();
        ProxyObject imports =
                ProxyObject.fromMap(Map.of("app", ProxyObject.fromMap(Map.of("table", table))));
        call = context.eval(source).newInstance(imports).getMember("exports").getMember("call");
    }

    /** Calls a {@code int (*)(void *ctx, void *data, size_t size)}. */
    int call(int function, int ctx, int data, int size) {
        return call.execute(function, ctx, data, size).asInt();
    }
}
