package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Finds the loops of each function: its strongly connected components with more than one
 * instruction, or with an edge to itself (Tarjan's algorithm without recursion).
 */
final class SccFinder {
    private final Layout layout;
    private final int[] number;
    private final int[] low;
    private final boolean[] onStack;
    private final Deque<Integer> stack = new ArrayDeque<>();
    private int counter;
    private int components;

    SccFinder(Layout layout) {
        this.layout = layout;
        this.number = new int[layout.code.length];
        this.low = new int[layout.code.length];
        this.onStack = new boolean[layout.code.length];
    }

    private record Visit(int insn, List<Insn> next, int[] position) {}

    void run() {
        for (Layout.Subprog subprog : layout.subprogs) {
            if (number[subprog.start] == 0) {
                search(subprog.start);
            }
        }
        for (int i = layout.callsCallback.nextSetBit(0);
                i >= 0;
                i = layout.callsCallback.nextSetBit(i + 1)) {
            // the call is visited again after each turn of the callback
            if (layout.scc[i] == 0) {
                layout.scc[i] = ++components;
            }
        }
    }

    private Visit enter(int insn) {
        number[insn] = ++counter;
        low[insn] = counter;
        stack.push(insn);
        onStack[insn] = true;
        return new Visit(insn, layout.successors(layout.code[insn]), new int[1]);
    }

    private void search(int root) {
        Deque<Visit> visits = new ArrayDeque<>();
        visits.push(enter(root));
        while (!visits.isEmpty()) {
            Visit visit = visits.peek();
            int at = visit.insn;
            if (visit.position[0] < visit.next.size()) {
                int next = visit.next.get(visit.position[0]++).index();
                if (number[next] == 0) {
                    visits.push(enter(next));
                } else if (onStack[next]) {
                    low[at] = Math.min(low[at], number[next]);
                }
                continue;
            }
            visits.pop();
            if (!visits.isEmpty()) {
                int parent = visits.peek().insn;
                low[parent] = Math.min(low[parent], low[at]);
            }
            if (low[at] == number[at]) {
                close(at, visit.next);
            }
        }
    }

    private void close(int at, List<Insn> successors) {
        boolean loop = stack.peek() != at;
        for (Insn next : successors) {
            loop |= next.index() == at;
        }
        int component = loop ? ++components : 0;
        int member;
        do {
            member = stack.pop();
            onStack[member] = false;
            layout.scc[member] = component;
        } while (member != at);
    }
}
