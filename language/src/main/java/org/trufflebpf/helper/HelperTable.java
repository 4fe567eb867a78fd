package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.helper.HelperRow.Effect;
import org.trufflebpf.helper.HelperRow.State;
import org.trufflebpf.uapi.ProgramType;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.stream.IntStream;

/**
 * All helpers of {@code linux/bpf.h} (6.18), one row each: the one place where verifier, nodes,
 * disassembler and documentation look them up. Rows are joined from signatures ({@link
 * HelperSignatures}), program types ({@link HelperUsers}) and implementations ({@link
 * HelperImplementations}).
 */
public final class HelperTable {
    /** The highest number of a helper. */
    public static final int LAST = 211;

    /** Licenses that the kernel takes as compatible with the GPL. */
    private static final Set<String> GPL_COMPATIBLE =
            Set.of(
                    "GPL",
                    "GPL v2",
                    "GPL and additional rights",
                    "Dual BSD/GPL",
                    "Dual MIT/GPL",
                    "Dual MPL/GPL");

    /** Types whose runs have a packet. */
    private static final Set<ProgramType> PACKET_TYPES =
            EnumSet.of(
                    ProgramType.XDP,
                    ProgramType.SCHED_CLS,
                    ProgramType.SCHED_ACT,
                    ProgramType.SOCKET_FILTER,
                    ProgramType.CGROUP_SKB,
                    ProgramType.LWT_IN,
                    ProgramType.LWT_OUT,
                    ProgramType.LWT_XMIT,
                    ProgramType.LWT_SEG6LOCAL,
                    ProgramType.SK_SKB,
                    ProgramType.FLOW_DISSECTOR);

    /** Types whose context stands for its socket. */
    private static final Set<ProgramType> SOCKET_CONTEXTS =
            EnumSet.of(ProgramType.SOCK_OPS, ProgramType.CGROUP_SOCK_ADDR);

    /** Types that pass sockets as objects of the kernel. */
    private static final Set<ProgramType> SOCKET_TYPES =
            EnumSet.of(ProgramType.TRACING, ProgramType.LSM, ProgramType.SYSCALL);

    private static final Map<String, HelperFunction> FUNCTIONS = HelperImplementations.all();
    private static final Map<ProgramType, boolean[]> USERS = users();

    /** The rows as text, by number: most programs ask for few of them. */
    private static final String[] LINES = new String[LAST + 1];

    private static final Map<String, Integer> NUMBERS = index();

    /** The rows that somebody asked for. They are immutable, so a race only makes one twice. */
    private static final HelperRow[] ROWS = new HelperRow[LAST + 1];

    private HelperTable() {}

    /** All rows in the order of their numbers. */
    public static List<HelperRow> rows() {
        return IntStream.rangeClosed(1, LAST).mapToObj(HelperTable::row).toList();
    }

    /** The row of a number, or {@code null} for one that the kernel does not know. */
    public static HelperRow row(int number) {
        if (number <= 0 || number > LAST) {
            return null;
        }
        HelperRow row = ROWS[number];
        if (row == null) {
            row = parse(number);
            ROWS[number] = row;
        }
        return row;
    }

    /** The row of a name, with or without {@code bpf_}, or {@code null}. */
    public static HelperRow byName(String name) {
        return row(NUMBERS.getOrDefault(name.startsWith("bpf_") ? name.substring(4) : name, 0));
    }

    /** Whether a license lets a program call helpers that are restricted to the GPL. */
    public static boolean isGplCompatible(String license) {
        return GPL_COMPATIBLE.contains(license);
    }

    /**
     * The row of a helper that a program of this type may call.
     *
     * @throws BpfException REJECTED, in the kernel's words, for an unknown number or a helper that
     *     the type may not call; UNSUPPORTED for one that is not implemented here
     */
    public static HelperRow require(int number, ProgramType type) {
        HelperRow row = row(number);
        if (row == null && number != 0) {
            throw BpfException.rejected(
                    Where.UNKNOWN,
                    "invalid func unknown#" + number + ": helpers go from 1 to " + LAST);
        }
        if (row == null || !row.types().contains(type)) {
            throw BpfException.rejected(
                    Where.UNKNOWN,
                    "program of this type cannot use helper "
                            + (row == null ? "bpf_unspec#0" : row)
                            + " (type "
                            + type.label()
                            + ")");
        }
        if (row.state() == State.NONE) {
            throw BpfException.unsupported(
                    Where.UNKNOWN,
                    "helper " + row + " is not implemented: " + HelperReasons.of(row.name()));
        }
        return variant(row, type);
    }

