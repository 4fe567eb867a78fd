package org.trufflebpf.object;

import org.trufflebpf.btf.BtfExt;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode;
import org.trufflebpf.uapi.ProgramType;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Links programs as libbpf does: the entry function, then each function it reaches, once, in the
 * order in which a walk that goes into every new callee at once meets them. Distances of calls and
 * function addresses are made anew; line and CO-RE records move along with the instructions.
 */
final class Linker {
    private static final int PSEUDO_MAP = 1;
    private static final int PSEUDO_MAP_VALUE = 2;
    private static final int PSEUDO_CALL = 1;
    private static final int PSEUDO_KFUNC = 2;
    private static final int PSEUDO_FUNC = 4;

    /** The kernel's limit for one program, {@code BPF_COMPLEXITY_LIMIT_INSNS}. */
    private static final int PROGRAM_LIMIT = 1_000_000;

    /** Instructions of all programs of an object together, shared subprograms counted for each. */
    private static final int OBJECT_LIMIT = 4_000_000;

    private final ObjectFile file;
    private final FunctionTable functions;
    private final ReferenceResolver resolver;
    private final Map<Function, Body> bodies = new HashMap<>();
    private final Map<String, Records> records = new HashMap<>();
    private int total;

    /**
     * The decoded instructions of a function and what they refer to, the same for every program
     * that links it.
     */
    private record Body(List<Insn> insns, List<Reference> references) {}

    /** The line and CO-RE records of a section, sorted by offset. */
    private record Records(List<BtfExt.Line> lines, List<BtfExt.Core> cores) {}

    /** A function on the walk, and how far its instructions were looked at. */
    private static final class Visit {
        final Function function;
        int next;

        Visit(Function function) {
            this.function = function;
        }
    }

    Linker(ObjectFile file, MapTable maps, FunctionTable functions) {
        this.file = file;
        this.functions = functions;
        this.resolver = new ReferenceResolver(file, maps, functions);
    }

    ProgramSpec link(Function entry) {
        Map<Function, Integer> bases = new HashMap<>();
        List<Function> order = order(entry, bases);
        List<Insn> insns = new ArrayList<>();
        List<SubprogSpec> subprogs = new ArrayList<>();
        List<LineInfo> lines = new ArrayList<>();
        List<CoreRelo> coreRelos = new ArrayList<>();
        List<ExternRef> externs = new ArrayList<>();
        for (Function function : order) {
            int base = bases.get(function);
            Body body = body(function);
            for (int i = 0; i < body.insns.size(); i++) {
                Insn insn = body.insns.get(i).at(base + body.insns.get(i).index());
                Reference reference = body.references.get(i);
                insns.add(reference == null ? insn : refer(insn, reference, bases));
                if (reference instanceof Reference.ToExtern extern) {
                    boolean isFunction =
                            extern.isFunction(insn.opcode().kind() != Opcode.Kind.LDDW);
                    externs.add(
                            new ExternRef(
                                    insn.index(),
                                    extern.name(),
                                    extern.weak(),
                                    isFunction,
                                    extern.typeId()));
                }
            }
            subprogs.add(
                    new SubprogSpec(
                            function.name(),
                            base,
                            base + function.slots(),
                            function.global(),
                            function.typeId()));
            addRecords(function, base, lines, coreRelos);
        }
        return program(entry, insns, subprogs, lines, coreRelos, externs);
    }

    private ProgramSpec program(
            Function entry,
            List<Insn> insns,
            List<SubprogSpec> subprogs,
            List<LineInfo> lines,
            List<CoreRelo> coreRelos,
            List<ExternRef> externs) {
        String section = entry.section().name();
        boolean autoload = !section.startsWith("?");
        String plain = autoload ? section : section.substring(1);
        SectionTable.Row row = SectionTable.find(plain);
        int slash = plain.indexOf('/');
        boolean target = row == null || row.takesTarget();
        return new ProgramSpec(
                entry.name(),
                plain,
                row == null ? ProgramType.UNSPEC : row.type(),
                row == null || row.attachType() == null ? -1 : row.attachType().number(),
                target && slash >= 0 ? plain.substring(slash + 1) : null,
                row != null && row.sleepable(),
                row != null && row.fragments(),
                autoload,
                insns,
                subprogs,
                lines,
                coreRelos,
                externs);
    }

    /** The reached functions in order; fills in where each begins. */
    private List<Function> order(Function entry, Map<Function, Integer> bases) {
        List<Function> order = new ArrayList<>();
        Deque<Visit> walk = new ArrayDeque<>();
        int end = place(entry, 0, bases, order, walk);
        end = walk(end, bases, order, walk);
        // nothing in the code refers to it
        String exception = ExceptionCallback.name(file.btf, entry.typeId());
        for (Function function : functions.all()) {
            if (function.name().equals(exception) && !bases.containsKey(function)) {
                end = place(function, end, bases, order, walk);
                end = walk(end, bases, order, walk);
            }
        }
        checkLimit(entry, end);
        return order;
    }

