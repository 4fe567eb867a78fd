package org.trufflebpf.launcher;

import org.graalvm.polyglot.Source;
import org.trufflebpf.launcher.engine.BpfMap;
import org.trufflebpf.launcher.engine.BpfObject;
import org.trufflebpf.launcher.engine.BpfProgram;
import org.trufflebpf.launcher.engine.EbpfRunException;
import org.trufflebpf.launcher.engine.MapDump;
import org.trufflebpf.launcher.engine.ProgramInfo;
import org.trufflebpf.launcher.engine.RunResult;
import org.trufflebpf.launcher.engine.Session;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A run that came to its end.
 *
 * @param maps empty unless they were asked for
 */
record Outcome(ProgramInfo program, RunResult result, List<MapDump> maps) implements Answer {

    /** Opens, prepares and runs what {@code request} asks for. */
    static Outcome of(Session session, Source source, RunRequest request) throws EbpfRunException {
        BpfObject object = session.open(source);
        BpfProgram program = choose(object, request);
        prepare(object, program, request);
        RunResult result = program.run(request.spec());
        return new Outcome(program.info(), result, request.dumpMaps() ? dump(object) : List.of());
    }

    /** The program that was asked for, or the only one. */
    static BpfProgram choose(BpfObject object, RunRequest request) throws EbpfRunException {
        List<BpfProgram> programs = programs(object, request);
        if (request.program() != null) {
            return named(object, request.program(), request);
        }
        if (programs.size() == 1) {
            return programs.getFirst();
        }
        throw EbpfRunException.usage(
                request.object()
                        + ": holds "
                        + programs.size()
                        + " programs, choose one: "
                        + names(programs));
    }

    /** All programs of the object, of which there has to be one. */
    static List<BpfProgram> programs(BpfObject object, RunRequest request) throws EbpfRunException {
        List<BpfProgram> programs = object.programs();
        if (programs.isEmpty()) {
            throw EbpfRunException.load(
                    request.object()
                            + ": holds no program"
                            + (request.language().containsKey("ebpf.ProgramType")
                                    ? ""
                                    : "; a function without a section of its own needs --type"));
        }
        return programs;
    }

    /** The program of that name, or the one that a structure of operations has as such a member. */
    static BpfProgram named(BpfObject object, String name, RunRequest request)
            throws EbpfRunException {
        List<BpfProgram> programs = programs(object, request);
        String wanted = name.indexOf('.') < 0 ? name : operation(object, name, request);
        for (BpfProgram program : programs) {
            if (program.info().name().equals(wanted)) {
                return program;
            }
        }
        throw EbpfRunException.usage(
                request.object() + ": holds no program '" + name + "', but " + names(programs));
    }

    /**
     * The program that {@code variable.member} is, the one that --set makes it if that is given.
     */
    private static String operation(BpfObject object, String name, RunRequest request)
            throws EbpfRunException {
        int set = request.globals().lastIndexOf(name);
        if (set >= 0 && set % 2 == 0) {
            return request.globals().get(set + 1);
        }
        for (BpfMap map : object.maps()) {
            String prefix = map.info().name() + ".";
            String program =
                    name.startsWith(prefix)
                            ? map.info().operations().get(name.substring(prefix.length()))
                            : null;
            if (program != null) {
                return program;
            }
        }
        return name;
    }

    private static String names(List<BpfProgram> programs) {
        StringBuilder names = new StringBuilder();
        for (BpfProgram program : programs) {
            names.append(names.isEmpty() ? "" : ", ").append(program.info().name());
        }
        return names.toString();
    }

    /** Sets globals, loads the program, then fills maps. */
    static void prepare(BpfObject object, BpfProgram program, RunRequest request)
            throws EbpfRunException {
        setGlobals(object, request);
        program.load();
        List<String> entries = request.entries();
        for (int i = 0; i < entries.size(); i += 3) {
            map(object, request, entries.get(i)).set(entries.get(i + 1), entries.get(i + 2));
        }
    }

    static void setGlobals(BpfObject object, RunRequest request) throws EbpfRunException {
        List<String> globals = request.globals();
        for (int i = 0; i < globals.size(); i += 2) {
            object.setGlobal(globals.get(i), globals.get(i + 1));
        }
    }

    private static BpfMap map(BpfObject object, RunRequest request, String name)
            throws EbpfRunException {
        StringBuilder names = new StringBuilder();
        for (BpfMap map : object.maps()) {
            if (map.info().name().equals(name)) {
                return map;
            }
            names.append(names.isEmpty() ? "" : ", ").append(map.info().name());
        }
        throw EbpfRunException.usage(
                "--map: "
                        + request.object()
                        + " holds no map '"
                        + name
                        + "'"
                        + (names.isEmpty() ? "" : ", but " + names));
    }

    static List<MapDump> dump(BpfObject object) throws EbpfRunException {
        List<MapDump> dumps = new ArrayList<>();
        for (BpfMap map : object.maps()) {
            dumps.add(map.dump());
        }
        return dumps;
    }

    @Override
    public void write(JsonReport report, RunRequest request) throws IOException {
        report.program(request.object(), program);
        report.run(result);
        if (request.dumpMaps()) {
            report.maps(maps);
        }
    }
}
