package org.trufflebpf.launcher;

import org.trufflebpf.launcher.engine.EbpfRunException;

import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A command line, taken apart by picocli after the {@link Option} rows. */
final class Options {
    private static final String SEE_HELP = "; see ebpf-run --help";

    private final Map<Option, List<String>> values = new EnumMap<>(Option.class);
    private final List<String> objects = new ArrayList<>();
    private final List<String> programs = new ArrayList<>();

    private Options() {}

    /** Takes {@code --option value}, {@code --option=value}; {@code --} ends the options. */
    static Options parse(String[] args) throws EbpfRunException {
        ParseResult result;
        try {
            result =
                    new CommandLine(spec())
                            .setOverwrittenOptionsAllowed(true)
                            .setPosixClusteredShortOptionsAllowed(false)
                            .setExpandAtFiles(false)
                            .parseArgs(args);
        } catch (UnmatchedArgumentException e) {
            throw unmatched(e);
        } catch (MissingParameterException e) {
            Option option = Option.byFlag(((OptionSpec) e.getMissing().getFirst()).longestName());
            throw EbpfRunException.usage(
                    option.flag() + " needs a value: " + option.flag() + " " + option.parameter());
        } catch (ParameterException e) {
            throw EbpfRunException.usage(e.getMessage() + SEE_HELP);
        }
        Options options = new Options();
        for (OptionSpec matched : result.matchedOptions()) {
            List<String> given = matched.typedValues().isEmpty() ? List.of() : values(matched);
            options.values.put(Option.byFlag(matched.longestName()), given);
        }
        // It is matched again behind each option that stands between arguments, and has them all.
        if (result.hasMatchedPositional(0)) {
            options.arguments(result.matchedPositional(0).stringValues());
        }
        return options;
    }

    private static List<String> values(OptionSpec matched) {
        return matched.isMultiValue()
                ? List.of((String[]) matched.getValue())
                : List.of(matched.getValue().toString());
    }

    /** Texts throughout: what a value means is said by what asks for it. */
    private static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        for (Option option : Option.values()) {
            Class<?> type =
                    option.arity() == 0
                            ? boolean.class
                            : option.repeatable() ? String[].class : String.class;
            spec.addOption(
                    OptionSpec.builder(option.names())
                            .arity(Integer.toString(option.arity()))
                            .type(type)
                            .build());
        }
        spec.addPositional(
                PositionalParamSpec.builder()
                        .index("0..*")
                        .arity("0..*")
                        .type(String[].class)
                        .build());
        return spec;
    }

    /** The object, further objects to link with it, and the program, in any order but the first. */
    private void arguments(List<String> given) throws EbpfRunException {
        for (String argument : given) {
            if (objects.isEmpty() || argument.endsWith(".o")) {
                objects.add(argument);
            } else if (programs.isEmpty() || isVerifyOnly()) {
                programs.add(argument);
            } else {
                throw unexpected(argument);
            }
        }
    }

    private static EbpfRunException unexpected(String argument) {
        return EbpfRunException.usage(
                "unexpected argument '"
                        + argument
                        + "': expected prog.o [more.o...] [program]"
                        + SEE_HELP);
    }

    private static EbpfRunException unmatched(UnmatchedArgumentException e) {
        String argument = e.getUnmatched().getFirst();
        if (!e.isUnknownOption()) {
            return unexpected(argument);
        }
        List<String> nearest = e.getSuggestions();
        return EbpfRunException.usage(
                "unknown option '"
                        + argument
                        + "'"
                        + (nearest.isEmpty()
                                ? SEE_HELP
                                : "; did you mean " + nearest.getFirst() + "?"));
    }

    /** Whether programs are verified and not run. */
    boolean isVerifyOnly() {
        return has(Option.VERIFY_ONLY) || has(Option.COUNTEREXAMPLE);
    }

    /** The level of the verifier's log, 0 for none. */
    int verifierLog() throws EbpfRunException {
        return (int) number(Option.VERIFIER_LOG, 1, 2, 0);
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
        return objects.isEmpty() ? null : objects.getFirst();
    }

    /** Objects that are linked with it. */
    List<String> linkedObjects() {
        return objects.isEmpty() ? List.of() : objects.subList(1, objects.size());
    }

    /**
     * The program to run, by --prog or by the argument that is no object, or {@code null} where the
     * object decides.
     */
    String program() throws EbpfRunException {
        String byOption = value(Option.PROG);
        String byArgument = programs.isEmpty() ? null : programs.getFirst();
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

    /** All programs that are named; none stands for all there are. */
    List<String> programs() throws EbpfRunException {
        return programs.size() > 1 ? programs : program() == null ? List.of() : List.of(program());
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
}
