package io.virtman.app.quickstart;

import io.virtman.command.Busybox;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The modules of an unpacked kernel package. Dependencies come from the modules themselves, since
 * {@code modules.dep} is only made when a kernel is installed.
 */
final class GuestKernelModules {
    private static final String SUFFIX = ".ko";
    private static final String COMPRESSED_SUFFIX = ".ko.xz";

    private final Map<String, Path> files = new TreeMap<>();
    private final String builtIn;
    private final Busybox busybox;

    /**
     * @param directory {@code lib/modules/VERSION}
     */
    GuestKernelModules(Path directory, Busybox busybox) throws IOException {
        this.busybox = busybox;
        builtIn = Files.readString(directory.resolve("modules.builtin"));
        try (Stream<Path> walk = Files.walk(directory)) {
            walk.filter(file ->
                            file.toString().endsWith(SUFFIX)
                                    || file.toString().endsWith(COMPRESSED_SUFFIX))
                    .forEach(file -> files.put(name(file), file));
        }
    }

    /**
     * The contents of modules and all they depend on, by name, in the order in which they load.
     *
     * @throws ProblemException when the kernel has a module neither as file nor built in
     */
    Map<String, byte[]> load(List<String> names) throws IOException {
        Map<String, byte[]> loaded = new LinkedHashMap<>();
        for (String name : names) {
            add(name, loaded, new ArrayList<>());
        }
        return loaded;
    }

    private void add(String name, Map<String, byte[]> loaded, List<String> path)
            throws IOException {
        if (loaded.containsKey(name) || path.contains(name)) {
            return;
        }
        Path file = files.get(name);
        if (file == null) {
            if (normalize(builtIn).contains("/" + name + SUFFIX + "\n")) {
                return;
            }
            throw new ProblemException(
                    Kind.FAILED,
                    "guest kernel",
                    "it has no module " + name,
                    "report this with the version of this Debian release");
        }
        byte[] content = read(file);
        path.add(name);
        for (String dependency : dependencies(content)) {
            add(dependency, loaded, path);
        }
        loaded.put(name, content);
    }

    /** The modules that a module names in its {@code .modinfo} section. */
    static List<String> dependencies(byte[] module) {
        String text = new String(module, StandardCharsets.ISO_8859_1);
        String key = "\0depends=";
        int begin = text.indexOf(key);
        if (begin < 0) {
            return List.of();
        }
        int end = text.indexOf('\0', begin + key.length());
        return Stream.of(text.substring(begin + key.length(), end).split(",", -1))
                .filter(name -> !name.isEmpty())
                .map(GuestKernelModules::normalize)
                .toList();
    }

    private byte[] read(Path file) throws IOException {
        if (file.toString().endsWith(SUFFIX)) {
            return Files.readAllBytes(file);
        }
        Path copy = Files.createTempFile("virtman-module", ".xz");
        Path plain = Path.of(copy.toString().substring(0, copy.toString().length() - 3));
        try {
            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            busybox.decompressXz(copy);
            return Files.readAllBytes(plain);
        } finally {
            Files.deleteIfExists(copy);
            Files.deleteIfExists(plain);
        }
    }

    private static String name(Path file) {
        String fileName = file.getFileName().toString();
        return normalize(fileName.substring(0, fileName.indexOf(SUFFIX)));
    }

    /** The kernel takes '-' and '_' in module names for the same. */
    private static String normalize(String name) {
        return name.replace('-', '_');
    }
}
