package io.virtman.bridge.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * {@code [keystone_authtoken]}: the account with which the bridge asks Glance and Nova; a user with
 * the role {@code admin} or {@code service} in the project {@code service}, as other services have.
 *
 * @param authUrl {@code auth_url} of Keystone, with or without {@code /v3}
 * @param username {@code username}
 * @param password {@code password}
 * @param projectName {@code project_name}, usually {@code service}
 * @param userDomainName {@code user_domain_name}, usually {@code Default}
 * @param projectDomainName {@code project_domain_name}, usually {@code Default}
 * @param regionName {@code region_name}; empty for the only region of the catalogue
 * @param endpoints {@code interface}: which endpoints of the catalogue are used
 * @param cafile {@code cafile}: whom to trust, PEM; empty for those that the JVM trusts
 */
public record KeystoneOptions(
        URI authUrl,
        String username,
        String password,
        String projectName,
        String userDomainName,
        String projectDomainName,
        Optional<String> regionName,
        Interface endpoints,
        Optional<Path> cafile) {
    /** Which of a service's addresses to use. */
    public enum Interface {
        /** What users have. */
        PUBLIC,
        /** What services have among themselves. */
        INTERNAL,
        /** What administrators have. */
        ADMIN
    }

    /** Checks that nothing is missing. */
    public KeystoneOptions {
        Objects.requireNonNull(password);
        if (username.isEmpty() || projectName.isEmpty()) {
            throw new IllegalArgumentException("username or project name is empty");
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return username + "@" + projectName + " at " + authUrl;
    }
}
