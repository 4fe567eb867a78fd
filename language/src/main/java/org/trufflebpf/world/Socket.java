package org.trufflebpf.world;

import org.trufflebpf.world.WorldSpec.SocketSpec;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A socket. Programs see it in up to three forms, each with an address of its own: {@code struct
 * bpf_sock} and {@code struct bpf_tcp_sock} of the user-space interface, and the kernel's
 * structure. Options and flags change; everything else stays.
 */
public final class Socket implements KernelObject {
    public static final int TCP = 6;
    public static final int UDP = 17;

    // states, TCP_* of net/tcp_states.h
    public static final int ESTABLISHED = 1;
    public static final int TIME_WAIT = 6;
    public static final int LISTEN = 10;
    public static final int NEW_SYN_RECV = 12;

    private final SocketSpec spec;
    private final Cgroup cgroup;
    private final long cookie;
    private final Map<Long, byte[]> options = new ConcurrentHashMap<>();
    private volatile int callbackFlags;

    Socket(SocketSpec spec, Cgroup cgroup, long cookie) {
        this.spec = spec;
        this.cgroup = cgroup;
        this.cookie = cookie;
    }

    public SocketSpec spec() {
        return spec;
    }

    public boolean isTcp() {
        return spec.protocol() == TCP;
    }

    public boolean isV6() {
        return spec.local().address().isV6();
    }

    /** Whether it is more than a request or a rest of a connection ({@code sk_fullsock}). */
    public boolean isFull() {
        return spec.state() != TIME_WAIT && spec.state() != NEW_SYN_RECV;
    }

    public boolean isListening() {
        return spec.state() == LISTEN;
    }

    public Cgroup cgroup() {
        return cgroup;
    }

    public long cookie() {
        return cookie;
    }

    /** Values of options that were set, by level (upper half) and name. */
    public Map<Long, byte[]> options() {
        return options;
    }

    /** {@code BPF_SOCK_OPS_*_CB_FLAG}s that are set. */
    public int callbackFlags() {
        return callbackFlags;
    }

    public void setCallbackFlags(int flags) {
        callbackFlags = flags;
    }

    @Override
    public String reference() {
        return "@socket/" + spec.name();
    }

    @Override
    public String struct() {
        if (spec.protocol() == UDP) {
            return isV6() ? "udp6_sock" : "udp_sock";
        }
        return switch (spec.state()) {
            case TIME_WAIT -> "tcp_timewait_sock";
            case NEW_SYN_RECV -> "tcp_request_sock";
            default -> isV6() ? "tcp6_sock" : "tcp_sock";
        };
    }

    @Override
    public String toString() {
        return "socket " + spec.name();
    }
}
