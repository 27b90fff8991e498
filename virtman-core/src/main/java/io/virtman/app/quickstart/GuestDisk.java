package io.virtman.app.quickstart;

import io.virtman.command.CommandRunner;
import io.virtman.command.MakeExt4;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The disk of quickstart's guests: a raw file, one ext4 file system without partitions, holding a
 * Debian system of some 350 MB of which a boot reads about 20 MB. Equal packages give like disks:
 * identity, hash seed and times of the file system are fixed; times of its files are those of their
 * unpacking.
 */
final class GuestDisk {
    /** Size of the disk. */
    static final int SIZE_MEBIBYTES = 512;

    private static final UUID IDENTITY = UUID.fromString("5b1b3ad4-6b0a-4c6e-9d7e-3a3b4d0c9f11");
    private static final String OWN_DIRECTORY = "opt/virtman";

    /** Programs and libraries that run at boot, then one big file; those that exist count. */
    private static final List<String> CHECKED =
            List.of(
                    "bin/bash",
                    "usr/bin/perl",
                    "usr/bin/git",
                    "lib/x86_64-linux-gnu/libc.so.6",
                    "usr/lib/x86_64-linux-gnu/libc.so.6");

    /** Besides, many smaller files: up to this many bytes of Perl's library. */
    private static final String SAMPLED_DIRECTORY = "usr/share/perl";

    private static final long SAMPLE_BYTES = 4 << 20;
    private static final long SAMPLED_FILE_LEAST_BYTES = 32 << 10;

    private GuestDisk() {}

    /**
     * Makes the disk out of an unpacked system.
     *
     * @param tree root of {@link GuestPackages#unpack}; our files are added to it
     * @param program {@code mke2fs} or its path
     * @param image the file to create
     */
    static void build(CommandRunner runner, String program, Path tree, Path image)
            throws IOException {
        Path init = tree.resolve("sbin/virtman-guest");
        Files.createDirectories(init.getParent());
        Files.write(init, GuestScripts.read("guest-init.sh"));
        Files.setPosixFilePermissions(init, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(tree.resolve("var/lib/virtman"));
        Path sums = tree.resolve(OWN_DIRECTORY).resolve("SHA256SUMS");
        Files.createDirectories(sums.getParent());
        Files.writeString(sums, checksums(tree));
        new MakeExt4(runner, program).create(image, SIZE_MEBIBYTES, IDENTITY, tree);
    }

    /** Lines as {@code sha256sum -c} reads them, with the paths that the guest sees. */
    static String checksums(Path tree) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (Path file : checked(tree)) {
            lines.append(sha256(file)).append("  /").append(tree.relativize(file)).append('\n');
        }
        if (lines.isEmpty()) {
            throw new ProblemException(
                    Kind.FAILED,
                    "guest disk",
                    "the packages hold none of the files to check",
                    "report this with the version of this Debian release");
        }
        return lines.toString();
    }

    private static List<Path> checked(Path tree) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String name : CHECKED) {
            Path file = tree.resolve(name);
            if (Files.isRegularFile(file)) {
                files.add(file);
            }
        }
        Path sampled = tree.resolve(SAMPLED_DIRECTORY);
        if (Files.isDirectory(sampled)) {
            long left = SAMPLE_BYTES;
            try (Stream<Path> walk = Files.walk(sampled)) {
                for (Path file :
                        walk.filter(each -> !Files.isSymbolicLink(each)).sorted().toList()) {
                    long size = Files.isRegularFile(file) ? Files.size(file) : 0;
                    if (size >= SAMPLED_FILE_LEAST_BYTES && size <= left) {
                        files.add(file);
                        left -= size;
                    }
                }
            }
        }
        return files;
    }

    private static String sha256(Path file) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream stream = new DigestInputStream(Files.newInputStream(file), digest)) {
                stream.transferTo(OutputStream.nullOutputStream()); // skip() would not digest
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
