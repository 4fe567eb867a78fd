import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/**
 * Keeps the compiler out of the way until there is something to compile.
 *
 * <p>Truffle sets its compiler up in a thread beside the first call target, which most runs of
 * ebpf-run are too short to profit from: a quarter of the processor time of a start goes there, and
 * is missing where the program is loaded. Here that thread waits until a first call target is hot,
 * at most {@link #TURNS} times {@link #TURN_NS}. Nothing else changes: for Truffle the thread of
 * its compiler has merely been slow.
 */
final class LateCompiler {
    /** The task that sets the compiler up, in Truffle's runtime. */
    static final String TASK = "com/oracle/truffle/runtime/hotspot/HotSpotTruffleRuntime$1.class";

    private static final int TURNS = 200;
    private static final long TURN_NS = 5_000_000;

    private static final String PACKAGE = "com.oracle.truffle.runtime.";
    private static final ClassDesc COMPILATION = ClassDesc.of(PACKAGE + "CompilationTask");
    private static final ClassDesc QUEUE = ClassDesc.of(PACKAGE + "BackgroundCompileQueue");
    private static final ClassDesc RUNTIME =
            ClassDesc.of(PACKAGE + "hotspot.HotSpotTruffleRuntime");
    private static final ClassDesc LOCK_SUPPORT =
            ClassDesc.of("java.util.concurrent.locks.LockSupport");
    private static final MethodTypeDesc ACCEPT =
            MethodTypeDesc.of(ConstantDescs.CD_void, COMPILATION);

    /** The task, with the wait before it; another version of Truffle may need another place. */
    static byte[] of(ClassFile format, byte[] bytes) {
        ClassModel task = format.parse(bytes);
        if (task.methods().stream().noneMatch(method -> method.methodTypeSymbol().equals(ACCEPT))) {
            throw new IllegalStateException(TASK + " is not the task that it was");
        }
        return format.transformClass(
                task,
                ClassTransform.transformingMethodBodies(
                        method -> method.methodTypeSymbol().equals(ACCEPT), waiting(task)));
    }

    private static CodeTransform waiting(ClassModel task) {
        ClassDesc self = task.thisClass().asSymbol();
        return new CodeTransform() {
            @Override
            public void atStart(CodeBuilder code) {
                int turn = code.allocateLocal(TypeKind.INT);
                Label next = code.newLabel();
                Label work = code.newLabel();
                code.loadConstant(TURNS).istore(turn);
                code.labelBinding(next).iload(turn).ifle(work);
                code.aload(0).getfield(self, "this$0", RUNTIME);
                code.getfield(RUNTIME, "truffleCompilerInitialized", ConstantDescs.CD_boolean);
                code.ifne(work);
                code.aload(0).getfield(self, "this$0", RUNTIME);
                code.invokevirtual(RUNTIME, "getCompileQueue", MethodTypeDesc.of(QUEUE));
                code.invokevirtual(QUEUE, "getQueueSize", MethodTypeDesc.of(ConstantDescs.CD_int));
                code.ifne(work);
                code.loadConstant(TURN_NS);
                code.invokestatic(
                        LOCK_SUPPORT,
                        "parkNanos",
                        MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_long));
                code.iinc(turn, -1).goto_(next).labelBinding(work);
            }

            @Override
            public void accept(CodeBuilder code, CodeElement element) {
                code.with(element);
            }
        };
    }

    private LateCompiler() {}
}
