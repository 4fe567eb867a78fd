package org.trufflebpf;

import com.oracle.truffle.api.CallTarget;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.object.ObjectReader;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.object.SubprogSpec;
import org.trufflebpf.uapi.ProgramType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The freplace programs of a context: each takes the place of a function, or of a whole program, of
 * another object, as {@code BPF_PROG_TYPE_EXT} does when it is attached. Their objects have maps of
 * their own. A program that replaces another with the context as its only argument is loaded as one
 * of that type; one that replaces a function is verified as a global function of such a program.
 */
final class Replacements {
    private final List<LoadedObject> objects;

    private Replacements(List<LoadedObject> objects) {
        this.objects = objects;
    }

    /** Reads the objects at some paths, with commas between. */
    static Replacements read(EbpfContext context, String paths) {
        List<LoadedObject> objects = new ArrayList<>();
        for (String path : paths.isEmpty() ? new String[0] : paths.split(",", -1)) {
            byte[] bytes;
            try {
                bytes = Files.readAllBytes(Path.of(path));
            } catch (IOException e) {
                throw BpfException.usage("cannot read the object file " + path + ": " + e);
            }
            ObjectSpec spec = ObjectReader.read(path, bytes);
            if (spec.programs().stream().noneMatch(Replacements::replaces)) {
                throw BpfException.usage(path + " has no program in a section freplace/FUNCTION");
            }
            objects.add(
                    new LoadedObject(context, new ParsedObject(spec), InstanceOptions.NONE, true));
        }
        return new Replacements(objects);
    }

    private static boolean replaces(ProgramSpec program) {
        return program.type() == ProgramType.EXT && program.attachTarget() != null;
    }

    /** What takes the place of functions of a program, by their names. */
    Map<String, CallTarget> of(ObjectSpec object, ProgramSpec target) {
        Map<String, CallTarget> replaced = new HashMap<>();
        for (LoadedObject replacing : objects) {
            for (LoadableProgram program : replacing.programs()) {
                ProgramSpec spec = program.spec();
                SubprogSpec function = replaces(spec) ? named(target, spec.attachTarget()) : null;
                if (function != null) {
                    check(object, target, function, replacing.spec(), spec);
                    replaced.put(function.name(), entry(replacing, spec, target, function));
                }
            }
        }
        return replaced;
    }

    private static SubprogSpec named(ProgramSpec target, String name) {
        for (SubprogSpec function : target.subprogs()) {
            if (function.name().equals(name)) {
                return function;
            }
        }
        return null;
    }

    private static CallTarget entry(
            LoadedObject replacing, ProgramSpec spec, ProgramSpec target, SubprogSpec function) {
        boolean whole = function.start() == 0 && arguments(replacing.spec(), spec) == 1;
        ProgramSpec extending = spec.withType(target.type(), target.attachType());
        return replacing.loadReplacing(whole ? extending : spec, extending, !whole).entry();
    }

    /** The kernel replaces global functions only, and by ones with the same signature. */
    private static void check(
            ObjectSpec object,
            ProgramSpec target,
            SubprogSpec function,
            ObjectSpec replacing,
            ProgramSpec program) {
        Where where = new Where(replacing.name(), program.section(), program.name(), -1, null);
        if (!function.global() && function.start() != 0) {
            throw BpfException.rejected(
                    where,
                    "Cannot replace static functions: "
                            + function.name()
                            + " of "
                            + object.name()
                            + " is not global");
        }
        String mismatch =
                SignatureMatch.mismatch(
                        new SignatureMatch.Side(
                                replacing.btf(),
                                program.subprogs().getFirst().typeId(),
                                program.name(),
                                ""),
                        new SignatureMatch.Side(
                                object.btf(),
                                function.typeId(),
                                function.name(),
                                "program " + target.name()));
        if (mismatch != null) {
            throw BpfException.rejected(where, mismatch);
        }
    }

    private static int arguments(ObjectSpec object, ProgramSpec program) {
        return arguments(object, program.subprogs().getFirst().typeId());
    }

    /** The number of arguments of a function, or -1 where BTF does not tell. */
    private static int arguments(ObjectSpec object, int function) {
        Btf btf = object.btf();
        BtfType.FuncProto proto = btf == null ? null : btf.proto(function);
        return proto == null ? -1 : proto.params().size();
    }
}
