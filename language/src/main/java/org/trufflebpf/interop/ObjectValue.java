package org.trufflebpf.interop;

import org.trufflebpf.LoadedObject;
import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.nodes.LoadableProgram;
import org.trufflebpf.object.ObjectSpec;

import java.util.List;

/**
 * An opened object: {@code name}, {@code license}, {@code version}, {@code byteOrder}, {@code
 * warnings}, {@code programs}, {@code maps}, {@code globals}, {@code btf}, and the methods {@code
 * program(name)}, {@code map(name)}, {@code instantiate(settings)}, {@code setGlobal(name, text)}
 * and {@code type(name)}.
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
                    "globals",
                    "btf",
                    "program",
                    "map",
                    "instantiate",
                    "setGlobal",
                    "type",
                    "advanceClock");

    /** Kinds that have a name of their own; variables and functions are none. */
    private static final List<BtfKind> NAMED_TYPES =
            List.of(
                    BtfKind.STRUCT,
                    BtfKind.UNION,
                    BtfKind.TYPEDEF,
                    BtfKind.ENUM,
                    BtfKind.ENUM64,
                    BtfKind.INT,
                    BtfKind.FLOAT);

    private final LoadedObject object;
    private final Opened opened;
    private final NamedValues programs = new NamedValues();
    private final NamedValues maps = new NamedValues();

    public ObjectValue(LoadedObject object) {
        this.object = object;
        this.opened = new Opened(object, new Layouts(object.spec().btf()));
        object.bind(new BoundFunctions(opened, object.options().functions()));
        for (LoadableProgram program : object.programs()) {
            programs.add(program.spec().name(), new ProgramValue(opened, program));
        }
        ObjectSpec spec = object.spec();
        for (int i = 0; i < spec.maps().size(); i++) {
            maps.add(spec.maps().get(i).name(), MapValues.of(opened, i));
        }
    }

    @Override
    String display() {
        return "object " + object.spec().name();
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
            case "globals" -> new GlobalsValue(opened);
            case "btf" -> spec.btf() == null ? NullValue.INSTANCE : new BtfValue(opened.layouts());
            // for names that members of arrays have already in a language, such as Python's count
            case "program" -> named("program", programs);
            case "map" -> named("map", maps);
            case "instantiate" ->
                    new MethodValue(
                            0,
                            1,
                            arguments ->
                                    new ObjectValue(
                                            object.again(
                                                    InstanceSettings.read(
                                                            arguments.length == 0
                                                                    ? null
                                                                    : arguments[0]))));
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
            case "type" -> new MethodValue(1, 1, arguments -> type(Arguments.text(arguments, 0)));
            // the machine's clock: timers of all objects of the context may run
            case "advanceClock" ->
                    new MethodValue(
                            1,
                            1,
                            arguments ->
                                    object.context()
                                            .machine()
                                            .timers()
                                            .advance(Arguments.number(arguments, 0), null));
            default -> null;
        };
    }

    /** The method that gives the program or map of a name. */
    private static MethodValue named(String kind, NamedValues values) {
        return new MethodValue(
                1,
                1,
                arguments -> {
                    String name = Arguments.text(arguments, 0);
                    Object value = values.member(name);
                    if (value == null) {
                        throw BpfException.usage(
                                "there is no "
                                        + kind
                                        + " "
                                        + name
                                        + "; there are "
                                        + String.join(", ", values.names()));
                    }
                    return value;
                });
    }

    /** The struct, union, enum or typedef of that name, or null. */
    private Object type(String name) {
        Btf btf = object.spec().btf();
        if (btf != null) {
            for (BtfKind kind : NAMED_TYPES) {
                int id = btf.find(name, kind);
                if (id != 0) {
                    return TypeValue.of(btf, id);
                }
            }
        }
        return NullValue.INSTANCE;
    }
}
