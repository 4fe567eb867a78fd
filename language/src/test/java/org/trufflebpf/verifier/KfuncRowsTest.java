package org.trufflebpf.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.helper.KfuncTable;

import java.nio.file.Files;
import java.util.List;

/** The verifier knows each kernel function that runs here, and declares it as the kernel does. */
class KfuncRowsTest {
    @Test
    void whatRunsIsKnown() {
        for (HelperRow row : KfuncTable.rows()) {
            Kfunc kfunc = KfuncRows.find(row.fullName());
            assertNotNull(kfunc, () -> row.fullName() + " has no row");
            assertEquals(row.args().size(), kfunc.params().size(), row.fullName());
        }
    }

    @Test
    void prototypesAreThoseOfTheKernel() {
        Assumptions.assumeTrue(Files.isReadable(CaseKernel.BTF), "needs the types of a kernel");
        String release = System.getProperty("os.version");
        Assumptions.assumeTrue(
                release.startsWith("6.18"), () -> "written for Linux 6.18, this is " + release);
        Btf btf = CaseKernel.kernelTypes();
        for (Kfunc kfunc : KfuncRows.all()) {
            int id = btf.find(kfunc.name(), BtfKind.FUNC);
            if (id <= 0) {
                continue;
            }
            BtfType.FuncProto proto =
                    (BtfType.FuncProto) btf.type(((BtfType.Func) btf.type(id)).proto());
            assertEquals(
                    proto.params().stream().map(BtfType.Param::name).toList(),
                    kfunc.params().stream().map(Kfunc.Param::name).toList(),
                    kfunc.name());
            List<String> kernel =
                    proto.params().stream().map(param -> shape(btf, param.type())).toList();
            List<String> row = kfunc.params().stream().map(param -> shape(param.type())).toList();
            assertEquals(kernel, row, kfunc.name());
            assertEquals(shape(btf, proto.result()), shape(kfunc.result()), kfunc.name());
        }
    }

    /** Pointer or not, and the structure or the size of the number. */
    private static String shape(Btf btf, int id) {
        if (id == 0) {
            return "void";
        }
        return switch (btf.resolve(id)) {
            case BtfType.Ptr pointer -> {
                BtfType target = btf.resolve(pointer.target());
                yield target instanceof BtfType.FuncProto
                        ? "*function"
                        : "*" + shape(btf, pointer.target());
            }
            case BtfType.Composite struct -> struct.name();
            case BtfType.Forward struct -> struct.name();
            case BtfType.Nothing nothing -> "void";
            default -> "number of " + btf.sizeOf(id);
        };
    }

    private static String shape(Kfunc.CType type) {
        if (type.function()) {
            return "*function";
        }
        String plain =
                type.struct() ? type.name() : type.isVoid() ? "void" : "number of " + type.size();
        return type.pointer() ? "*" + plain : plain;
    }
}
