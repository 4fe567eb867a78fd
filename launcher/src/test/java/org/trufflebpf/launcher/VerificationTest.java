package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Programs are verified before they run, or only verified, as a user asks for it. */
class VerificationTest {
    private static final String FIXTURES = "../language/src/test/fixtures/";
    private static final String WILD = FIXTURES + "faults/wild.o";
    private static final String FIREWALL = FIXTURES + "apps/firewall.o";
    private static final String TAILS = FIXTURES + "faults/tails.o";
    private static final String HELLO = FIXTURES + "loader/helloworld.o";
    private static final String PACKET = "hex:" + "00".repeat(64);

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> programs(String json) throws IOException {
        return (List<Map<String, Object>>) JsonText.object(json).get("programs");
    }

    @Test
    void acceptedProgramsAreOneLineEach() {
        String out = TestIo.run(0, "--verify-only", FIREWALL).out();
        String[] lines = out.split("\n", -1);
        assertEquals(3, lines.length, out);
        assertTrue(lines[0].matches("PROGRAM +TYPE +SECTION +VERDICT +WALKED +TIME"), out);
        assertTrue(lines[1].matches("firewall +xdp +xdp +accept +[0-9,]+ +[0-9.,]+ ms"), out);
    }

    @Test
    void refusalsAreToldToAPerson() {
        String out = TestIo.run(2, "--verify-only", WILD, "packet_before").out();
        assertTrue(
                out.contains(
                        """

                        packet_before: invalid access to packet, off=-1 size=1, R1(id=0,off=0,r=0)
                          source:   wild.c:74: data[-1] = 1;
                          insn:     2: *(u8 *)(r1 - 0x1) = r2
                          known:    R1=pkt(r=0) R2=1
                          mend:\
                        """),
                out);
    }

    @Test
    void whatMendsAnAccessIsToldInItsNumbers() {
        String out = TestIo.run(2, "--verify-only", TAILS, "drop").out();
        assertTrue(
                out.endsWith(
                        "  mend:     compare with data_end before this access: 14 bytes are known"
                                + " to be there, 18 are needed\n"),
                out);
    }

    /** What the kernel's types do not have is no fault of the compiler. */
    @Test
    void whatTheKernelDoesNotHaveIsToBeAskedFor() {
        String out = TestIo.run(2, "--verify-only", FIXTURES + "core/fields.o", "poisoned").out();
        assertTrue(out.contains("poisoned: failed to resolve CO-RE relocation"), out);
        assertTrue(out.contains("mend:     this kernel does not have it: ask first"), out);
    }

    @Test
    void allProgramsOrThoseThatAreNamed() throws IOException {
        List<Map<String, Object>> all =
                programs(TestIo.run(2, "--verify-only", "--json", WILD).out());
        assertTrue(all.size() > 10, all.toString());
        List<Map<String, Object>> two =
                programs(
                        TestIo.run(2, "--verify-only", "--json", WILD, "far_away", "handle_read")
                                .out());
        assertEquals(
                List.of("far_away", "handle_read"),
                two.stream().map(program -> program.get("program")).toList());
        assertEquals(
                List.of("reject", "accept"),
                two.stream().map(program -> program.get("verdict")).toList());
        assertEquals(
                1,
                programs(TestIo.run(0, "--verify-only", "--json", WILD, "handle_read").out())
                        .size());
        String unknown = TestIo.run(1, "--verify-only", WILD, "far_away", "nothing").err();
        assertTrue(unknown.contains("holds no program 'nothing'"), unknown);
        String several = TestIo.run(1, WILD, "far_away", "handle_read").err();
        assertTrue(several.contains("unexpected argument 'handle_read'"), several);
    }

