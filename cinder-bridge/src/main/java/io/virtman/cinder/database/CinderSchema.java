package io.virtman.cinder.database;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.Transaction;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * Is Cinder's database as this program knows it? Asked before anything in it is touched: by its
 * migrations' revision, and by the names and types of the columns used, of which {@code
 * cinder-schema.txt} has a list.
 *
 * <p>An account sees only columns it has a grant for, so a missing grant shows as a missing column.
 */
public final class CinderSchema {
    private static final System.Logger LOG = System.getLogger(CinderSchema.class.getName());
    private static final String LIST = "cinder-schema.txt";
    private static final int NAMED = 5;

    private final List<String> revisions = new ArrayList<>();
    private final SequencedMap<String, String> columns = new LinkedHashMap<>();

    private CinderSchema() {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                Objects.requireNonNull(
                                        CinderSchema.class.getResourceAsStream(LIST)),
                                StandardCharsets.UTF_8))) {
            lines.lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .forEach(this::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(String line) {
        String[] words = line.split(" ", 3);
        if (words[0].equals("revision")) {
            revisions.add(words[1]);
        } else {
            columns.put(words[0] + "." + words[1], words[2]);
        }
    }

    /**
     * Returns when the schema is known; when it isn't, refuses, or warns if it is to be accepted.
     *
     * @param accept {@code --accept-schema}: go on with an unknown schema
     * @throws UnknownSchemaException naming what differs
     * @throws DatabaseException when it can't be read; DENIED when there is no such database or no
     *     grant
     */
    public static void require(Database database, boolean accept) {
        List<String> differences = database.read(CinderSchema::differences);
        if (differences.isEmpty()) {
            return;
        }
        String named =
                String.join("; ", differences.subList(0, Math.min(NAMED, differences.size())));
        String more =
                differences.size() > NAMED ? "; and " + (differences.size() - NAMED) + " more" : "";
        String text = "Cinder's database is not one this version was tested with: " + named + more;
        if (!accept) {
            throw new UnknownSchemaException(
                    text
                            + ". Upgrade VirtMan, check etc/mysql-grants.sql, or use"
                            + " --accept-schema at your own risk");
        }
        LOG.log(Level.WARNING, text + ". Accepted by --accept-schema");
    }

    /** What differs, the revision first; empty when nothing does. */
    public static List<String> differences(Transaction transaction) {
        CinderSchema known = new CinderSchema();
        List<String> differences = new ArrayList<>();
        List<String> revision =
                transaction.list(
                        row -> row.text("version_num"), "SELECT version_num FROM alembic_version");
        if (revision.size() != 1 || !known.revisions.contains(revision.getFirst())) {
            differences.add(
                    "its revision is "
                            + (revision.isEmpty() ? "missing" : String.join(", ", revision))
                            + " (tested: "
                            + known.revisions.getFirst()
                            + " to "
                            + known.revisions.getLast()
                            + ")");
        }
        Map<String, String> actual = columns(transaction);
        known.columns.forEach((name, type) -> {
            String is = actual.get(name);
            if (is == null) {
                differences.add(name + " is missing or not granted");
            } else if (!is.equals(type)) {
                differences.add(name + " is " + is + ", not " + type);
            }
        });
        return differences;
    }

    private static Map<String, String> columns(Transaction transaction) {
        Map<String, String> types = new HashMap<>();
        transaction
                .list(
                        row -> Map.entry(row.text("name"), row.text("type")),
                        "SELECT CONCAT(table_name, '.', column_name) AS name, column_type AS type"
                                + " FROM information_schema.columns WHERE table_schema = DATABASE()")
                .forEach(column -> types.put(column.getKey(), normal(column.getValue())));
        return types;
    }

    /** MySQL has given up the width of int, MariaDB hasn't. */
    private static String normal(String type) {
        return type.toLowerCase(Locale.ROOT).replaceFirst("^int\\(\\d+\\)", "int");
    }
}
