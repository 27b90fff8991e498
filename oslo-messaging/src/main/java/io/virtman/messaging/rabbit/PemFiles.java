package io.virtman.messaging.rabbit;

import io.virtman.messaging.config.ConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/** Reads certificates and keys; RFC 7468. */
final class PemFiles {
    private static final System.Logger LOG = System.getLogger(PemFiles.class.getName());
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";
    private static final long LARGEST = 1 << 20;

    private PemFiles() {}

    static List<Certificate> certificates(Path file, String option) {
        try (InputStream input = Files.newInputStream(checked(file, option))) {
            List<Certificate> all =
                    List.copyOf(
                            CertificateFactory.getInstance("X.509").generateCertificates(input));
            if (all.isEmpty()) {
                throw wrong(option, file, "holds no certificate");
            }
            return all;
        } catch (CertificateException e) {
            throw new ConfigurationException(
                    text(option, file, "is no PEM file of certificates: " + e.getMessage()), e);
        } catch (IOException e) {
            throw unreadable(option, file, e);
        }
    }

    static PrivateKey key(Path file, String option) {
        String pem;
        try {
            pem = Files.readString(checked(file, option), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw unreadable(option, file, e);
        }
        int begin = pem.indexOf(BEGIN);
        int end = pem.indexOf(END, Math.max(begin, 0));
        if (begin < 0 || end < 0) {
            throw wrong(
                    option,
                    file,
                    (pem.contains("PRIVATE KEY") ? "holds a key that is" : "holds no key that is")
                            + " no unencrypted PKCS#8; convert it: openssl pkcs8 -topk8 -nocrypt"
                            + " -in "
                            + file
                            + " -out key.pem");
        }
        byte[] encoded;
        try {
            encoded = Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN.length(), end));
        } catch (IllegalArgumentException e) {
            throw wrong(option, file, "is damaged: no Base64");
        }
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm)
                        .generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (InvalidKeySpecException e) {
                LOG.log(System.Logger.Level.DEBUG, "{0} is no {1} key", file, algorithm);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
        throw wrong(option, file, "holds a key that is none of RSA, EC and EdDSA");
    }

    private static Path checked(Path file, String option) throws IOException {
        if (Files.size(file) > LARGEST) {
            throw wrong(option, file, "is longer than 1 MiB");
        }
        return file;
    }

    private static ConfigurationException unreadable(String option, Path file, IOException e) {
        return new ConfigurationException(text(option, file, "cannot be read: " + e), e);
    }

    private static ConfigurationException wrong(String option, Path file, String what) {
        return new ConfigurationException(text(option, file, what));
    }

    private static String text(String option, Path file, String what) {
        return "[oslo_messaging_rabbit] %s: %s %s".formatted(option, file, what);
    }
}
