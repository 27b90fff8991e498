package io.virtman.bridge.database;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One row of an answer, by column name. */
public final class Row {
    /** Makes something of a row. */
    public interface Reader<T> {
        /** Of the present row. */
        T read(Row row) throws SQLException;
    }

    private final ResultSet values;

    Row(ResultSet values) {
        this.values = values;
    }

    /** Text, which must be there. */
    public String text(String column) throws SQLException {
        return present(column, values.getString(column));
    }

    /** Text. */
    public @Nullable String textOrNull(String column) throws SQLException {
        return values.getString(column);
    }

    /** 0 for NULL, as Cinder's objects have it. */
    public int number(String column) throws SQLException {
        return values.getInt(column);
    }

    /** A large number; 0 for NULL. */
    public long count(String column) throws SQLException {
        return values.getLong(column);
    }

    /** A large number. */
    public @Nullable Long countOrNull(String column) throws SQLException {
        return values.getObject(column, Long.class);
    }

    /** A number. */
    public @Nullable Integer numberOrNull(String column) throws SQLException {
        return values.getObject(column, Integer.class);
    }

    /** False for NULL. */
    public boolean flag(String column) throws SQLException {
        return values.getBoolean(column);
    }

    /** Whether it is true. */
    public @Nullable Boolean flagOrNull(String column) throws SQLException {
        boolean value = values.getBoolean(column);
        return values.wasNull() ? null : value;
    }

    /** A time in UTC. */
    public @Nullable Instant timeOrNull(String column) throws SQLException {
        LocalDateTime time = values.getObject(column, LocalDateTime.class);
        return time == null ? null : time.toInstant(ZoneOffset.UTC);
    }

    /** A time in UTC, which must be there. */
    public Instant time(String column) throws SQLException {
        return present(column, timeOrNull(column));
    }

    /** Whole: text, whole numbers, booleans, {@link Instant}s and nulls by column. */
    public Map<String, @Nullable Object> all() throws SQLException {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        ResultSetMetaData columns = values.getMetaData();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            Object value = values.getObject(i);
            all.put(
                    columns.getColumnLabel(i),
                    value instanceof LocalDateTime time ? time.toInstant(ZoneOffset.UTC) : value);
        }
        return all;
    }

    private static <T> T present(String column, @Nullable T value) throws SQLException {
        if (value == null) {
            throw new SQLException("column " + column + " is NULL");
        }
        return value;
    }
}
