import java.lang.classfile.BootstrapMethodEntry;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.LoadableConstantEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.MethodHandleEntry;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Writes out as bytecode what javac leaves to the JVM to make when it first runs: {@code equals}
 * and {@code hashCode} of records, and switches over types. An AOT cache holds the call sites of
 * lambdas and of string concatenation, but not these, and each costs milliseconds of a start.
 *
 * <p>Every such {@code invokedynamic} becomes a call of a private method with the same descriptor,
 * which does what {@link java.lang.runtime.ObjectMethods} and {@link
 * java.lang.runtime.SwitchBootstraps#typeSwitch} specify. Switches whose labels are not all types
 * stay as they are.
 */
final class PlainBytecode {
    private static final int MULTIPLIER = 31;
    private static final ClassDesc OBJECTS = ClassDesc.of("java.util.Objects");

    /** A call site, by what makes it and its name. */
    private record Site(int bootstrap, String name) {
        static Site of(InvokeDynamicInstruction instruction) {
            return new Site(
                    instruction.invokedynamic().bootstrap().bsmIndex(),
                    instruction.name().stringValue());
        }

        String method() {
            return "plain$" + name + "$" + bootstrap;
        }
    }

    /** What stands in for a call site. */
    private record Body(MethodTypeDesc type, Consumer<CodeBuilder> code) {}

    /** The class with these call sites written out; the very same bytes where it has none. */
    static byte[] of(ClassFile format, byte[] bytes) {
        ClassModel model = format.parse(bytes);
        Map<Site, Body> bodies = new LinkedHashMap<>();
        for (MethodModel method : model.methods()) {
            method.code().ifPresent(code -> collect(model, code, bodies));
        }
        if (bodies.isEmpty()) {
            return bytes;
        }
        ClassDesc self = model.thisClass().asSymbol();
        boolean isInterface = model.flags().has(AccessFlag.INTERFACE);
        ClassTransform calls =
                ClassTransform.transformingMethodBodies(
                        (builder, element) -> {
                            if (element instanceof InvokeDynamicInstruction dynamic
                                    && bodies.containsKey(Site.of(dynamic))) {
                                Site site = Site.of(dynamic);
                                builder.invokestatic(
                                        self, site.method(), dynamic.typeSymbol(), isInterface);
                            } else {
                                builder.with(element);
                            }
                        });
        Consumer<ClassBuilder> methods =
                builder ->
                        bodies.forEach(
                                (site, body) ->
                                        builder.withMethodBody(
                                                site.method(),
                                                body.type,
                                                ClassFile.ACC_PRIVATE
                                                        | ClassFile.ACC_STATIC
                                                        | ClassFile.ACC_SYNTHETIC,
                                                body.code));
        return format.transformClass(model, calls.andThen(ClassTransform.endHandler(methods)));
    }

    private static void collect(ClassModel model, CodeModel code, Map<Site, Body> bodies) {
        code.forEach(
                element -> {
                    if (element instanceof InvokeDynamicInstruction dynamic) {
                        Consumer<CodeBuilder> body = body(model, dynamic);
                        if (body != null) {
                            bodies.put(Site.of(dynamic), new Body(dynamic.typeSymbol(), body));
                        }
                    }
                });
    }

    private static Consumer<CodeBuilder> body(ClassModel model, InvokeDynamicInstruction dynamic) {
        BootstrapMethodEntry bootstrap = dynamic.invokedynamic().bootstrap();
        MemberRefEntry maker = bootstrap.bootstrapMethod().reference();
        List<LoadableConstantEntry> arguments = bootstrap.arguments();
        return switch (maker.owner().asInternalName() + "." + maker.name()) {
            case "java/lang/runtime/SwitchBootstraps.typeSwitch" ->
                    arguments.stream().allMatch(ClassEntry.class::isInstance)
                            ? code -> typeSwitch(code, arguments)
                            : null;
            case "java/lang/runtime/ObjectMethods.bootstrap" -> {
                List<MemberRefEntry> fields =
                        arguments.stream()
                                .skip(2)
                                .map(getter -> ((MethodHandleEntry) getter).reference())
                                .toList();
                yield switch (dynamic.name().stringValue()) {
                    case "equals" -> code -> equal(code, model.thisClass().asSymbol(), fields);
                    case "hashCode" -> code -> hash(code, fields);
                    default -> null;
                };
            }
            default -> null;
        };
    }

    /**
     * Arguments: the value and the label to start from. The first label that fits, or -1 for null.
     */
    private static void typeSwitch(CodeBuilder code, List<LoadableConstantEntry> labels) {
        Label present = code.newLabel();
        code.aload(0).ifnonnull(present).iconst_m1().ireturn().labelBinding(present);
        for (int i = 0; i < labels.size(); i++) {
            Label next = code.newLabel();
            code.iload(1).loadConstant(i).if_icmpgt(next);
            code.aload(0).instanceOf((ClassEntry) labels.get(i)).ifeq(next);
            code.loadConstant(i).ireturn().labelBinding(next);
        }
        code.loadConstant(labels.size()).ireturn();
    }

    private static void equal(CodeBuilder code, ClassDesc self, List<MemberRefEntry> fields) {
        Label different = code.newLabel();
        code.aload(1).instanceOf(self).ifeq(different);
        code.aload(1).checkcast(self).astore(2);
        for (MemberRefEntry field : fields) {
            load(code.aload(0), field);
            load(code.aload(2), field);
            ClassDesc type = type(field);
            switch (TypeKind.from(type).asLoadable()) {
                case INT -> code.if_icmpne(different);
                case LONG -> code.lcmp().ifne(different);
                case FLOAT, DOUBLE ->
                        code.invokestatic(
                                        boxed(type),
                                        "compare",
                                        MethodTypeDesc.of(ConstantDescs.CD_int, type, type))
                                .ifne(different);
                default ->
                        code.invokestatic(
                                        OBJECTS,
                                        "equals",
                                        MethodTypeDesc.of(
                                                ConstantDescs.CD_boolean,
                                                ConstantDescs.CD_Object,
                                                ConstantDescs.CD_Object))
                                .ifeq(different);
            }
        }
        code.iconst_1().ireturn().labelBinding(different).iconst_0().ireturn();
    }

    private static void hash(CodeBuilder code, List<MemberRefEntry> fields) {
        code.iconst_0();
        for (MemberRefEntry field : fields) {
            code.loadConstant(MULTIPLIER).imul();
            load(code.aload(0), field);
            ClassDesc type = type(field);
            code.invokestatic(
                    type.isPrimitive() ? boxed(type) : OBJECTS,
                    "hashCode",
                    MethodTypeDesc.of(
                            ConstantDescs.CD_int,
                            type.isPrimitive() ? type : ConstantDescs.CD_Object));
            code.iadd();
        }
        code.ireturn();
    }

    private static void load(CodeBuilder code, MemberRefEntry field) {
        code.getfield(field.owner().asSymbol(), field.name().stringValue(), type(field));
    }

    private static ClassDesc type(MemberRefEntry field) {
        return ClassDesc.ofDescriptor(field.type().stringValue());
    }

    private static ClassDesc boxed(ClassDesc primitive) {
        return switch (primitive.descriptorString().charAt(0)) {
            case 'Z' -> ConstantDescs.CD_Boolean;
            case 'B' -> ConstantDescs.CD_Byte;
            case 'C' -> ConstantDescs.CD_Character;
            case 'S' -> ConstantDescs.CD_Short;
            case 'I' -> ConstantDescs.CD_Integer;
            case 'J' -> ConstantDescs.CD_Long;
            case 'F' -> ConstantDescs.CD_Float;
            default -> ConstantDescs.CD_Double;
        };
    }

    private PlainBytecode() {}
}
