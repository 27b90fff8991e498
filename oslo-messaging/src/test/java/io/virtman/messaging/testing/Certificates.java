package io.virtman.messaging.testing;

import io.virtman.testkit.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes an authority, and certificates of it, with {@code openssl}; valid for two days. */
public final class Certificates {
    private final Path directory;

    private Certificates(Path directory) {
        this.directory = directory;
    }

    /** A new authority; everything is in that directory, which must be empty. */
    public static Certificates in(Path directory) {
        Certificates made = new Certificates(directory);
        made.run(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=authority",
                "-addext",
                "basicConstraints=critical,CA:TRUE",
                "-keyout",
                "authority.key",
                "-out",
                "authority.pem");
        return made;
    }

    /** PEM files. */
    public record Pair(Path certificate, Path key) {}

    /** The certificate of the authority. */
    public Path authority() {
        return directory.resolve("authority.pem");
    }

    /** A certificate for that DNS name, for servers and clients, with a key in PKCS#8. */
    public Pair issue(String name) {
        try {
            Files.writeString(
                    directory.resolve(name + ".ext"),
                    "subjectAltName=DNS:" + name + "\nextendedKeyUsage=serverAuth,clientAuth\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run(
                "req",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=" + name,
                "-keyout",
                name + ".key",
                "-out",
                name + ".csr");
        run(
                "x509",
                "-req",
                "-in",
                name + ".csr",
                "-CA",
                "authority.pem",
                "-CAkey",
                "authority.key",
                "-CAcreateserial",
                "-days",
                "2",
                "-extfile",
                name + ".ext",
                "-out",
                name + ".pem");
        return new Pair(directory.resolve(name + ".pem"), directory.resolve(name + ".key"));
    }

    /** The same key in the older form, PKCS#1. */
    public Path traditional(Path key) {
        Path converted = directory.resolve("traditional.key");
        run("rsa", "-traditional", "-in", key.toString(), "-out", converted.toString());
        return converted;
    }

    private void run(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Programs.require("openssl"));
        command.addAll(List.of(arguments));
        try {
            Path output = directory.resolve("openssl.out");
            Process process =
                    new ProcessBuilder(command)
                            .directory(directory.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError(command + " failed: " + Files.readString(output));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
