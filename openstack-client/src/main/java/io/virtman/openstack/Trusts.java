package io.virtman.openstack;

import io.virtman.openstack.http.Answer;
import io.virtman.openstack.http.Call;
import io.virtman.openstack.http.JsonFields;
import io.virtman.openstack.http.OpenStackException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;

/** Trusts of Keystone: the right to act for a user, in one project, until it ends. */
public final class Trusts {
    private static final String TRUSTS = "/OS-TRUST/trusts";

    /** The only form that Keystone parses without doubt. */
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final ServiceSession session;

    /**
     * Calls nothing yet.
     *
     * @param session the service's own
     */
    public Trusts(ServiceSession session) {
        this.session = session;
    }

    /**
     * Lets somebody act for a user in the project of the user's token, with all roles of it, and
     * not hand that on. Sent once: when the answer is lost the trust may be there until it ends.
     *
     * @param userToken theirs; never replaced by the service's
     * @param user what {@link Tokens#identify} says of that token
     * @param trusteeUserId who may act, usually {@link ServiceSession#userId}
     * @param lifetime more than 0, from now on by Keystone's clock. After that there are no new
     *     tokens; those that are out stay good for their own time, so {@link #delete} it before
     * @return id of the trust
     * @throws OpenStackException {@code Refused} when Keystone makes no trust for that token, with
     *     the reason; {@code Unauthorized} when the token has ended; and others
     */
    public String create(String userToken, Identity user, String trusteeUserId, Duration lifetime) {
        if (!lifetime.isPositive()) {
            throw new IllegalArgumentException("lifetime: more than 0");
        }
        String projectId = user.projectId();
        if (projectId == null) {
            throw new OpenStackException.Refused(
                    "trust: without a project", "the token is not for a project");
        }
        Instant end = session.keystoneNow().plus(lifetime);
        Map<String, Object> trust =
                Map.of(
                        "trustor_user_id",
                        user.userId(),
                        "trustee_user_id",
                        trusteeUserId,
                        "project_id",
                        projectId,
                        "roles",
                        user.roles().stream().sorted().map(role -> Map.of("name", role)).toList(),
                        "impersonation",
                        true,
                        "allow_redelegation",
                        false,
                        "expires_at",
                        TIME.format(end));
        String body = JsonFields.write(Map.of("trust", trust));
        try {
            Answer answer = session.keystoneAs(TRUSTS, url -> Call.post(url, userToken, body));
            JsonFields made = JsonFields.of("trust", answer.body()).object("trust");
            return Ids.answered("trust", made.text("id"));
        } catch (OpenStackException.Forbidden | OpenStackException.NotFound e) {
            // 404 is for a role or a trustee; for a role also when a group of a federation gives
            // it.
            throw new OpenStackException.Refused(String.valueOf(e.getMessage()), e.reason());
        }
    }

    /**
     * Ends a trust, and with it all tokens of it. Done when it is not there: also when its time has
     * run out, and then its last tokens live on. As the user who made it, which is what Keystone
     * lets everybody do; where it does not, as the service.
     *
     * @param trust the session of that trust, of {@link ServiceSession#ofTrust}
     * @throws OpenStackException {@code Forbidden} when neither is let, and others
     */
    public void delete(String trustId, ServiceSession trust) {
        String path = TRUSTS + "/" + Ids.checked("trust", trustId);
        for (ServiceSession who : List.of(trust, session)) {
            try {
                Answer _ = who.keystone(path, Call::delete);
                return;
            } catch (OpenStackException.NotFound _) {
                return;
            } catch (OpenStackException.Forbidden | OpenStackException.Unauthorized e) {
                if (who == session) {
                    throw e;
                }
            }
        }
    }
}
