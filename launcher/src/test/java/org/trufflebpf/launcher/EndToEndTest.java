package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.trufflebpf.launcher.pcap.Captures;
import org.trufflebpf.launcher.pcap.PacketReader;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Commands as a user types them, run by the real language on the fixtures' objects. */
@SuppressWarnings("StringConcatToTextBlock")
class EndToEndTest {
    private static final String FIXTURES = "../language/src/test/fixtures/";
    private static final String HELLO = FIXTURES + "loader/helloworld.o";
    private static final String LOOPS = FIXTURES + "isa/loops.o";
    private static final String WILD = FIXTURES + "faults/wild.o";
    private static final String FIREWALL = FIXTURES + "apps/firewall.o";
    private static final String PACKET = "hex:" + "00".repeat(64);

    @Test
    void helloWorldPrintsAndReturns() {
        TestIo io = TestIo.run(0, HELLO, "--type", "raw_tracepoint", "--clock", "1234567890");
        assertTrue(
                io.out().contains("bpf_trace_printk: Hello, World!\n")
                        && io.out().contains(" 1.234567: "),
                io.out());
        assertTrue(io.out().endsWith("helloworld: 0\n"), io.out());
        assertEquals("", io.err());
    }

    /** The second object is linked with the first; the last argument is the program. */
    @Test
    void severalObjectsAreLinked() {
        String main = LOOPS.replace("isa/loops.o", "link/main.o");
        String lib = LOOPS.replace("isa/loops.o", "link/lib.o");
        assertEquals(
                "linked: XDP_PASS (2)\n  packet out: unchanged, 64 bytes\n",
                TestIo.run(0, main, lib, "linked", "--data-in", PACKET).out());
        String alone = TestIo.run(2, main, "--data-in", PACKET).err();
        assertTrue(alone.contains("map 'counts': unsupported map linkage extern"), alone);
    }

    /** The object is its own target: it has the kernel's types, too. */
    @Test
    void membersOfAStructureOfOperationsAreCalled(@TempDir Path directory) throws IOException {
        String object = FIXTURES + "programs/struct_ops.o";
        String environment =
                Files.writeString(
                                directory.resolve("env.json"),
                                "{\"memory\":[{\"name\":\"state\",\"writable\":true,"
                                        + "\"type\":\"struct bpf_dummy_ops_state\","
                                        + "\"fields\":{\"val\":3}}]}")
                        .toString();
        String list = TestIo.run(0, object, "--btf", object, "--list").out();
        assertTrue(
                list.endsWith(
                        """
                        OPERATION             PROGRAM
                        dummy.test_1          swap
                        dummy.test_2          sum
                        dummy.test_sleepable  count
                        other.test_1          keep
                        """),
                list);
        String[] line = {
            object, "--btf", object, "--env", environment, "--ctx", "[\"@memory/state\"]", null
        };
        line[7] = "dummy.test_1";
        assertEquals("swap: 3\n", TestIo.run(0, line).out());
        line[7] = "other.test_1";
        assertEquals("keep: -3 (0xfffffffd)\n", TestIo.run(0, line).out());
        line[7] = "other.test_sleepable";
        assertTrue(
                TestIo.run(1, line).err().contains("holds no program 'other.test_sleepable'"),
                "nothing is there");
        assertEquals(
                "count: 7\n",
                TestIo.run(
                                0,
                                object,
                                "other.test_sleepable",
                                "--set",
                                "other.test_sleepable=count",
                                "--btf",
                                object,
                                "--env",
                                environment,
                                "--ctx",
                                "[\"@memory/state\"]")
                        .out());
    }

    @Test
    void verdictsHaveNamesAndColours() {
        assertEquals(
                "loops: XDP_DROP (1)\n  packet out: unchanged, 64 bytes\n",
                TestIo.run(0, LOOPS, "--data-in", "hex:" + "01".repeat(64)).out());
        TestIo terminal = new TestIo("", true);
        assertEquals(0, EbpfRun.run(new String[] {LOOPS, "--data-in", PACKET}, terminal.io()));
        assertTrue(terminal.out().contains("\033["), terminal.out());
    }

    @Test
    void repeatShowsTheTimePerRun() {
        String out = TestIo.run(0, LOOPS, "--data-in", PACKET, "--repeat", "100").out();
        assertTrue(out.contains("  100 runs: mean "), out);
        assertTrue(out.contains(" ns with warm-up, min ") && out.contains(", median "), out);
    }

