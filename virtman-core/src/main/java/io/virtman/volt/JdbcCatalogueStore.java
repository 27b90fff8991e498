package io.virtman.volt;

import com.zaxxer.hikari.HikariDataSource;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The store in H2, MariaDB or MySQL; the one class with SQL. */
public final class JdbcCatalogueStore implements CatalogueStore {
    private static final String INTEGRITY_VIOLATION = "23";

    /** What H2 says when another process has the file. */
    private static final int H2_ALREADY_OPEN = 90020;

    private final DatabaseAddress address;
    private final HikariDataSource pool;

    private JdbcCatalogueStore(DatabaseAddress address, HikariDataSource pool) {
        this.address = address;
        this.pool = pool;
    }

    /**
     * Connects and brings the schema up to date.
     *
     * @throws ProblemException UNAVAILABLE when the database cannot be reached within 5 s; FAILED
     *     when its schema is newer than this program or was changed by hand
     */
    public static JdbcCatalogueStore open(DatabaseAddress address) {
        return new JdbcCatalogueStore(address, Database.open(address));
    }

    @Override
    public long nextTerm() {
        return change(connection -> {
            try (var count =
                            connection.prepareStatement(
                                    "UPDATE term SET number = number + 1 WHERE id = 1");
                    var read =
                            connection.prepareStatement("SELECT number FROM term WHERE id = 1")) {
                count.executeUpdate();
                try (ResultSet rows = read.executeQuery()) {
                    if (!rows.next()) {
                        throw new SQLException("the row of table term is missing");
                    }
                    return rows.getLong(1);
                }
            }
        });
    }

    @Override
    public List<ImageRecord> images() {
        return transaction(connection -> {
            List<ImageRecord> images = new ArrayList<>();
            try (var read =
                            connection.prepareStatement(
                                    "SELECT id, name, state, size, digest, origin, format,"
                                            + " created, failure FROM image");
                    ResultSet rows = read.executeQuery()) {
                while (rows.next()) {
                    images.add(image(rows));
                }
            }
            return images;
        });
    }

    @Override
    public boolean insert(ImageRecord image) {
        return change(connection -> {
            try (var insert =
                    connection.prepareStatement(
                            "INSERT INTO image (id, name, state, size, digest, origin,"
                                    + " format, created, failure)"
                                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
                insert.setString(1, image.id());
                insert.setString(2, image.name());
                insert.setString(3, image.state().name());
                insert.setLong(4, image.size());
                insert.setString(5, image.digest());
                insert.setString(6, image.origin());
                insert.setString(7, image.format());
                insert.setLong(8, image.created().toEpochMilli());
                insert.setString(9, image.failure());
                return insert.executeUpdate() == 1;
            } catch (SQLException e) {
                if (isIntegrityViolation(e)) {
                    return false;
                }
                throw e;
            }
        });
    }

    @Override
    public boolean finish(ImageRecord image) {
        return change(connection -> {
            try (var update =
                    connection.prepareStatement(
                            "UPDATE image SET state = ?, size = ?, digest = ?, failure = ?"
                                    + " WHERE id = ? AND state = ?")) {
                update.setString(1, image.state().name());
                update.setLong(2, image.size());
                update.setString(3, image.digest());
                update.setString(4, image.failure());
                update.setString(5, image.id());
                update.setString(6, ImageState.IMPORTING.name());
                return update.executeUpdate() == 1;
            }
        });
    }

    @Override
    public void deleteImage(String id) {
        delete("DELETE FROM image WHERE id = ?", id);
    }

    @Override
    public List<NodeAddress> nodes() {
        return transaction(connection -> {
            List<NodeAddress> nodes = new ArrayList<>();
            try (var read = connection.prepareStatement("SELECT name, rest, peer FROM node");
                    ResultSet rows = read.executeQuery()) {
                while (rows.next()) {
                    nodes.add(
                            new NodeAddress(
                                    rows.getString(1), rows.getString(2), rows.getString(3)));
                }
            }
            return nodes;
        });
    }

    @Override
    public void saveNodes(Collection<NodeAddress> nodes) {
        change(connection -> {
            // no statement for "insert or replace" is common to these databases
            try (var delete = connection.prepareStatement("DELETE FROM node WHERE name = ?");
                    var insert =
                            connection.prepareStatement(
                                    "INSERT INTO node (name, rest, peer)" + " VALUES (?, ?, ?)")) {
                for (NodeAddress node : nodes) {
                    delete.setString(1, node.name());
                    delete.executeUpdate();
                    insert.setString(1, node.name());
                    insert.setString(2, node.rest());
                    insert.setString(3, node.peer());
                    insert.executeUpdate();
                }
            }
            return nodes.size();
        });
    }

    @Override
    public void deleteNode(String name) {
        delete("DELETE FROM node WHERE name = ?", name);
    }

    @Override
    public void close() {
        pool.close();
    }

    private void delete(String statement, String key) {
        change(connection -> {
            try (var delete = connection.prepareStatement(statement)) {
                delete.setString(1, key);
                return delete.executeUpdate();
            }
        });
    }

    private static ImageRecord image(ResultSet rows) throws SQLException {
        return new ImageRecord(
                rows.getString("id"),
                rows.getString("name"),
                ImageState.valueOf(rows.getString("state")),
                rows.getLong("size"),
                rows.getString("digest"),
                rows.getString("origin"),
                rows.getString("format"),
                Instant.ofEpochMilli(rows.getLong("created")),
                rows.getString("failure"));
    }

    private static boolean isIntegrityViolation(SQLException e) {
        String state = e.getSQLState();
        return state != null && state.startsWith(INTEGRITY_VIOLATION);
    }

    @FunctionalInterface
    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    private <T> T transaction(Work<T> work) {
        return transaction(work, false);
    }

    /** A transaction that is on the disk when this returns. */
    private <T> T change(Work<T> work) {
        return transaction(work, !address.isMySql());
    }

    private <T> T transaction(Work<T> work, boolean checkpoint) {
        try (Connection connection = pool.getConnection()) {
            // closing without commit rolls back: the pool's connections do not commit on their own
            T result = work.on(connection);
            connection.commit();
            if (checkpoint) {
                // a commit of H2 does not wait for its write; this does, and syncs the file
                try (var statement = connection.createStatement()) {
                    statement.execute("CHECKPOINT SYNC");
                }
            }
            return result;
        } catch (SQLException e) {
            throw unavailable(address, e);
        }
    }

    static ProblemException unavailable(DatabaseAddress address, Exception cause) {
        return new ProblemException(
                Kind.UNAVAILABLE,
                "database",
                address + " does not answer as it should: " + cause.getMessage(),
                isInUse(cause)
                        ? "another virtman volt uses "
                                + address.directory()
                                + ": stop it or give another --data"
                        : "check that it runs and that user and password are right",
                cause);
    }

    private static boolean isInUse(Exception problem) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getErrorCode() == H2_ALREADY_OPEN) {
                return true;
            }
        }
        return false;
    }
}
