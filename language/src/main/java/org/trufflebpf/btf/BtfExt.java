package org.trufflebpf.btf;

import org.trufflebpf.elf.ByteView;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code .BTF.ext} section: what instructions belong to. Records are kept by the name of the
 * code section they speak of; offsets in a section are in bytes. Records larger than known are read
 * up to what is known.
 */
public final class BtfExt {
    private static final int MAGIC = 0xeb9f;
    private static final int MIN_HEADER = 24;
    private static final int CORE_HEADER = 32;

    /** What all records have: the byte offset in their section. */
    public sealed interface InsnRecord permits FuncInfo, Line, Core {
        long offset();
    }

    /** {@code struct bpf_func_info}: the function that begins at an instruction. */
    public record FuncInfo(long offset, int typeId) implements InsnRecord {}

    /** {@code struct bpf_line_info} with offsets of texts still undecoded. */
    public record Line(long offset, int fileText, int lineText, int lineNumber, int column)
            implements InsnRecord {}

    /** {@code struct bpf_core_relo}. */
    public record Core(long offset, int typeId, int accessText, int kind) implements InsnRecord {}

    private final Map<String, List<FuncInfo>> functions;
    private final Map<String, List<Line>> lines;
    private final Map<String, List<Core>> relocations;

    private BtfExt(
            Map<String, List<FuncInfo>> functions,
            Map<String, List<Line>> lines,
            Map<String, List<Core>> relocations) {
        this.functions = functions;
        this.lines = lines;
        this.relocations = relocations;
    }

    public static BtfExt empty() {
        return new BtfExt(Map.of(), Map.of(), Map.of());
    }

    /** Reads the section; {@code btf} holds its texts. */
    public static BtfExt parse(ByteView data, Btf btf) {
        ByteView view = data.withOrder(Btf.orderOf(data, MAGIC, ".BTF.ext"));
        if (view.u8(2) != 1) {
            throw view.malformed(".BTF.ext version " + view.u8(2) + ", expected 1");
        }
        long header = view.u32(4);
        if (header < MIN_HEADER) {
            throw view.malformed(
                    ".BTF.ext header of " + header + " bytes, expected at least " + MIN_HEADER);
        }
        ByteView body =
                view.slice(
                        header, view.length() - Math.min(header, view.length()), ".BTF.ext header");
        ByteView functionPart = body.slice(view.u32(8), view.u32(12), "func_info");
        ByteView linePart = body.slice(view.u32(16), view.u32(20), "line_info");
        ByteView corePart =
                header >= CORE_HEADER
                        ? body.slice(view.u32(24), view.u32(28), "core_relo")
                        : body.slice(0, 0, "core_relo");
        return new BtfExt(
                read(
                        functionPart,
                        btf,
                        "func_info",
                        8,
                        (part, at) -> new FuncInfo(part.u32(at), part.s32(at + 4))),
                read(
                        linePart,
                        btf,
                        "line_info",
                        16,
                        (part, at) -> {
                            int place = part.s32(at + 12);
                            return new Line(
                                    part.u32(at),
                                    part.s32(at + 4),
                                    part.s32(at + 8),
                                    place >>> 10,
                                    place & 0x3ff);
                        }),
                read(
                        corePart,
                        btf,
                        "core_relo",
                        16,
                        (part, at) ->
                                new Core(
                                        part.u32(at),
                                        part.s32(at + 4),
                                        part.s32(at + 8),
                                        part.s32(at + 12))));
    }

    public List<FuncInfo> functions(String section) {
        return functions.getOrDefault(section, List.of());
    }

    public List<Line> lines(String section) {
        return lines.getOrDefault(section, List.of());
    }

    public List<Core> relocations(String section) {
        return relocations.getOrDefault(section, List.of());
    }

    /** Reads one record at an offset. */
    private interface RecordReader<T> {
        T read(ByteView part, long at);
    }

    private static <T> Map<String, List<T>> read(
            ByteView part, Btf btf, String what, int minimum, RecordReader<T> reader) {
        if (part.length() == 0) {
            return Map.of();
        }
        long size = part.u32(0);
        if (size < minimum || size % 4 != 0) {
            throw part.malformed(
                    what
                            + " records of "
                            + size
                            + " bytes, expected a multiple of 4, at least "
                            + minimum);
        }
        Map<String, List<T>> sections = new HashMap<>();
        long at = 4;
        while (at < part.length()) {
            String section = btf.text(part.s32(at));
            long count = part.u32(at + 4);
            at += 8;
            if (count == 0 || count > (part.length() - at) / size) {
                throw part.malformed(
                        what
                                + " has "
                                + count
                                + " records for section '"
                                + section
                                + "' in "
                                + (part.length() - at)
                                + " bytes, expected 1 to "
                                + (part.length() - at) / size);
            }
            List<T> records = sections.computeIfAbsent(section, name -> new ArrayList<>());
            for (long i = 0; i < count; i++, at += size) {
                records.add(reader.read(part, at));
            }
        }
        return sections;
    }
}
