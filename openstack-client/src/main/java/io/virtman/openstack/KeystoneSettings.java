package io.virtman.openstack;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The account of a service, as in {@code [keystone_authtoken]} or {@code [service_user]}.
 *
 * @param authUrl of Keystone, with or without {@code /v3}
 * @param login who this is
 * @param region of the endpoints; null takes the first there is
 * @param endpoints which to use
 * @param cafile whom to trust over TLS, in PEM; null for those that the JDK trusts
 * @param overrides endpoints to use in place of the catalogue's, by service: {@code image}, {@code
 *     compute}, {@code block-storage}
 */
public record KeystoneSettings(
        URI authUrl,
        Login login,
        @Nullable String region,
        EndpointInterface endpoints,
        @Nullable Path cafile,
        Map<String, URI> overrides) {
    /** Who logs in. */
    public sealed interface Login {}

    /**
     * A user with a password, in a project.
     *
     * @param username name of the user
     * @param password of the user
     * @param userDomainName domain of the user, usually {@code Default}
     * @param projectName usually {@code service}
     * @param projectDomainName domain of the project
     */
    public record Password(
            String username,
            String password,
            String userDomainName,
            String projectName,
            String projectDomainName)
            implements Login {
        /** Checks that all is there. */
        public Password {
            filled("username", username);
            filled("password", password);
            filled("user_domain_name", userDomainName);
            filled("project_name", projectName);
            filled("project_domain_name", projectDomainName);
        }

        /** Without the password. */
        @Override
        public String toString() {
            return username + "@" + userDomainName + " in " + projectName;
        }
    }

    /**
     * An application credential, which has a project of its own.
     *
     * @param id of the credential
     * @param secret of the credential
     */
    public record ApplicationCredential(String id, String secret) implements Login {
        /** Checks that all is there. */
        public ApplicationCredential {
            filled("application_credential_id", id);
            filled("application_credential_secret", secret);
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "application credential " + id;
        }
    }

    /** Checks the URLs. */
    public KeystoneSettings {
        Objects.requireNonNull(login);
        Objects.requireNonNull(endpoints);
        url("auth_url", authUrl);
        overrides = Map.copyOf(overrides);
        overrides.forEach((service, url) -> {
            if (!Endpoints.KINDS.containsKey(service)) {
                throw new IllegalArgumentException(
                        "overrides: " + Endpoints.KINDS.keySet() + ", not " + service);
            }
            url(service, url);
        });
    }

    /** At that Keystone, in any region, through the public endpoints. */
    public static KeystoneSettings of(URI authUrl, Login login) {
        return new KeystoneSettings(authUrl, login, null, EndpointInterface.PUBLIC, null, Map.of());
    }

    private static void filled(String name, String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException(name + ": empty");
        }
    }

    private static void url(String name, URI url) {
        String scheme = url.getScheme();
        if (url.getHost() == null
                || url.getRawUserInfo() != null
                || !("http".equals(scheme) || "https".equals(scheme))) {
            // Without the URL: it may hold a password.
            throw new IllegalArgumentException(name + ": http[s]://HOST[:PORT][/PATH]");
        }
    }
}
