import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.trufflebpf.api.BpfInput;
import org.trufflebpf.api.WasmBpf;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs a program in JavaScript, Python or WebAssembly in a context with eBPF. Programs attached by
 * a WebAssembly application for wasm-bpf see the packets of a capture.
 *
 * <pre>Run [--pcap FILE] PROGRAM [ARGUMENT...]</pre>
 */
final class Run {
    public static void main(String[] all) throws IOException {
        boolean captured = all.length > 1 && all[0].equals("--pcap");
        Path capture = Path.of(captured ? all[1] : "examples/http.pcap");
        String[] args = Arrays.copyOfRange(all, captured ? 2 : 0, all.length);
        if (args.length == 0) {
            System.err.println("usage: [--pcap FILE] FILE.js|FILE.py|FILE.wasm [ARGUMENT...]");
            System.exit(2);
        }
        File file = new File(args[0]);
        String language = Source.findLanguage(file);
        if (language == null) {
            System.err.println(file + ": no JavaScript, Python or WebAssembly");
            System.exit(2);
        }
        String[] arguments = Arrays.copyOfRange(args, 1, args.length);
        try (Context context =
                Context.newBuilder()
                        .allowAllAccess(true)
                        .option("engine.WarnInterpreterOnly", "false")
                        .option("wasm.Builtins", "wasi_snapshot_preview1")
                        .arguments(language, language.equals("wasm") ? args : arguments)
                        .build()) {
            Source source = Source.newBuilder(language, file).build();
            if (language.equals("wasm")) {
                List<BpfInput> packets = packets(capture);
                System.exit(
                        new WasmBpf(context, (program, target) -> packets.iterator())
                                .run(context.eval(source)));
            }
            context.eval(source);
        } catch (PolyglotException e) {
            if (e.isExit()) {
                System.exit(e.getExitStatus());
            }
            throw e;
        }
    }

    /** A capture: 24 bytes, then for each packet 16 bytes (its length at 8) and the packet. */
    private static List<BpfInput> packets(Path capture) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.wrap(Files.readAllBytes(capture)).order(ByteOrder.LITTLE_ENDIAN);
        List<BpfInput> packets = new ArrayList<>();
        bytes.position(24);
        while (bytes.hasRemaining()) {
            int length = bytes.getInt(bytes.position() + 8);
            bytes.position(bytes.position() + 16);
            packets.add(BpfInput.packet(bytes.slice(bytes.position(), length)));
            bytes.position(bytes.position() + length);
        }
        return packets;
    }
}
