package io.virtman.bridge.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A transaction that is open: what operations are called with. Valid only inside the work given to
 * {@link Database}, on that thread. All its statements see one time.
 */
public final class Transaction {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private final Connection connection;
    private final Instant now;

    Transaction(Connection connection, Instant now) {
        this.connection = connection;
        this.now = now.truncatedTo(ChronoUnit.MICROS);
    }

    /** Of this transaction, in whole seconds, as Cinder's DATETIME columns keep it. */
    public Instant now() {
        return now.truncatedTo(ChronoUnit.SECONDS);
    }

    /** The same in microseconds, for the columns that have them. */
    public Instant nowInMicroseconds() {
        return now;
    }

    /**
     * Returns how many rows matched, changed or not (as Cinder counts, through CLIENT_FOUND_ROWS).
     */
    public int update(String sql, @Nullable Object... arguments) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, arguments);
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw Failures.of(e);
        }
    }

    /** Inserts a row; false when its key is there already, which undoes nothing else. */
    public boolean insertOnce(String sql, @Nullable Object... arguments) {
        try {
            return update(sql, arguments) > 0;
        } catch (DatabaseException e) {
            if (e.kind() == DatabaseException.Kind.DUPLICATE) {
                return false;
            }
            throw e;
        }
    }

    /** All rows. */
    public <T> List<T> list(Row.Reader<T> reader, String sql, @Nullable Object... arguments) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, arguments);
            try (ResultSet results = statement.executeQuery()) {
                List<T> rows = new ArrayList<>();
                Row row = new Row(results);
                while (results.next()) {
                    rows.add(reader.read(row));
                }
                return rows;
            }
        } catch (SQLException e) {
            throw Failures.of(e);
        }
    }

    /** The first row. */
    public <T> Optional<T> first(Row.Reader<T> reader, String sql, @Nullable Object... arguments) {
        return list(reader, sql, arguments).stream().findFirst();
    }

    /** {@code ?, ?, ?} */
    public static String marks(int count) {
        return String.join(", ", Collections.nCopies(count, "?"));
    }

    private static void bind(PreparedStatement statement, @Nullable Object... arguments)
            throws SQLException {
        for (int i = 0; i < arguments.length; i++) {
            Object argument = arguments[i];
            if (argument instanceof Instant time) {
                // As text, for the driver leaves microseconds out: MariaDB calls itself 5.5.5.
                statement.setString(i + 1, TIME.format(time));
            } else {
                statement.setObject(i + 1, argument);
            }
        }
    }
}