    @Test
    void listAndDisassembleRunNothing() {
        String list = TestIo.run(0, FIREWALL, "--list").out();
        assertTrue(
                list.startsWith("PROGRAM   TYPE  SECTION  INSNS  ATTACHES TO\nfirewall  xdp"),
                list);
        assertTrue(list.contains("rules  lpm_trie"), list);
        String text = TestIo.run(0, FIREWALL, "--disassemble").out();
        assertTrue(text.contains("<firewall>:") && text.contains("exit"), text);
        assertTrue(text.contains("; u8 *p"), text);
    }

    @Test
    void listAsJson() throws IOException {
        Map<String, Object> json =
                JsonText.object(TestIo.run(0, FIREWALL, "--list", "--json").out());
        Map<?, ?> program = (Map<?, ?>) ((List<?>) json.get("programs")).getFirst();
        assertEquals("firewall", program.get("name"));
        assertEquals("xdp", program.get("type"));
        assertTrue(((Map<?, ?>) json.get("maps")).containsKey("rules"));
    }

    @Test
    void jsonWithMaps() throws IOException {
        Map<String, Object> json =
                JsonText.object(
                        TestIo.run(
                                        0,
                                        "--json",
                                        "--dump-maps",
                                        FIREWALL,
                                        "--data-in",
                                        PACKET,
                                        "--map",
                                        "ports",
                                        "80=1")
                                .out());
        assertEquals("firewall", json.get("program"));
        Map<?, ?> maps = (Map<?, ?>) json.get("maps");
        Map<?, ?> ports = (Map<?, ?>) maps.get("ports");
        Map<?, ?> entry = (Map<?, ?>) ((List<?>) ports.get("entries")).getFirst();
        assertEquals("5000", entry.get("key"));
        assertEquals("01", entry.get("value"));
        assertEquals(Map.of("key", 80L, "value", 1L), entry.get("typed"));
        Map<?, ?> hits = (Map<?, ?>) maps.get("hits");
        assertEquals("percpu_array", hits.get("type"));
        assertTrue(
                ((Map<?, ?>) ((List<?>) hits.get("entries")).getFirst()).get("value")
                        instanceof List<?>);
    }

    @Test
    void globalsAndMapsAreSetFromTheCommandLine() {
        String out =
                TestIo.run(
                                0,
                                FIREWALL,
                                "--data-in",
                                PACKET,
                                "--set",
                                "default_action=1",
                                "--map",
                                "ports",
                                "0x50=1",
                                "--dump-maps")
                        .out();
        assertTrue(out.contains("default_action=1"), out);
        assertTrue(
                out.contains(
                        "ports (hash, key 2 bytes, value 1 byte): 1 of 64 entries\n"
                                + "  KEY  VALUE\n"
                                + "  80"),
                out);
        assertTrue(TestIo.run(1, FIREWALL, "--set", "nothing=1").err().contains("nothing"));
        assertTrue(
                TestIo.run(1, FIREWALL, "--map", "nothing", "1=1", "--data-in", PACKET)
                        .err()
                        .contains("holds no map"));
        assertEquals(
                1,
                TestIo.run(1, FIREWALL, "--map", "ports", "x=1", "--data-in", PACKET)
                        .err()
                        .lines()
                        .count());
    }

    @Test
    void packetAndContextAreWritten(@TempDir Path directory) throws IOException {
        Path data = directory.resolve("data");
        Path in = Files.write(directory.resolve("in"), new byte[64]);
        TestIo.run(0, LOOPS, "--data-in", in.toString(), "--data-out", data.toString());
        assertArrayEquals(new byte[64], Files.readAllBytes(data));
        String out = TestIo.run(0, LOOPS, "--data-in", PACKET, "--data-out", "-").out();
        assertTrue(out.contains("data out, 64 bytes:\n00000000: 0000"), out);
        String message =
                TestIo.run(1, LOOPS, "--data-in", PACKET, "--data-out", directory + "/no/such")
                        .err();
        assertTrue(message.contains("cannot be written: no such file"), message);
    }

    @Test
    void tracePrintsInstructions() {
        String err = TestIo.run(0, LOOPS, "--data-in", PACKET, "--trace").err();
        assertTrue(err.contains("w0 = 0x0"), err);
    }

