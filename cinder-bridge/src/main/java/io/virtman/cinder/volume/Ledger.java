package io.virtman.cinder.volume;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.Lease;
import io.virtman.cinder.database.Outcome;
import io.virtman.cinder.database.RequestJournal;
import io.virtman.cinder.database.ServiceRow;
import io.virtman.cinder.database.Worker;
import io.virtman.cinder.database.Workers;

/**
 * Cinder's database and ours, as the leader sees them. Safe for many threads.
 *
 * @param database where
 * @param lease without which nothing is changed
 * @param service our row among Cinder's services
 * @param backend {@code host@backend}
 * @param journal of requests
 * @param notices who is told
 */
public record Ledger(
        Database database,
        Lease lease,
        ServiceRow service,
        String backend,
        RequestJournal journal,
        Notices notices) {

    /** Without anybody who is told. */
    public Ledger(
            Database database,
            Lease lease,
            ServiceRow service,
            String backend,
            RequestJournal journal) {
        this(database, lease, service, backend, journal, Notices.NONE);
    }

    /** Changes rows in one transaction, see {@link Database#change}. */
    public <T> T change(Database.Work<T> work) {
        return database.change(lease, work);
    }

    /** Reads, see {@link Database#read}. */
    public <T> T read(Database.Work<T> work) {
        return database.read(work);
    }

    /**
     * Writes a request into the journal. Also one whose lease is lost may: the next leader finds it
     * there.
     *
     * @param payload see {@link RequestJournal#receive}
     */
    public RequestJournal.Receipt receive(String uniqueId, String method, String payload) {
        return database.note(tx -> journal.receive(tx, uniqueId, method, payload));
    }

    /** Changes rows and notes in the same transaction that the request is done. */
    public <T> T complete(Request request, Database.Work<T> work) {
        return change(transaction -> {
            T result = work.in(transaction);
            String uniqueId = request.uniqueId();
            if (uniqueId != null) {
                journal.done(transaction, uniqueId);
            }
            return result;
        });
    }

    /**
     * Ends a request in one transaction: with the row of its worker, which is there while it is
     * worked on, and the mark that it is done. To be called with the lock of the resource, so that
     * the row is not that of other work.
     *
     * @param type {@link Worker#VOLUME} or {@link Worker#SNAPSHOT}
     * @param id of the volume or snapshot
     */
    public Outcome end(Request request, String type, String id, Database.Work<Outcome> work) {
        return complete(
                request,
                transaction -> {
                    Workers.end(transaction, type, id);
                    return work.in(transaction);
                });
    }

    /** Notes that there is nothing (more) to do. */
    public void dismiss(Request request) {
        if (request.uniqueId() != null) {
            complete(request, _ -> true);
        }
    }
}
