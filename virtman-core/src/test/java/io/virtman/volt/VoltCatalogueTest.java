package io.virtman.volt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VoltCatalogueTest {
    private final VoltScene scene = VoltScene.withImage(2);

    @Test
    void anImageIsFoundByIdAndNameAndSurvivesARestart() {
        ImageRecord image = scene.volt.image("debian");
        assertThat(image.state()).isEqualTo(ImageState.SEALED);
        assertThat(image.size()).isEqualTo(1 << 20);
        assertThat(scene.volt.image(image.id())).isEqualTo(image);
        scene.restartVolt();
        assertThat(scene.volt.images()).containsExactly(image);
    }

    @Test
    void aNameIsTakenOnce() {
        assertProblem(Kind.CONFLICT, () -> scene.volt.add("debian", "origin", "raw"));
        assertProblem(
                Kind.INVALID, () -> scene.volt.add(UUID.randomUUID().toString(), "origin", "raw"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "../x", "a\nb", "a\u0000", "-f"})
    void otherNamesAreRefused(String name) {
        assertProblem(Kind.INVALID, () -> scene.volt.add(name, "origin", "raw"));
        assertProblem(Kind.INVALID, () -> scene.volt.add("x", name, "raw"));
        assertProblem(Kind.INVALID, () -> scene.volt.add("x", "origin", name));
        assertProblem(Kind.INVALID, () -> scene.volt.image(name));
    }

    @Test
    void anEndIsFinalButMayBeRepeated() {
        ImageRecord sealed = scene.volt.image("debian");
        assertThat(scene.volt.seal("debian", VoltScene.DIGEST, 1 << 20)).isEqualTo(sealed);
        assertProblem(Kind.CONFLICT, () -> scene.volt.seal("debian", VoltScene.DIGEST, 5));
        assertProblem(Kind.CONFLICT, () -> scene.volt.fail("debian", "why"));
        scene.volt.add("bad", "origin", "raw");
        assertProblem(Kind.INVALID, () -> scene.volt.seal("bad", "12", 5));
        assertProblem(Kind.INVALID, () -> scene.volt.seal("bad", VoltScene.DIGEST, 0));
        ImageRecord failed = scene.volt.fail("bad", "x".repeat(5000));
        assertThat(failed.failure()).hasSize(1000);
        assertThat(scene.volt.fail("bad", "x".repeat(5000))).isEqualTo(failed);
        assertProblem(Kind.CONFLICT, () -> scene.volt.seal("bad", VoltScene.DIGEST, 5));
    }

    @Test
    void anImageInUseIsNotRemoved() {
        scene.join("n0");
        assertThatThrownBy(() -> scene.volt.remove("debian"))
                .hasMessageContaining("'debian' is attached on n0");
        scene.join("n1");
        scene.time.pass(Duration.ofSeconds(4)); // both died, and no tick came
        scene.volt.remove("debian");
        assertProblem(Kind.NOT_FOUND, () -> scene.join("n0"));
        assertThat(scene.volt.images()).isEmpty();
        assertThat(scene.volt.add("debian", "origin", "raw").id()).isNotEqualTo(scene.image);
    }

    @Test
    void aRemovalThatFailsLeavesTheImageUsable() {
        scene.store.fail(MemoryCatalogueStore.Failure.BEFORE_THE_CHANGE);
        assertProblem(Kind.UNAVAILABLE, () -> scene.volt.remove("debian"));
        assertThat(scene.join("n0").level()).as("joins need no database").isEqualTo(1);
        scene.volt.saveNodes();
        scene.store.fail(MemoryCatalogueStore.Failure.NEVER);
        scene.volt.leave("debian", "n0");
        scene.volt.remove("debian");
    }

    @Test
    void aWriteWhoseAnswerWasLostIsFoundOut() {
        scene.store.fail(MemoryCatalogueStore.Failure.AFTER_THE_CHANGE);
        assertProblem(Kind.UNAVAILABLE, () -> scene.volt.add("lost", "origin", "raw"));
        scene.store.fail(MemoryCatalogueStore.Failure.NEVER);
        assertProblem(Kind.CONFLICT, () -> scene.volt.add("lost", "origin", "raw"));
        scene.store.fail(MemoryCatalogueStore.Failure.AFTER_THE_CHANGE);
        assertProblem(Kind.UNAVAILABLE, () -> scene.volt.seal("lost", VoltScene.DIGEST, 5));
        scene.store.fail(MemoryCatalogueStore.Failure.NEVER);
        assertThat(scene.volt.seal("lost", VoltScene.DIGEST, 5).state())
                .isEqualTo(ImageState.SEALED);
        scene.store.fail(MemoryCatalogueStore.Failure.AFTER_THE_CHANGE);
        assertProblem(Kind.UNAVAILABLE, () -> scene.volt.remove("lost"));
        scene.store.fail(MemoryCatalogueStore.Failure.NEVER);
        scene.volt.add("lost", "origin", "raw");
    }

    private static void assertProblem(Kind kind, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.kind()).isEqualTo(kind));
    }
}
