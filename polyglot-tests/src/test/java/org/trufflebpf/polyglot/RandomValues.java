package org.trufflebpf.polyglot;

import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyArray;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.proxy.ProxyHashMap;
import org.graalvm.polyglot.proxy.ProxyObject;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Values of every kind that a host can give, with a liking for the ends of ranges. */
final class RandomValues {
    private final Random random;
    private final List<String> names;
    private final List<Object> live;

    /**
     * Values.
     *
     * @param names that members of objects have, mixed with others
     * @param live values to give away as well
     */
    RandomValues(Random random, List<String> names, List<Object> live) {
        this.random = random;
        this.names = names;
        this.live = live;
    }

    /** The next one; objects and lists have parts to this depth. */
    Object next(int depth) {
        int kinds = depth > 0 ? 15 : 10;
        return switch (random.nextInt(kinds)) {
            // no bare null: Truffle's assertions on profiled arguments do not take one
            case 0 -> Value.asValue(null);
            case 1 -> random.nextBoolean();
            case 2, 3, 4, 5 -> integer();
            case 6 -> floating();
            case 7 -> text();
            case 8 -> bytes();
            case 9 -> live.get(random.nextInt(live.size()));
            case 10 -> (ProxyExecutable) arguments -> 1;
            case 11 -> list(depth);
            case 12 -> new Inconsistent(random.nextInt(20), random.nextInt(3));
            case 13 -> ProxyHashMap.from(new HashMap<>(members(depth)));
            default ->
                    random.nextInt(8) == 0
                            ? new Throwing(names)
                            : ProxyObject.fromMap(members(depth));
        };
    }

    private Object integer() {
        int bits = List.of(0, 1, 4, 5, 6, 7, 8, 15, 16, 31, 32, 63, 64, 70).get(random.nextInt(14));
        BigInteger number =
                BigInteger.ONE.shiftLeft(bits).add(BigInteger.valueOf(random.nextInt(5) - 2));
        number = random.nextBoolean() ? number : number.negate();
        if (number.bitLength() > 63 || random.nextBoolean()) {
            return number;
        }
        return number.bitLength() > 31 ? (Object) number.longValue() : (Object) number.intValue();
    }

    private Object floating() {
        double[] some = {1.5, 3, -0.0, 1e30, Double.NaN, Double.POSITIVE_INFINITY, 255, 256};
        return some[random.nextInt(some.length)];
    }

    private String text() {
        String[] some = {"TCP", "UDP", "LARGEST", "", "1", "gr\u00fcn", "a\0b", "10.0.0.1"};
        return random.nextInt(4) == 0
                ? "x".repeat(random.nextInt(20))
                : some[random.nextInt(some.length)];
    }

    private byte[] bytes() {
        byte[] bytes = new byte[List.of(0, 1, 2, 3, 4, 6, 8, 16, 120).get(random.nextInt(9))];
        random.nextBytes(bytes);
        return bytes;
    }

    private List<Object> list(int depth) {
        List<Object> list = new ArrayList<>();
        int count = random.nextInt(7);
        for (int i = 0; i < count; i++) {
            list.add(random.nextBoolean() ? random.nextInt(300) : next(depth - 1));
        }
        return list;
    }

    private Map<String, Object> members(int depth) {
        Map<String, Object> members = new HashMap<>();
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            String name =
                    random.nextInt(3) == 0
                            ? List.of("packets", "port", "mac").get(random.nextInt(3))
                            : names.get(random.nextInt(names.size()));
            members.put(name, next(depth - 1));
        }
        return members;
    }

    /** An array that has another length each third time it is asked. */
    record Inconsistent(int size, int[] asked) implements ProxyArray {
        /**
         * An array.
         *
         * @param turn of the three, with which it begins; the last is the one with another length
         */
        Inconsistent(int size, int turn) {
            this(size, new int[] {turn});
        }

        @Override
        public Object get(long index) {
            return 7;
        }

        @Override
        public void set(long index, Value value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long getSize() {
            return asked[0]++ % 3 == 2 ? 4L * size + 500 : size;
        }
    }

    /** An object with two members, of which the second cannot be read. */
    private record Throwing(List<String> names) implements ProxyObject {
        @Override
        public Object getMember(String key) {
            if (key.equals(names.get(0))) {
                return 1;
            }
            throw new IllegalStateException("not today");
        }

        @Override
        public Object getMemberKeys() {
            return ProxyArray.fromArray(names.get(0), names.get(1));
        }

        @Override
        public boolean hasMember(String key) {
            return true;
        }

        @Override
        public void putMember(String key, Value value) {
            throw new UnsupportedOperationException();
        }
    }
}
