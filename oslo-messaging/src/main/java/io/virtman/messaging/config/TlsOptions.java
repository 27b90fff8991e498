package io.virtman.messaging.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whom to trust and what to show. All files are PEM.
 *
 * @param enabled {@code ssl}
 * @param authorities {@code ssl_ca_file}; null trusts what the JVM trusts. (Python then checks no
 *     certificate at all; this does.)
 * @param certificate {@code ssl_cert_file}, its chain after it; null to show none
 * @param key {@code ssl_key_file}, PKCS#8, not encrypted; null with certificate
 * @param protocol {@code ssl_version}: {@code TLSv1.2} or {@code TLSv1.3}; null for the best of
 *     both
 * @param verifyHostname {@code ssl_enforce_hostname_verification}: whether the certificate must
 *     name the host. True unless the configuration says otherwise. (Python: false.)
 */
public record TlsOptions(
        boolean enabled,
        @Nullable Path authorities,
        @Nullable Path certificate,
        @Nullable Path key,
        @Nullable String protocol,
        boolean verifyHostname) {
    /** Plain TCP. */
    public static final TlsOptions NONE = new TlsOptions(false, null, null, null, null, true);

    /** Checks that a certificate has its key. */
    public TlsOptions {
        if ((certificate == null) != (key == null)) {
            throw new ConfigurationException(
                    "[oslo_messaging_rabbit] only one of ssl_cert_file and ssl_key_file is set;"
                            + " set both, or neither");
        }
    }

    /** TLS with the authorities of that file. */
    public static TlsOptions trusting(@Nullable Path authorities) {
        return new TlsOptions(true, authorities, null, null, null, true);
    }

    /** The same, showing a certificate. */
    public TlsOptions showing(Path chain, Path itsKey) {
        return new TlsOptions(true, authorities, chain, itsKey, protocol, verifyHostname);
    }

    /** The same, whatever host the certificate is for. */
    public TlsOptions withoutHostnameVerification() {
        return new TlsOptions(enabled, authorities, certificate, key, protocol, false);
    }
}
