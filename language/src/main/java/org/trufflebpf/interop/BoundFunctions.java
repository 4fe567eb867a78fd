package org.trufflebpf.interop;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.helper.HelperArg;
import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.helper.HelperTable;
import org.trufflebpf.helper.KfuncTable;
import org.trufflebpf.helper.ReturnKind;
import org.trufflebpf.nodes.GuestFunctionNode;
import org.trufflebpf.nodes.GuestFunctions;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The functions of other languages that an embedder put in the place of helpers (by number or name)
 * and kernel functions (by name). What their arguments are is told by the helper's row or by the
 * kernel function's declaration in the object's BTF; the arguments of a helper that no kernel has
 * are five numbers.
 */
final class BoundFunctions implements GuestFunctions {
    private static final int MAX_ARGS = 5;

    private final Opened opened;
    private final Map<String, Object> functions;

    /**
     * Binds functions.
     *
     * @throws BpfException USAGE for a name that no helper has and the object does not declare
     */
    BoundFunctions(Opened opened, Map<String, Object> functions) {
        this.opened = opened;
        this.functions = functions;
        for (String name : functions.keySet()) {
            if (!name.matches("[0-9]+")
                    && helperRow(name) == null
                    && KfuncTable.byName(name) == null
                    && declaration(name) == null) {
                throw BpfException.usage(
                        "functions: there is no helper and no kernel function " + name);
            }
        }
    }

    private static HelperRow helperRow(String name) {
        return name.startsWith("bpf_") ? HelperTable.byName(name.substring(4)) : null;
    }

    @Override
    public GuestFunctionNode helper(int number) {
        HelperRow row = HelperTable.row(number);
        Object function = functions.get(Integer.toString(number));
        if (function == null && row != null) {
            function = functions.get(row.fullName());
        }
        if (function == null) {
            return null;
        }
        return byRow(row == null ? "helper " + number : row.fullName(), function, row);
    }

    private static FunctionResult result(HelperRow row) {
        return row != null && row.result().kind() == ReturnKind.VOID
                ? FunctionResult.NOTHING
                : FunctionResult.NUMBER;
    }

    @Override
    public boolean hasKfunc(String name) {
        return functions.containsKey(name);
    }

    @Override
    public GuestFunctionNode kfunc(String name) {
        Object function = functions.get(name);
        if (function == null) {
            return null;
        }
        BtfType.FuncProto declared = declaration(name);
        if (declared == null) {
            return byRow(name, function, KfuncTable.byName(name));
        }
        return new InteropFunctionNode(
                name, function, parameters(declared), false, result(declared));
    }

    private BtfType.FuncProto declaration(String name) {
        Btf btf = opened.layouts().btf();
        return btf == null ? null : btf.proto(btf.find(name, BtfKind.FUNC));
    }

    /** A function that takes what a row says; numbers, as many as it likes, without one. */
    private GuestFunctionNode byRow(String name, Object function, HelperRow row) {
        return new InteropFunctionNode(
                name,
                function,
                row == null ? numbers() : parameters(row),
                row == null,
                result(row));
    }

    private List<FunctionParameter> numbers() {
        List<FunctionParameter> parameters = new ArrayList<>();
        for (int i = 0; i < MAX_ARGS; i++) {
            parameters.add(new FunctionParameter.Whole(null));
        }
        return parameters;
    }

    private List<FunctionParameter> parameters(HelperRow row) {
        List<FunctionParameter> parameters = new ArrayList<>();
        for (HelperArg arg : row.args()) {
            boolean write = arg.written();
            parameters.add(
                    switch (arg.kind()) {
                        case MEM ->
                                new FunctionParameter.Bytes(
                                        write, arg.isSizedByNext() ? -1 : arg.size());
                        case CONST_MAP_PTR -> new FunctionParameter.OfMap(opened);
                        case MAP_KEY -> new FunctionParameter.Key(opened);
                        case MAP_VALUE -> new FunctionParameter.MapData(opened, write);
                        case CTX -> new FunctionParameter.Context(opened);
                        case CONST_STR -> new FunctionParameter.Text();
                        case CONST_SIZE, CONST_SIZE_OR_ZERO, CONST_ALLOC_SIZE_OR_ZERO, ANYTHING ->
                                new FunctionParameter.Whole(null);
                        default -> new FunctionParameter.Opaque(arg.kind().expected());
                    });
        }
        return parameters;
    }

    private List<FunctionParameter> parameters(BtfType.FuncProto proto) {
        Btf btf = opened.layouts().btf();
        List<FunctionParameter> parameters = new ArrayList<>();
        for (int i = 0; i < proto.params().size(); i++) {
            boolean sized =
                    i + 1 < proto.params().size()
                            && proto.params().get(i + 1).name().endsWith("__sz");
            parameters.add(parameter(btf, proto.params().get(i), sized));
        }
        return parameters;
    }

    private FunctionParameter parameter(Btf btf, BtfType.Param param, boolean sized) {
        if (btf.resolve(param.type()) instanceof BtfType.Ptr pointer) {
            boolean isConst = isConst(btf, pointer.target());
            Layout target =
                    btf.sizeOf(pointer.target()) > 0 ? opened.layouts().of(pointer.target()) : null;
            if (sized) {
                return new FunctionParameter.Bytes(!isConst, -1);
            }
            if (param.name().endsWith("__str")
                    || (isConst && target instanceof IntLayout text && text.size == 1)) {
                return new FunctionParameter.Text();
            }
            return target == null
                    ? new FunctionParameter.Opaque(opened.layouts().label(pointer.target()))
                    : new FunctionParameter.Pointed(target, !isConst);
        }
        return new FunctionParameter.Whole(
                opened.layouts().of(param.type()) instanceof IntLayout integer ? integer : null);
    }

    private static boolean isConst(Btf btf, int type) {
        return btf.type(type) instanceof BtfType.Alias alias && alias.kind() == BtfKind.CONST;
    }

    private FunctionResult result(BtfType.FuncProto proto) {
        if (proto.result() == 0) {
            return FunctionResult.NOTHING;
        }
        return opened.layouts().of(proto.result()) instanceof IntLayout integer
                ? new FunctionResult(integer, false)
                : FunctionResult.NUMBER;
    }
}
