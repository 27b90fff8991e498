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
import org.junit.jupiter.api.Test;

/** The hand-written description says what the resources do. */
class OpenApiTest {
    private static final List<Class<?>> RESOURCES =
            List.of(
                    ImagesResource.class,
                    NodesResource.class,
                    StatusResource.class,
                    MetricsResource.class);
    private static final List<Class<?>> RECORDS =
            List.of(
                    ImagesResource.NewImage.class,
                    ImagesResource.Seal.class,
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
                    io.virtman.volt.VoltStatus.class);

    @Test
    void everyOperationIsDescribedAndEveryDescribedOneExists() throws IOException {
        Set<String> described = new TreeSet<>();
        String path = "";
        for (String line : text().lines().takeWhile(l -> !l.equals("components:")).toList()) {
            Matcher key = Pattern.compile("( {2}|    )(/?[^ :]+):").matcher(line);
            if (key.matches() && key.group(2).startsWith("/")) {
                path = key.group(2);
            } else if (key.matches() && key.group(2).matches("get|put|post|delete|patch")) {
                described.add(key.group(2) + " " + path);
            }
        }
        assertThat(described).isEqualTo(served());
    }

    @Test
    void everyRecordIsDescribedFieldByField() throws IOException {
        for (Class<?> type : RECORDS) {
            String names =
                    String.join(
                            ", ",
                            Stream.of(type.getRecordComponents())
                                    .map(RecordComponent::getName)
                                    .toList());
            Matcher schema =
                    Pattern.compile(
                                    "\n    "
                                            + type.getSimpleName()
                                            + ":\n(?: {6}.*\n)*? {6}required: \\[(.*)]\n")
                            .matcher(text());
            assertThat(schema.find()).as(type.getSimpleName()).isTrue();
            assertThat(schema.group(1)).as(type.getSimpleName()).isEqualTo(names);
        }
    }

    @Test
    void everyReferenceLeadsSomewhere() throws IOException {
        Matcher reference =
                Pattern.compile("#/components/([A-Za-z]+)/([A-Za-z]+)\"").matcher(text());
        while (reference.find()) {
            String section =
                    text().replaceFirst("(?s).*\n  " + reference.group(1) + ":\n", "")
                            .replaceFirst("(?s)\n  [a-zA-Z]+:\n.*", "");
            assertThat(section).contains("    " + reference.group(2) + ":");
        }
    }

    private static Set<String> served() {
        Set<String> served = new TreeSet<>();
        for (Class<?> resource : RESOURCES) {
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

    private static String text() throws IOException {
        try (InputStream file = OpenApiTest.class.getResourceAsStream("/volt-openapi.yaml")) {
            assertThat(file).isNotNull();
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
