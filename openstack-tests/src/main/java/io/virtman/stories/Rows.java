package io.virtman.stories;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Looks at OpenStack's databases, through an account that may only read. */
final class Rows {
    private static final String URL =
            "jdbc:mysql://127.0.0.1:3306/?sslMode=DISABLED&connectTimeout=5000&socketTimeout=30000";

    private Rows() {}

    /** Each row as its values in text; SQL's null is {@code "NULL"}. */
    static List<List<String>> all(String query, Object... parameters) {
        try (Connection connection = DriverManager.getConnection(URL, "reader", "testbed");
                PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            List<List<String>> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                int columns = result.getMetaData().getColumnCount();
                while (result.next()) {
                    List<String> row = new ArrayList<>();
                    for (int i = 1; i <= columns; i++) {
                        row.add(Objects.requireNonNullElse(result.getString(i), "NULL"));
                    }
                    rows.add(List.copyOf(row));
                }
            }
            return List.copyOf(rows);
        } catch (SQLException e) {
            throw new AssertionError("the database refuses: " + query, e);
        }
    }

    /** The first value of the only row. */
    static String one(String query, Object... parameters) {
        List<List<String>> rows = all(query, parameters);
        if (rows.size() != 1) {
            throw new AssertionError(rows.size() + " rows, not one: " + query);
        }
        return rows.getFirst().getFirst();
    }

    /** The same, as a number. */
    static long count(String query, Object... parameters) {
        return Long.parseLong(one(query, parameters));
    }
}
