package io.virtman.volt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The file database under kill -9, and with two processes. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CatalogueCrashTest {
    private static final int ROUNDS = 8;
    private static final int MOST_IMAGES = 40;

    @TempDir private Path directory;

    @Test
    void everyAcknowledgedImageSurvivesKills() throws Exception {
        Path file = directory.resolve("volt");
        Random random = new Random(1);
        Set<String> acknowledged = new HashSet<>();
        for (int round = 0; round < ROUNDS; round++) {
            try (CatalogueProcess process = CatalogueProcess.start(file)) {
                acknowledged.addAll(process.sealed(1 + random.nextInt(MOST_IMAGES)));
                acknowledged.addAll(process.kill());
            }
            try (var store = JdbcCatalogueStore.open(DatabaseAddress.file(file))) {
                assertThat(
                                store.images().stream()
                                        .filter(image -> image.state() == ImageState.SEALED)
                                        .map(ImageRecord::id)
                                        .collect(Collectors.toSet()))
                        .as("round %d", round)
                        .containsAll(acknowledged);
            }
        }
    }

    @Test
    void aFileThatAnotherProcessUsesIsNamed() throws Exception {
        Path file = directory.resolve("volt");
        try (CatalogueProcess process = CatalogueProcess.start(file)) {
            process.sealed(1);
            assertThatThrownBy(() -> JdbcCatalogueStore.open(DatabaseAddress.file(file)))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            problem ->
                                    assertThat(problem.remedy())
                                            .isEqualTo(
                                                    "another virtman volt uses "
                                                            + directory
                                                            + ": stop it or give another --data"));
        }
    }
}
