package io.virtman.nova.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretKeyTest {
    @TempDir private Path directory;

    @Test
    void whatIsEncryptedComesBackForItsPurposeOnly() {
        SecretKey key = SecretKey.in(directory.resolve("key"));
        String sealed = key.encrypt("#!/bin/sh", "boot-1");
        assertThat(sealed).isNotEqualTo(key.encrypt("#!/bin/sh", "boot-1"));
        assertThat(key.decrypt(sealed, "boot-1")).isEqualTo("#!/bin/sh");
        assertThatThrownBy(() -> key.decrypt(sealed, "boot-2"))
                .isInstanceOf(ProblemException.class);
        byte[] changed = Base64.getDecoder().decode(sealed);
        changed[changed.length - 1] ^= 1;
        assertThatThrownBy(() -> key.decrypt(Base64.getEncoder().encodeToString(changed), "boot-1"))
                .isInstanceOf(ProblemException.class);
        for (String bad : new String[] {"", "AAAA", "no base64!"}) {
            assertThatThrownBy(() -> key.decrypt(bad, "boot-1"))
                    .as(bad)
                    .isInstanceOf(ProblemException.class);
        }
    }

    @Test
    void theFileIsMadeOnceAndItsOwnersAlone() throws Exception {
        Path file = directory.resolve("key");
        String sealed = SecretKey.in(file).encrypt("text", "x");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(SecretKey.in(file).decrypt(sealed, "x")).isEqualTo("text");
        assertThat(SecretKey.in(file)).hasToString("a key");
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
        SecretKey other = SecretKey.in(directory.resolve("other"));
        assertThatThrownBy(() -> other.decrypt(sealed, "x")).hasMessageContaining("another key");
    }

    @Test
    void badFilesAreRefused() throws Exception {
        Path open = directory.resolve("open");
        SecretKey _ = SecretKey.in(open);
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> SecretKey.in(open)).hasMessageContaining("everybody may read it");
        Path wrong = Files.writeString(directory.resolve("wrong"), "c2hvcnQ=\n");
        Files.setPosixFilePermissions(wrong, PosixFilePermissions.fromString("rw-------"));
        assertThatThrownBy(() -> SecretKey.in(wrong)).hasMessageContaining("32 bytes");
        Files.writeString(wrong, "!!");
        assertThatThrownBy(() -> SecretKey.in(wrong)).hasMessageContaining("Base64");
        Path nowhere = directory.resolve("no").resolve("key");
        assertThatThrownBy(() -> SecretKey.in(nowhere)).hasMessageContaining("key_file");
    }
}
