package io.virtman.openstack;

import io.virtman.openstack.http.JsonFields;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who somebody is, by a token of theirs that Keystone accepts.
 *
 * @param userId of the user
 * @param userName unique in the domain
 * @param userDomainId domain of the user
 * @param projectId for which the token is; null when it is for none
 * @param projectDomainId domain of the project; null without a project
 * @param roles names of the roles that the token gives in its project
 * @param remaining how long the token is valid, by Keystone's clock; more than 0
 * @param canDelegate false when the token is itself lent: by a trust, by OAuth, or by an
 *     application credential that is restricted. Keystone makes no trusts for these; others it may
 *     refuse too
 */
public record Identity(
        String userId,
        String userName,
        String userDomainId,
        @Nullable String projectId,
        @Nullable String projectDomainId,
        Set<String> roles,
        Duration remaining,
        boolean canDelegate) {
    private static final String CREDENTIAL = "application_credential";

    /** Keeps a copy of the roles. */
    public Identity {
        roles = Set.copyOf(roles);
    }

    /**
     * Reads what Keystone says of a token.
     *
     * @param now by Keystone's clock
     */
    static Identity of(JsonFields token, Instant now) {
        JsonFields user = token.object("user");
        JsonFields project = token.hasObject("project") ? token.object("project") : null;
        return new Identity(
                user.text("id"),
                user.text("name"),
                user.object("domain").text("id"),
                project == null ? null : Ids.answered("project", project.text("id")),
                project == null ? null : project.object("domain").text("id"),
                token.objects("roles").stream()
                        .map(role -> role.text("name"))
                        .collect(Collectors.toUnmodifiableSet()),
                Duration.between(now, token.instant("expires_at")),
                canDelegate(token));
    }

    private static boolean canDelegate(JsonFields token) {
        return !token.has("OS-TRUST:trust")
                && !token.has("OS-OAUTH1")
                && (!token.has(CREDENTIAL) || !token.object(CREDENTIAL).flag("restricted"));
    }
}