    /** The contract: these keys, in this order. */
    @Test
    void jsonHasTheFieldsOfTheContract() throws IOException {
        TestIo io = TestIo.run(2, "--verify-only", "--json", WILD, "value_before", "handle_read");
        assertEquals("", io.err());
        Map<String, Object> json = JsonText.object(io.out());
        assertEquals(Set.of("object", "programs"), json.keySet());
        assertEquals(WILD, json.get("object"));
        Set<String> keys =
                Set.of(
                        "program",
                        "section",
                        "type",
                        "verdict",
                        "message",
                        "insn",
                        "source",
                        "steps",
                        "duration_ns");
        Map<String, Object> refused = programs(io.out()).get(0);
        assertEquals(keys, refused.keySet());
        assertEquals("xdp", refused.get("section"));
        assertEquals("xdp", refused.get("type"));
        assertEquals("reject", refused.get("verdict"));
        assertEquals(8L, refused.get("insn"));
        assertEquals("wild.c:87: p[-1] = 1;", refused.get("source"));
        assertTrue(
                refused.get("message")
                        .toString()
                        .startsWith("invalid access to map value, value_size=24 off=-8 size=8; "),
                refused.toString());
        assertTrue((Long) refused.get("steps") > 0);
        assertTrue((Long) refused.get("duration_ns") > 0);
        Map<String, Object> accepted = programs(io.out()).get(1);
        assertEquals(keys, accepted.keySet());
        assertEquals("accept", accepted.get("verdict"));
        assertNull(accepted.get("message"));
        assertNull(accepted.get("insn"));
        assertNull(accepted.get("source"));
    }

    @Test
    void logIsInTheStyleOfTheKernels() {
        String out =
                TestIo.run(2, "--verify-only", "--verifier-log", "1", WILD, "packet_before").out();
        assertTrue(out.startsWith("verifier log of packet_before:\n0: R1=ctx() R10=fp0\n"), out);
        assertTrue(out.contains("\n; data[-1] = 1; @ wild.c:74\n"), out);
        assertTrue(out.contains("\n2: (73) *(u8 *)(r1 "), out);
        assertTrue(
                out.contains("\ninvalid access to packet, off=-1 size=1, R1(id=0,off=0,r=0)\n"),
                out);
        String last = out.substring(0, out.indexOf("end of the verifier log"));
        assertTrue(
                last.substring(last.lastIndexOf('\n', last.length() - 2) + 1)
                        .startsWith(
                                WILD + ": section xdp: program packet_before: insn 2 (wild.c:74"),
                last);
        String accepted =
                TestIo.run(0, "--verify-only", "--verifier-log=2", WILD, "handle_read").out();
        assertTrue(accepted.contains("\nprocessed "), accepted);
    }

    /** Beside data, and before a run, the log goes to standard error. */
    @Test
    void logDoesNotDisturbOtherOutput() throws IOException {
        TestIo json = TestIo.run(0, "--verify-only", "--json", "--verifier-log", "2", FIREWALL);
        assertEquals(1, programs(json.out()).size());
        assertTrue(json.err().contains("R1=ctx() R10=fp0"), json.err());
        TestIo run = TestIo.run(0, TAILS, "around", "--verifier-log", "2", "--data-in", PACKET);
        assertTrue(run.err().contains("R1=ctx() R10=fp0"), run.err());
        assertFalse(run.out().contains("R10=fp0"), run.out());
        String level = TestIo.run(1, "--verify-only", "--verifier-log", "3", FIREWALL).err();
        assertTrue(level.contains("'3' is no whole number from 1 to 2"), level);
    }

    @Test
    void whatIsRefusedDoesNotRun() throws IOException {
        String[] command = {WILD, "packet_before", "--data-in", PACKET};
        TestIo io = TestIo.run(2, command);
        assertEquals("", io.out());
        assertEquals(1, io.err().lines().count(), io.err());
        assertTrue(io.err().contains("insn 2 (wild.c:74: data[-1] = 1;): invalid access"));
        TestIo json = TestIo.run(2, with(command, "--json"));
        Map<?, ?> error = (Map<?, ?>) JsonText.object(json.out()).get("error");
        assertEquals("verify", error.get("phase"));
        assertEquals("packet_before", error.get("program"));
        assertEquals(2L, error.get("insn"));
        TestIo unverified = TestIo.run(3, with(command, "--no-verify"));
        assertTrue(unverified.err().contains("wild.c:74: data[-1] = 1;"), unverified.err());
    }

    /** The other programs of the object would be refused. */
    @Test
    void onlyTheProgramThatRunsIsVerified() {
        TestIo.run(0, TAILS, "fine", "--data-in", PACKET);
        TestIo.run(0, WILD, "--list");
        TestIo.run(0, WILD, "--disassemble");
    }

    @Test
    void programsThatTailCallsReachAreVerifiedToo() {
        TestIo io = TestIo.run(2, TAILS, "dispatch", "--data-in", PACKET);
        assertTrue(io.err().contains("program refused: insn "), io.err());
        TestIo.run(0, TAILS, "around", "--data-in", PACKET);
    }

