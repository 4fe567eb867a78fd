package org.trufflebpf.launcher;

import org.trufflebpf.launcher.engine.BpfMap;
import org.trufflebpf.launcher.engine.BpfProgram;
import org.trufflebpf.launcher.engine.Event;
import org.trufflebpf.launcher.engine.MapDump;
import org.trufflebpf.launcher.engine.MapEntry;
import org.trufflebpf.launcher.engine.MapInfo;
import org.trufflebpf.launcher.engine.ProgramInfo;
import org.trufflebpf.launcher.engine.RunResult;
import org.trufflebpf.launcher.engine.RunSpec;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Results as text for a person. Everything that an object or a program chose goes through {@link
 * Text} first.
 */
final class HumanReport {
    private static final String GREEN = "32";
    private static final String RED = "31";
    private static final String YELLOW = "33";
    private static final String BOLD = "1";

    /** Longer packets are shown only when asked for. */
    private static final int SHORT_PACKET = 256;

    private static final int SHORT_EVENT = 32;

    /** Seconds in which a run mostly starts up: packets per second would say nothing. */
    private static final double SHORT_RUN = 1;

    private final Io io;

    HumanReport(Io io) {
        this.io = io;
    }

    /** The verdict, the time per run, and a short packet. */
    void run(ProgramInfo program, RunSpec spec, RunResult result) {
        io.out()
                .println(
                        Text.line(program.name())
                                + ": "
                                + verdict(result.verdict(), result.retval()));
        if (spec.repeat() > 1) {
            io.out()
                    .println(
                            "  "
                                    + Text.grouped(result.repeat())
                                    + " runs: mean "
                                    + Text.rounded(result.meanNs())
                                    + " ns with warm-up, min "
                                    + Text.rounded(result.minNs())
                                    + ", median "
                                    + Text.rounded(result.medianNs()));
        }
        byte[] data = result.data();
        if (data != null && spec.data() != null) {
            if (Arrays.equals(data, spec.data())) {
                io.out().println("  packet out: unchanged, " + bytes(data.length));
            } else if (data.length <= SHORT_PACKET) {
                io.out().println("  packet out: " + bytes(data.length));
                io.out().print(Text.dump(data, "  "));
            } else {
                io.out().println("  packet out: " + bytes(data.length) + ", shown by --data-out -");
            }
        }
        text(io.out(), result.printed());
        text(io.out(), result.stdout());
        text(io.err(), result.stderr());
        events(result.events());
        if (spec.fields() instanceof Map && result.fields() != null) {
            io.out().println("  context out: " + changed(result.fields()));
        }
        for (int i = 0; i < result.callbacks().size(); i++) {
            io.out()
                    .println(
                            "  clock + "
                                    + Text.grouped(spec.steps().get(i))
                                    + " ns: "
                                    + Text.grouped(result.callbacks().get(i))
                                    + (result.callbacks().get(i) == 1
                                            ? " callback"
                                            : " callbacks"));
        }
    }

    /** The fields of a context that are not zero. */
    private static String changed(Object fields) {
        StringBuilder text = new StringBuilder();
        ((Map<?, ?>) fields)
                .forEach(
                        (name, value) -> {
                            if (!isZero(value)) {
                                text.append(text.isEmpty() ? "" : ", ")
                                        .append(Text.line(name + "=" + value));
                            }
                        });
        return text.isEmpty() ? "zeros" : text.toString();
    }

    private static boolean isZero(Object value) {
        return value instanceof List<?> list
                ? list.stream().allMatch(HumanReport::isZero)
                : value instanceof Number number && number.doubleValue() == 0;
    }

    private static void text(PrintStream to, byte[] text) {
        if (text != null) {
            String line = Text.clean(new String(text, StandardCharsets.UTF_8));
            to.print(line + (line.endsWith("\n") ? "" : "\n"));
        }
    }

    void events(List<Event> events) {
        for (Event event : events) {
            byte[] data = event.data();
            String head =
                    "  event from "
                            + Text.line(event.map())
                            + " on CPU "
                            + event.cpu()
                            + ", "
                            + bytes(data.length);
            if (data.length <= SHORT_EVENT) {
                io.out().println(head + ": " + Text.hex(data));
            } else {
                io.out().println(head + ":");
                io.out().print(Text.dump(data, "    "));
            }
        }
    }

    /**
     * {@code XDP_PASS (2)}; a number without a name also shows its signed reading where that
     * differs.
     */
    String verdict(String name, long retval) {
        if (name != null) {
            return io.paint(color(name), Text.line(name)) + " (" + retval + ")";
        }
        return retval > Integer.MAX_VALUE
                ? (int) retval + " (0x" + Long.toHexString(retval) + ")"
                : Long.toString(retval);
    }

    private static String color(String verdict) {
        if (Verdicts.passes(verdict)) {
            return GREEN;
        }
        return verdict.endsWith("_DROP") || verdict.endsWith("_SHOT") || verdict.endsWith("DENY")
                ? RED
                : YELLOW;
    }

