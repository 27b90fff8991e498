package io.virtman.cinder.app.doctor;

import io.virtman.cinder.app.doctor.Finding.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs checks one after the other; none that fails or hangs hides another. */
final class Doctor {
    private final Duration bound;

    /**
     * @param bound for each check, whatever its own time-outs
     */
    Doctor(Duration bound) {
        this.bound = bound;
    }

    List<Finding> examine(List<Check> checks) throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        Set<String> failed = new HashSet<>();
        ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("doctor-", 0).factory());
        try {
            for (Check check : checks) {
                List<Finding> found =
                        failed.contains(check.needs())
                                ? List.of(
                                        Finding.warning(
                                                check.name(),
                                                "not looked at, since '"
                                                        + check.needs()
                                                        + "' failed",
                                                "mend that first"))
                                : run(threads, check);
                findings.addAll(found);
                if (failed.contains(check.needs())
                        || found.stream().anyMatch(f -> f.level() == Level.PROBLEM)) {
                    failed.add(check.name());
                }
            }
        } finally {
            threads.shutdownNow(); // without waiting for one that hangs
        }
        return findings;
    }

    private List<Finding> run(ExecutorService threads, Check check) throws InterruptedException {
        Future<List<Finding>> looking = threads.submit(() -> check.look().at());
        try {
            return looking.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            String text =
                    cause.getMessage() == null
                            ? cause.getClass().getSimpleName()
                            : cause.getMessage().strip().replaceAll("\\s*\\R\\s*", " | ");
            return List.of(Finding.problem(check.name(), text, check.remedy()));
        } catch (TimeoutException e) {
            looking.cancel(true);
            return List.of(
                    Finding.problem(
                            check.name(),
                            "no answer within " + bound.toSeconds() + " s",
                            check.remedy()));
        }
    }
}
