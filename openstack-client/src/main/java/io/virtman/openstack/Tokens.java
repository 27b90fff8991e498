package io.virtman.openstack;

import io.virtman.openstack.http.Answer;
import io.virtman.openstack.http.Call;
import io.virtman.openstack.http.JsonFields;
import io.virtman.openstack.http.OpenStackException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;

/** The tokens of users, as Keystone sees them. */
public final class Tokens {
    /** As long as a header may be with most web servers, and what goes into one unchanged. */
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]{1,8000}");

    private final ServiceSession session;

    /**
     * Calls nothing yet.
     *
     * @param session the service's own, whose user must have the role {@code service} or {@code
     *     admin}
     */
    public Tokens(ServiceSession session) {
        this.session = session;
    }

    /**
     * Whose token that is. Asks Keystone each time, so that a token that has been revoked is none.
     *
     * @param userToken from outside; malformed ones are not sent on
     * @return empty for what is no token, or none any more
     * @throws OpenStackException {@code Unauthorized} when the service itself is not let in, {@code
     *     Forbidden} when it may not ask, and others
     */
    public Optional<Identity> identify(String userToken) {
        if (!TOKEN.matcher(userToken).matches()) {
            return Optional.empty();
        }
        try {
            Answer answer =
                    session.keystone(
                            "/auth/tokens?nocatalog",
                            (url, own) -> Call.get(url, own).with("X-Subject-Token", userToken));
            Identity identity =
                    Identity.of(JsonFields.of("token", answer.body()).object("token"), now(answer));
            return identity.remaining().isPositive() ? Optional.of(identity) : Optional.empty();
        } catch (OpenStackException.NotFound _) {
            return Optional.empty();
        }
    }

    private Instant now(Answer answer) {
        try {
            return answer.headers()
                    .firstValue("Date")
                    .map(DateTimeFormatter.RFC_1123_DATE_TIME::parse)
                    .map(Instant::from)
                    .orElseGet(session::keystoneNow);
        } catch (DateTimeException _) {
            return session.keystoneNow();
        }
    }
}
