package org.trufflebpf.helper;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.world.Socket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * {@code bpf_setsockopt} and {@code bpf_getsockopt} on sockets of the simulated environment, for
 * the options that the kernel lets programs set.
 */
final class SockOptHelpers {
    private static final long INVALID = Errno.EINVAL.negative();
    private static final int TCP = 6;
    private static final int CONGESTION = 13;
    private static final int SO_MARK = 36;
    private static final int SO_PRIORITY = 12;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int CB_FLAGS = 1008;
    private static final int TCP_CA_NAME_MAX = 16;
    private static final int TCP_BPF_IW = 1001;

    /** {@code SOCK_MIN_SNDBUF} and {@code SOCK_MIN_RCVBUF} on x86-64. */
    private static final int MIN_SNDBUF = 4608;

    private static final int MIN_RCVBUF = 2304;

    /** Level, number, name, value before it is set, least and greatest value. */
    private static final String ROWS =
            """
            1 2    SO_REUSEADDR       0      -2147483648 2147483647
            1 7    SO_SNDBUF          87040  0 2147483647
            1 8    SO_RCVBUF          131072 0 2147483647
            1 9    SO_KEEPALIVE       0      -2147483648 2147483647
            1 12   SO_PRIORITY        0      -2147483648 2147483647
            1 15   SO_REUSEPORT       0      -2147483648 2147483647
            1 18   SO_RCVLOWAT        1      -2147483648 2147483647
            1 36   SO_MARK            0      -2147483648 2147483647
            1 47   SO_MAX_PACING_RATE -1     -2147483648 2147483647
            6 1    TCP_NODELAY        0      -2147483648 2147483647
            6 2    TCP_MAXSEG         536    88 32767
            6 4    TCP_KEEPIDLE       7200   1 32767
            6 5    TCP_KEEPINTVL      75     1 32767
            6 6    TCP_KEEPCNT        9      1 127
            6 7    TCP_SYNCNT         6      1 127
            6 10   TCP_WINDOW_CLAMP   0      0 2147483647
            6 18   TCP_USER_TIMEOUT   0      0 2147483647
            6 25   TCP_NOTSENT_LOWAT  0      -2147483648 2147483647
            6 27   TCP_SAVE_SYN       0      0 2
            6 1001 TCP_BPF_IW         10     1 2147483647
            6 1002 TCP_BPF_SNDCWND_CLAMP -1  1 2147483647
            6 1003 TCP_BPF_DELACK_MAX 40000  1 200000
            6 1004 TCP_BPF_RTO_MIN    200000 1 200000
            6 1008 TCP_BPF_SOCK_OPS_CB_FLAGS 0 0 127
            0 1    IP_TOS             0      -2147483648 2147483647
            41 67  IPV6_TCLASS        0      -1 255
            41 70  IPV6_AUTOFLOWLABEL 1      -2147483648 2147483647
            """;

    private record Option(int level, int number, String name, int initial, int min, int max) {
        long key() {
            return ((long) level << 32) | number;
        }
    }

    private static final Map<Long, Option> OPTIONS = parse();

    private SockOptHelpers() {}

    private static Map<Long, Option> parse() {
        Map<Long, Option> options = new HashMap<>();
        for (String line : ROWS.lines().toList()) {
            String[] columns = line.strip().split(" +");
            Option option =
                    new Option(
                            Integer.parseInt(columns[0]),
                            Integer.parseInt(columns[1]),
                            columns[2],
                            Integer.parseInt(columns[3]),
                            Integer.parseInt(columns[4]),
                            Integer.parseInt(columns[5]));
            options.put(option.key(), option);
        }
        return Map.copyOf(options);
    }

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "setsockopt",
                (run, socket, level, name, value, size) ->
                        set(
                                run,
                                Sockets.require(run, socket),
                                (int) level,
                                (int) name,
                                value,
                                (int) size));
        all.put(
                "getsockopt",
                (run, socket, level, name, value, size) -> {
                    long error =
                            get(
                                    run,
                                    Sockets.require(run, socket),
                                    (int) level,
                                    (int) name,
                                    value,
                                    (int) size);
                    if (error != 0) {
                        run.memory().fill(value, size, (byte) 0);
                    }
                    return error;
                });
    }

    /** The option that a socket has, or {@code null}. */
    private static Option option(Socket socket, int level, int name) {
        boolean wrongLevel =
                (level == TCP && !socket.isTcp())
                        || (level == 0 && socket.isV6())
                        || (level == 41 && !socket.isV6());
        return wrongLevel ? null : OPTIONS.get(((long) level << 32) | Integer.toUnsignedLong(name));
    }

    private static long set(Run run, Socket socket, int level, int name, long value, int size) {
        Memory memory = run.memory();
        if (!socket.isFull()) {
            return INVALID;
        }
        if (level == TCP && name == CONGESTION && socket.isTcp()) {
            if (size < 2) {
                return INVALID;
            }
            byte[] text = memory.read(value, Math.min(size, TCP_CA_NAME_MAX - 1));
            socket.options().put(((long) TCP << 32) | CONGESTION, text);
            run.note("TCP_CONGESTION of " + socket + " set to " + text(text));
            return 0;
        }
        Option option = option(socket, level, name);
        if (option == null || size != 4) {
            return INVALID;
        }
        int number = memory.getInt(value);
        if (number < option.min || number > option.max) {
            return INVALID;
        }
        // an initial window is set before anything was sent only, and bounded by the clamp
        if (level == TCP && name == TCP_BPF_IW && socket.isListening()) {
            return INVALID;
        }
        store(socket, option, number);
        run.note(option.name + " of " + socket + " set to " + number);
        return 0;
    }

    private static void store(Socket socket, Option option, int number) {
        int kept = number;
        if (option.level == 1 && option.number == SO_SNDBUF) {
            kept = Math.max(MIN_SNDBUF, 2 * Math.min(number, 212992));
        } else if (option.level == 1 && option.number == SO_RCVBUF) {
            kept = Math.max(MIN_RCVBUF, 2 * Math.min(number, 212992));
        } else if (option.level == TCP && option.number == CB_FLAGS) {
            socket.setCallbackFlags(number);
        }
        socket.options().put(option.key(), ByteBuffer.allocate(4).putInt(kept).array());
    }

    private static long get(Run run, Socket socket, int level, int name, long value, int size) {
        Memory memory = run.memory();
        if (level == TCP && name == CONGESTION && socket.isTcp()) {
            if (size < 2) {
                return INVALID;
            }
            byte[] text = socket.options().get(((long) TCP << 32) | CONGESTION);
            byte[] shown = text == null ? "cubic".getBytes(StandardCharsets.UTF_8) : text;
            memory.fill(value, size, (byte) 0);
            memory.write(value, shown, 0, Math.min(shown.length, size - 1));
            return 0;
        }
        Option option = option(socket, level, name);
        if (option == null || size != 4) {
            return INVALID;
        }
        memory.putInt(value, value(socket, option));
        return 0;
    }

    private static int value(Socket socket, Option option) {
        byte[] set = socket.options().get(option.key());
        if (set != null) {
            return ByteBuffer.wrap(set).getInt();
        }
        if (option.level == 1 && option.number == SO_MARK) {
            return socket.spec().mark();
        }
        if (option.level == 1 && option.number == SO_PRIORITY) {
            return socket.spec().priority();
        }
        if (option.level == TCP && option.number == CB_FLAGS) {
            return socket.callbackFlags();
        }
        return option.initial;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8).replaceFirst("\0.*", "");
    }
}
