package io.virtman.volt;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class H2CatalogueStoreTest extends CatalogueStoreContract {
    @TempDir private Path directory;

    @Override
    DatabaseAddress create() {
        return DatabaseAddress.file(directory.resolve("volt"));
    }

    @Test
    void aFileThatIsNoDatabaseIsAProblem() throws Exception {
        Path file = directory.resolve("other");
        Files.writeString(Path.of(file + ".mv.db"), "no database");
        assertThatThrownBy(() -> JdbcCatalogueStore.open(DatabaseAddress.file(file)))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("database: ");
    }

    @Test
    void otherDatabasesAreRefused() {
        assertThatThrownBy(() -> new DatabaseAddress("jdbc:oracle:x", "", ""))
                .isInstanceOf(ProblemException.class);
    }
}
