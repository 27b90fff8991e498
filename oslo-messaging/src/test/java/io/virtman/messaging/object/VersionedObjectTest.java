package io.virtman.messaging.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class VersionedObjectTest {
    private static final JsonMapper JSON = new JsonMapper();

    record VolumeType(String id, String name) {}

    record Attachment(String id, String attachStatus, @Nullable JsonNode connectionInfo) {}

    record Volume(
            String id,
            int size,
            String status,
            boolean bootable,
            @Nullable Instant createdAt,
            Optional<Instant> deletedAt,
            Optional<VolumeType> volumeType,
            @Nullable List<Attachment> volumeAttachment,
            @Nullable Map<String, String> metadata) {}

    record Flavor(String flavorid, int memoryMb, double rxtxFactor) {}

    record InfoCache(String instanceUuid) {}

    record Instance(
            String uuid,
            @Nullable String host,
            Optional<String> node,
            int vcpus,
            @Nullable Flavor flavor,
            @Nullable InfoCache infoCache,
            @Nullable List<JsonNode> securityGroups,
            @Nullable Map<String, String> systemMetadata,
            long neverHeardOf) {}

    @Test
    void everyCapturedObjectIsRead() throws IOException {
        List<JsonNode> primitives = primitives();

        assertThat(primitives).hasSize(275);
        for (JsonNode primitive : primitives) {
            VersionedObject object = VersionedObject.read(primitive);
            assertThat(object.toPrimitive()).isEqualTo(primitive);
            assertThat(object.plain().toString()).doesNotContain("_object.name");
        }
        assertThat(primitives.stream().map(each -> VersionedObject.read(each).name()).distinct())
                .contains("Volume", "Snapshot", "VolumeAttachmentList", "Instance", "RequestSpec")
                .hasSize(53);
    }

    @Test
    void aVolumeOfCinder() throws IOException {
        Volume volume = largest("Volume").require("Volume", 1).as(Volume.class);

        assertThat(volume.id()).matches("[0-9a-f-]{36}");
        assertThat(volume.size()).isPositive();
        assertThat(volume.status()).isNotEmpty();
        assertThat(volume.createdAt()).isAfter(Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(volume.deletedAt()).isEmpty();
        assertThat(volume.volumeType().orElseThrow().name()).isNotEmpty();
        assertThat(volume.volumeAttachment()).isNotNull();
        assertThat(volume.metadata()).isNotNull();
    }

    @Test
    void anInstanceOfNova() throws IOException {
        Instance instance = largest("Instance").require("Instance", 2).as(Instance.class);

        assertThat(instance.uuid()).matches("[0-9a-f-]{36}");
        assertThat(instance.vcpus()).isPositive();
        assertThat(Objects.requireNonNull(instance.flavor()).memoryMb()).isPositive();
        assertThat(Objects.requireNonNull(instance.infoCache()).instanceUuid())
                .isEqualTo(instance.uuid());
        assertThat(instance.securityGroups()).isNotNull();
        assertThat(instance.systemMetadata()).isNotEmpty();
        assertThat(instance.neverHeardOf()).isZero();
    }

    @Test
    void whatIsMissingHasADefault() {
        Volume volume =
                VersionedObject.of("Volume", "cinder", "1.99", JSON.createObjectNode().put("x", 1))
                        .as(Volume.class);

        assertThat(volume.id()).isNull();
        assertThat(volume.size()).isZero();
        assertThat(volume.deletedAt()).isEmpty();
        assertThat(volume.volumeType()).isEmpty();
    }

    @Test
    void aWrongTypeNamesObjectAndFieldButNoValue() {
        assertThatRefused("size", "\"hunter2\"", "Volume 1.9:.size is no int");
        assertThatRefused("size", "1.5", "Volume 1.9:.size is no int");
        assertThatRefused("size", "99999999999", "Volume 1.9:.size");
        assertThatRefused("bootable", "\"hunter2\"", "Volume 1.9:.bootable is no boolean");
        assertThatRefused("created_at", "\"hunter2\"", "Volume 1.9:.created_at is no Instant");
        assertThatRefused("deleted_at", "5", "Volume 1.9:.deleted_at is no Instant");
        assertThatRefused("id", "{}", "Volume 1.9:.id is no String");
        assertThatRefused("metadata", "[\"hunter2\"]", "Volume 1.9:.metadata");
        assertThatRefused(
                "volume_attachment",
                "[{\"id\": \"a\"}, \"hunter2\"]",
                "Volume 1.9:.volume_attachment[1] is no Attachment");
    }

    private static void assertThatRefused(String field, String value, String message) {
        assertThatExceptionOfType(VersionedObjectException.class)
                .isThrownBy(() ->
                        VersionedObject.of(
                                        "Volume",
                                        "cinder",
                                        "1.9",
                                        JSON.createObjectNode().set(field, JSON.readTree(value)))
                                .as(Volume.class))
                .withMessageStartingWith(message)
                .withMessageNotContaining("hunter2")
                .withNoCause();
    }

    @Test
    void onlyTheMajorVersionMatters() {
        VersionedObject object =
                VersionedObject.of("Volume", "cinder", "1.99", JSON.createObjectNode());

        assertThat(object.require("Volume", 1)).isSameAs(object);
        assertThatExceptionOfType(VersionedObjectException.class)
                .isThrownBy(() -> object.require("Volume", 2))
                .withMessage("expected Volume 2.x, not Volume 1.99");
        assertThatExceptionOfType(VersionedObjectException.class)
                .isThrownBy(() -> object.require("Snapshot", 1))
                .withMessage("expected Snapshot 1.x, not Volume 1.99");
    }

    @Test
    void listsAreWrittenAndUnwrapped() {
        ObjectNode data = JSON.createObjectNode();
        VersionedObject type =
                VersionedObject.of(
                        "VolumeType", "cinder", "1.3", JSON.createObjectNode().put("id", "t"));
        data.set(
                "types",
                VersionedObject.list("VolumeTypeList", "cinder", "1.1", List.of(type, type))
                        .toPrimitive());

        assertThat(VersionedObject.of("X", "cinder", "1.0", data).plain())
                .hasToString("{\"types\":[{\"id\":\"t\"},{\"id\":\"t\"}]}");
    }

    @Test
    void onlyPrimitivesArePrimitives() throws IOException {
        for (String text :
                List.of(
                        "null",
                        "[]",
                        "{}",
                        "{\"name\": \"x\"}",
                        "{\"x_object.name\": \"x\"}",
                        "{\"object.name\": \"x\", \"object.data\": {}}")) {
            assertThat(VersionedObject.isPrimitive(JSON.readTree(text))).isFalse();
            assertThatExceptionOfType(VersionedObjectException.class)
                    .isThrownBy(() -> VersionedObject.read(JSON.readTree(text)));
        }
        assertThat(VersionedObject.isPrimitive(null)).isFalse();
        for (String text :
                List.of(
                        "{\"x_object.name\": 1, \"x_object.data\": {}}",
                        "{\"x_object.name\": \"X\", \"x_object.data\": {}}",
                        "{\"x_object.name\": \"X\", \"x_object.version\": \"a\", \"x_object.data\": {}}",
                        "{\"x_object.name\": \"X\", \"x_object.version\": \"1.0\", \"x_object.data\":"
                                + " []}")) {
            assertThat(VersionedObject.isPrimitive(JSON.readTree(text))).isTrue();
            assertThatExceptionOfType(VersionedObjectException.class)
                    .isThrownBy(() -> VersionedObject.read(JSON.readTree(text)));
        }
        assertThat(
                        VersionedObject.read(
                                        JSON.readTree(
                                                """
                                                {"own_object.name": "X", "own_object.version": "1.0", \
                                                "own_object.data": {}, "own_object.more": 1}\
                                                """))
                                .namespace())
                .isEmpty();
    }

    @Test
    void depthIsBounded() {
        ObjectNode data = JSON.createObjectNode();
        ObjectNode inner = data;
        for (int level = 0; level < 10_000; level++) {
            inner = inner.putObject("x");
        }
        assertThatExceptionOfType(VersionedObjectException.class)
                .isThrownBy(() -> VersionedObject.of("X", "cinder", "1.0", data).as(Volume.class))
                .withMessageContaining("100 deep");
    }

    @Test
    void textHasNoField() {
        assertThat(
                        VersionedObject.of(
                                "X\n",
                                "cinder",
                                "1.0",
                                JSON.createObjectNode().put("password", "hunter2")))
                .hasToString("X? 1.0");
    }

    private static VersionedObject largest(String name) throws IOException {
        return primitives().stream()
                .map(VersionedObject::read)
                .filter(object -> object.name().equals(name))
                .max(Comparator.comparingInt(object -> object.data().size()))
                .orElseThrow();
    }

    private static List<JsonNode> primitives() throws IOException {
        List<JsonNode> found = new ArrayList<>();
        try (InputStream packed =
                        Objects.requireNonNull(
                                VersionedObjectTest.class.getResourceAsStream(
                                        "/captures/messages.jsonl.gz"));
                BufferedReader reader =
                        new BufferedReader(
                                new InputStreamReader(
                                        new GZIPInputStream(packed), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                collect(JSON.readTree(line).get("message"), found);
            }
        }
        return found;
    }

    private static void collect(JsonNode node, List<JsonNode> found) {
        if (VersionedObject.isPrimitive(node)) {
            found.add(node);
        }
        node.forEach(child -> collect(child, found));
    }
}
