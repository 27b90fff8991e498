package io.virtman.remote;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The hash a whole file must have.
 *
 * @param algorithm {@code sha512}, {@code sha256} or {@code md5}
 * @param hex the value, hexadecimal digits in lower case
 */
public record FileHash(String algorithm, String hex) {
    private static final int BUFFER = 1 << 20;

    /**
     * @throws ProblemException INVALID for another algorithm or a value that can't be one of it
     */
    public FileHash {
        int digits =
                switch (algorithm) {
                    case "sha512" -> 128;
                    case "sha256" -> 64;
                    case "md5" -> 32;
                    default ->
                            throw new ProblemException(
                                    Kind.INVALID,
                                    "hash",
                                    "its algorithm is not known",
                                    "give sha512, sha256 or md5");
                };
        if (!hex.matches("[0-9a-f]{" + digits + "}")) {
            throw new ProblemException(
                    Kind.INVALID,
                    "hash",
                    "not a value of " + algorithm,
                    "give " + digits + " hexadecimal digits in lower case");
        }
    }

    /**
     * Whether a file has this hash.
     *
     * @throws InterruptedIOException when the calling thread is interrupted
     */
    boolean matches(Path file) throws IOException {
        MessageDigest digest = digest();
        byte[] buffer = new byte[BUFFER];
        try (InputStream stream = Files.newInputStream(file)) {
            for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                digest.update(buffer, 0, count);
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedIOException("interrupted while hashing");
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest()).equals(hex);
    }

    private MessageDigest digest() {
        try {
            return MessageDigest.getInstance(
                    switch (algorithm) {
                        case "sha512" -> "SHA-512";
                        case "sha256" -> "SHA-256";
                        default -> "MD5";
                    });
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has it", e);
        }
    }
}
