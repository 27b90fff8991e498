package io.virtman.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Mounts of this host as {@code /proc/self/mountinfo} tells them, and {@code mount}, {@code umount}
 * and {@code fusermount3}. Looking never touches a mounted file: one whose owner is dead or busy
 * would fail or wait. Safe for many threads.
 */
public final class Mounts {
    private static final Path TABLE = Path.of("/proc/self/mountinfo");
    private static final Path CONTROL = Path.of("/sys/fs/fuse/connections");
    private static final Duration TIME_OUT = Duration.ofSeconds(20);

    private final CommandRunner runner;
    private final boolean root;

    public Mounts(CommandRunner runner) throws IOException {
        this(runner, Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0));
    }

    Mounts(CommandRunner runner, boolean root) {
        this.runner = runner;
        this.root = root;
    }

    /**
     * One mount.
     *
     * @param device minor number of its device; also the name of a FUSE connection
     * @param point where it is mounted
     * @param type of file system, e.g. {@code fuse}
     * @param shared whether what is mounted below it appears in other mount namespaces too; see
     *     mount_namespaces(7)
     */
    public record Mount(int device, Path point, String type, boolean shared) {}

    /** Whether this process may mount and unmount without helpers. */
    public boolean root() {
        return root;
    }

    /** All mounts this process sees. */
    public List<Mount> all() throws IOException {
        return parse(Files.readString(TABLE, StandardCharsets.ISO_8859_1));
    }

    /** The mounts on exactly this path, the uppermost last. */
    public List<Mount> at(Path point) throws IOException {
        String table = Files.readString(TABLE, StandardCharsets.ISO_8859_1);
        String name = point.toString();
        if (name.chars().allMatch(c -> c > ' ' && c <= '~' && c != '\\')) {
            // nothing to unescape: most lines need not be looked into
            table =
                    table.lines()
                            .filter(line -> line.contains(" " + name + " "))
                            .collect(Collectors.joining("\n"));
        }
        return parse(table).stream().filter(mount -> mount.point().equals(point)).toList();
    }

    /** The mount that a path without symbolic links is on. */
    public Mount containing(Path path) throws IOException {
        return all().stream()
                .filter(mount -> path.startsWith(mount.point()))
                .reduce((one, other) ->
                        other.point().getNameCount() >= one.point().getNameCount() ? other : one)
                .orElseThrow(() -> new IOException(TABLE + " has no mount for " + path));
    }

    /** See proc_pid_mountinfo(5); lines that are not of that form are left out. */
    static List<Mount> parse(String table) {
        List<Mount> mounts = new ArrayList<>();
        for (String line : table.lines().toList()) {
            List<String> words = List.of(line.split(" ", -1));
            int dash = words.indexOf("-");
            if (dash >= 6
                    && dash + 1 < words.size()
                    && words.get(2).matches("[0-9]{1,9}:[0-9]{1,9}")) {
                String minor = words.get(2).substring(words.get(2).indexOf(':') + 1);
                mounts.add(
                        new Mount(
                                Integer.parseInt(minor),
                                Path.of(unescape(words.get(4))),
                                words.get(dash + 1),
                                words.subList(6, dash).stream()
                                        .anyMatch(word -> word.startsWith("shared:"))));
            }
        }
        return List.copyOf(mounts);
    }

    /** Space, tab, line feed and backslash are written as a backslash and three octal digits. */
    private static String unescape(String text) {
        byte[] raw = text.getBytes(StandardCharsets.ISO_8859_1);
        byte[] plain = new byte[raw.length];
        int length = 0;
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] == '\\' && text.substring(i).matches("(?s)\\\\[0-3][0-7]{2}.*")) {
                plain[length++] = (byte) Integer.parseInt(text.substring(i + 1, i + 4), 8);
                i += 3;
            } else {
                plain[length++] = raw[i];
            }
        }
        return new String(plain, 0, length, StandardCharsets.UTF_8);
    }

    /** Takes the uppermost mount off a path; whoever has it open keeps it. */
    public void unmount(Path point) throws IOException {
        List<String> argv =
                root
                        ? List.of("umount", "--lazy", "--no-canonicalize", point.toString())
                        : List.of("fusermount3", "-u", "-z", point.toString());
        var _ = runner.run(argv, TIME_OUT);
    }

    /**
     * Lets mount namespaces that are made from now on, and those that follow this one, see what is
     * mounted below a mount later; as root.
     */
    public void share(Path point) throws IOException {
        var _ = runner.run(List.of("mount", "--make-shared", point.toString()), TIME_OUT);
    }

    /** Mounts a small empty memory file system for directories and empty files; as root. */
    public void mountMemory(Path directory) throws IOException {
        var _ =
                runner.run(
                        List.of(
                                "mount",
                                "-t",
                                "tmpfs",
                                "-o",
                                "nosuid,nodev,noexec,mode=0755,size=16m",
                                "virtman-exports",
                                directory.toString()),
                        TIME_OUT);
    }

    /**
     * Limits how many requests of asynchronous I/O the kernel hands to a FUSE server at a time.
     *
     * @param device of the mount
     * @throws IOException when the kernel's control files do not allow it
     */
    public void limitBackground(int device, int requests) throws IOException {
        if (root && Files.isDirectory(CONTROL) && at(CONTROL).isEmpty()) {
            var _ =
                    runner.run(
                            List.of("mount", "-t", "fusectl", "fusectl", CONTROL.toString()),
                            TIME_OUT);
        }
        Path limit = CONTROL.resolve(Integer.toString(device)).resolve("max_background");
        Files.writeString(limit, Integer.toString(requests));
        String now = Files.readString(limit).strip();
        if (!now.equals(Integer.toString(requests))) {
            throw new IOException(limit + " stays at " + now);
        }
    }
}
