package io.virtman.nova.secret;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts texts for the database with AES-256-GCM (NIST SP 800-38D), each bound to what it is for,
 * so that one can't be put in another's place. Safe for many threads.
 */
public final class SecretKey {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    private SecretKey(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
    }

    /**
     * The key in a file, which is made when it is missing. Bridges of one name need the same.
     *
     * @throws ProblemException when it can't be read or made, or others than its owner may read it
     */
    public static SecretKey in(Path file) {
        try {
            if (!Files.exists(file)) {
                make(file);
            }
            if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                throw wrong(file, "everybody may read it", "chmod 600 it");
            }
            byte[] key = Base64.getDecoder().decode(Files.readString(file).strip());
            if (key.length != KEY_BYTES) {
                throw wrong(file, "it isn't 32 bytes in Base64", "remove it; another is made");
            }
            return new SecretKey(key);
        } catch (IllegalArgumentException e) {
            throw wrong(file, "it isn't Base64", "remove it; another is made");
        } catch (IOException e) {
            throw wrong(file, e.toString(), "let this user write there");
        }
    }

    private static void make(Path file) throws IOException {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        Path draft = file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid());
        Files.createFile(draft, OWNER_ONLY);
        Files.writeString(
                draft,
                Base64.getEncoder().encodeToString(key) + "\n",
                StandardCharsets.US_ASCII,
                StandardOpenOption.DSYNC);
        try {
            Files.createLink(file, draft); // whole, and only if nobody else was faster
        } catch (FileAlreadyExistsException e) {
            return;
        } finally {
            Files.delete(draft);
        }
    }

    private static ProblemException wrong(Path file, String detail, String remedy) {
        return new ProblemException(Kind.FAILED, "[nova] key_file", file + ": " + detail, remedy);
    }

    /**
     * Encrypts.
     *
     * @param purpose what it is for, e.g. the id of its row
     * @return nonce and ciphertext in Base64
     */
    public String encrypt(String text, String purpose) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed =
                    cipher(Cipher.ENCRYPT_MODE, nonce, purpose)
                            .doFinal(text.getBytes(StandardCharsets.UTF_8));
            byte[] all = new byte[nonce.length + sealed.length];
            System.arraycopy(nonce, 0, all, 0, nonce.length);
            System.arraycopy(sealed, 0, all, nonce.length, sealed.length);
            return Base64.getEncoder().encodeToString(all);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is part of every JVM", e);
        }
    }

    /**
     * Decrypts.
     *
     * @throws ProblemException when it was encrypted with another key or for another purpose, or
     *     has been changed
     */
    public String decrypt(String base64, String purpose) {
        try {
            byte[] all = Base64.getDecoder().decode(base64);
            byte[] nonce = java.util.Arrays.copyOf(all, NONCE_BYTES);
            byte[] text =
                    cipher(Cipher.DECRYPT_MODE, nonce, purpose)
                            .doFinal(all, NONCE_BYTES, Math.max(0, all.length - NONCE_BYTES));
            return new String(text, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new ProblemException(
                    Kind.FAILED,
                    "[nova] key_file",
                    "what is in the database was encrypted with another key",
                    "use the same key on all hosts of the service",
                    e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String purpose) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(purpose.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "a key";
    }
}
