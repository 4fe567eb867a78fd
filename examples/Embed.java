import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Runs the packet counter on one packet and reads its map. */
final class Embed {
    public static void main(String[] args) throws Exception {
        // Byte buffers of the host are data for programs.
        HostAccess buffers = HostAccess.newBuilder().allowBufferAccess(true).build();
        try (Context context = Context.newBuilder("ebpf").allowHostAccess(buffers).build()) {
            Source source =
                    Source.newBuilder("ebpf", new File("examples/xdp_counter.o"))
                            .mimeType("application/x-bpf")
                            .build();
            Value object = context.eval(source);
            Value program = object.getMember("programs").getMember("count");
            byte[] packet = Files.readAllBytes(Path.of("examples/http_get.bin"));
            Value result = program.execute(ByteBuffer.wrap(packet));
            System.out.println(result.getMember("verdict").asString());
            Value entries = object.getMember("maps").getMember("counters").invokeMember("entries");
            for (int i = 0; i < entries.getArraySize(); i++) {
                Value entry = entries.getArrayElement(i);
                System.out.println(entry.getMember("keyText") + " " + entry.getMember("valueText"));
            }
        }
    }
}
