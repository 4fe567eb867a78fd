package org.trufflebpf.launcher;

import org.trufflebpf.launcher.engine.EbpfRunException;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A command line, taken apart. Written by hand rather than left to picocli, which takes 100 ms and
 * more before the first instruction; picocli renders help and completion only, from the same {@link
 * Option} rows.
 */
final class Options {
    private static final String SEE_HELP = "; see ebpf-run --help";

    private final Map<Option, List<String>> values = new EnumMap<>(Option.class);
    private final List<String> arguments = new ArrayList<>();

    private Options() {}

    /** Takes {@code --option value}, {@code --option=value}; {@code --} ends the options. */
    static Options parse(String[] args) throws EbpfRunException {
        Options options = new Options();
        boolean onlyArguments = false;
        for (int i = 0; i < args.length; i++) {
            String arg = args[i];
            if (onlyArguments || !arg.startsWith("-") || arg.equals("-")) {
                options.arguments.add(arg);
            } else if (arg.equals("--")) {
                onlyArguments = true;
            } else {
                i = options.parseOption(args, i);
            }
        }
        if (options.arguments.size() > 2) {
            throw EbpfRunException.usage(
                    "unexpected argument '"
                            + options.arguments.get(2)
                            + "': expected prog.o [program]"
                            + SEE_HELP);
        }
        return options;
    }

    /** Takes the option at {@code index} with its values; returns the index of the last one. */
    private int parseOption(String[] args, int index) throws EbpfRunException {
        String arg = args[index];
        int equals = arg.startsWith("--") ? arg.indexOf('=') : -1;
        String flag = equals < 0 ? arg : arg.substring(0, equals);
        Option option = Option.byFlag(flag);
        if (option == null) {
            String nearest = nearest(flag);
            throw EbpfRunException.usage(
                    "unknown option '"
                            + flag
                            + "'"
                            + (nearest == null ? SEE_HELP : "; did you mean " + nearest + "?"));
        }
        List<String> list = values.computeIfAbsent(option, key -> new ArrayList<>());
        if (!option.repeatable()) {
            list.clear();
        }
        if (equals >= 0) {
            if (option.arity() != 1) {
                throw EbpfRunException.usage(
                        option.arity() == 0
                                ? flag + " takes no value"
                                : "expected " + flag + " " + option.parameter() + ", not " + arg);
            }
            list.add(arg.substring(equals + 1));
            return index;
        }
        if (args.length - index <= option.arity()) {
            throw EbpfRunException.usage(
                    flag + " needs a value: " + flag + " " + option.parameter());
        }
        for (int i = 1; i <= option.arity(); i++) {
            list.add(args[index + i]);
        }
        return index + option.arity();
    }

    boolean has(Option option) {
        return values.containsKey(option);
    }

    /** The option's value, or {@code null} where it was not given. */
    String value(Option option) {
        List<String> list = values.get(option);
        return list == null || list.isEmpty() ? null : list.getLast();
    }

    /** All values of a repeatable option, in the order of the command line. */
    List<String> all(Option option) {
        return values.getOrDefault(option, List.of());
    }

    /** The option's value as a whole number, decimal or with 0x. */
    long number(Option option, long min, long max, long otherwise) throws EbpfRunException {
        String text = value(option);
        if (text == null) {
            return otherwise;
        }
        try {
            long number = Long.decode(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
        }
        throw EbpfRunException.usage(
                option.flag() + ": '" + text + "' is no whole number from " + min + " to " + max);
    }

    /** The option's value as a number of bytes: digits, then K, M or G for powers of 1024. */
    long size(Option option) throws EbpfRunException {
        String text = value(option);
        int digits = text.length();
        long unit = 1;
        if (digits > 0) {
            unit =
                    switch (text.charAt(digits - 1)) {
                        case 'k', 'K' -> 1L << 10;
                        case 'm', 'M' -> 1L << 20;
                        case 'g', 'G' -> 1L << 30;
                        default -> 1;
                    };
        }
        try {
            long count = Long.parseLong(unit == 1 ? text : text.substring(0, digits - 1));
            if (count > 0) {
                return Math.multiplyExact(count, unit);
            }
        } catch (ArithmeticException | NumberFormatException e) {
            // Said below.
        }
        throw EbpfRunException.usage(
                option.flag() + ": '" + text + "' is no size such as 65536, 64K, 16M or 1G");
    }

    /** The object file, or {@code null}. */
    String object() {
        return arguments.isEmpty() ? null : arguments.getFirst();
    }

    /**
     * The program to run, by --prog or the second argument, or {@code null} where the object
     * decides.
     */
    String program() throws EbpfRunException {
        String byOption = value(Option.PROG);
        String byArgument = arguments.size() < 2 ? null : arguments.get(1);
        if (byOption != null && byArgument != null && !byOption.equals(byArgument)) {
            throw EbpfRunException.usage(
                    "two programs to run, '"
                            + byOption
                            + "' and '"
                            + byArgument
                            + "': expected one");
        }
        return byOption != null ? byOption : byArgument;
    }

    /** Refuses {@code option} together with any of {@code others}. */
    void conflict(Option option, Option... others) throws EbpfRunException {
        for (Option other : others) {
            if (has(option) && has(other)) {
                throw EbpfRunException.usage(
                        option.flag() + " cannot be combined with " + other.flag());
            }
        }
    }

    private static String nearest(String flag) {
        Option best = null;
        int bestDistance = 3;
        for (Option option : Option.values()) {
            int distance =
                    flag.length() > 3 && option.flag().startsWith(flag)
                            ? 1
                            : distance(flag, option.flag());
            if (distance < bestDistance) {
                bestDistance = distance;
                best = option;
            }
        }
        return best == null ? null : best.flag();
    }

    /** Levenshtein's distance: how many characters must change. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int above = row[j];
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
