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
 *     compute}, {@code block-storage}, {@code network}
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

    /**
     * A user with a password who acts for another by a trust, in the project of the trust.
     *
     * @param user the trustee; their own project is not used
     * @param trustId of a trust that Keystone has
     */
    public record TrustedPassword(Password user, String trustId) implements Login {
        /** Checks the id. */
        public TrustedPassword {
            Objects.requireNonNull(user);
            if (!Ids.fits(trustId)) {
                throw new IllegalArgumentException("trust: not an id");
            }
        }

        /** Without the password. */
        @Override
        public String toString() {
            return user.username() + "@" + user.userDomainName() + " by trust " + trustId;
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

    /**
     * The same user, acting for whoever has made that trust.
     *
     * @param trustId of a trust whose trustee is this user
     * @throws IllegalArgumentException for what can't be an id, and for an application credential:
     *     it is bound to its own project
     */
    public KeystoneSettings withTrust(String trustId) {
        Password user =
                switch (login) {
                    case Password own -> own;
                    case TrustedPassword other -> other.user();
                    case ApplicationCredential _ ->
                            throw new IllegalArgumentException(
                                    "an application credential cannot use a trust: "
                                            + "log in with a password");
                };
        return new KeystoneSettings(
                authUrl, new TrustedPassword(user, trustId), region, endpoints, cafile, overrides);
    }

    /**
     * Below Keystone's API v3.
     *
     * @param path starts with a slash
     */
    URI keystone(String path) {
        return URI.create(authUrl.toString().replaceFirst("(/v[0-9.]+)?/*$", "") + "/v3" + path);
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
