package org.trufflebpf;

import com.oracle.truffle.api.TruffleFile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;

/**
 * Knows BPF objects among the files with the extension {@code .o}, which those of every other
 * machine have too: by the machine in the ELF header, in either byte order. Whether the rest of the
 * file is right is found when it is opened.
 */
public final class BpfFileDetector implements TruffleFile.FileTypeDetector {
    private static final String EXTENSION = ".o";

    /** Offset of {@code e_machine}, behind {@code e_ident} and {@code e_type}. */
    private static final int E_MACHINE = 18;

    private static final int EI_DATA = 5;
    private static final int ELFDATA2LSB = 1;
    private static final int ELFDATA2MSB = 2;
    private static final int ELF_MAGIC = 0x7f454c46;
    private static final int EM_BPF = 247;

    @Override
    public String findMimeType(TruffleFile file) throws IOException {
        String name = file.getName();
        if (name == null || !name.endsWith(EXTENSION) || !file.isRegularFile()) {
            return null;
        }
        byte[] header;
        try (InputStream bytes = file.newInputStream()) {
            header = bytes.readNBytes(E_MACHINE + 2);
        }
        return isBpf(header) ? EbpfLanguage.MIME_ELF : null;
    }

    private static boolean isBpf(byte[] header) {
        ByteBuffer bytes = ByteBuffer.wrap(header);
        if (header.length < E_MACHINE + 2 || bytes.getInt(0) != ELF_MAGIC) {
            return false;
        }
        return switch (header[EI_DATA]) {
            case ELFDATA2LSB -> bytes.order(ByteOrder.LITTLE_ENDIAN).getShort(E_MACHINE) == EM_BPF;
            case ELFDATA2MSB -> bytes.getShort(E_MACHINE) == EM_BPF;
            default -> false;
        };
    }

    /** Objects are binary. */
    @Override
    public Charset findEncoding(TruffleFile file) {
        return null;
    }
}
