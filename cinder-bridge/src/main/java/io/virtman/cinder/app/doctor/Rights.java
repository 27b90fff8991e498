package io.virtman.cinder.app.doctor;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an account may do: read from GRANT statements, and compared. Pure. */
final class Rights {
    private static final String ANY = "*";
    private static final String ALL = "ALL PRIVILEGES";
    private static final Pattern GRANT =
            Pattern.compile(
                    "(?is)GRANT\\s+(?<privileges>.+?)\\s+ON\\s+(?:TABLE\\s+)?"
                            + "(?<database>`[^`]+`|[\\w*]+)\\.(?<table>`[^`]+`|[\\w*]+)\\s+TO\\s"
                            + ".*?(?<option>WITH GRANT OPTION)?\\s*");
    private static final Pattern PRIVILEGE =
            Pattern.compile(
                    "(?<name>[A-Za-z][A-Za-z ]*?)\\s*(?:\\((?<columns>[^)]*)\\))?\\s*(?:,|$)");

    /** One thing, on one column or on all ({@code *}). */
    record Right(String database, String table, String privilege, String column) {
        /** Whether having this one is enough for the other. */
        boolean covers(Right other) {
            return matches(database, other.database)
                    && matches(table, other.table)
                    && (privilege.equals(other.privilege)
                            || (privilege.equals(ALL) && !other.privilege.equals("GRANT OPTION")))
                    && matches(column, other.column);
        }

        private static boolean matches(String mine, String other) {
            return mine.equals(ANY) || mine.equalsIgnoreCase(other);
        }

        /** {@code SELECT on cinder.volumes}. */
        String place() {
            return privilege + " on " + database + "." + table;
        }
    }

    private Rights() {}

    /** Every right that statements give, whoever to; what is no GRANT is left out. */
    static Set<Right> parse(List<String> statements) {
        Set<Right> rights = new LinkedHashSet<>();
        for (String statement : statements) {
            Matcher grant = GRANT.matcher(statement.strip());
            if (grant.matches()) {
                read(grant, rights);
            }
        }
        return rights;
    }

    /** The statements of a file, comments left out. */
    static List<String> statements(String sql) {
        return List.of(sql.replaceAll("(?m)--.*$", "").split(";", -1));
    }

    private static void read(Matcher grant, Set<Right> rights) {
        // in SHOW GRANTS, names of databases are patterns: virtman\_x
        String database = name(grant.group("database")).replace("\\", "").replace("%", ANY);
        String table = name(grant.group("table"));
        Matcher privilege = PRIVILEGE.matcher(grant.group("privileges"));
        while (privilege.find()) {
            String what = privilege.group("name").strip().toUpperCase(Locale.ROOT);
            if (what.equals("USAGE")) {
                continue; // nothing but to log in
            }
            what = what.equals("ALL") ? ALL : what;
            String columns = privilege.group("columns");
            for (String column : columns == null ? new String[] {ANY} : columns.split(",", -1)) {
                rights.add(new Right(database, table, what, name(column.strip())));
            }
        }
        if (grant.group("option") != null) {
            rights.add(new Right(database, table, "GRANT OPTION", ANY));
        }
    }

    private static String name(String quoted) {
        return quoted.replace("`", "");
    }

    /** What is needed and not there. */
    static List<String> missing(Set<Right> needed, Set<Right> there) {
        return places(
                needed.stream()
                        .filter(right -> there.stream().noneMatch(has -> has.covers(right)))
                        .toList());
    }

    /** What is there and not needed. */
    static List<String> tooMany(Set<Right> needed, Set<Right> there) {
        return places(
                there.stream()
                        .filter(right -> needed.stream().noneMatch(need -> need.covers(right)))
                        .toList());
    }

    private static List<String> places(List<Right> rights) {
        Set<String> places = new TreeSet<>();
        rights.forEach(right ->
                places.add(
                        right.place()
                                + (right.column().equals(ANY) ? "" : " (" + right.column() + ")")));
        return new ArrayList<>(places);
    }
}
