package io.virtman.cinder.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.app.doctor.Cloud.ComputeHost;
import io.virtman.cinder.app.doctor.Cloud.VolumeService;
import io.virtman.cinder.app.doctor.Decisions.NodeView;
import io.virtman.cinder.app.doctor.Decisions.ServicePins;
import io.virtman.cinder.app.doctor.Finding.Level;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionsTest {
    private static NodeView node(String name) {
        return new NodeView(name, true, 0, 0);
    }

    private static List<Finding> versions(@Nullable String rpc, @Nullable String object) {
        return Decisions.versions(
                List.of(
                        new ServicePins("api", "cinder-scheduler", "3.12", "1.39"),
                        new ServicePins("old@lvm", "cinder-volume", rpc, object)),
                true);
    }

    @ParameterizedTest
    @CsvSource({
        "0, OK, 0 ms ahead of",
        "4999, OK, 4999 ms ahead of",
        "-5001, WARNING, 5001 ms behind",
        "30001, PROBLEM, 30001 ms ahead of",
        "-86400000, PROBLEM, 86400000 ms behind",
    })
    void clocks(long aheadMillis, Level level, String text) {
        assertThat(Decisions.clock(Duration.ofMillis(aheadMillis)))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(level);
                    assertThat(finding.text()).contains(text);
                });
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "NULL",
            value = {
                "3.18, 1.39, OK, with versions that are known",
                "3.18, 1.11, OK, with versions that are known",
                "NULL, 1.39, PROBLEM, cinder-volume on old@lvm has no version",
                "3.18, NULL, PROBLEM, cinder-volume on old@lvm has no version",
                "3.18, 2.0, PROBLEM, can't read",
                "3.18, '', PROBLEM, can't read",
                "new, 1.39, PROBLEM, can't read",
                "3.18, 1.40, WARNING, newer than 1.39",
            })
    void versionsThatPinOthers(
            @Nullable String rpc, @Nullable String object, Level level, String text) {
        assertThat(versions(rpc, object))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(level);
                    assertThat(finding.text()).contains(text);
                });
    }

    @Test
    void aVersionThatMayNotBeReadIsNotMissing() {
        assertThat(
                        Decisions.versions(
                                List.of(new ServicePins("h", "cinder-backup", null, "1.39")),
                                false))
                .extracting(Finding::level)
                .containsExactly(Level.OK);
    }

    @Test
    void theRemedyForAStaleServiceIsACommand() {
        assertThat(versions("3.18", null).getFirst().remedy())
                .contains("cinder-manage service remove cinder-volume old@lvm");
    }

    @Test
    void schemas() {
        assertThat(Decisions.schema(List.of(), false).getFirst().level()).isEqualTo(Level.OK);
        assertThat(Decisions.schema(List.of("a", "b"), true).getFirst().level())
                .isEqualTo(Level.WARNING);
        assertThat(Decisions.schema(List.of("1", "2", "3", "4", "5", "6", "7"), false).getFirst())
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(Level.PROBLEM);
                    assertThat(finding.text()).endsWith("1, 2, 3, 4, 5 and 2 more");
                });
    }

    @Test
    void volumeTypes() {
        assertThat(Decisions.volumeType(List.of("lvm", "virtman"), "virtman").getFirst().level())
                .isEqualTo(Level.OK);
        assertThat(Decisions.volumeType(List.of("VirtMann"), "virtman").getFirst())
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(Level.PROBLEM);
                    assertThat(finding.text()).contains("there is one with 'VirtMann'");
                    assertThat(finding.remedy()).contains("openstack volume type create virtman");
                });
    }

    @Test
    void nodesAliveAndSilent() {
        assertThat(Decisions.nodes(List.of()).getFirst().level()).isEqualTo(Level.PROBLEM);
        assertThat(Decisions.nodes(List.of(node("a"))).getFirst().level()).isEqualTo(Level.OK);
        assertThat(Decisions.nodes(List.of(node("a"), new NodeView("b", false, 0, 0))).getFirst())
                .isEqualTo(
                        Finding.warning(
                                "nodes",
                                "silent: b",
                                "start 'virtman node' there, or forget them"));
    }

    @Test
    void roomForLayers() {
        assertThat(
                        Decisions.space(
                                List.of(
                                        new NodeView("a", true, 1000, 99),
                                        new NodeView("b", true, 1000, 100),
                                        new NodeView("c", false, 1000, 1),
                                        node("d"))))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(Level.WARNING);
                    assertThat(finding.text()).endsWith(" on a");
                });
        assertThat(Decisions.space(List.of(node("d"))).getFirst().text()).contains("no node tells");
    }

    @Test
    void eachHostHasItsNode() {
        assertThat(Decisions.hosts(List.of(new ComputeHost("c1", true)), List.of(node("c1"))))
                .extracting(Finding::level)
                .containsExactly(Level.OK);
    }

    @Test
    void aNodeUnderAWrongNameIsRecognized() {
        assertThat(
                        Decisions.hosts(
                                List.of(
                                        new ComputeHost("compute-01.example", true),
                                        new ComputeHost("compute-02.example", true)),
                                List.of(node("compute-01.example"), node("compute-02-example"))))
                .extracting(Finding::text, Finding::remedy)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "nova-compute host compute-02.example has no node",
                                "start the node there with --name compute-02.example, not"
                                        + " compute-02-example"),
                        org.assertj.core.groups.Tuple.tuple(
                                "node compute-02-example is named like no host of nova-compute",
                                "is it compute-02.example? start it with that --name"));
    }

    @Test
    void hostsWithoutANodeAndNodesThatAreOnlyOrigins() {
        assertThat(
                        Decisions.hosts(
                                List.of(new ComputeHost("gpu", false)), List.of(node("origin-1"))))
                .extracting(Finding::text, Finding::remedy)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "nova-compute host gpu has no node (it is not in use)",
                                "run 'virtman node --name gpu' there, or keep servers with these"
                                        + " volumes away by an aggregate"),
                        org.assertj.core.groups.Tuple.tuple(
                                "node origin-1 is named like no host of nova-compute",
                                "right for a node that is only an origin"));
    }

    @ParameterizedTest
    @CsvSource({
        "ctl@virtman, true, true, OK, is up",
        "ctl@virtman, false, true, WARNING, is disabled",
        "ctl@virtman, true, false, WARNING, is down",
        "ctl@lvm, true, true, WARNING, has no service",
    })
    void theBridgeAsCinderSeesIt(
            String host, boolean enabled, boolean up, Level level, String text) {
        assertThat(Decisions.backend(List.of(new VolumeService(host, enabled, up)), "ctl@virtman"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(level);
                    assertThat(finding.text()).contains(text);
                });
    }

    @Test
    void aHostWhoseNameNoNodeCanHave() {
        assertThat(Decisions.hosts(List.of(new ComputeHost("h".repeat(65), true)), List.of()))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(Level.PROBLEM);
                    assertThat(finding.text()).contains("more than 64 characters");
                });
    }
}
