package io.virtman.rest;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The hand-written description says what the resources do. */
class OpenApiTest {
    /** A service's API: its description, its resources and the records that cross its wire. */
    @SuppressWarnings("ImmutableEnumChecker") // the lists are made by List.of
    enum Api {
        VOLT(
                "/volt-openapi.yaml",
                List.of(
                        ImagesResource.class,
                        NodesResource.class,
                        StatusResource.class,
                        MetricsResource.class),
                List.of(
                        ImagesResource.NewImage.class,
                        ImagesResource.Seal.class,
                        ImagesResource.Size.class,
                        ImagesResource.Failure.class,
                        Problem.class,
                        io.virtman.volt.NodeAddress.class,
                        io.virtman.volt.ImageRecord.class,
                        io.virtman.volt.ParentEntry.class,
                        io.virtman.volt.ParentList.class,
                        io.virtman.volt.AttachmentReport.class,
                        io.virtman.volt.Heartbeat.class,
                        io.virtman.volt.HeartbeatAnswer.class,
                        io.virtman.volt.HierarchyMember.class,
                        io.virtman.volt.Hierarchy.class,
                        io.virtman.volt.NodeStatus.class,
                        io.virtman.volt.VoltStatus.class)),
        NODE(
                "/node-openapi.yaml",
                List.of(VmsResource.class, NodeResource.class, NodeMetricsResource.class),
                List.of(
                        VmsResource.NewVm.class,
                        VmsResource.NewSize.class,
                        NodeResource.NewSource.class,
                        NodeResource.Credential.class,
                        Problem.class,
                        io.virtman.node.GuestRequest.class,
                        io.virtman.node.ImportProgress.class,
                        io.virtman.node.NodeReport.class,
                        io.virtman.node.NodeReport.ImageReport.class,
                        io.virtman.node.VmView.class,
                        io.virtman.node.VmView.ExportView.class,
                        io.virtman.node.VmView.GuestView.class,
                        io.virtman.volt.NodeAddress.class,
                        io.virtman.volt.ImageRecord.class,
                        io.virtman.volt.ParentEntry.class,
                        io.virtman.volt.ParentList.class));

        final String file;
        final List<Class<?>> resources;
        final List<Class<?>> records;

        Api(String file, List<Class<?>> resources, List<Class<?>> records) {
            this.file = file;
            this.resources = resources;
            this.records = records;
        }

        String text() throws IOException {
            try (InputStream stream = OpenApiTest.class.getResourceAsStream(file)) {
                assertThat(stream).isNotNull();
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyOperationIsDescribedAndEveryDescribedOneExists(Api api) throws IOException {
        Set<String> described = new TreeSet<>();
        String path = "";
        for (String line : api.text().lines().takeWhile(l -> !l.equals("components:")).toList()) {
            Matcher key = Pattern.compile("( {2}|    )(/?[^ :]+):").matcher(line);
            if (key.matches() && key.group(2).startsWith("/")) {
                path = key.group(2);
            } else if (key.matches() && key.group(2).matches("get|put|post|delete|patch")) {
                described.add(key.group(2) + " " + path);
            }
        }
        assertThat(described).isEqualTo(served(api));
    }

    @ParameterizedTest
    @EnumSource
    void everyRecordIsDescribedFieldByField(Api api) throws IOException {
        String schemas = api.text().replaceFirst("(?s).*\n  schemas:\n", "\n");
        for (Class<?> type : api.records) {
            String name = type.getSimpleName();
            Matcher schema =
                    Pattern.compile("\n    " + name + ":\n((?: {6}.*\n)+)").matcher(schemas);
            assertThat(schema.find()).as(name).isTrue();
            String text = schema.group(1);
            assertThat(Pattern.compile("(?m)^ {8}(\\w+):").matcher(text).results())
                    .as(name)
                    .extracting(field -> field.group(1))
                    .containsExactlyElementsOf(names(type, true));
            boolean request = text.contains("additionalProperties: false");
            assertThat(text.replaceFirst("(?s).* {6}required: \\[(.*?)]\n.*", "$1"))
                    .as(name)
                    .isEqualTo(String.join(", ", names(type, !request)));
        }
    }

    /** An answer has all fields; a request may leave out those that may be null. */
    private static List<String> names(Class<?> type, boolean nullable) {
        return Stream.of(type.getRecordComponents())
                .filter(field ->
                        nullable || !field.getAnnotatedType().isAnnotationPresent(Nullable.class))
                .map(RecordComponent::getName)
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void everyReferenceLeadsSomewhere(Api api) throws IOException {
        Matcher reference =
                Pattern.compile("#/components/([A-Za-z]+)/([A-Za-z]+)\"").matcher(api.text());
        while (reference.find()) {
            String section =
                    api.text()
                            .replaceFirst("(?s).*\n  " + reference.group(1) + ":\n", "")
                            .replaceFirst("(?s)\n  [a-zA-Z]+:\n.*", "");
            assertThat(section).contains("    " + reference.group(2) + ":");
        }
    }

    private static Set<String> served(Api api) {
        Set<String> served = new TreeSet<>();
        for (Class<?> resource : api.resources) {
            String base = resource.getAnnotation(Path.class).value();
            for (Method method : resource.getDeclaredMethods()) {
                for (Annotation annotation : method.getAnnotations()) {
                    HttpMethod verb = annotation.annotationType().getAnnotation(HttpMethod.class);
                    if (verb != null) {
                        Path path = method.getAnnotation(Path.class);
                        served.add(
                                verb.value().toLowerCase(Locale.ROOT)
                                        + " "
                                        + base
                                        + (path == null ? "" : "/" + path.value()));
                    }
                }
            }
        }
        return served;
    }
}
