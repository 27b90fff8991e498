package io.virtman.cinder.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.bridge.database.DatabaseException;
import io.virtman.bridge.database.DatabaseException.Kind;
import io.virtman.bridge.database.Transaction;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That the account can do its work, all other tests show. */
class GrantsTest extends CinderTest {
    GrantsTest(TestCinder cinder) {
        super(cinder);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP TABLE volumes",
                "DROP DATABASE cinder",
                "DROP TABLE virtman.bridge_layer",
                "DROP DATABASE virtman",
                "CREATE TABLE cinder.x (id INT)",
                "CREATE DATABASE x",
                "ALTER TABLE volumes ADD COLUMN x INT",
                "CREATE INDEX x ON volumes (host)",
                "CREATE VIEW virtman.x AS SELECT 1",
                "CREATE TRIGGER virtman.x BEFORE INSERT ON virtman.bridge_layer FOR EACH ROW SET @x = 1",
                "TRUNCATE TABLE volumes",
                "DELETE FROM volumes",
                "DELETE FROM services",
                "DELETE FROM quota_usages",
                "INSERT INTO volumes (id, volume_type_id) VALUES ('x', 'y')",
                "INSERT INTO quota_usages (in_use, reserved) VALUES (1, 1)",
                "INSERT INTO snapshots (id, volume_id, volume_type_id) VALUES ('x', 'y', 'z')",
                "UPDATE volumes SET project_id = 'x'",
                "UPDATE volumes SET host = 'x'",
                "UPDATE volumes SET volume_type_id = 'x'",
                "UPDATE services SET host = 'x'",
                "UPDATE services SET disabled = 1",
                "UPDATE alembic_version SET version_num = 'x'",
                "UPDATE quota_usages SET project_id = 'x'",
                "UPDATE reservations SET delta = 0",
                "UPDATE volume_attachment SET volume_id = 'x'",
                "UPDATE volume_attachment SET instance_uuid = 'x'",
                "INSERT INTO volume_attachment (id, volume_id) VALUES ('x', 'y')",
                "INSERT INTO volume_admin_metadata (volume_id) VALUES ('x')",
                "UPDATE volume_admin_metadata SET value = 'x'",
                "UPDATE volume_attachment SET connection_info = 'x'",
                "UPDATE volume_types SET name = 'x'",
                "UPDATE messages SET message_level = 'x'",
                "SELECT salt FROM transfers",
                "SELECT * FROM transfers",
                "SELECT * FROM messages",
                "SELECT provider FROM encryption",
                "SELECT * FROM quotas",
                "SELECT * FROM quota_classes",
                "SELECT * FROM volume_type_projects",
                "SELECT * FROM backups",
                "SELECT * FROM image_volume_cache_entries",
                "SELECT * FROM mysql.user",
                "SELECT * FROM mysql.global_priv",
                "GRANT SELECT ON cinder.volumes TO CURRENT_USER()",
                "CREATE USER x",
                "SET GLOBAL max_connections = 1",
                "SELECT 1 INTO OUTFILE 'x'",
                "LOCK TABLES volumes WRITE",
                "SHUTDOWN",
            })
    void nothingElseIsAllowed(String sql) {
        assertThatThrownBy(() -> cinder.database.read(tx -> execute(tx, sql)))
                .isInstanceOfSatisfying(
                        DatabaseException.class,
                        e -> {
                            assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.DENIED);
                            assertThat(e.isRetryable()).isFalse();
                            assertThat(e).hasMessageContaining("etc/mysql-grants.sql");
                        });
    }

    private static int execute(Transaction transaction, String sql) {
        if (sql.startsWith("SELECT") && !sql.contains("INTO")) {
            transaction.list(row -> 0, sql);
            return 0;
        }
        return transaction.update(sql);
    }

    /** A service whose version of RPC is NULL stops all of Cinder, so the doctor must see it. */
    @Test
    void versionsOfOtherServicesCanBeRead() {
        assertThatCode(() ->
                        cinder.database.read(tx ->
                                execute(
                                        tx,
                                        "SELECT host, `binary`, rpc_current_version,"
                                                + " object_current_version FROM services")))
                .doesNotThrowAnyException();
    }

    /** A column that is used has a grant, and a column that has a grant is used. */
    @Test
    void grantsAreForTheColumnsOfTheListAndNoOthers() throws Exception {
        Set<String> listed = new TreeSet<>();
        try (var lines =
                new BufferedReader(
                                new InputStreamReader(
                                        Objects.requireNonNull(
                                                CinderSchema.class.getResourceAsStream(
                                                        "cinder-schema.txt")),
                                        StandardCharsets.UTF_8))
                        .lines()) {
            lines.filter(line -> line.matches("[a-z_]+ [a-z_]+ .*") && !line.startsWith("revision"))
                    .map(line -> line.split(" ", 3))
                    .forEach(words -> listed.add(words[0] + "." + words[1]));
        }
        List<String> columns =
                cinder.list(
                        "SELECT DISTINCT CONCAT(table_name, '.', column_name) FROM"
                                + " information_schema.column_privileges WHERE table_schema ="
                                + " 'cinder' AND grantee LIKE '''virtman_cinder''%'");
        List<String> whole =
                cinder.list(
                        "SELECT table_name FROM information_schema.table_privileges WHERE"
                                + " table_schema = 'cinder' AND privilege_type = 'SELECT'"
                                + " AND grantee LIKE '''virtman_cinder''%'");
        List<String> unlisted = new ArrayList<>(columns);
        unlisted.removeAll(listed);
        assertThat(unlisted).isEmpty();
        listed.removeAll(columns);
        listed.removeIf(column -> whole.contains(column.substring(0, column.indexOf('.'))));
        assertThat(listed).isEmpty();
    }

    @Test
    void theFileCanBeRunAgain() {
        assertThatCode(() -> cinder.execute(TestCinder.grants())).doesNotThrowAnyException();
    }
}
