package org.trufflebpf.testing;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

import java.util.Map;
import java.util.TreeMap;

/**
 * Prints, when the tests of a module are over, how many were skipped for which reason. A test that
 * needs something this machine lacks must be skipped in sight of the reader, never in silence.
 *
 * <p>Both ways of skipping count: a condition such as {@code @Disabled}, and a failed assumption.
 */
public final class SkippedTestsSummary implements TestExecutionListener {

    private final Map<String, Long> skipped = new TreeMap<>();
    private TestPlan plan;

    @Override
    public synchronized void testPlanExecutionStarted(TestPlan testPlan) {
        plan = testPlan;
        skipped.clear();
    }

    @Override
    public synchronized void executionSkipped(TestIdentifier test, String reason) {
        count(test, reason);
    }

    @Override
    public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            count(test, result.getThrowable().map(Throwable::getMessage).orElse(null));
        }
    }

    @Override
    public synchronized void testPlanExecutionFinished(TestPlan testPlan) {
        skipped.forEach((reason, tests) -> System.out.println("skipped " + tests + ": " + reason));
        plan = null;
    }

    /**
     * A container counts as the tests known to be in it, or as one where they are not known yet.
     */
    private void count(TestIdentifier test, String reason) {
        long tests =
                test.isTest()
                        ? 1
                        : plan.getDescendants(test).stream().filter(TestIdentifier::isTest).count();
        skipped.merge(shortReason(reason), Math.max(tests, 1), Long::sum);
    }

    /** The reason's first line, without JUnit's own words before it. */
    private static String shortReason(String reason) {
        if (reason == null || reason.isBlank()) {
            return "no reason given";
        }
        String line = reason.lines().findFirst().orElseThrow().strip();
        String prefix = "Assumption failed: ";
        return line.startsWith(prefix) ? line.substring(prefix.length()) : line;
    }
}
