package org.trufflebpf.insn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.trufflebpf.insn.Asm.R0;
import static org.trufflebpf.insn.Asm.R1;

import org.junit.jupiter.api.Test;

import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/** The text of every row is the committed one, and a listing has llvm-objdump's layout. */
class DisassemblerTest {

    @Test
    void everyRowHasTheCommittedText() {
        GoldenFile.check(
                GoldenFile.resource("disassembly.txt"),
                Listing.of(Samples.all()).withLabels(slot -> slot == 0 ? "f" : null).text());
    }

    @Test
    void aListingHasSymbolsSourceLinesAndNames() {
        List<Insn> insns =
                Asm.program()
                        .mov64(R0, 1)
                        .jeq(R1, 5, "out")
                        .call(1)
                        .lddw(R1, 1, 3, 0)
                        .jne(R0, 0, "middle")
                        .label("out")
                        .mov64(R0, 0)
                        .label("middle")
                        .exit()
                        .ja("middle")
                        .insns();
        Map<Integer, String> labels = Map.of(0, "f", 6, "LBB0_2");
        Map<Integer, String> source = Map.of(0, "int f(void *ctx) {", 6, "    return 0;");
        Map<Integer, String> names = Map.of(2, "bpf_map_lookup_elem", 3, "map counters");
        assertEquals(
                """

                0000000000000000 <f>:
                ; int f(void *ctx) {
                       0:\tb7 00 00 00 01 00 00 00\tr0 = 0x1
                       1:\t15 01 04 00 05 00 00 00\tif r1 == 0x5 goto +0x4 <LBB0_2>
                       2:\t85 00 00 00 01 00 00 00\tcall 0x1  # bpf_map_lookup_elem
                       3:\t18 11 00 00 03 00 00 00 00 00 00 00 00 00 00 00\tld_pseudo\tr1, 0x1, 0x3  # map counters
                       5:\t55 00 01 00 00 00 00 00\tif r0 != 0x0 goto +0x1 <LBB0_2+0x8>

                0000000000000030 <LBB0_2>:
                ;     return 0;
                       6:\tb7 00 00 00 00 00 00 00\tr0 = 0x0
                       7:\t95 00 00 00 00 00 00 00\texit
                       8:\t05 00 fe ff 00 00 00 00\tgoto -0x2 <LBB0_2+0x8>
                """,
                Disassembler.listing(
                        insns,
                        labels::get,
                        source::get,
                        insn -> names.get(insn.index()),
                        ByteOrder.LITTLE_ENDIAN));
    }

    @Test
    void theBytesColumnFollowsTheByteOrder() {
        List<Insn> insns = Asm.program().mov64(R1, 0x1234).insns();
        assertEquals(
                "       0:\tb7 10 00 00 00 00 12 34\tr1 = 0x1234\n",
                Listing.of(insns).withOrder(ByteOrder.BIG_ENDIAN).text());
    }

    @Test
    void narrowAccessNamesTheRegisterThatTheProcessorHas() {
        Insn load = Insn.of(Opcode.LDX32, 1, 2, 4, 0);
        assertEquals("r1 = *(u32 *)(r2 + 0x4)", Disassembler.text(load));
        assertEquals("w1 = *(u32 *)(r2 + 0x4)", Disassembler.text(load, Disassembler.Cpu.V4));
    }

    @Test
    void aTargetWithoutSymbolBeforeItHasNoName() {
        List<Insn> insns = Asm.program().label("a").mov64(R0, 0).ja("a").insns();
        assertEquals(
                """
                       0:\tb7 00 00 00 00 00 00 00\tr0 = 0x0

                0000000000000008 <g>:
                       1:\t05 00 fe ff 00 00 00 00\tgoto -0x2
                """,
                Listing.of(insns).withLabels(slot -> slot == 1 ? "g" : null).text());
    }
}
