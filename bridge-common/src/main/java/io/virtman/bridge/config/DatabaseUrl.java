package io.virtman.bridge.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SQLAlchemy's address of a database: {@code mysql+pymysql://USER:PASSWORD@HOST:PORT/SCHEMA?...},
 * user and password percent-encoded; each part may be missing.
 *
 * @param server {@code HOST:PORT}; empty when there is no host
 * @param user empty when there is none
 * @param tls whether options of the query ask for it
 */
record DatabaseUrl(
        Optional<String> server,
        Optional<String> schema,
        Optional<String> user,
        String password,
        boolean tls) {
    /** The password may have an @ or a / in it, though it should be encoded. */
    private static final Pattern FORM =
            Pattern.compile(
                    "(?:mysql|mariadb)(?:\\+\\w+)?://"
                            + "(?:(?<user>[^:@/]*)(?::(?<password>.*))?@)?"
                            + "(?<host>\\[[0-9a-fA-F:.]+]|[\\w.-]*)(?::(?<port>\\d{1,5}))?"
                            + "(?:/(?<schema>\\w*))?(?:\\?(?<query>[^@]*))?");

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException without the address, since a password is in it
     */
    static DatabaseUrl parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "is no address of a database; write"
                            + " mysql+pymysql://USER:PASSWORD@HOST/cinder, other characters than"
                            + " letters, digits and -_. of the password percent-encoded");
        }
        String query = part(form, "query").orElse("");
        if (query.contains("unix_socket")) {
            throw new IllegalArgumentException(
                    "names a Unix socket; the bridge connects by TCP: write HOST:PORT");
        }
        String port = part(form, "port").orElse("3306");
        return new DatabaseUrl(
                part(form, "host").map(host -> host + ":" + port),
                part(form, "schema"),
                part(form, "user").map(DatabaseUrl::decoded),
                part(form, "password").map(DatabaseUrl::decoded).orElse(""),
                query.contains("ssl"));
    }

    private static Optional<String> part(Matcher form, String name) {
        return Optional.ofNullable(form.group(name)).filter(text -> !text.isEmpty());
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // a percent sign of the password itself, which SQLAlchemy lets through
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return user.orElse("?") + "@" + server.orElse("?") + "/" + schema.orElse("?");
    }
}
