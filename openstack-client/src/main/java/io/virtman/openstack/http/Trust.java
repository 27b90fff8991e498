package io.virtman.openstack.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Whom to believe over TLS. Host names are verified always, by the JDK's client. */
public final class Trust {
    private Trust() {}

    /**
     * Trusts the authorities of a file, and no others, as {@code cafile} of an OpenStack service.
     *
     * @param cafile certificates in PEM, one or more
     * @throws IllegalArgumentException when it cannot be read or holds none
     */
    public static SSLContext of(Path cafile) {
        try (InputStream in = Files.newInputStream(cafile)) {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (certificates.isEmpty()) {
                throw new IllegalArgumentException("cafile: no certificate in " + cafile);
            }
            KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
            authorities.load(null, null);
            int number = 0;
            for (Certificate certificate : certificates) {
                authorities.setCertificateEntry("ca-" + number++, certificate);
            }
            TrustManagerFactory managers =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(authorities);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException("cafile: cannot read " + cafile, e);
        }
    }
}
