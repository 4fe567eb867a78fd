package org.trufflebpf.launcher;

import org.trufflebpf.launcher.engine.EbpfRunException;
import org.trufflebpf.launcher.engine.RunSpec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A run as it was asked for, on the command line or by a line of a batch.
 *
 * @param object the object's file name
 * @param program the program's name, or {@code null} where the object decides
 * @param language options of the language, such as {@code ebpf.Cpus}
 * @param globals name and value, alternating
 * @param entries map, key and value, alternating
 * @param verifyOnly to verify and not to run; no program then means all
 */
record RunRequest(
        String object,
        String program,
        Map<String, String> language,
        List<String> globals,
        List<String> entries,
        RunSpec spec,
        boolean dumpMaps,
        boolean verifyOnly) {

    private static final int MAX_REPEAT = Integer.MAX_VALUE;
    private static final int MAX_CPUS = 4096;

    static RunRequest of(Options options, byte[] data, byte[] ctx) throws EbpfRunException {
        List<String> globals = new ArrayList<>();
        for (String assignment : options.all(Option.SET)) {
            split(Option.SET, assignment, globals);
        }
        List<String> entries = new ArrayList<>();
        List<String> maps = options.all(Option.MAP);
        for (int i = 0; i < maps.size(); i += 2) {
            entries.add(maps.get(i));
            split(Option.MAP, maps.get(i + 1), entries);
        }
        int cpus = (int) options.number(Option.CPUS, 1, MAX_CPUS, MAX_CPUS);
        RunSpec spec =
                new RunSpec(
                        data,
                        ctx,
                        ContextFields.read(options.value(Option.CTX)),
                        (int) options.number(Option.REPEAT, 1, MAX_REPEAT, 1),
                        (int) options.number(Option.CPU, 0, cpus - 1L, 0),
                        ClockSteps.steps(options.value(Option.CLOCK)));
        return new RunRequest(
                options.object(),
                options.programs().size() > 1 ? null : options.program(),
                languageOptions(options),
                globals,
                entries,
                spec,
                options.has(Option.DUMP_MAPS),
                options.isVerifyOnly());
    }

    /** The same with what a line of a batch says. */
    RunRequest with(
            String newObject,
            String newProgram,
            String type,
            RunSpec newSpec,
            boolean newDumpMaps,
            boolean newVerifyOnly) {
        Map<String, String> newLanguage = language;
        if (type != null) {
            newLanguage = new HashMap<>(language);
            newLanguage.put("ebpf.ProgramType", type);
        }
        return new RunRequest(
                newObject,
                newProgram,
                newLanguage,
                globals,
                entries,
                newSpec,
                newDumpMaps,
                newVerifyOnly);
    }

    private static Map<String, String> languageOptions(Options options) throws EbpfRunException {
        Map<String, String> language = new HashMap<>();
        put(language, "ebpf.TargetBtf", options.value(Option.BTF));
        put(language, "ebpf.KernelConfig", options.value(Option.KCONFIG));
        put(language, "ebpf.Environment", options.value(Option.ENV));
        put(language, "ebpf.ProgramType", options.value(Option.TYPE));
        put(language, "ebpf.AttachType", options.value(Option.ATTACH_TYPE));
        if (!options.linkedObjects().isEmpty()) {
            language.put("ebpf.Link", String.join(",", options.linkedObjects()));
        }
        if (options.has(Option.REPLACE)) {
            language.put("ebpf.Replace", String.join(",", options.all(Option.REPLACE)));
        }
        if (options.has(Option.CPUS)) {
            language.put("ebpf.Cpus", Long.toString(options.number(Option.CPUS, 1, MAX_CPUS, 1)));
        }
        if (options.has(Option.SEED)) {
            language.put(
                    "ebpf.Seed",
                    Long.toString(options.number(Option.SEED, Long.MIN_VALUE, Long.MAX_VALUE, 0)));
        }
        put(language, "ebpf.Clock", ClockSteps.start(options.value(Option.CLOCK)));
        if (options.has(Option.MAX_MEMORY)) {
            language.put("ebpf.MaxMemory", Long.toString(options.size(Option.MAX_MEMORY)));
        }
        if (options.has(Option.TIMEOUT)) {
            language.put(
                    "ebpf.Timeout",
                    Long.toString(options.number(Option.TIMEOUT, 0, Integer.MAX_VALUE, 60)));
        }
        language.put("ebpf.Verify", Boolean.toString(!options.has(Option.NO_VERIFY)));
        if (options.has(Option.VERIFIER_LOG)) {
            language.put("ebpf.VerifierLog", Integer.toString(options.verifierLog()));
        }
        if (options.has(Option.TRACE)) {
            language.put("ebpf.TraceInsns", "true");
        }
        if (options.has(Option.JSON) || options.has(Option.BATCH)) {
            language.put("ebpf.PrintTrace", "false");
        }
        return language;
    }

    private static void put(Map<String, String> language, String name, String value) {
        if (value != null) {
            language.put(name, value);
        }
    }

    /**
     * Splits at the first = that stands outside of braces, brackets and quotes, as struct fields
     * have some too.
     */
    private static void split(Option option, String assignment, List<String> parts)
            throws EbpfRunException {
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < assignment.length(); i++) {
            char c = assignment.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && (c == '{' || c == '[')) {
                depth++;
            } else if (!quoted && (c == '}' || c == ']')) {
                depth--;
            } else if (!quoted && depth == 0 && c == '=' && i > 0) {
                parts.add(assignment.substring(0, i).strip());
                parts.add(assignment.substring(i + 1).strip());
                return;
            }
        }
        throw EbpfRunException.usage(
                option.flag()
                        + ": '"
                        + assignment
                        + "' has no = between "
                        + (option == Option.MAP ? "key" : "name")
                        + " and value");
    }
}
