package org.trufflebpf.interop;

import org.trufflebpf.LoadedObject;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.object.ObjectSpec;

import java.util.List;

/**
 * An opened object: {@code name}, {@code license}, {@code version}, {@code byteOrder}, {@code
 * warnings}, {@code programs}, {@code maps}, and the method {@code setGlobal(name, text)}.
 */
public final class ObjectValue extends Members {
    private static final List<String> NAMES =
            List.of(
                    "name",
                    "license",
                    "version",
                    "byteOrder",
                    "warnings",
                    "programs",
                    "maps",
                    "setGlobal");

    private final LoadedObject object;
    private final NamedValues programs = new NamedValues();
    private final NamedValues maps = new NamedValues();

    public ObjectValue(LoadedObject object) {
        this.object = object;
        for (LoadableProgram program : object.programs()) {
            programs.add(program.spec().name(), new ProgramValue(object, program));
        }
        ObjectSpec spec = object.spec();
        for (int i = 0; i < spec.maps().size(); i++) {
            maps.add(spec.maps().get(i).name(), new MapValue(object, i));
        }
    }

    @Override
    List<String> names() {
        return NAMES;
    }

    @Override
    Object member(String name) {
        ObjectSpec spec = object.spec();
        return switch (name) {
            case "name" -> spec.name();
            case "license" -> spec.license();
            case "version" -> spec.version();
            case "byteOrder" -> spec.order().toString();
            case "warnings" -> new ListValue(spec.warnings());
            case "programs" -> programs;
            case "maps" -> maps;
            case "setGlobal" ->
                    new MethodValue(
                            2,
                            2,
                            arguments -> {
                                new Globals(object)
                                        .set(
                                                Arguments.text(arguments, 0),
                                                Arguments.text(arguments, 1));
                                return NullValue.INSTANCE;
                            });
            default -> null;
        };
    }
}
