package org.trufflebpf.helper;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Raw instructions for the kernel. */
public final class Code {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public Code insn(int opcode, int dst, int src, int offset, int imm) {
        ByteBuffer insn = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        insn.put((byte) opcode).put((byte) (src << 4 | dst)).putShort((short) offset).putInt(imm);
        out.writeBytes(insn.array());
        return this;
    }

    /** {@code lddw}; {@code src} says what the value is. */
    public Code loadImmediate(int dst, int src, long value) {
        insn(0x18, dst, src, 0, (int) value);
        return insn(0, 0, 0, 0, (int) (value >> 32));
    }

    public Code move(int dst, int src) {
        return insn(0xbf, dst, src, 0, 0);
    }

    public Code call(String helper) {
        return insn(0x85, 0, 0, 0, HelperTable.byName(helper).number());
    }

    public Code exit() {
        return insn(0x95, 0, 0, 0, 0);
    }

    public byte[] bytes() {
        return out.toByteArray();
    }
}
