package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Atomic;
import org.trufflebpf.insn.Opcode.Kind;

import java.util.EnumSet;
import java.util.Set;

/**
 * Instructions that read and write memory: which registers they need, and that one of them always
 * meets pointers of one kind. What they may access is for {@link MemoryCheck}. Kernel: {@code
 * check_load_mem}, {@code check_store_reg}, {@code check_atomic}.
 */
final class LoadStore {
    /** Pointers that an instruction must not use in turn with others. */
    private static final Set<RegType> EXCLUSIVE =
            EnumSet.of(
                    RegType.CTX,
                    RegType.SOCKET,
                    RegType.SOCK_COMMON,
                    RegType.TCP_SOCK,
                    RegType.BTF,
                    RegType.ARENA);

    private final Env env;
    private final MemoryCheck memory;

    /** By instruction, the kind of pointer that it met first. */
    private final RegType[] pointerTypes;

    LoadStore(Env env, MemoryCheck memory) {
        this.env = env;
        this.memory = memory;
        this.pointerTypes = new RegType[env.code.length];
    }

    /** One instruction must not access now this, now that kind of object, where they differ. */
    private void samePointer(Insn insn, Reg reg) {
        RegType known = pointerTypes[insn.index()];
        if (known == null) {
            pointerTypes[insn.index()] = reg.type;
        } else if (known != reg.type
                && (EXCLUSIVE.contains(known) || EXCLUSIVE.contains(reg.type))) {
            throw Env.refuse(
                    RefusalKind.INVALID_POINTER,
                    "same insn cannot be used with different pointers");
        }
    }

    void load(Insn insn) {
        Reg src = env.read(insn.src());
        env.write(insn.dst());
        RegType type = src.type;
        int size = insn.opcode().bits() / 8;
        Reg pointer = new Reg();
        pointer.type = type;
        if (insn.opcode().kind() == Kind.LOAD_ACQUIRE) {
            atomicAllowed(insn.src(), src, "loads from");
            memory.checkAlignment(src, insn.off(), size, true);
        }
        memory.load(insn.src(), insn.off(), size, insn.dst(), insn.opcode().kind() == Kind.LDSX);
        samePointer(insn, pointer);
    }

    void store(Insn insn) {
        Reg dst = env.read(insn.dst());
        RegType type = dst.type;
        int size = insn.opcode().bits() / 8;
        Reg pointer = new Reg();
        pointer.type = type;
        if (insn.opcode().kind() == Kind.ST) {
            memory.store(insn.dst(), insn.off(), size, -1, (long) insn.imm());
        } else {
            env.read(insn.src());
            if (insn.opcode().kind() == Kind.STORE_RELEASE) {
                atomicAllowed(insn.dst(), dst, "stores into");
                memory.checkAlignment(dst, insn.off(), size, true);
            }
            memory.store(insn.dst(), insn.off(), size, insn.src(), null);
        }
        samePointer(insn, pointer);
    }

    void atomic(Insn insn) {
        Reg src = env.read(insn.src());
        Reg dst = env.read(insn.dst());
        int size = insn.opcode().bits() / 8;
        Atomic op = (Atomic) insn.opcode().operation();
        if (op == Atomic.CMPXCHG) {
            env.read(0);
        }
        if (src.isPointer() && src.type != RegType.STACK && dst.type == RegType.STACK) {
            // root may leak addresses
            env.read(insn.src());
        }
        atomicAllowed(insn.dst(), dst, "stores into");
        int result =
                switch (op) {
                    case FETCH_ADD, FETCH_OR, FETCH_AND, FETCH_XOR, XCHG -> insn.src();
                    case CMPXCHG -> 0;
                    default -> -1;
                };
        memory.checkAlignment(dst, insn.off(), size, true);
        Reg pointer = new Reg(dst);
        memory.load(insn.dst(), insn.off(), size, -1, false);
        if (result >= 0) {
            env.write(result);
            if (result == insn.dst()) {
                Reg loaded = env.reg(result);
                memory.store(insn.dst(), insn.off(), size, -1, null);
                loaded.setUnknown();
                if (size < 8) {
                    loaded.truncate(size);
                }
                samePointer(insn, pointer);
                return;
            }
            memory.load(insn.dst(), insn.off(), size, result, false);
        }
        memory.store(insn.dst(), insn.off(), size, -1, null);
        samePointer(insn, pointer);
    }

    private static void atomicAllowed(int regno, Reg reg, String what) {
        switch (reg.type) {
            case CTX, PACKET, PACKET_META, FLOW_KEYS, SOCKET, SOCK_COMMON, TCP_SOCK ->
                    throw Env.refuse(
                            RefusalKind.READ_ONLY,
                            "BPF_ATOMIC "
                                    + what
                                    + " R"
                                    + regno
                                    + " "
                                    + Log.typeName(reg)
                                    + " is not allowed");
            default -> {}
        }
    }
}
