package io.virtman.cinder.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.app.doctor.Rights.Right;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RightsTest {
    private static final Set<Right> NEEDED =
            Rights.parse(
                    Rights.statements(
                            """
                            -- a comment; with a semicolon
                            CREATE USER IF NOT EXISTS 'v'@'%' IDENTIFIED BY 'x';
                            GRANT SELECT (id, `key`),
                                UPDATE (size) -- another
                                ON cinder.volumes TO 'v'@'%';
                            GRANT SELECT, INSERT ON virtman.* TO 'v'@'%';
                            """));

    private static List<String> missing(String... grants) {
        return Rights.missing(NEEDED, Rights.parse(List.of(grants)));
    }

    private static List<String> tooMany(String... grants) {
        return Rights.tooMany(NEEDED, Rights.parse(List.of(grants)));
    }

    @Test
    void statementsAreRead() {
        assertThat(NEEDED)
                .containsExactlyInAnyOrder(
                        new Right("cinder", "volumes", "SELECT", "id"),
                        new Right("cinder", "volumes", "SELECT", "key"),
                        new Right("cinder", "volumes", "UPDATE", "size"),
                        new Right("virtman", "*", "SELECT", "*"),
                        new Right("virtman", "*", "INSERT", "*"));
    }

    @Test
    void whatServersShowIsReadToo() {
        assertThat(
                        Rights.parse(
                                List.of(
                                        "GRANT USAGE ON *.* TO `v`@`%` IDENTIFIED BY PASSWORD '*A'",
                                        "GRANT SELECT (`id`, `key`), UPDATE (`size`) ON"
                                                + " `cinder`.`volumes` TO `v`@`%`",
                                        "GRANT SELECT, INSERT ON `virtman`.* TO `v`@`%`")))
                .isEqualTo(NEEDED);
    }

    @Test
    void theSameIsNeitherTooLittleNorTooMuch() {
        String[] same = {
            "GRANT UPDATE (`size`), SELECT (`key`, `id`) ON `cinder`.`volumes` TO `v`@`%`",
            "GRANT INSERT, SELECT ON `virtman`.* TO `v`@`%`"
        };

        assertThat(missing(same)).isEmpty();
        assertThat(tooMany(same)).isEmpty();
    }

    @Test
    void nothingAtAll() {
        assertThat(missing("GRANT USAGE ON *.* TO `v`@`%`"))
                .containsExactly(
                        "INSERT on virtman.*",
                        "SELECT on cinder.volumes (id)",
                        "SELECT on cinder.volumes (key)",
                        "SELECT on virtman.*",
                        "UPDATE on cinder.volumes (size)");
        assertThat(tooMany("GRANT USAGE ON *.* TO `v`@`%`")).isEmpty();
    }

    @Test
    void aWholeTableHasItsColumns() {
        String table = "GRANT SELECT, UPDATE ON `cinder`.`volumes` TO `v`@`%`";

        assertThat(missing(table)).containsExactly("INSERT on virtman.*", "SELECT on virtman.*");
        assertThat(tooMany(table))
                .containsExactly("SELECT on cinder.volumes", "UPDATE on cinder.volumes");
    }

    @Test
    void everythingIsTooMuch() {
        String all = "GRANT ALL PRIVILEGES ON *.* TO `v`@`%` WITH GRANT OPTION";

        assertThat(missing(all)).isEmpty();
        assertThat(tooMany(all)).containsExactly("ALL PRIVILEGES on *.*", "GRANT OPTION on *.*");
    }

    @Test
    void oneMoreColumnIsNamed() {
        assertThat(tooMany("GRANT SELECT (`id`, `salt`) ON `cinder`.`volumes` TO `v`@`%`"))
                .containsExactly("SELECT on cinder.volumes (salt)");
    }

    @Test
    void patternsOfDatabaseNames() {
        assertThat(Rights.parse(List.of("GRANT SELECT ON `my\\_cinder`.* TO `v`@`localhost`")))
                .containsExactly(new Right("my_cinder", "*", "SELECT", "*"));
    }
}
