package org.trufflebpf.memory;

/**
 * One object of the guest's memory. A region may be an array of equal elements, each {@code
 * elementSize} bytes long and {@code stride} bytes apart; an access has to lie within one element.
 *
 * <p>Bounds may move while the region lives ({@link #resize}), as those of a packet do. Maps refine
 * what is accessible between the bounds by subclasses.
 */
public class Region {
    /** What a region holds; the word that error messages use. */
    public enum Kind {
        STACK("stack"),
        CONTEXT("context"),
        PACKET("packet"),
        MAP_VALUE("map value"),
        MAP_KEY("map key"),
        RING_BUFFER("ring buffer record"),
        MEMORY("memory"),
        KERNEL("kernel object");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    private final Kind kind;
    private final String name;
    private final boolean writable;
    private final long stride;
    private final long elementSize;
    private long start;
    private long end;

    /** A region that is one object. */
    public Region(Kind kind, String name, long start, long size, boolean writable) {
        this(kind, name, start, size, size, size, writable);
    }

    /** A region of {@code size / stride} elements. */
    public Region(
            Kind kind,
            String name,
            long start,
            long size,
            long stride,
            long elementSize,
            boolean writable) {
        this.kind = kind;
        this.name = name;
        this.start = start;
        this.end = start + size;
        this.stride = stride;
        this.elementSize = elementSize;
        this.writable = writable;
    }

    public final Kind kind() {
        return kind;
    }

    public final String name() {
        return name;
    }

    public final boolean writable() {
        return writable;
    }

    public final long start() {
        return start;
    }

    public final long end() {
        return end;
    }

    public final long size() {
        return end - start;
    }

    public final long stride() {
        return stride;
    }

    public final long elementSize() {
        return elementSize;
    }

    /** Moves the bounds; only for regions that are one object and belong to one run. */
    public final void resize(long newStart, long newEnd) {
        start = newStart;
        end = newEnd;
    }

    /**
     * Whether {@code size} bytes at {@code address} lie within this object, or within one element
     * of it.
     */
    public boolean contains(long address, long size) {
        long offset = address - start;
        long length = end - start;
        if (offset < 0 || size < 0 || offset > length - size) {
            return false;
        }
        return stride == length || stride == 0 || offset % stride <= elementSize - size;
    }

    /** Whether a program may read (or write) {@code size} bytes at {@code address}. */
    public boolean allows(long address, long size, boolean write) {
        return (!write || writable) && contains(address, size);
    }

    /** As {@link #contains} for a region that is one object. */
    public boolean containsRun(long address, long size) {
        // one compare: so many places are there for an access to begin
        long places = Math.max(0, end - start - size + 1);
        return Long.compareUnsigned(address - start, places) < 0;
    }

    /** Whether {@code address} is anywhere between the bounds. */
    public final boolean spans(long address) {
        return address >= start && address < end;
    }

    /** {@code packet (60 bytes)}, {@code map value of counters (8 bytes)}. */
    @Override
    public String toString() {
        long bytes = stride == 0 || stride == size() ? size() : elementSize;
        return kind.label + (name.isEmpty() ? "" : " of " + name) + " (" + bytes + " bytes)";
    }
}