    void maps(List<MapDump> maps) {
        for (MapDump map : maps) {
            mapHead(
                    map.info(),
                    Text.grouped(map.count())
                            + " of "
                            + Text.grouped(map.info().maxEntries())
                            + " entries");
            if (map.count() > 0) {
                io.out().print(entries(map));
            }
            if (map.left() > 0) {
                io.out()
                        .println(
                                "  and "
                                        + Text.grouped(map.left())
                                        + " more, shown by --dump-maps");
            }
        }
    }

    /** A map that is not looked into. */
    void largeMap(MapInfo info) {
        mapHead(
                info,
                "up to " + Text.grouped(info.maxEntries()) + " entries, shown by --dump-maps");
    }

    private void mapHead(MapInfo info, String entries) {
        io.out().println();
        io.out()
                .println(
                        io.paint(BOLD, Text.line(info.name()))
                                + " ("
                                + Text.line(info.type())
                                + ", key "
                                + bytes(info.keySize())
                                + ", value "
                                + bytes(info.valueSize())
                                + "): "
                                + entries);
    }

    private static Table entries(MapDump map) {
        boolean keys = map.info().keySize() > 0 && map.info().isDeclared();
        Table table = keys ? new Table("  ", "KEY", "VALUE") : new Table("  ", "VALUE");
        for (MapEntry entry : map.entries()) {
            String key = entry.keyText() != null ? entry.keyText() : Text.hex(entry.key());
            String value;
            if (entry.valueText() != null) {
                value = entry.valueText();
            } else if (entry.perCpu()) {
                StringBuilder cpus = new StringBuilder();
                for (int i = 0; i < entry.values().size(); i++) {
                    cpus.append(i == 0 ? "" : "  ").append("cpu").append(i).append(' ');
                    cpus.append(Text.hex(entry.values().get(i)));
                }
                value = cpus.toString();
            } else {
                value = entry.values().isEmpty() ? "" : Text.hex(entry.values().getFirst());
            }
            if (keys) {
                table.row(key, value);
            } else {
                table.row(value);
            }
        }
        return table;
    }

    /** The table of verdicts after a capture, with the rate where the run took long enough. */
    void packets(ProgramInfo program, PacketCounts counts, long nanos) {
        double seconds = nanos / 1e9;
        String rate =
                seconds < SHORT_RUN
                        ? ""
                        : " ("
                                + Text.grouped(Math.round(counts.packets() / seconds))
                                + " packets/s, "
                                + Text.rounded(counts.bytes() * 8 / seconds / 1e6)
                                + " Mbit/s)";
        io.out()
                .println(
                        Text.line(program.name())
                                + ": "
                                + Text.grouped(counts.packets())
                                + (counts.packets() == 1 ? " packet, " : " packets, ")
                                + bytes(counts.bytes())
                                + " in "
                                + Text.rounded(nanos / 1e6)
                                + " ms"
                                + rate);
        if (counts.packets() > 0) {
            Table table = new Table("  ", "VERDICT", ">PACKETS", ">BYTES");
            for (PacketCounts.Row row : counts.rows()) {
                table.row(row.label(), Text.grouped(row.packets()), Text.grouped(row.bytes()));
            }
            io.out().print(table);
        }
    }

    /** The tables of --list. */
    static String list(List<BpfProgram> programs, List<BpfMap> maps) {
        StringBuilder text = new StringBuilder();
        if (!programs.isEmpty()) {
            Table table = new Table("", "PROGRAM", "TYPE", "SECTION", ">INSNS", "ATTACHES TO");
            for (BpfProgram program : programs) {
                ProgramInfo info = program.info();
                table.row(
                        info.name(),
                        info.type() == null ? "-" : info.type(),
                        info.section(),
                        Long.toString(info.insnCount()),
                        info.attachTarget() == null ? "" : info.attachTarget());
            }
            text.append(table);
        }
        if (!maps.isEmpty()) {
            Table table = new Table("", "MAP", "TYPE", ">KEY", ">VALUE", ">MAX ENTRIES");
            for (BpfMap map : maps) {
                MapInfo info = map.info();
                table.row(
                        info.name(),
                        info.type(),
                        Long.toString(info.keySize()),
                        Long.toString(info.valueSize()),
                        Long.toString(info.maxEntries()));
            }
            text.append(text.isEmpty() ? "" : "\n").append(table).append(operations(maps));
        }
        return text.toString();
    }

    /** The programs that members of structures of operations name. */
    private static String operations(List<BpfMap> maps) {
        Table table = new Table("", "OPERATION", "PROGRAM");
        boolean any = false;
        for (BpfMap map : maps) {
            for (Map.Entry<String, String> operation : map.info().operations().entrySet()) {
                table.row(map.info().name() + "." + operation.getKey(), operation.getValue());
                any = true;
            }
        }
        return any ? "\n" + table : "";
    }

    private static String bytes(long count) {
        return Text.grouped(count) + (count == 1 ? " byte" : " bytes");
    }
}
