package io.virtman.volt;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.nio.file.Path;

/**
 * Where the store keeps its data.
 *
 * @param url {@code jdbc:h2:file:PATH} or {@code jdbc:mysql://HOST:PORT/DATABASE}, the latter for
 *     MariaDB too
 * @param user of the database
 * @param password of that user; may be empty
 */
public record DatabaseAddress(String url, String user, String password) {
    /**
     * Checks the kind of database.
     *
     * @throws ProblemException INVALID for one that is not supported
     */
    public DatabaseAddress {
        if (!url.startsWith("jdbc:h2:") && !url.startsWith("jdbc:mysql:")) {
            throw new ProblemException(
                    Kind.INVALID,
                    "database",
                    "not the address of a supported database",
                    "write jdbc:mysql://HOST:PORT/DATABASE (MariaDB too) or jdbc:h2:file:PATH");
        }
    }

    /**
     * A database in a file of its own, for one Volt without a database server.
     *
     * @param file without its ending {@code .mv.db}
     */
    public static DatabaseAddress file(Path file) {
        return new DatabaseAddress("jdbc:h2:file:" + file.toAbsolutePath(), "sa", "");
    }

    boolean isMySql() {
        return url.startsWith("jdbc:mysql:");
    }

    /** Where the files of an H2 database are. */
    String directory() {
        String file = toString().replaceFirst("^jdbc:h2:(file:)?", "");
        int end = file.lastIndexOf('/');
        return end > 0 ? file.substring(0, end) : file;
    }

    /** Without the password. */
    @Override
    public String toString() {
        return url.replaceFirst("[?;].*", "");
    }
}