    /** What a program type sees of a helper where types differ. */
    private static HelperRow variant(HelperRow row, ProgramType type) {
        boolean packet = PACKET_TYPES.contains(type);
        if (!packet && HelperImplementations.ON_PACKET.contains(row.name())) {
            throw BpfException.unsupported(
                    Where.UNKNOWN,
                    "helper " + row + " is not implemented for programs of type " + type.label());
        }
        if (row.name().equals("get_func_ip")
                && type != ProgramType.KPROBE
                && type != ProgramType.TRACING) {
            throw BpfException.rejected(
                    Where.UNKNOWN,
                    "func " + row + " not supported for program type " + type.number());
        }
        // hooks of sockets pass their context, everything else a socket
        if (SOCKET_CONTEXTS.contains(type)
                && !row.args().isEmpty()
                && (row.name().equals("setsockopt") || row.name().equals("getsockopt"))) {
            return row.withArgument(0, HelperArg.parse("CTX"));
        }
        if (SOCKET_TYPES.contains(type) && row.name().equals("get_socket_cookie")) {
            return row.withArgument(0, HelperArg.parse("BTF_ID_SOCK_COMMON"));
        }
        if (type == ProgramType.SK_LOOKUP && row.name().equals("sk_assign")) {
            return row.withArgument(1, HelperArg.parse("SOCKET|NULL"));
        }
        // without an skb it is the current task's, and takes no argument
        return !packet && row.name().equals("get_cgroup_classid") ? row.withoutArguments() : row;
    }

    /** As {@link #require(int, ProgramType)}, held to the program's license too. */
    public static HelperRow require(int number, ProgramType type, String license) {
        HelperRow row = require(number, type);
        if (row.has(Effect.GPL_ONLY) && !isGplCompatible(license)) {
            throw BpfException.rejected(
                    Where.UNKNOWN,
                    "cannot call GPL-restricted function "
                            + row
                            + " from non-GPL compatible program (license \""
                            + license
                            + "\")");
        }
        return row;
    }

    // ---- building

    private static Map<String, Integer> index() {
        Map<String, Integer> numbers = new HashMap<>();
        HelperSignatures.ROWS
                .lines()
                .forEach(
                        line -> {
                            StringTokenizer columns = new StringTokenizer(line);
                            int number = Integer.parseInt(columns.nextToken());
                            LINES[number] = line;
                            numbers.put(columns.nextToken(), number);
                        });
        if (!numbers.keySet().containsAll(FUNCTIONS.keySet())) {
            throw new AssertionError("implementations without a row");
        }
        return numbers;
    }

    private static HelperRow parse(int number) {
        StringTokenizer columns = new StringTokenizer(LINES[number]);
        columns.nextToken();
        String name = columns.nextToken();
        Set<Effect> effects = effects(columns.nextToken());
        HelperReturn result = HelperReturn.parse(columns.nextToken());
        List<HelperArg> arguments = arguments(columns.nextToken());
        EnumSet<ProgramType> types = EnumSet.noneOf(ProgramType.class);
        USERS.forEach(
                (type, set) -> {
                    if (set[number]) {
                        types.add(type);
                    }
                });
        HelperFunction function = FUNCTIONS.get(name);
        State state =
                function != null
                        ? State.FUNCTION
                        : HelperImplementations.BY_NODES.contains(name) ? State.NODE : State.NONE;
        return new HelperRow(number, name, arguments, result, effects, types, state, function);
    }

    private static List<HelperArg> arguments(String column) {
        return column.equals("-")
                ? List.of()
                : Arrays.stream(column.split(",")).map(HelperArg::parse).toList();
    }

    private static Set<Effect> effects(String column) {
        EnumSet<Effect> effects = EnumSet.noneOf(Effect.class);
        for (Effect effect : Effect.values()) {
            if (column.indexOf(effect.letter()) >= 0) {
                effects.add(effect);
            }
        }
        return effects;
    }

    /** For each type which numbers it may call. */
    private static Map<ProgramType, boolean[]> users() {
        Map<ProgramType, boolean[]> users = new EnumMap<>(ProgramType.class);
        Map<String, boolean[]> sets = new HashMap<>();
        boolean[] any = new boolean[LAST + 1];
        Arrays.fill(any, true);
        sets.put("any", any);
        users.put(ProgramType.UNSPEC, any);
        boolean[] set = any;
        for (String line : HelperUsers.ROWS.lines().toList()) {
            StringTokenizer tokens = new StringTokenizer(line, " :");
            if (!line.startsWith(" ")) {
                set = new boolean[LAST + 1];
                String label = tokens.nextToken();
                ProgramType type = ProgramType.byLabel(label);
                if (type == null) {
                    sets.put(label, set);
                } else {
                    users.put(type, set);
                }
            }
            while (tokens.hasMoreTokens()) {
                addTo(set, tokens.nextToken(), sets);
            }
        }
        return users;
    }

    private static void addTo(boolean[] set, String token, Map<String, boolean[]> sets) {
        boolean[] named = sets.get(token);
        if (named != null) {
            for (int i = 0; i < set.length; i++) {
                set[i] |= named[i];
            }
            return;
        }
        int dash = token.indexOf('-');
        int first = Integer.parseInt(dash < 0 ? token : token.substring(0, dash));
        int last = dash < 0 ? first : Integer.parseInt(token.substring(dash + 1));
        Arrays.fill(set, first, last + 1, true);
    }
}
