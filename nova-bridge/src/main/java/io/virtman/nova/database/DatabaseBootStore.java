package io.virtman.nova.database;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.Lease;
import io.virtman.bridge.database.Transaction;
import io.virtman.nova.boot.Batch;
import io.virtman.nova.boot.BootServer;
import io.virtman.nova.boot.BootState;
import io.virtman.nova.boot.Progress;
import io.virtman.nova.boot.SeenServer;
import io.virtman.nova.boot.Sighting;
import io.virtman.nova.run.BootStore;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One boot in the database. Every change is refused once the lease is lost. */
public final class DatabaseBootStore implements BootStore {
    private final Database database;
    private final Lease lease;
    private final String id;

    /** What is in the rows, as far as this object has written it: most looks change nothing. */
    private final Map<String, SeenServer> written = new HashMap<>();

    /**
     * @param id of a boot that is there
     */
    public DatabaseBootStore(Database database, Lease lease, String id) {
        this.database = database;
        this.lease = lease;
        this.id = id;
    }

    @Override
    public Progress progress() {
        return database.read(tx -> {
            BootRow boot = Boots.find(tx, id).orElseThrow();
            List<Batch> batches = Boots.batches(tx, id);
            List<BootServer> servers =
                    Boots.servers(tx, id).stream().map(ServerRow::server).toList();
            return new Progress(
                    boot.state(),
                    boot.servers(),
                    boot.deleteOnFailure(),
                    boot.reason().isPresent(),
                    boot.attempts(),
                    batches,
                    servers);
        });
    }

    @Override
    public Instant now() {
        return database.read(Boots::now);
    }

    @Override
    public Batch send(int size) {
        return database.change(
                lease,
                tx -> {
                    int number =
                            tx.first(
                                                    row -> row.number("last"),
                                                    "SELECT COALESCE(MAX(number), 0) AS last"
                                                            + " FROM virtman_nova.batch WHERE boot_id = ?",
                                                    id)
                                            .orElseThrow()
                                    + 1;
                    Instant now = Boots.now(tx);
                    tx.update(
                            "INSERT INTO virtman_nova.batch (boot_id, number, size, state, sent_at)"
                                    + " VALUES (?, ?, ?, ?, ?)",
                            id,
                            number,
                            size,
                            Batch.State.SENT.name(),
                            now);
                    changed(tx);
                    return new Batch(number, size, Batch.State.SENT, now);
                });
    }

    @Override
    public void refused(Batch batch) {
        int _ = database.change(lease, tx -> batch(tx, batch.number(), Batch.State.REFUSED));
    }

    private int batch(Transaction transaction, int number, Batch.State state) {
        return transaction.update(
                "UPDATE virtman_nova.batch SET state = ? WHERE boot_id = ? AND number = ?",
                state.name(),
                id,
                number);
    }

    @Override
    public void saw(Sighting sighting, List<SeenServer> seen) {
        List<SeenServer> news = seen.stream().filter(this::isNews).toList();
        if (sighting.isEmpty() && news.isEmpty()) {
            return;
        }
        boolean _ =
                database.change(
                        lease,
                        tx -> {
                            sighting.servers().values().forEach(server -> write(tx, server));
                            sighting.settled()
                                    .forEach(number -> batch(tx, number, Batch.State.SETTLED));
                            news.forEach(each -> describe(tx, each));
                            changed(tx);
                            return true;
                        });
        news.forEach(each -> written.put(each.id(), each));
    }

    private boolean isNews(SeenServer seen) {
        return !seen.equals(written.get(seen.id()));
    }

    private void write(Transaction transaction, BootServer server) {
        transaction.update(
                "INSERT INTO virtman_nova.server (boot_id, id, batch, state, since, active_at,"
                        + " changed_at) VALUES (?, ?, ?, ?, ?, IF(?, UTC_TIMESTAMP(6), NULL),"
                        + " UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE state = VALUES(state),"
                        + " active_at = COALESCE(active_at, VALUES(active_at)),"
                        + " changed_at = VALUES(changed_at)",
                id,
                server.id(),
                server.batch(),
                server.state().name(),
                server.since(),
                server.state() == BootServer.State.ACTIVE);
    }

    private void describe(Transaction transaction, SeenServer seen) {
        transaction.update(
                "UPDATE virtman_nova.server SET phase = ?, host = COALESCE(?, host),"
                        + " fault = COALESCE(?, fault) WHERE boot_id = ? AND id = ?",
                seen.phase(),
                seen.host(),
                Boots.cut(seen.fault()),
                id,
                seen.id());
    }

    @Override
    public void deleting(List<String> ids) {
        boolean _ =
                database.change(
                        lease,
                        tx -> {
                            for (String server : ids) {
                                tx.update(
                                        "UPDATE virtman_nova.server SET state = ?,"
                                                + " changed_at = UTC_TIMESTAMP(6)"
                                                + " WHERE boot_id = ? AND id = ?",
                                        BootServer.State.DELETING.name(),
                                        id,
                                        server);
                            }
                            changed(tx);
                            return true;
                        });
    }

    @Override
    public void giveUp(String reason) {
        boolean _ =
                database.change(
                        lease,
                        tx -> {
                            Boots.giveUp(tx, id, reason);
                            return true;
                        });
    }

    @Override
    public void enter(BootState from, BootState target) {
        boolean _ = database.change(lease, tx -> Boots.enter(tx, id, from, target));
    }

    private void changed(Transaction transaction) {
        transaction.update("UPDATE virtman_nova.boot SET version = version + 1 WHERE id = ?", id);
    }
}
