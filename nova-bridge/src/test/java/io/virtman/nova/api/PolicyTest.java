package io.virtman.nova.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.nova.api.Policy.Action;
import io.virtman.nova.cloud.Caller;
import io.virtman.problem.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyTest {
    @TempDir private Path directory;

    private static Caller with(String... roles) {
        return new Caller("user", "project", Set.of(roles));
    }

    private Policy load(String text) throws Exception {
        return Policy.load(Files.writeString(directory.resolve("policy.json"), text));
    }

    @Test
    void theSampleIsTheUsualPolicy() {
        Path sample = Path.of("../etc/virtman/nova-policy.json");
        assertThat(
                        Policy.load(
                                Files.exists(sample)
                                        ? sample
                                        : Path.of("etc/virtman/nova-policy.json")))
                .isEqualTo(Policy.usual());
    }

    @Test
    void rolesDecide() {
        Policy usual = Policy.usual();
        assertThat(usual.allows(with("reader"), Action.READ)).isTrue();
        assertThat(usual.allows(with("reader"), Action.CREATE)).isFalse();
        assertThat(usual.allows(with("Member"), Action.CREATE)).as("roles have no case").isTrue();
        assertThat(usual.allows(with("member"), Action.ALL_PROJECTS)).isFalse();
        assertThat(usual.allows(with("admin"), Action.ALL_PROJECTS)).isTrue();
        assertThatThrownBy(() -> usual.require(with(), Action.READ))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("reader, member, admin");
    }

    @Test
    void aFileChangesWhatItNames() throws Exception {
        Policy policy = load("{\"boots:create\": [\"booter\"], \"boots:cancel\": []}");
        assertThat(policy.allows(with("member"), Action.CREATE)).isFalse();
        assertThat(policy.allows(with("booter"), Action.CREATE)).isTrue();
        assertThat(policy.allows(with("admin"), Action.CANCEL)).isFalse();
        assertThat(policy.allows(with("reader"), Action.READ)).isTrue();
    }

    @Test
    void whatIsNotKnownIsRefused() {
        assertThatThrownBy(() -> load("{\"boots:explode\": [\"admin\"]}"))
                .hasMessageContaining("boots:explode")
                .hasMessageContaining("boots:create");
        assertThatThrownBy(() -> load("[]")).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> load("{\"boots:create\": \"admin\"}"))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> Policy.load(directory.resolve("none")))
                .hasMessageContaining("can't be read");
    }
}
