package org.trufflebpf.verifier;

import java.util.SplittableRandom;

/**
 * A random XDP program as the text of a case: r1 to r5 hold numbers from the packet, r6 has 40
 * bytes of packet behind it, r7 is the end of the packet, r8 a value of 32 bytes of the map a, and
 * the uppermost 64 bytes of the stack are initialized.
 */
final class BoundsProgram {
    private static final String START =
            """
                r6 = *(u32 *)(r1 + 0)
                r7 = *(u32 *)(r1 + 4)
                *(u32 *)(r10 - 4) = 1
                r2 = r10
                r2 += -4
                r1 = map a
                call bpf_map_lookup_elem
                if r0 == 0 goto out
                r8 = r0
                r2 = r6
                r2 += 40
                if r2 > r7 goto out
                *(u64 *)(r10 - 8) = 0
                *(u64 *)(r10 - 16) = 0
                *(u64 *)(r10 - 24) = 0
                *(u64 *)(r10 - 32) = 0
                *(u64 *)(r10 - 40) = 0
                *(u64 *)(r10 - 48) = 0
                *(u64 *)(r10 - 56) = 0
                *(u64 *)(r10 - 64) = 0
            """;

    private static final String END =
            """
            out:
                r0 = 2
                exit
            """;

    private static final String[] CONDITIONS = {
        ">", ">=", "<", "<=", "s>", "s>=", "s<", "s<=", "==", "!=", "&"
    };
    private static final String[] OPERATIONS = {
        "+=", "-=", "*=", "&=", "|=", "^=", "<<=", ">>=", "s>>=", "/=", "%="
    };
    private static final int[] EDGES = {
        0, 1, 2, 3, 4, 7, 8, 15, 16, 24, 27, 28, 31, 32, 33, 39, 40, 56, 63, 64, 127, 255, -1, -2,
        -8, 0x7fff
    };

    private final SplittableRandom random;
    private final StringBuilder text = new StringBuilder(START);
    private int labels;

    BoundsProgram(long seed) {
        this.random = new SplittableRandom(seed);
        for (int i = 1; i <= 5; i++) {
            String width =
                    switch (random.nextInt(6)) {
                        case 0 -> "u8";
                        case 1 -> "u16";
                        case 2 -> "u32";
                        case 3 -> "u64";
                        case 4 -> "s8";
                        default -> "s16";
                    };
            line("r%d = *(%s *)(r6 + %d)".formatted(i, width, 8 * random.nextInt(4)));
        }
        int pieces = 3 + random.nextInt(14);
        for (int i = 0; i < pieces; i++) {
            piece();
        }
        access();
        text.append(END);
    }

    String text() {
        return text.toString();
    }

    private void piece() {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> compute();
            case 3 -> bound(number());
            case 4 -> {
                String label = "L" + labels++;
                line("if %s goto %s".formatted(condition(register(number())), label));
                compute();
                text.append(label).append(":\n");
            }
            case 5 -> access();
            case 6 -> line("r%d = r%d".formatted(number(), number()));
            default ->
                    line("r%d = (s%d) r%d".formatted(number(), 8 << random.nextInt(3), number()));
        }
    }

    private void compute() {
        String operation = OPERATIONS[random.nextInt(OPERATIONS.length)];
        String register = register(number());
        boolean shift = operation.contains("<<") || operation.contains(">>");
        boolean division = operation.equals("/=") || operation.equals("%=");
        int bits = register.startsWith("w") ? 32 : 64;
        if (!shift && random.nextInt(3) == 0) {
            line("%s %s %s%d".formatted(register, operation, register.substring(0, 1), number()));
        } else {
            int operand = shift ? random.nextInt(bits) : edge();
            line("%s %s %d".formatted(register, operation, division && operand == 0 ? 3 : operand));
        }
    }

    /** Ways in which programs bound an index; not all of them do. */
    private void bound(int number) {
        int most = edge();
        switch (random.nextInt(6)) {
            case 0 -> line("r%d &= %d".formatted(number, most));
            case 1 -> line("if r%d > %d goto out".formatted(number, most));
            case 2 -> line("if w%d > %d goto out".formatted(number, most));
            case 3 -> {
                line("if r%d s> %d goto out".formatted(number, most));
                line("if r%d s< %d goto out".formatted(number, random.nextInt(3) - 1));
            }
            case 4 -> line("if %s goto out".formatted(condition(register(number))));
            default -> {
                line("r%d <<= %d".formatted(number, 56 + random.nextInt(4)));
                line("r%d >>= %d".formatted(number, 56 + random.nextInt(4)));
            }
        }
    }

    private void access() {
        int index = number();
        if (random.nextInt(4) > 0) {
            bound(index);
        }
        if (random.nextInt(4) == 0) {
            // a copy that shares what is learned later
            int copy = number();
            line("r%d = r%d".formatted(copy, index));
            if (random.nextBoolean()) {
                line("r%d += %d".formatted(copy, random.nextInt(8)));
            }
            bound(random.nextBoolean() ? copy : index);
            index = copy;
        }
        int size = 1 << random.nextInt(4);
        String width = "u" + 8 * size;
        int off = random.nextInt(4) == 0 ? edge() & 63 : 0;
        switch (random.nextInt(3)) {
            case 0 -> {
                line("r0 = r8");
                line("r0 += r%d".formatted(index));
                use(width, off);
            }
            case 1 -> {
                line("r0 = r10");
                line("r0 += r%d".formatted(index));
                use(random.nextBoolean() ? "u8" : width, off - 64);
            }
            default -> {
                line("r0 = r6");
                line("r0 += r%d".formatted(index));
                if (random.nextInt(3) > 0) {
                    line("r9 = r0");
                    line("r9 += %d".formatted(edge() & 63));
                    line("if r9 %s r7 goto out".formatted(random.nextBoolean() ? ">" : ">="));
                }
                use(width, off);
            }
        }
    }

    private void use(String width, int off) {
        if (random.nextBoolean()) {
            line("r%d = *(%s *)(r0 %s)".formatted(number(), width, signed(off)));
        } else {
            line("*(%s *)(r0 %s) = r%d".formatted(width, signed(off), number()));
        }
    }

    private static String signed(int off) {
        return off < 0 ? "- " + -off : "+ " + off;
    }

    private String condition(String register) {
        String operator = CONDITIONS[random.nextInt(CONDITIONS.length)];
        String other = random.nextInt(4) == 0 ? register.charAt(0) + "" + number() : "" + edge();
        return register + " " + operator + " " + other;
    }

    private int number() {
        return 1 + random.nextInt(5);
    }

    private String register(int number) {
        return (random.nextInt(3) == 0 ? "w" : "r") + number;
    }

    private int edge() {
        return EDGES[random.nextInt(EDGES.length)]
                + (random.nextInt(4) == 0 ? random.nextInt(-1, 2) : 0);
    }

    private void line(String line) {
        text.append("    ").append(line).append('\n');
    }
}