    @Test
    void captureEndsInATable(@TempDir Path directory) throws IOException {
        Path capture = directory.resolve("in.pcap");
        Path out = directory.resolve("out.pcap");
        Captures packets = new Captures(ByteOrder.LITTLE_ENDIAN).pcapHeader(0xa1b2c3d4, 1);
        byte[] dropped = new byte[64];
        Arrays.fill(dropped, (byte) 1);
        for (int i = 0; i < 1000; i++) {
            packets.pcapPacket(i, 0, 64, dropped);
        }
        Files.write(capture, packets.toBytes());
        String text =
                TestIo.run(0, LOOPS, "--pcap", capture.toString(), "--pcap-out", out.toString())
                        .out();
        assertTrue(text.startsWith("loops: 1,000 packets, 64,000 bytes in "), text);
        assertTrue(
                text.endsWith("  VERDICT   PACKETS   BYTES\n  XDP_DROP    1,000  64,000\n"), text);
        try (InputStream stream = Files.newInputStream(out)) {
            assertFalse(PacketReader.open(stream).next());
        }
        Map<String, Object> json =
                JsonText.object(TestIo.run(0, LOOPS, "--pcap", capture.toString(), "--json").out());
        assertEquals(
                Map.of("total", 1000L, "bytes", 64_000L, "verdicts", Map.of("XDP_DROP", 1000L)),
                json.get("packets"));
        assertFalse(json.containsKey("runs"));
        Files.write(capture, Arrays.copyOf(packets.toBytes(), 24 + 80 * 10 + 5));
        TestIo cut = TestIo.run(1, LOOPS, "--pcap", capture.toString());
        assertTrue(cut.out().contains("10 packets"), cut.out());
        assertTrue(
                cut.err().contains("offset 824: the capture ends inside a packet header"),
                cut.err());
    }

    @Test
    void captureShowsTracesEventsAndMaps(@TempDir Path directory) throws IOException {
        Captures packets = new Captures(ByteOrder.LITTLE_ENDIAN).pcapHeader(0xa1b2c3d4, 1);
        for (int i = 0; i < 3; i++) {
            packets.pcapPacket(i, 0, 64, new byte[64]);
        }
        String capture = Files.write(directory.resolve("in.pcap"), packets.toBytes()).toString();
        String events = FIXTURES + "apps/events.o";
        String[] marker = {events, "marker", "--pcap", capture, "--map", "marks", "0=7"};
        String out = TestIo.run(0, marker).out();
        assertEquals(3, out.split("  event from events on CPU 0, 32 bytes: ", -1).length - 1, out);
        assertTrue(
                out.endsWith(
                        "\nmarks (hash, key 2 bytes, value 4 bytes): 1 of 32 entries\n"
                                + "  KEY  VALUE\n"
                                + "  0    7\n"),
                out);
        Map<String, Object> json = JsonText.object(TestIo.run(0, with(marker, "--json")).out());
        assertEquals(3, ((List<?>) json.get("events")).size());
        assertFalse(json.containsKey("maps"));

        String[] printk = {FIXTURES + "helpers/printk.o", "printk", "--pcap", capture};
        String lines = TestIo.run(0, printk).out();
        assertEquals(3, lines.split(": bpf_trace_printk: plain\n", -1).length - 1, lines);
        List<?> trace =
                (List<?>) JsonText.object(TestIo.run(0, with(printk, "--json")).out()).get("trace");
        assertEquals(3, trace.stream().filter("plain"::equals).count(), trace.toString());
    }

    private static String[] with(String[] args, String more) {
        String[] all = Arrays.copyOf(args, args.length + 1);
        all[args.length] = more;
        return all;
    }

    @Test
    void faultsEndWithStatusThree() throws IOException {
        String[] fault = {WILD, "value_behind", "--no-verify", "--data-in", PACKET};
        TestIo io = TestIo.run(3, fault);
        String message =
                "invalid read of 8 bytes at offset 24 of map value of values (24 bytes): out of"
                        + " bounds";
        assertEquals("", io.out());
        assertEquals(
                "ebpf-run: "
                        + WILD
                        + ": section xdp: program value_behind: insn 7 (wild.c:81: return p[3];): "
                        + message
                        + "\n",
                io.err());
        TestIo json = TestIo.run(3, with(fault, "--json"));
        assertEquals(
                Map.of(
                        "phase",
                        "run",
                        "message",
                        message,
                        "program",
                        "value_behind",
                        "insn",
                        7L,
                        "source",
                        "wild.c:81: return p[3];"),
                JsonText.object(json.out()).get("error"));
        assertEquals("", json.err());
    }

    @Test
    void mapsThatDoNotFitAreRefused() {
        TestIo io = TestIo.run(2, FIREWALL, "--max-memory", "1K", "--data-in", PACKET);
        assertTrue(io.err().contains(": map ") && io.err().contains("--max-memory"), io.err());
        assertEquals(1, io.err().lines().count(), io.err());
    }

