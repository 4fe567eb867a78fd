package org.trufflebpf.tck;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

import java.util.EnumMap;
import java.util.Map;

/** Prints when all is over how many tests the TCK made of the provider, and how they ended. */
public final class TckCount implements TestExecutionListener {
    private final Map<Status, Long> ended = new EnumMap<>(Status.class);

    @Override
    public synchronized void testPlanExecutionStarted(TestPlan plan) {
        ended.clear();
    }

    @Override
    public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (test.isTest() && test.getUniqueId().contains("com.oracle.truffle.tck")) {
            ended.merge(result.getStatus(), 1L, Long::sum);
        }
    }

    @Override
    public synchronized void testPlanExecutionFinished(TestPlan plan) {
        if (!ended.isEmpty()) {
            System.out.printf(
                    "TCK: %d tests, %d failed, %d skipped%n",
                    ended.values().stream().mapToLong(Long::longValue).sum(),
                    ended.getOrDefault(Status.FAILED, 0L),
                    ended.getOrDefault(Status.ABORTED, 0L));
        }
    }
}
