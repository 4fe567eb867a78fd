package org.trufflebpf.world;

import org.trufflebpf.world.JsonValue.JsonObject;

import java.util.ArrayList;
import java.util.List;

/** A cgroup of the unified hierarchy. */
public final class Cgroup implements KernelObject {
    private final String path;
    private final long id;
    private final Cgroup parent;
    private final int level;
    private final JsonObject fields;

    Cgroup(String path, long id, Cgroup parent, JsonObject fields) {
        this.path = path;
        this.id = id;
        this.parent = parent;
        this.level = parent == null ? 0 : parent.level + 1;
        this.fields = fields;
    }

    public String path() {
        return path;
    }

    /** The last part of the path, empty for the root. */
    public String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    public long id() {
        return id;
    }

    /** The cgroup above, or {@code null} for the root. */
    public Cgroup parent() {
        return parent;
    }

    /** 0 for the root. */
    public int level() {
        return level;
    }

    /** The ancestor (or this one) at a level, or {@code null} if this is not so deep. */
    public Cgroup ancestor(int wanted) {
        if (wanted < 0 || wanted > level) {
            return null;
        }
        Cgroup at = this;
        while (at.level > wanted) {
            at = at.parent;
        }
        return at;
    }

    /** Whether this is {@code other}, or below it. */
    @SuppressWarnings("ReferenceEquality") // an identity
    public boolean isUnder(Cgroup other) {
        return ancestor(other.level) == other;
    }

    /** All from the root to this one. */
    public List<Cgroup> line() {
        List<Cgroup> line = parent == null ? new ArrayList<>() : parent.line();
        line.add(this);
        return line;
    }

    JsonObject fields() {
        return fields;
    }

    @Override
    public String reference() {
        return "@cgroup" + path;
    }

    @Override
    public String struct() {
        return "cgroup";
    }

    @Override
    public String toString() {
        return "cgroup " + path;
    }
}