    @Test
    void timeoutEndsALongRun() {
        // As many rounds as the packet's first word says.
        String packet = "hex:ffffffff" + "00".repeat(60);
        String err =
                TestIo.run(
                                3,
                                WILD,
                                "counter",
                                "--no-verify",
                                "--timeout",
                                "1",
                                "--data-in",
                                packet,
                                "--map",
                                "table",
                                "0=0")
                        .err();
        assertTrue(err.contains("program counter: the program ran longer than 1 s"), err);
        assertEquals(1, err.lines().count(), err);
    }

    @Test
    void programWithoutItsPacketIsTold() {
        TestIo io = TestIo.run(1, LOOPS);
        assertTrue(
                io.err().endsWith("; give a packet with --data-in FILE or --pcap FILE\n"),
                io.err());
        assertEquals(1, io.err().lines().count(), io.err());
        String given = TestIo.run(1, LOOPS, "--data-in", "hex:00").err();
        assertFalse(given.contains("give a packet"), given);
    }

    @Test
    void garbledObjectIsRefused(@TempDir Path directory) throws IOException {
        byte[] object = Files.readAllBytes(Path.of(LOOPS));
        for (int length = 0; length < object.length; length += 97) {
            Path cut = Files.write(directory.resolve("cut.o"), Arrays.copyOf(object, length));
            TestIo io = TestIo.run(2, cut.toString(), "--data-in", PACKET);
            assertEquals("", io.out());
            assertEquals(1, io.err().lines().count(), io.err());
            assertTrue(io.err().startsWith("ebpf-run: "), io.err());
        }
    }

    @Test
    void batchSharesNothingBetweenCases() throws IOException {
        String line =
                "{\"object\":\""
                        + FIREWALL
                        + "\",\"data_in\":\""
                        + "00".repeat(64)
                        + "\",\"dump_maps\":true}\n";
        TestIo io = TestIo.runWith(line + "garbage\n" + line, 0, "--batch", "-");
        List<String> answers = io.out().lines().toList();
        assertEquals(3, answers.size());
        Map<String, Object> first = JsonText.object(answers.get(0));
        Map<String, Object> last = JsonText.object(answers.get(2));
        assertEquals(first.get("maps"), last.get("maps"));
        assertTrue(JsonText.object(answers.get(1)).containsKey("error"));
        assertFalse(first.containsKey("id"));
    }

    @Test
    void conformancePluginRunsRawInstructions() {
        // r0 = *(u8 *)(r1 + 1); r0 += r2; exit
        String program = "71 10 01 00 00 00 00 00 0f200000000000009500000000000000\n";
        TestIo io = new TestIo(program);
        assertEquals(
                0,
                ConformancePlugin.run(new String[] {"01 0a", "", "03", "--debug"}, io.io()),
                io.err());
        assertEquals("d\n", io.out());
        TestIo endless = new TestIo("");
        assertEquals(
                0,
                ConformancePlugin.run(
                        new String[] {"--program", "b7000000ffffffff9500000000000000"},
                        endless.io()),
                endless.err());
        assertEquals("ffffffffffffffff\n", endless.out());
        TestIo bad = new TestIo("ff00000000000000");
        assertEquals(2, ConformancePlugin.run(new String[0], bad.io()), bad.err());
        assertEquals("", bad.out());
    }

    /** The context goes in and comes out by its fields, whatever BTF the object has. */
    @Test
    void contextByItsFields() throws IOException {
        String skb = FIXTURES + "contexts/skb_fields.o";
        Map<String, Object> json =
                JsonText.object(
                        TestIo.run(
                                        0,
                                        skb,
                                        "skb_fields",
                                        "--json",
                                        "--dump-maps",
                                        "--data-in",
                                        PACKET,
                                        "--ctx",
                                        "{\"mark\":\"0x7\",\"priority\":6,\"ifindex\":1,"
                                                + "\"cb\":[1,2,3,4,5]}")
                                .out());
        Map<?, ?> run = (Map<?, ?>) ((List<?>) json.get("runs")).getFirst();
        Map<?, ?> fields = (Map<?, ?>) run.get("ctx");
        assertEquals(0x11111111L, fields.get("mark"));
        assertEquals(List.of(0x44444444L, 3L, 3L, 4L, 0x55555555L), fields.get("cb"));
        Map<?, ?> bss = (Map<?, ?>) ((Map<?, ?>) json.get("maps")).get(".bss");
        Map<?, ?> entry = (Map<?, ?>) ((List<?>) bss.get("entries")).getFirst();
        List<?> out =
                (List<?>) ((Map<?, ?>) ((Map<?, ?>) entry.get("typed")).get("value")).get("out");
        assertEquals(7L, out.get(2));
        assertEquals(6L, out.get(8));
        assertEquals(5L, out.get(13));
        String text =
                TestIo.run(0, skb, "skb_fields", "--data-in", PACKET, "--ctx", "{\"mark\":7}")
                        .out();
        assertTrue(text.contains("  context out: mark=286331153, "), text);
    }

