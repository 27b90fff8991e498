package io.virtman.openstack;

import io.virtman.openstack.http.Answer;
import io.virtman.openstack.http.Call;
import io.virtman.openstack.http.Http;
import io.virtman.openstack.http.JsonFields;
import io.virtman.openstack.http.OpenStackException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What a login has given.
 *
 * @param token and when it ends by Keystone's clock
 * @param userId who it is; of a trust, whom it acts for
 * @param endpoints the catalogue that came with it
 * @param startedNanos by our clock, before Keystone made the token
 * @param lifetime from then on
 */
record KeystoneLogin(
        AccessToken token,
        String userId,
        Endpoints endpoints,
        long startedNanos,
        Duration lifetime) {
    /** Renewed this early, or after 4/5 of the lifetime where that is later. */
    private static final Duration MARGIN = Duration.ofMinutes(5);

    /** Asks Keystone. */
    static KeystoneLogin perform(Http http, KeystoneSettings settings, LongSupplier nanos) {
        long started = nanos.getAsLong();
        Answer answer = send(http, settings);
        JsonFields token = JsonFields.of("login", answer.body()).object("token");
        String value =
                answer.headers()
                        .firstValue("X-Subject-Token")
                        .orElseThrow(() -> new OpenStackException.Unexpected("login: no token"));
        Instant expires = token.instant("expires_at");
        Duration lifetime = Duration.between(now(answer, token), expires);
        if (!lifetime.isPositive()) {
            throw new OpenStackException.Unexpected("login: the token has expired already");
        }
        return new KeystoneLogin(
                new AccessToken(value, expires),
                token.object("user").text("id"),
                new Endpoints(settings, token),
                started,
                lifetime);
    }

    private static Answer send(Http http, KeystoneSettings settings) {
        Call call = Call.post(settings.keystone("/auth/tokens"), request(settings.login()), true);
        if (!(settings.login() instanceof KeystoneSettings.TrustedPassword)) {
            return http.send(call);
        }
        try {
            return http.send(call);
        } catch (OpenStackException.Forbidden | OpenStackException.NotFound e) {
            // It was deleted or has expired, or whoever made it has lost a role or the account.
            throw new OpenStackException.Unauthorized(
                    "this trust lets nobody in any more: " + e.getMessage());
        }
    }

    /** Keystone's clock, never ours: they may differ. */
    private static Instant now(Answer answer, JsonFields token) {
        try {
            return answer.headers()
                    .firstValue("Date")
                    .map(DateTimeFormatter.RFC_1123_DATE_TIME::parse)
                    .map(Instant::from)
                    .orElseGet(() -> token.instant("issued_at"));
        } catch (DateTimeException _) {
            return token.instant("issued_at");
        }
    }

    private static String request(KeystoneSettings.Login login) {
        Map<String, Object> auth =
                switch (login) {
                    case KeystoneSettings.Password user ->
                            Map.of("identity", byPassword(user), "scope", ofProject(user));
                    case KeystoneSettings.TrustedPassword trusted ->
                            Map.of(
                                    "identity",
                                    byPassword(trusted.user()),
                                    "scope",
                                    Map.of("OS-TRUST:trust", Map.of("id", trusted.trustId())));
                    case KeystoneSettings.ApplicationCredential credential ->
                            Map.of(
                                    "identity",
                                    Map.of(
                                            "methods",
                                            List.of("application_credential"),
                                            "application_credential",
                                            Map.of(
                                                    "id",
                                                    credential.id(),
                                                    "secret",
                                                    credential.secret())));
                };
        return JsonFields.write(Map.of("auth", auth));
    }

    private static Map<String, Object> byPassword(KeystoneSettings.Password user) {
        Map<String, Object> account =
                Map.of(
                        "name",
                        user.username(),
                        "password",
                        user.password(),
                        "domain",
                        Map.of("name", user.userDomainName()));
        return Map.of("methods", List.of("password"), "password", Map.of("user", account));
    }

    private static Map<String, Object> ofProject(KeystoneSettings.Password user) {
        return Map.of(
                "project",
                Map.of(
                        "name",
                        user.projectName(),
                        "domain",
                        Map.of("name", user.projectDomainName())));
    }

    /** What Keystone's clock shows, also where its answers have no {@code Date}. */
    Instant clock(long nanos) {
        return token.expiresAt().minus(lifetime).plusNanos(nanos - startedNanos);
    }

    boolean expired(long nanos) {
        return nanos - startedNanos >= lifetime.toNanos();
    }

    boolean ageing(long nanos) {
        Duration early = lifetime.dividedBy(5);
        Duration margin = early.compareTo(MARGIN) < 0 ? early : MARGIN;
        return nanos - startedNanos >= lifetime.minus(margin).toNanos();
    }
}
