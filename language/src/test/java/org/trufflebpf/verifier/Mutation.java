package org.trufflebpf.verifier;

import org.trufflebpf.elf.ElfFile;
import org.trufflebpf.elf.ElfRelocation;
import org.trufflebpf.elf.ElfSection;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Changes single instructions in the sections of an object file; those with relocations stay. */
final class Mutation {
    private static final int LDDW = 0x18;
    private static final int CALL = 0x85;
    private static final int EXIT = 0x95;
    private static final int CLASS_LDX = 1;
    private static final int CLASS_STX = 3;
    private static final int CLASS_JMP = 5;
    private static final int CLASS_JMP32 = 6;
    private static final int[] STEPS = {-16, -8, -4, -2, -1, 1, 2, 4, 8, 16};
    private static final int[] EDGES = {
        0, 1, -1, 7, 8, 15, 16, 63, 64, 255, 256, 0x7fffffff, 1 << 31
    };
    private static final int[] CONDITIONS = {
        0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0xa0, 0xb0, 0xc0, 0xd0
    };
    private static final int[] OPERATIONS = {
        0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x90, 0xa0, 0xb0, 0xc0
    };

    private final byte[] bytes;
    private final ByteOrder order;

    /** Offsets in the file of instructions that may change. */
    private final List<Integer> places = new ArrayList<>();

    Mutation(String name, byte[] bytes) {
        this.bytes = bytes;
        ElfFile file = ElfFile.parse(name, bytes);
        this.order = file.order();
        for (ElfSection section : file.sections()) {
            if (section.isCode()) {
                places(file, section);
            }
        }
    }

    private void places(ElfFile file, ElfSection section) {
        Set<Long> relocated = new HashSet<>();
        for (ElfSection other : file.sections()) {
            if (other.isRelocation() && other.info() == section.index()) {
                for (ElfRelocation relocation : file.relocations(other)) {
                    relocated.add(relocation.offset());
                }
            }
        }
        for (long at = 0; at + 8 <= section.size(); at += 8) {
            int opcode = bytes[(int) (section.offset() + at)] & 0xff;
            if (opcode == LDDW) {
                at += 8;
            } else if (opcode != CALL && opcode != EXIT && !relocated.contains(at)) {
                places.add((int) (section.offset() + at));
            }
        }
    }

    boolean isPossible() {
        return !places.isEmpty();
    }

    /** The file with one to three instructions changed. */
    byte[] mutant(SplittableRandom random) {
        byte[] mutant = bytes.clone();
        ByteBuffer code = ByteBuffer.wrap(mutant).order(order);
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            change(code, places.get(random.nextInt(places.size())), random);
        }
        return mutant;
    }

    private void change(ByteBuffer code, int at, SplittableRandom random) {
        int opcode = code.get(at) & 0xff;
        int kind = opcode & 7;
        switch (random.nextInt(7)) {
            case 0 -> code.putInt(at + 4, code.getInt(at + 4) + any(STEPS, random));
            case 1 -> code.putInt(at + 4, any(EDGES, random));
            case 2 -> code.putShort(at + 2, (short) (code.getShort(at + 2) + any(STEPS, random)));
            case 3 -> registers(code, at, random);
            case 4 -> {
                if (kind == CLASS_JMP || kind == CLASS_JMP32) {
                    if (opcode >> 4 != 0) {
                        code.put(
                                at,
                                (byte) (any(CONDITIONS, random) | ((opcode & 0xf) ^ flip(random))));
                    }
                } else if (kind > CLASS_STX) {
                    if (opcode >> 4 < 0xd) {
                        code.put(at, (byte) (any(OPERATIONS, random) | (opcode & 0xf)));
                    }
                } else if (kind >= CLASS_LDX) {
                    code.put(at, (byte) ((opcode & ~0x18) | (random.nextInt(4) << 3)));
                }
            }
            case 5 -> code.putLong(at, order == ByteOrder.LITTLE_ENDIAN ? 5 : 5L << 56);
            default -> {
                int other = places.get(random.nextInt(places.size()));
                long moved = code.getLong(other);
                code.putLong(other, code.getLong(at));
                code.putLong(at, moved);
            }
        }
    }

    /** Sometimes turns a condition of 64 bits into one of 32, and back. */
    private static int flip(SplittableRandom random) {
        return random.nextInt(4) == 0 ? CLASS_JMP ^ CLASS_JMP32 : 0;
    }

    private static void registers(ByteBuffer code, int at, SplittableRandom random) {
        int registers = code.get(at + 1);
        int register = random.nextInt(10);
        code.put(
                at + 1,
                (byte)
                        (random.nextBoolean()
                                ? (registers & 0xf0) | register
                                : (registers & 0xf) | (register << 4)));
    }

    private static int any(int[] choices, SplittableRandom random) {
        return choices[random.nextInt(choices.length)];
    }
}
