package org.trufflebpf.launcher.pcap;

import java.io.IOException;

/** A capture breaks its format; the message names the offset. */
public final class PcapException extends IOException {
    private static final long serialVersionUID = 1L;

    PcapException(long offset, String message) {
        super("offset " + offset + ": " + message);
    }
}
