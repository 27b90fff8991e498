package io.virtman.volt;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MariaDbCatalogueStoreTest extends CatalogueStoreContract {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    @TempDir private static Path directory;
    private static MariaDb server;

    @BeforeAll
    static void startServer() throws Exception {
        server = MariaDb.start(directory);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    DatabaseAddress create() {
        return new DatabaseAddress(
                server.url("volt" + DATABASES.incrementAndGet()) + "?createDatabaseIfNotExist=true",
                MariaDb.USER,
                "");
    }

    @Test
    void wrongCredentialsAreAProblemThatDoesNotShowThem() {
        DatabaseAddress wrong =
                new DatabaseAddress(server.url("volt") + "?x=hidden", "nobody", "secret");
        assertThatThrownBy(() -> JdbcCatalogueStore.open(wrong))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("database: jdbc:mysql:")
                .hasMessageNotContainingAny("secret", "hidden");
    }
}
