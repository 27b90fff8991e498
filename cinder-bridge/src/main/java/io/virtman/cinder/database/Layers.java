package io.virtman.cinder.database;

import io.virtman.bridge.database.Row;
import io.virtman.bridge.database.Transaction;
import io.virtman.cinder.database.Layer.Kind;
import io.virtman.cinder.database.Layer.Source;
import io.virtman.cinder.database.Layer.SourceKind;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The table of {@link Layer}s, in our own schema. */
public final class Layers {
    private static final String NEVER_WRITTEN = "never-written";
    private static final String WRITTEN = "written";
    private static final String COLUMNS =
            "SELECT id, kind, source_kind, source_id, state, home_host, node_name"
                    + " FROM virtman.bridge_layer";

    private Layers() {}

    /**
     * Adds one that has never been written and has no home.
     *
     * @return NOT_EXPECTED when it is there already
     */
    public static Outcome add(Transaction transaction, String id, Kind kind, Source source) {
        return Outcome.ofInsertion(
                transaction.insertOnce(
                        "INSERT INTO virtman.bridge_layer (id, kind, source_kind, source_id, state,"
                                + " created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                        id,
                        kind.text,
                        source.kind().text,
                        source.id().orElse(null),
                        NEVER_WRITTEN,
                        transaction.nowInMicroseconds(),
                        transaction.nowInMicroseconds()));
    }

    /** The layer of a volume or snapshot. */
    public static Optional<Layer> find(Transaction transaction, String id) {
        return transaction.first(Layers::read, COLUMNS + " WHERE id = ?", id);
    }

    /** All that lie on this directly: while there are some, its data is needed. */
    public static List<Layer> on(Transaction transaction, Source source) {
        return transaction.list(
                Layers::read,
                COLUMNS + " WHERE source_kind = ? AND source_id <=> ? ORDER BY id",
                source.kind().text,
                source.id().orElse(null));
    }

    /**
     * Gives a layer a home; another one only if it has never been written.
     *
     * @return NOT_EXPECTED when it has been written and is at home elsewhere
     */
    public static Outcome place(
            Transaction transaction, String id, String homeHost, String nodeName) {
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE virtman.bridge_layer SET home_host = ?, node_name = ?,"
                                + " updated_at = ? WHERE id = ? AND (home_host IS NULL"
                                + " OR home_host = ? OR state = ?)",
                        homeHost,
                        nodeName,
                        transaction.nowInMicroseconds(),
                        id,
                        homeHost,
                        NEVER_WRITTEN));
    }

    /**
     * Notes that a guest may write from now on: before it is told where.
     *
     * @return NOT_EXPECTED when it has no home, or is not there
     */
    public static Outcome written(Transaction transaction, String id) {
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE virtman.bridge_layer SET state = ?, updated_at = ?"
                                + " WHERE id = ? AND home_host IS NOT NULL",
                        WRITTEN,
                        transaction.nowInMicroseconds(),
                        id));
    }

    /**
     * Notes that nobody has written, since the disk is known not to be there or to be clean; then
     * it has no home either.
     */
    public static Outcome neverWritten(Transaction transaction, String id) {
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE virtman.bridge_layer SET state = ?, home_host = NULL,"
                                + " node_name = NULL, updated_at = ? WHERE id = ?",
                        NEVER_WRITTEN,
                        transaction.nowInMicroseconds(),
                        id));
    }

    /** Forgets a layer, in the transaction that deletes the volume or snapshot. */
    public static Outcome remove(Transaction transaction, String id) {
        int rows = transaction.update("DELETE FROM virtman.bridge_layer WHERE id = ?", id);
        return rows == 0 ? Outcome.GONE : Outcome.DONE;
    }

    private static Layer read(Row row) throws SQLException {
        String kind = row.text("kind");
        String sourceKind = row.text("source_kind");
        return new Layer(
                row.text("id"),
                kind.equals(Kind.VOLUME.text) ? Kind.VOLUME : Kind.SNAPSHOT,
                new Source(
                        Arrays.stream(SourceKind.values())
                                .filter(value -> value.text.equals(sourceKind))
                                .findFirst()
                                .orElseThrow(() -> new SQLException(sourceKind)),
                        Optional.ofNullable(row.textOrNull("source_id"))),
                row.text("state").equals(WRITTEN),
                Optional.ofNullable(row.textOrNull("home_host")),
                Optional.ofNullable(row.textOrNull("node_name")));
    }
}