    @Test
    void argumentsGoToTheirRegisters() {
        String probes = FIXTURES + "contexts/probes.o";
        String out =
                TestIo.run(0, probes, "kprobe", "--dump-maps", "--ctx", "[\"0x10\", -1]").out();
        assertTrue(out.contains("out=[16, 18446744073709551615, 0,"), out);
        out = TestIo.run(0, probes, "kretprobe", "--dump-maps", "--ctx", "{\"ax\": 9}").out();
        assertTrue(out.contains("out=[0, 0, 9,"), out);
        out =
                TestIo.run(
                                0,
                                probes,
                                "tracepoint",
                                "--dump-maps",
                                "--ctx",
                                "{\"nr\":5,\"flags\":3}")
                        .out();
        assertTrue(out.contains("out=[0, 0, 0, 0, 5, 3,"), out);
        out =
                TestIo.run(
                                0,
                                FIXTURES + "contexts/tracing.o",
                                "entry",
                                "--dump-maps",
                                "--ctx",
                                "[3,4]")
                        .out();
        assertTrue(out.contains("out=[3, 4, 0,"), out);
    }

    @Test
    void contextsThatDoNotFit() {
        String skb = FIXTURES + "contexts/skb_fields.o";
        for (String[] wrong :
                new String[][] {
                    {"{\"mrak\":1}", "no field `mrak` in struct __sk_buff ctx; fields are len,"},
                    {"[1]", "programs of type sched_cls take no list of arguments"},
                    {"{\"mark\":4294967296}", "does not fit u32 field `mark`"},
                    {"7", "--ctx: expected an object with fields or a list of arguments"},
                    {"{", "--ctx: not valid JSON"},
                    {"{} {}", "--ctx: expected nothing behind the JSON value"}
                }) {
            String err =
                    TestIo.run(1, skb, "skb_fields", "--data-in", PACKET, "--ctx", wrong[0]).err();
            assertTrue(err.contains(wrong[1]), err);
        }
    }

    /** Timers run when the clock goes on: one second, then three. */
    @Test
    void clockStepsRunTimers() throws IOException {
        String timer = FIXTURES + "maps/timer.o";
        String[] command = {timer, "periodic", "--data-in", PACKET, "--clock", "5000+1s+3000ms"};
        String out = TestIo.run(0, command).out();
        assertTrue(
                out.endsWith(
                        "  clock + 1,000,000,000 ns: 1 callback\n"
                                + "  clock + 3,000,000,000 ns: 5 callbacks\n"),
                out);
        String[] asJson = Arrays.copyOf(command, command.length + 1);
        asJson[command.length] = "--json";
        Map<String, Object> json = JsonText.object(TestIo.run(0, asJson).out());
        Map<?, ?> run = (Map<?, ?>) ((List<?>) json.get("runs")).getFirst();
        assertEquals(List.of(1L, 5L), run.get("callbacks"));
        command[command.length - 1] = "5000+1m";
        String err = TestIo.run(1, command).err();
        assertTrue(err.contains("--clock: '1m' in '5000+1m' is no time"), err);
    }

    @Test
    void functionsAreReplacedByThoseOfAnotherObject() {
        String programs = FIXTURES + "programs/";
        assertEquals(
                "target: XDP_DROP (1)\n  packet out: unchanged, 64 bytes\n",
                TestIo.run(
                                0,
                                programs + "replaced.o",
                                "--replace",
                                programs + "replacing_whole.o",
                                "--data-in",
                                PACKET)
                        .out());
    }

    /** What an iterator prints goes to standard output, or to a file. */
    @Test
    void iteratorsPrint(@TempDir Path directory) throws IOException {
        String iter = FIXTURES + "programs/iter.o";
        Path printed = directory.resolve("printed");
        String[] command = {
            iter,
            "tasks",
            "--no-verify",
            "--btf",
            iter,
            "--ctx",
            "{\"tid\":1}",
            "--data-out",
            printed.toString()
        };
        String expected = "0 1/1 ebpf-run\n1 tasks, session 1\n";
        assertEquals("tasks: 0\n" + expected, TestIo.run(0, command).out());
        assertEquals(expected, Files.readString(printed));
    }
}
