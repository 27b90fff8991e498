package io.virtman.openstack;

import io.virtman.openstack.http.Answer;
import io.virtman.openstack.http.Call;
import io.virtman.openstack.http.Http;
import io.virtman.openstack.http.JsonFields;
import io.virtman.openstack.http.OpenStackException;
import java.net.URI;
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
 * @param endpoints the catalogue that came with it
 * @param startedNanos by our clock, before Keystone made the token
 * @param lifetime from then on
 */
record KeystoneLogin(AccessToken token, Endpoints endpoints, long startedNanos, Duration lifetime) {
    /** Renewed this early, or after 4/5 of the lifetime where that is later. */
    private static final Duration MARGIN = Duration.ofMinutes(5);

    /** Asks Keystone. */
    static KeystoneLogin perform(Http http, KeystoneSettings settings, LongSupplier nanos) {
        long started = nanos.getAsLong();
        Answer answer = http.send(Call.post(tokens(settings.authUrl()), request(settings), true));
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
                new AccessToken(value, expires), new Endpoints(settings, token), started, lifetime);
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

    private static URI tokens(URI authUrl) {
        String base = authUrl.toString().replaceFirst("(/v[0-9.]+)?/*$", "");
        return URI.create(base + "/v3/auth/tokens");
    }

    private static String request(KeystoneSettings settings) {
        Map<String, Object> auth =
                switch (settings.login()) {
                    case KeystoneSettings.Password user -> byPassword(user);
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
        Map<String, Object> project =
                Map.of(
                        "name",
                        user.projectName(),
                        "domain",
                        Map.of("name", user.projectDomainName()));
        return Map.of(
                "identity",
                Map.of("methods", List.of("password"), "password", Map.of("user", account)),
                "scope",
                Map.of("project", project));
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
