package org.trufflebpf.launcher;

import java.io.IOException;

/** What a command came to, in the JSON contract. */
interface Answer {
    void write(JsonReport report, RunRequest request) throws IOException;
}
