package io.virtman.messaging.rabbit;

import io.virtman.messaging.config.ConfigurationException;
import io.virtman.messaging.config.TlsOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Makes TLS contexts from PEM files. Keys are in memory only. */
final class TlsContexts {
    private static final char[] NO_PASSWORD = {};

    private TlsContexts() {}

    static SSLContext of(TlsOptions options) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    own(options.certificate(), options.key()), trust(options.authorities()), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new ConfigurationException(
                    "[oslo_messaging_rabbit] ssl_ca_file, ssl_cert_file and ssl_key_file do not"
                            + " make a TLS context; check that the key belongs to the certificate: "
                            + e.getMessage(),
                    e);
        }
    }

    private static KeyManager @Nullable [] own(@Nullable Path chain, @Nullable Path key)
            throws GeneralSecurityException, IOException {
        if (chain == null || key == null) {
            return null;
        }
        KeyStore store = empty();
        store.setKeyEntry(
                "own",
                PemFiles.key(key, "ssl_key_file"),
                NO_PASSWORD,
                PemFiles.certificates(chain, "ssl_cert_file").toArray(Certificate[]::new));
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    /** Null for what the JVM trusts. */
    private static TrustManager @Nullable [] trust(@Nullable Path authorities)
            throws GeneralSecurityException, IOException {
        if (authorities == null) {
            return null;
        }
        KeyStore store = empty();
        int number = 0;
        for (Certificate authority : PemFiles.certificates(authorities, "ssl_ca_file")) {
            store.setCertificateEntry("authority " + number++, authority);
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
