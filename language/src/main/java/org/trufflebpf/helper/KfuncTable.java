package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.helper.HelperRow.State;
import org.trufflebpf.uapi.ProgramType;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Kernel functions that programs call by their BTF id, here by name. Rows have the form of helpers,
 * with number -1. Only functions that are implemented have a row; any other is refused by name. All
 * of these are open to every program type.
 */
public final class KfuncTable {
    /** The number of every row. */
    public static final int NUMBER = -1;

    /** Name without {@code bpf_}, result, arguments. */
    private static final String ROWS =
            """
            iter_num_new      INTEGER   MEM=8|UNINIT|ALIGNED|WRITE,ANYTHING,ANYTHING
            iter_num_next     MEM|NULL  MEM=8|ALIGNED|WRITE
            iter_num_destroy  VOID      MEM=8|ALIGNED|WRITE
            rcu_read_lock     VOID      -
            rcu_read_unlock   VOID      -
            preempt_disable   VOID      -
            preempt_enable    VOID      -
            strlen            INTEGER   ANYTHING
            strnlen           INTEGER   ANYTHING,ANYTHING
            strcmp            INTEGER   ANYTHING,ANYTHING
            strchr            INTEGER   ANYTHING,ANYTHING
            strnchr           INTEGER   ANYTHING,ANYTHING,ANYTHING
            """;

    private static final Map<String, HelperRow> BY_NAME = build();

    private KfuncTable() {}

    /** All rows, sorted by name. */
    public static List<HelperRow> rows() {
        return BY_NAME.keySet().stream().sorted().map(BY_NAME::get).toList();
    }

    /** The row of a full name such as {@code bpf_iter_num_new}, or {@code null}. */
    public static HelperRow byName(String name) {
        return BY_NAME.get(name);
    }

    /**
     * Whether there is such a function; what follows {@code ___} in a name is a flavour and does
     * not count.
     */
    public static boolean isKnown(String name) {
        return find(name) != null;
    }

    private static HelperRow find(String name) {
        int flavour = name.indexOf("___");
        return BY_NAME.get(flavour > 0 ? name.substring(0, flavour) : name);
    }

    /**
     * The row of a function that a program of this type may call.
     *
     * @throws BpfException UNSUPPORTED if there is no such function here
     */
    public static HelperRow require(String name, ProgramType type) {
        HelperRow row = find(name);
        if (row == null || !row.types().contains(type)) {
            throw BpfException.unsupported(
                    Where.UNKNOWN, "kernel function " + name + " is not implemented");
        }
        return row;
    }

    private static Map<String, HelperRow> build() {
        Map<String, HelperFunction> functions = new HashMap<>();
        IterKfuncs.addTo(functions);
        StringKfuncs.addTo(functions);
        Map<String, HelperRow> rows = new HashMap<>();
        for (String line : ROWS.lines().toList()) {
            String[] columns = line.strip().split(" +");
            List<HelperArg> args =
                    columns[2].equals("-")
                            ? List.of()
                            : Arrays.stream(columns[2].split(",")).map(HelperArg::parse).toList();
            HelperRow row =
                    new HelperRow(
                            NUMBER,
                            columns[0],
                            args,
                            HelperReturn.parse(columns[1]),
                            Set.of(),
                            EnumSet.allOf(ProgramType.class),
                            State.FUNCTION,
                            functions.remove(columns[0]));
            rows.put(row.fullName(), row);
        }
        if (!functions.isEmpty()) {
            throw new AssertionError("implementations without a row: " + functions.keySet());
        }
        return Map.copyOf(rows);
    }
}
