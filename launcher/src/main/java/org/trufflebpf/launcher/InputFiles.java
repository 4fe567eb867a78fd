package org.trufflebpf.launcher;

import org.trufflebpf.launcher.engine.EbpfRunException;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads and writes the files that options name. Nothing larger than a limit is ever held in memory.
 */
final class InputFiles {
    /** The largest objects known, with debug information, have a few megabytes. */
    static final int MAX_OBJECT = 256 << 20;

    /** A packet or context is far smaller; the language refuses what a program type cannot take. */
    static final int MAX_DATA = 16 << 20;

    static byte[] object(String name) throws EbpfRunException {
        try (InputStream stream = open(name)) {
            return bounded(stream, MAX_OBJECT, name, EbpfRunException.Phase.LOAD);
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    /** The value of --data-in or --ctx-in, or {@code null} where it was not given. */
    static byte[] data(Options options, Option option, Io io) throws EbpfRunException {
        String value = options.value(option);
        if (value == null) {
            return null;
        }
        if (value.startsWith("hex:")) {
            byte[] bytes = Text.unhex(value.substring(4));
            if (bytes == null) {
                throw EbpfRunException.usage(
                        option.flag() + ": expected pairs of hex digits after hex:");
            }
            return bytes;
        }
        if (value.equals("-")) {
            try {
                return bounded(io.in(), MAX_DATA, "standard input", EbpfRunException.Phase.USAGE);
            } catch (IOException e) {
                throw unreadable("standard input", e);
            }
        }
        try (InputStream stream = open(value)) {
            return bounded(stream, MAX_DATA, value, EbpfRunException.Phase.USAGE);
        } catch (IOException e) {
            throw unreadable(value, e);
        }
    }

    private static byte[] bounded(
            InputStream stream, int limit, String name, EbpfRunException.Phase phase)
            throws IOException, EbpfRunException {
        byte[] bytes = stream.readNBytes(limit + 1);
        if (bytes.length > limit) {
            String message = name + " is larger than " + (limit >> 20) + " MiB";
            throw new EbpfRunException(phase, message, null, -1, null, message, null);
        }
        return bytes;
    }

    static void write(String name, byte[] bytes) throws EbpfRunException {
        try (OutputStream stream = create(name)) {
            stream.write(bytes);
        } catch (IOException e) {
            throw unwritable(name, e);
        }
    }

    static OutputStream create(String name) throws EbpfRunException {
        try {
            return Files.newOutputStream(Path.of(name));
        } catch (IOException | InvalidPathException e) {
            throw unwritable(name, e);
        }
    }

    static InputStream open(String name) throws EbpfRunException {
        try {
            return Files.newInputStream(Path.of(name));
        } catch (IOException | InvalidPathException e) {
            throw unreadable(name, e);
        }
    }

    static EbpfRunException unreadable(String name, Exception e) {
        return EbpfRunException.usage(name + ": cannot be read: " + reason(e), e);
    }

    static EbpfRunException unwritable(String name, Exception e) {
        return EbpfRunException.usage(name + ": cannot be written: " + reason(e), e);
    }

    /** Java's own messages repeat the name, or consist of it. */
    private static String reason(Exception e) {
        if (e instanceof NoSuchFileException || e instanceof FileNotFoundException) {
            return "no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof InvalidPathException) {
            return "not a file name";
        }
        String message = String.valueOf(e.getMessage());
        int colon = message.indexOf(": ");
        return colon < 0 ? message : message.substring(colon + 2);
    }

    private InputFiles() {}
}