    /** Follows the references of the functions that wait; gives where the last function ends. */
    private int walk(
            int from, Map<Function, Integer> bases, List<Function> order, Deque<Visit> walk) {
        int end = from;
        while (!walk.isEmpty()) {
            Visit visit = walk.peek();
            List<Reference> references = body(visit.function).references;
            if (visit.next == references.size()) {
                walk.pop();
                continue;
            }
            Reference reference = references.get(visit.next++);
            if (reference instanceof Reference.ToFunction target
                    && !bases.containsKey(target.function())) {
                end = place(target.function(), end, bases, order, walk);
            }
        }
        return end;
    }

    private void checkLimit(Function entry, int end) {
        total += end;
        if (end > PROGRAM_LIMIT || total > OBJECT_LIMIT) {
            throw BpfException.limit(
                    where(entry),
                    "BPF program is too large: "
                            + end
                            + " instructions, at most "
                            + PROGRAM_LIMIT
                            + " in one program and "
                            + OBJECT_LIMIT
                            + " in all programs of an object");
        }
    }

    private static int place(
            Function function,
            int base,
            Map<Function, Integer> bases,
            List<Function> order,
            Deque<Visit> walk) {
        bases.put(function, base);
        order.add(function);
        walk.push(new Visit(function));
        return base + function.slots();
    }

    private Body body(Function function) {
        Body known = bodies.get(function);
        if (known != null) {
            return known;
        }
        List<Insn> insns =
                function.decode(
                        file.contents(function.section()), file.elf.order(), where(function));
        List<Reference> references = new ArrayList<>(insns.size());
        for (Insn insn : insns) {
            references.add(resolver.resolve(function, insn));
        }
        Body body = new Body(insns, references);
        bodies.put(function, body);
        return body;
    }

    private static Insn refer(Insn insn, Reference reference, Map<Function, Integer> bases) {
        int index = insn.index();
        return switch (reference) {
            case Reference.ToMap to ->
                    new Insn(index, Opcode.LDDW, insn.dst(), PSEUDO_MAP, 0, to.map(), 0);
            case Reference.ToValue to ->
                    new Insn(
                            index,
                            Opcode.LDDW,
                            insn.dst(),
                            PSEUDO_MAP_VALUE,
                            0,
                            to.map(),
                            to.offset());
            case Reference.ToFunction to -> {
                int distance = bases.get(to.function()) - index - 1;
                yield insn.opcode().kind() == Opcode.Kind.LDDW
                        ? new Insn(index, Opcode.LDDW, insn.dst(), PSEUDO_FUNC, 0, distance, 0)
                        : new Insn(index, Opcode.CALL_SUBPROG, 0, PSEUDO_CALL, 0, distance, 0);
            }
            case Reference.ToExtern to ->
                    insn.opcode().kind() == Opcode.Kind.LDDW
                            ? insn.withImm(0, 0)
                            : new Insn(index, Opcode.CALL_KFUNC, 0, PSEUDO_KFUNC, 0, 0, 0);
        };
    }

    private void addRecords(
            Function function, int base, List<LineInfo> lines, List<CoreRelo> coreRelos) {
        Records section = records.computeIfAbsent(function.section().name(), this::records);
        long from = (long) function.start() * Function.SLOT;
        long to = (long) function.end() * Function.SLOT;
        for (int i = lowerBound(section.lines, from); i < section.lines.size(); i++) {
            BtfExt.Line line = section.lines.get(i);
            if (line.offset() >= to) {
                break;
            }
            lines.add(
                    new LineInfo(
                            base + (int) ((line.offset() - from) / Function.SLOT),
                            file.btf.text(line.fileText()),
                            file.btf.text(line.lineText()),
                            line.lineNumber(),
                            line.column()));
        }
        for (int i = lowerBound(section.cores, from); i < section.cores.size(); i++) {
            BtfExt.Core core = section.cores.get(i);
            if (core.offset() >= to) {
                break;
            }
            coreRelos.add(
                    new CoreRelo(
                            base + (int) ((core.offset() - from) / Function.SLOT),
                            core.typeId(),
                            file.btf.text(core.accessText()),
                            core.kind()));
        }
    }

    private Records records(String section) {
        List<BtfExt.Line> lines = new ArrayList<>(file.ext.lines(section));
        List<BtfExt.Core> cores = new ArrayList<>(file.ext.relocations(section));
        for (BtfExt.Core core : cores) {
            if (core.offset() % Function.SLOT != 0) {
                throw BpfException.malformed(
                        file.elf.where().inSection(".BTF.ext"),
                        "CO-RE record at offset "
                                + core.offset()
                                + " of section '"
                                + section
                                + "', expected a multiple of "
                                + Function.SLOT);
            }
        }
        lines.sort((left, right) -> Long.compare(left.offset(), right.offset()));
        cores.sort((left, right) -> Long.compare(left.offset(), right.offset()));
        return new Records(lines, cores);
    }

    /** Index of the first record that does not stand before {@code offset}. */
    private static int lowerBound(List<? extends BtfExt.InsnRecord> records, long offset) {
        int low = 0;
        int high = records.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (records.get(middle).offset() < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private Where where(Function function) {
        return file.where(function.section()).inProgram(function.name());
    }
}