    @Test
    void programsWithoutATypeRunUnverifiedAndAreTold() {
        assertEquals(
                "ebpf-run: warning: program helloworld has no type, so that it runs unverified;"
                        + " give it one with --type\n",
                TestIo.run(0, HELLO).err());
        assertEquals("", TestIo.run(0, HELLO, "--type", "raw_tracepoint").err());
        assertEquals("", TestIo.run(0, HELLO, "--no-verify").err());
        String out = TestIo.run(2, "--verify-only", HELLO).out();
        assertTrue(out.contains("the program has no type"), out);
        TestIo.run(0, "--verify-only", HELLO, "--type", "raw_tracepoint");
    }

    @Test
    void linkedObjectsAreVerifiedAsOne() {
        String main = FIXTURES + "link/main.o";
        TestIo.run(0, "--verify-only", main, FIXTURES + "link/lib.o", "linked");
        String alone = TestIo.run(2, "--verify-only", main).err();
        assertTrue(alone.contains("unsupported map linkage extern"), alone);
    }

    @Test
    void constantsCountAsTheyAreSet() {
        String[] command = {"--verify-only", TAILS, "sized"};
        TestIo.run(0, command);
        String out = TestIo.run(2, "--set", "size=17", command[0], command[1], command[2]).out();
        assertTrue(out.contains("invalid"), out);
    }

    @Test
    void objectsThatCannotBeReadAreRefused(@TempDir Path directory) throws IOException {
        byte[] object = Files.readAllBytes(Path.of(FIREWALL));
        Path cut = Files.write(directory.resolve("cut.o"), Arrays.copyOf(object, 300));
        TestIo io = TestIo.run(2, "--verify-only", "--json", cut.toString());
        assertEquals(Set.of("error"), JsonText.object(io.out()).keySet());
        assertEquals("", TestIo.run(2, "--verify-only", cut.toString()).out());
        TestIo.run(1, "--verify-only", "missing.o");
        TestIo.run(1, "--verify-only");
    }

    @Test
    void optionsThatMakeNoSense() {
        for (String other : List.of("--list", "--no-verify", "--dump-maps", "--trace")) {
            String err = TestIo.run(1, "--verify-only", FIREWALL, other).err();
            assertTrue(err.contains("cannot be combined with"), err);
        }
        TestIo.run(1, FIREWALL, "--no-verify", "--verifier-log", "1");
    }

    @Test
    void batchesVerify() throws IOException {
        String lines =
                """
                {"id":1,"object":"%s","verify_only":true}
                {"id":2,"object":"%s","program":"far_away","verify_only":true}
                {"id":3,"object":"%s","program":"far_away","data_in":"%s"}
                {"id":4,"object":"%s","program":"around","data_in":"%s"}
                """
                        .formatted(FIREWALL, WILD, WILD, "00".repeat(64), TAILS, "00".repeat(64));
        String[] answers = TestIo.runWith(lines, 0, "--batch", "-").out().split("\n", -1);
        assertEquals(Set.of("id", "object", "programs"), JsonText.object(answers[0]).keySet());
        assertEquals("accept", programs(answers[0]).getFirst().get("verdict"));
        assertEquals(1, programs(answers[1]).size());
        assertEquals("reject", programs(answers[1]).getFirst().get("verdict"));
        assertTrue(answers[2].contains("\"phase\":\"verify\""), answers[2]);
        assertTrue(answers[3].contains("\"retval\""), answers[3]);
        String all =
                TestIo.runWith(
                                "{\"object\":\"" + WILD + "\"}\n",
                                0,
                                "--batch",
                                "-",
                                "--verify-only")
                        .out();
        assertTrue(programs(all).size() > 10, all);
    }

    /** What one case's constants allow, those of another may not. */
    @Test
    void casesOfABatchAreVerifiedEachWithItsOwnConstants() {
        String line =
                "{\"object\":\""
                        + TAILS
                        + "\",\"program\":\"sized\",\"data_in\":\""
                        + "00".repeat(64)
                        + "\"}\n";
        assertTrue(TestIo.runWith(line + line, 0, "--batch", "-").out().contains("\"retval\""));
        String refused = TestIo.runWith(line, 0, "--batch", "-", "--set", "size=17").out();
        assertTrue(refused.contains("\"phase\":\"verify\""), refused);
    }

    private static String[] with(String[] args, String more) {
        String[] all = Arrays.copyOf(args, args.length + 1);
        all[args.length] = more;
        return all;
    }
}
