package io.virtman.nova.boot;

import java.util.List;
import java.util.function.Predicate;

/**
 * All that is known of a boot when it is decided what to do next.
 *
 * @param state where it is
 * @param count servers that are wanted
 * @param deleteOnFailure whether all servers go when not all can be had
 * @param hopeless whether nothing more may be asked for: the source is gone, say, or the quota used
 *     up
 * @param attempts servers that may be asked for in all, replacements included; {@code count} or
 *     more
 * @param batches all, by number
 * @param servers all that were ever seen
 */
public record Progress(
        BootState state,
        int count,
        boolean deleteOnFailure,
        boolean hopeless,
        int attempts,
        List<Batch> batches,
        List<BootServer> servers) {
    /** Copies the lists. */
    public Progress {
        batches = List.copyOf(batches);
        servers = List.copyOf(servers);
    }

    /** Servers in a state. */
    public int in(BootServer.State wanted) {
        return count(server -> server.state() == wanted);
    }

    /** Servers of a batch, whatever became of them. */
    int of(Batch batch) {
        return count(server -> server.batch() == batch.number());
    }

    private int count(Predicate<BootServer> condition) {
        return (int) servers.stream().filter(condition).count();
    }

    /** Servers that were asked for and have not been seen yet. */
    public int unseen() {
        return batches.stream()
                .filter(batch -> batch.state() == Batch.State.SENT)
                .mapToInt(batch -> Math.max(0, batch.size() - of(batch)))
                .sum();
    }

    /** Servers that are being built, or may be. */
    public int underWay() {
        return in(BootServer.State.BUILDING) + unseen();
    }

    /** Servers that may still be asked for: what was refused costs nothing. */
    int attemptsLeft() {
        int asked =
                batches.stream()
                        .filter(batch -> batch.state() != Batch.State.REFUSED)
                        .mapToInt(Batch::size)
                        .sum();
        return Math.max(0, attempts - asked);
    }
}
