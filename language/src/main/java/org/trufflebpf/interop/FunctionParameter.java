package org.trufflebpf.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.runtime.Run;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Turns what is in an argument register into the value that a bound function gets. */
abstract class FunctionParameter {
    /** What the parameters of one call share. */
    static final class Call {
        final Run run;

        /** All arguments; {@code null} unless a parameter needs memory. */
        final long[] registers;

        private final Storage readOnly;
        private final Storage writable;

        Call(Run run, long[] registers) {
            this.run = run;
            this.registers = registers;
            this.readOnly = Storage.ofMemory(run.memory(), false);
            this.writable = Storage.ofMemory(run.memory(), true);
        }

        /** The program's memory as long as the call lasts. */
        Storage storage(boolean write) {
            return write ? writable : readOnly;
        }

        void end() {
            readOnly.end();
            writable.end();
        }

        /** The last map among the arguments before this one. */
        BpfMap map(int index) {
            for (int i = index - 1; i >= 0; i--) {
                if (run.machine().handles().get(registers[i]) instanceof BpfMap map) {
                    return map;
                }
            }
            throw BpfException.trap("argument " + (index + 1) + " belongs to no map");
        }
    }

    /** Whether {@link #convert} needs a {@link Call}. */
    boolean needsMemory() {
        return true;
    }

    /**
     * The value.
     *
     * @param index of the argument, from 0
     * @throws BpfException TRAP if the register does not hold what it should
     */
    abstract Object convert(Call call, int index, long register);

    /** Holds memory to its bounds. */
    private static void check(Run run, int index, long address, long size, boolean write) {
        Memory memory = run.memory();
        if (!memory.isAccessible(address, size, write)) {
            throw BpfException.trap(
                    "argument "
                            + (index + 1)
                            + ": "
                            + memory.fault(address, size, write).getMessage());
        }
    }

    /** A number: all 64 bits, signed, or those of an integer type. */
    static final class Whole extends FunctionParameter {
        private final IntLayout type;

        /** A number of that type; {@code null} for all 64 bits. */
        Whole(IntLayout type) {
            this.type = type;
        }

        @Override
        boolean needsMemory() {
            return false;
        }

        @Override
        Object convert(Call call, int index, long register) {
            if (type == null) {
                return register;
            }
            if (type.isBool) {
                return (register & 1) != 0;
            }
            return switch (type.width) {
                case 8 -> type.signed ? (int) (byte) register : (int) (register & 0xff);
                case 16 -> type.signed ? (int) (short) register : (int) (register & 0xffff);
                case 32 -> type.signed ? (Object) (int) register : register & 0xffff_ffffL;
                default -> type.signed ? (Object) register : BigNumber.unsigned(register);
            };
        }
    }

    /** Memory as a live buffer, of a size of its own or that of the next argument. */
    static final class Bytes extends FunctionParameter {
        private final boolean write;
        private final int size;

        /** A buffer; size -1: the next argument tells it. */
        Bytes(boolean write, int size) {
            this.write = write;
            this.size = size;
        }

        @Override
        @TruffleBoundary
        Object convert(Call call, int index, long register) {
            long length = size >= 0 ? size : call.registers[index + 1];
            if (register == 0) {
                return NullValue.INSTANCE;
            }
            check(call.run, index, register, length, write);
            return new BytesValue(call.storage(write), register, length);
        }
    }

    /** A pointer to a value of a known type, live. */
    static final class Pointed extends FunctionParameter {
        private final Layout layout;
        private final boolean write;

        Pointed(Layout layout, boolean write) {
            this.layout = layout;
            this.write = write;
        }

        @Override
        @TruffleBoundary
        Object convert(Call call, int index, long register) {
            if (register == 0) {
                return NullValue.INSTANCE;
            }
            check(call.run, index, register, layout.size, write);
            return layout instanceof StructLayout || layout instanceof ArrayLayout
                    ? layout.read(call.storage(write), register)
                    : new ArrayLayout(layout, 1, false).read(call.storage(write), register);
        }
    }

    /** A text that ends with a NUL. */
    static final class Text extends FunctionParameter {
        private static final int MAX = 4096;

        @Override
        @TruffleBoundary
        Object convert(Call call, int index, long register) {
            if (register == 0) {
                return NullValue.INSTANCE;
            }
            Memory memory = call.run.memory();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (long at = register; bytes.size() < MAX; at++) {
                check(call.run, index, at, 1, false);
                byte next = memory.getByte(at);
                if (next == 0) {
                    break;
                }
                bytes.write(next);
            }
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    /** A map. */
    static final class OfMap extends FunctionParameter {
        private final Opened opened;

        OfMap(Opened opened) {
            this.opened = opened;
        }

        @Override
        @TruffleBoundary
        Object convert(Call call, int index, long register) {
            if (call.run.machine().handles().get(register) instanceof BpfMap map) {
                return MapValues.of(opened, map);
            }
            throw BpfException.trap("argument " + (index + 1) + " is not a map");
        }
    }

    /** A key of the map before it. */
    static final class Key extends FunctionParameter {
        private final Opened opened;

        Key(Opened opened) {
            this.opened = opened;
        }

        @Override
        @TruffleBoundary
        Object convert(Call call, int index, long register) {
            BpfMap map = call.map(index);
            check(call.run, index, register, map.keySize(), false);
            return opened.layouts()
                    .of(map.spec().keyTypeId(), map.keySize())
                    .read(call.storage(false), register);
        }
    }

    /** A value of the map before it. */
    static final class MapData extends FunctionParameter {
        private final Opened opened;
        private final boolean write;

        MapData(Opened opened, boolean write) {
            this.opened = opened;
            this.write = write;
        }

        @Override
        @TruffleBoundary
        Object convert(Call call, int index, long register) {
            if (register == 0) {
                return NullValue.INSTANCE;
            }
            BpfMap map = call.map(index);
            check(call.run, index, register, map.valueSize(), write);
            return opened.layouts()
                    .of(map.spec().valueTypeId(), map.valueSize())
                    .read(call.storage(write), register);
        }
    }

    /** The program's context: its structure where BTF knows it, else bytes; read-only. */
    static final class Context extends FunctionParameter {
        private final Opened opened;

        Context(Opened opened) {
            this.opened = opened;
        }

        @Override
        @TruffleBoundary
        Object convert(Call call, int index, long register) {
            Region context = call.run.context();
            if (register != context.start()) {
                throw BpfException.trap(
                        "argument " + (index + 1) + " is not the program's context");
            }
            StructLayout layout = ContextLayout.of(opened, call.run.program());
            return layout != null && layout.size <= context.size()
                    ? layout.read(call.storage(false), register)
                    : new BytesValue(call.storage(false), register, context.size());
        }
    }

    /** Anything that a function can only pass on. */
    static final class Opaque extends FunctionParameter {
        private final String what;

        Opaque(String what) {
            this.what = what;
        }

        @Override
        boolean needsMemory() {
            return false;
        }

        @Override
        @TruffleBoundary
        Object convert(Call call, int index, long register) {
            return PointerValue.of(what, register);
        }
    }
}
