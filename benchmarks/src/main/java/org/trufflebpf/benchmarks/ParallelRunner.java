package org.trufflebpf.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs of one program on several threads at once, on the same maps. */
final class ParallelRunner implements Engine.Runner {
    private final List<Engine.Runner> runners;

    /** One runner for each thread. */
    ParallelRunner(List<Engine.Runner> runners) {
        this.runners = List.copyOf(runners);
    }

    @Override
    public Engine.Outcome once() {
        return runners.getFirst().once();
    }

    @Override
    public void repeat(int times) {
        double _ = inParallel(times);
    }

    @Override
    public void drain() {
        runners.getFirst().drain();
    }

    /** CPU nanoseconds of one run, the mean of the threads; each makes {@code times} of them. */
    @Override
    public double measure(int times) {
        double nanos = inParallel(times);
        drain();
        return nanos;
    }

    private double inParallel(int times) {
        CyclicBarrier start = new CyclicBarrier(runners.size());
        List<Callable<Double>> tasks = new ArrayList<>();
        for (Engine.Runner runner : runners) {
            tasks.add(
                    () -> {
                        int _ = start.await();
                        long before = Engine.THREADS.getCurrentThreadCpuTime();
                        runner.repeat(times);
                        double nanos = Engine.THREADS.getCurrentThreadCpuTime() - before;
                        return nanos / times;
                    });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(runners.size())) {
            double sum = 0;
            for (Future<Double> task : threads.invokeAll(tasks)) {
                sum += task.get();
            }
            return sum / runners.size();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
