package org.trufflebpf.insn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Writes instructions in the form of RFC 9669 section 3: code, register byte, 16-bit offset, 32-bit
 * immediate. The way back of {@link InsnDecoder}: whatever that accepts, this writes byte by byte
 * as it was.
 *
 * <p>In a big-endian program the halves of the register byte change places too, because the
 * standard declares them as bit-fields.
 */
public final class InsnEncoder {
    private InsnEncoder() {}

    /**
     * The bytes of a program, 8 for each slot. The instructions stand one behind the other,
     * whatever their index.
     */
    public static byte[] encode(List<Insn> insns, ByteOrder order) {
        int slots = 0;
        for (Insn insn : insns) {
            slots += insn.slots();
        }
        ByteBuffer out = ByteBuffer.allocate(slots * Insn.SLOT_BYTES).order(order);
        for (Insn insn : insns) {
            write(insn, out);
        }
        return out.array();
    }

    /** The 8 or, for lddw, 16 bytes of one instruction. */
    public static byte[] encode(Insn insn, ByteOrder order) {
        return encode(List.of(insn), order);
    }

    private static void write(Insn insn, ByteBuffer out) {
        boolean legacyCallx = insn.isLegacyCallx();
        slot(
                out,
                insn.opcode().code(),
                legacyCallx ? 0 : insn.dst(),
                insn.src(),
                insn.off(),
                insn.imm());
        if (insn.slots() == 2) {
            slot(out, 0, 0, 0, 0, insn.nextImm());
        }
    }

    private static void slot(ByteBuffer out, int code, int dst, int src, int off, int imm) {
        boolean little = out.order() == ByteOrder.LITTLE_ENDIAN;
        out.put((byte) code);
        out.put((byte) (little ? src << 4 | dst : dst << 4 | src));
        out.putShort((short) off);
        out.putInt(imm);
    }
}
