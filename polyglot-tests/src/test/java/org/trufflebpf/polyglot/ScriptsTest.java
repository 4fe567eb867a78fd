package org.trufflebpf.polyglot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One line of JavaScript or Python each, with the object as {@code o}, and what it gives. */
class ScriptsTest {
    private static Context context;

    @BeforeAll
    static void open() {
        context = Polyglot.context().build();
    }

    @AfterAll
    static void close() {
        context.close();
    }

    private static String run(String language, String function) {
        Value object = Polyglot.types(context);
        return context.eval(language, function).execute(object).toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "o => o.programs.count(new Uint8Array(64)).name | XDP_PASS",
                "o => o.programs.count(new ArrayBuffer(64)).value | 2",
                "o => { const b = new Uint8Array(100).map((_, i) => i); return"
                        + " o.programs.count(b.subarray(10, 40)).data[0] } | 10",
                "o => o.programs.count(new DataView(new ArrayBuffer(90), 10, 20)).data.length | 20",
                "o => o.programs.count(new Uint16Array(32)).value | 2",
                "o => o.programs.count(Array(64).fill(255)).value | 2",
                "o => o.programs.count.runBatch([new Uint8Array(64), new ArrayBuffer(20)])"
                        + ".values.join() | 2,2",
                "o => o.programs.count.runBatch(new Uint8Array(64), [20, 30])"
                        + ".data.map(d => d.length).join() | 20,30",
                "o => { try { o.programs.count.runBatch(new Uint8Array(64), [20, 50]) } catch (e)"
                        + " { return e.message } } | packet 1 has a length of 50, but 44 bytes are"
                        + " left",
                "o => { try { o.programs.count.runBatch(new Uint8Array(64), 30) } catch (e) {"
                        + " return e.message } } | packets has 64 bytes, which is no multiple of"
                        + " the length 30",
                "o => { try { o.programs.count.runBatch([new Uint8Array(64), 'x']) } catch (e) {"
                        + " return o.globals.runs } } | 0",
                "o => [2n ** 63n, 2n ** 64n - 1n].map(n => BigInt.asUintN(64,"
                        + " BigInt(o.programs.identity(n).r0)) === n).join() | true,true",
                "o => { const h = o.maps.hosts6.addresses; h.set('2001:db8::1', 6); return"
                        + " [...h.keys()][0] + ' ' + h.get('2001:db8:0::1') } | 2001:db8::1 6",
                "o => { try { o.programs.add(2n ** 64n, 1) } catch (e) { return e.message.length"
                        + " > 0 } } | true",
                "o => o.programs.mark(new Uint8Array(64), {priority: 4}).context.mark | 5",
                "o => BigInt(o.programs.add(2n ** 62n, 2n ** 62n).r0) === -(2n ** 63n) | true",
                "o => { o.maps.counters.set(7, {packets: 1}); o.maps.counters.get(7).packets += 1;"
                        + " return o.maps.counters.get(7).packets } | 2",
                "o => { o.maps.counters.set(7, {packets: 3}); return o.maps.counters.has(7) &&"
                        + " !o.maps.counters.has(8) } | true",
                "o => { o.maps.counters.set(7, {packets: 3}); let s = ''; for (const [k, v] of"
                        + " o.maps.counters) s += k + ':' + v.packets; return s } | 7:3",
                "o => { o.maps.counters.set(7, {bytes: 2n ** 64n - 1n}); return"
                        + " String(o.maps.counters.get(7).bytes) } | 18446744073709551615",
                "o => { o.globals.signed_global = -(2n ** 63n); return"
                        + " String(BigInt(o.globals.signed_global)) } | -9223372036854775808",
                "o => { o.maps.recent.set(2n ** 64n - 1n, 2n ** 63n); return typeof"
                        + " o.maps.recent.get(2n ** 64n - 1n) + [...o.maps.recent.keys()][0] } |"
                        + " number18446744073709551615",
                "o => { o.maps.table[1] = {packets: 4}; return o.maps.table[1].packets +"
                        + " o.maps.table.length } | 8",
                "o => { o.maps.percpu[1][1] = 5; return [...o.maps.percpu[1]].join() } | 0,5",
                "o => { o.maps.queue.push(4); o.maps.queue.push(5); return [...o.maps.queue].join()"
                        + " + o.maps.queue.pop() } | 4,54",
                "o => { o.programs.count(new Uint8Array(64)); let n = 0;"
                    + " o.maps.ring.records('counter').poll(r => { n += r.bytes; return true });"
                    + " return n } | 64",
                "o => { o.programs.count(new Uint8Array(64)); return [...o.maps.ring].map(r => new"
                        + " DataView(r).getBigUint64(0, true)).join() } | 1",
                "o => { try { o.maps.flows.set(1, {ttl: 300}) } catch (e) { return e.message } } |"
                        + " value 300 does not fit u8 field `ttl`",
                "o => { try { o.maps.counters.delete(9) } catch (e) { return e.errno } } | ENOENT",
                "o => { o.maps.flows.set(1, {name: 'ab', words: [1, 2], peer: {port: 8}, proto:"
                        + " 'UDP', up: true}); const f = o.maps.flows.get(1); return [f.name,"
                        + " f.words[1], f.peer.port, f.proto, f.up].join() } | ab,2,8,UDP,true",
                "o => Object.keys(o.globals).includes('runs') | true",
                "o => { o.globals.runs = 7; o.globals.runs++; return o.globals.runs } | 8",
                "o => o.instantiate({functions: {10001: (a, b) => a + b}}).programs.custom(5).r0 |"
                        + " 8",
                "o => { const t = o.instantiate({functions: {bpf_ktime_get_ns: () => 1000,"
                    + " bpf_get_prandom_u32: () => 7, bpf_get_smp_processor_id: () => 1,"
                    + " bpf_get_current_pid_tgid: () => 9}}); t.programs.ask(new Uint8Array(64));"
                    + " const g = t.globals; return [g.now, g.chance, g.cpu, g.pid].join() } |"
                    + " 1000,7,1,9",
            })
    void javaScript(String function, String expected) {
        assertEquals(expected, run("js", function));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lambda o: o.program('count')(bytes(64)).name == 'XDP_PASS' | True",
                "lambda o: o.program('count')(memoryview(bytes(64))).value | 2",
                "lambda o: o.program('count')(bytearray(64)).value | 2",
                "lambda o: o.programs.mark(bytes(64), {'priority': 4}).context.mark | 5",
                "lambda o: [o.programs.identity(n).r0 % 2**64 == n for n in (2**63, 2**64 - 1)] |"
                        + " [True, True]",
                "lambda o: o.programs.add(2**62, 2**62).r0 == -2**63 | True",
                "lambda o: [o.maps.counters.__setitem__(7, {'packets': 1}),"
                        + " o.maps.counters[7]['packets']][1] | 1",
                "lambda o: [o.maps.counters.__setitem__(7, {'packets': 1}), 7 in o.maps.counters, 8"
                        + " in o.maps.counters][1:] | [True, False]",
                "lambda o: [o.maps.counters.__setitem__(7, {'bytes': 2**64 - 1}),"
                        + " o.maps.counters[7].bytes][1] | 18446744073709551615",
                "lambda o: [o.maps.counters.__setitem__(7, {'packets': 3}), [(k, v.packets) for k,"
                        + " v in o.maps.counters.items()]][1] | [(7, 3)]",
                "lambda o: [o.maps.table.__setitem__(1, {'packets': 4}), o.maps.table[1].packets,"
                        + " len(o.maps.table)][1:] | [4, 4]",
                "lambda o: [setattr(o.globals, 'runs', 7), o.globals.runs][1] | 7",
                "lambda o: [o.maps.queue.push(4), list(o.maps.queue)][1] | [4]",
                "lambda o: [o.program('count')(bytes(64)), [bytes(r).hex() for r in"
                        + " o.maps.ring]][1] | ['01000000000000004000000000000000']",
                "lambda o: bytes(o.program('count')(memoryview(b'abc' * 30)[3:67]).data[:4]) |"
                        + " b'abca'",
                "lambda o: o.program('count').runBatch([bytes(64), b'a' * 20]).values |"
                        + " [2, 2]",
                "lambda o: o.program('count').runBatch(bytes(60), 20).values | [2, 2, 2]",
                "lambda o: o.instantiate({'functions': {10001: lambda a, b, c, d, e: a +"
                        + " b}}).programs.custom(5).r0 | 8",
            })
    void python(String function, String expected) {
        assertEquals(expected, run("python", function));
    }
}
