package io.virtman;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.testkit.Programs;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** House rules for the text of the source tree: what no compiler and no formatter looks at. */
class TidyTest {
    private static final int LINE_LIMIT = 120;
    private static final int FILE_LIMIT = 400;
    private static final Set<String> SKIPPED = Set.of(".git", ".idea", ".vscode", "target");
    private static final Set<String> TEXT =
            Set.of(
                    "",
                    "conf",
                    "config",
                    "java",
                    "json",
                    "md",
                    "properties",
                    "service",
                    "sh",
                    "sql",
                    "xml",
                    "yaml",
                    "yml");

    /** Kinds of file with a limit on lines; those not here have tables, links or XML. */
    private static final Set<String> NARROW = Set.of("", "conf", "java", "properties", "sh", "sql");

    private static final Pattern VAGUE_NAME =
            Pattern.compile(
                    "\\b(?:class|interface|record|enum)"
                            + " (\\w*(?:(?:Utils?|Utility|Manager|Helpers?|Impl)(?![a-z])|_new)\\w*)");
    private static final Pattern PUBLIC_TYPE =
            Pattern.compile(
                    "(?m)^public (?:[a-z-]+ )*(?:class|interface|record|enum|@interface) (\\w+)");
    private static final Pattern UNFINISHED = Pattern.compile("\\b(TODO|FIXME|XXX)\\b");
    private static final Pattern MOCKS =
            Pattern.compile(
                    "(?:^import (?:static )?|<groupId>)(org\\.(?:mockito|easymock|jmock|powermock))",
                    Pattern.MULTILINE);
    // In pieces, so that this file does not match itself.
    private static final Pattern MACHINE_PATH =
            Pattern.compile("(?<![\\w.-])/(?:work|tmp/wt)" + "/\\S*");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(?:#[^)]*)?\\)");
    private static final Pattern DOCUMENT = Pattern.compile("(?<![\\w/.-])docs/[\\w./-]+\\.md");
    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```$");

    /** What one look at a tree finds wrong, a line each: {@code path: what}. */
    private static final class Inspection {
        private final Path root;
        private final List<String> complaints = new ArrayList<>();

        private Inspection(Path root) {
            this.root = root;
        }

        static List<String> of(Path root) throws IOException {
            Inspection inspection = new Inspection(root);
            for (Path file : files(root)) {
                inspection.inspect(file);
            }
            inspection.inspectIndex(root.resolve("docs/adr"), "\\d{4}-.*\\.md");
            inspection.inspectIndex(root.resolve("docs/manual"), ".*\\.md");
            return inspection.complaints;
        }

        private void complain(Path file, String what) {
            complaints.add(root.relativize(file) + ": " + what);
        }

        private void complainAbout(Path file, Pattern pattern, String text, String what) {
            pattern.matcher(text)
                    .results()
                    .forEach(m -> complain(file, what + " " + m.group(m.groupCount())));
        }

        private void inspect(Path file) throws IOException {
            String kind = extension(file);
            String text;
            try {
                text = Files.readString(file);
            } catch (CharacterCodingException _) {
                complain(file, "not UTF-8");
                return;
            }
            inspectLines(file, kind, text);
            complainAbout(file, MACHINE_PATH, text, "path of one machine");
            complainAbout(file, MOCKS, text, "mocking library");
            DOCUMENT.matcher(text)
                    .results()
                    .forEach(m -> requireFile(file, root.resolve(m.group())));
            if (root.relativize(file).toString().contains("src/main/")) {
                complainAbout(file, UNFINISHED, text, "unfinished work marked");
            }
            if (kind.equals("java")) {
                inspectJava(file, text);
            }
            if (kind.equals("md")) {
                LINK.matcher(FENCED.matcher(text).replaceAll(""))
                        .results()
                        .filter(m -> !m.group(1).matches("[a-z]+:.*"))
                        .forEach(m -> requireFile(file, file.resolveSibling(m.group(1))));
            }
            if (text.startsWith("#!")) {
                inspectScript(file, text);
            }
        }

        private void requireFile(Path from, Path wanted) {
            if (!Files.exists(wanted)) {
                complain(
                        from,
                        "refers to "
                                + root.relativize(wanted.normalize())
                                + ", which is not there");
            }
        }

        private void inspectLines(Path file, String kind, String text) {
            if (!text.isEmpty() && !text.endsWith("\n")) {
                complain(file, "no newline at the end");
            }
            if (text.indexOf('\r') >= 0) {
                complain(file, "carriage return");
            }
            List<String> lines = text.lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                String where = "line " + (i + 1) + ": ";
                if (line.indexOf('\t') >= 0) {
                    complain(file, where + "tab");
                }
                if (line.endsWith(" ")) {
                    complain(file, where + "white space at the end");
                }
                if (NARROW.contains(kind) && line.length() > LINE_LIMIT) {
                    complain(file, where + line.length() + " characters");
                }
            }
            if (kind.equals("java") && lines.size() > FILE_LIMIT) {
                complain(file, lines.size() + " lines");
            }
        }

        private void inspectJava(Path file, String text) {
            complainAbout(file, VAGUE_NAME, text, "name says nothing:");
            Matcher type = PUBLIC_TYPE.matcher(text);
            while (type.find()) {
                if (!hasJavadoc(text.substring(0, type.start()))) {
                    complain(file, "no Javadoc on " + type.group(1));
                }
            }
        }

        /**
         * Whether only annotations stand between the last comment and the end, and it is Javadoc.
         */
        private static boolean hasJavadoc(String before) {
            int end = before.lastIndexOf("*/");
            String between = before.substring(end + 1);
            return end > 0
                    && before.startsWith("/**", before.lastIndexOf("/*", end))
                    && !between.contains(";")
                    && !between.contains("}\n");
        }

        private void inspectScript(Path file, String text) throws IOException {
            String shell = text.startsWith("#!/bin/bash") ? "bash" : "sh";
            check(file, List.of(shell, "-n", file.toString()));
            check(
                    file,
                    List.of(
                            Programs.require("shellcheck"),
                            "--shell=" + shell,
                            "--format=gcc",
                            file.toString()));
        }

        private void check(Path script, List<String> argv) throws IOException {
            Path output = Files.createTempFile("tidy", ".txt");
            try {
                Process process =
                        new ProcessBuilder(argv)
                                .redirectErrorStream(true)
                                .redirectOutput(output.toFile())
                                .start();
                if (!process.waitFor(60, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    complain(script, argv.getFirst() + " does not end");
                } else if (process.exitValue() != 0) {
                    complain(script, Files.readString(output).strip());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException(argv.getFirst());
            } finally {
                Files.delete(output);
            }
        }

        /** Every page of a directory must be in its README, or nobody finds it. */
        private void inspectIndex(Path directory, String pages) throws IOException {
            if (!Files.isDirectory(directory)) {
                return;
            }
            Path index = directory.resolve("README.md");
            String text = Files.exists(index) ? Files.readString(index) : "";
            try (Stream<Path> entries = Files.list(directory)) {
                entries.filter(page -> page.getFileName().toString().matches(pages))
                        .filter(page -> !page.equals(index))
                        .filter(page -> !text.contains("](" + page.getFileName() + ")"))
                        .sorted()
                        .forEach(page -> complain(page, "not linked from the README beside it"));
            }
        }

        private static List<Path> files(Path root) throws IOException {
            List<Path> files = new ArrayList<>();
            Files.walkFileTree(
                    root,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult preVisitDirectory(
                                Path directory, BasicFileAttributes attributes) {
                            return SKIPPED.contains(name(directory))
                                    ? FileVisitResult.SKIP_SUBTREE
                                    : FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFile(
                                Path file, BasicFileAttributes attributes) {
                            if (attributes.isRegularFile()
                                    && TEXT.contains(extension(file))
                                    && !SKIPPED.contains(name(file))) {
                                files.add(file);
                            }
                            return FileVisitResult.CONTINUE;
                        }
                    });
            files.sort(null);
            return files;
        }

        private static String name(Path file) {
            return String.valueOf(file.getFileName());
        }

        /** What follows the last dot; empty for names without one and for hidden files. */
        private static String extension(Path file) {
            int dot = name(file).lastIndexOf('.');
            return dot <= 0 ? "" : name(file).substring(dot + 1).toLowerCase(Locale.ROOT);
        }
    }

    @Test
    void treeIsTidy() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("virtman-core/pom.xml"))) {
            root = Objects.requireNonNull(root.getParent(), "not inside the source tree");
        }
        assertThat(Inspection.of(root)).isEmpty();
    }

    @Test
    void everyRuleCanFail(@TempDir Path root) throws IOException {
        String main = "virtman-core/src/main/java/io/virtman/";
        write(root, main + "Wide.java", "// " + "x".repeat(118) + "\n");
        write(root, main + "Tall.java", "//\n".repeat(401));
        write(root, main + "Ends.java", "// no newline");
        write(root, main + "White.java", "//\t\n// \n//\r\n");
        write(root, main + "Vague.java", "class Disk" + "Utils {}\nenum A" + "_new {}\n");
        write(
                root,
                main + "Fine.java",
                "class Implicit {}\n/** A. */\n@B(\"c\")\npublic enum D {}\n");
        write(root, main + "Bare.java", "/* Not Javadoc. */\npublic final class Bare {}\n");
        write(root, main + "Later.java", "/** A. */\nclass A {}\n\npublic record Later() {}\n");
        write(root, main + "Open.java", "// TODO: later\n");
        write(root, main + "Mock.java", "import org.mockito.Mockito;\n");
        write(root, main + "Latin.java", "// \u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        write(root, "README.md", "[a](lost.md) [b](https://b) [c](#c)\n```\n[d](e)\n```\n");
        write(root, "etc/a.conf", "# docs" + "/gone.md, /wo" + "rk/x\n");
        write(root, "docs" + "/adr/0001-one.md", "# One\n");
        write(root, "docs" + "/manual/nbd.md", "# NBD\n");
        write(root, "docs" + "/manual/README.md", "[nbd](nbd.md)\n");
        write(root, "broken", "#!/bin/sh\nif\n");
        write(root, "careless.sh", "#!/bin/bash\nrm $1\n");
        write(root, "target/ignored.java", "\t");

        assertThat(Inspection.of(root))
                .extracting(line -> line.replace(main, "").replaceAll("(?s): /.*", ": bad script"))
                .containsExactlyInAnyOrder(
                        "Wide.java: line 1: 121 characters",
                        "Tall.java: 401 lines",
                        "Ends.java: no newline at the end",
                        "White.java: line 1: tab",
                        "White.java: line 2: white space at the end",
                        "White.java: carriage return",
                        "Vague.java: name says nothing: Disk" + "Utils",
                        "Vague.java: name says nothing: A" + "_new",
                        "Bare.java: no Javadoc on Bare",
                        "Later.java: no Javadoc on Later",
                        "Open.java: unfinished work marked TODO",
                        "Mock.java: mocking library org.mockito",
                        "Latin.java: not UTF-8",
                        "README.md: refers to lost.md, which is not there",
                        "etc/a.conf: refers to docs" + "/gone.md, which is not there",
                        "etc/a.conf: path of one machine /wo" + "rk/x",
                        "docs" + "/adr/0001-one.md: not linked from the README beside it",
                        "broken: bad script",
                        "broken: bad script",
                        "careless.sh: bad script");
    }

    private static void write(Path root, String name, String text) throws IOException {
        write(root, name, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void write(Path root, String name, byte[] bytes) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }
}
