package io.virtman.openstack;

import io.virtman.openstack.http.Answer;
import io.virtman.openstack.http.Call;
import io.virtman.openstack.http.Http;
import io.virtman.openstack.http.JsonFields;
import io.virtman.openstack.http.Limits;
import io.virtman.openstack.http.OpenStack4jCall;
import io.virtman.openstack.http.OpenStackException;
import io.virtman.openstack.http.Trust;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.openstack4j.api.OSClient.OSClientV3;
import org.openstack4j.core.transport.Config;
import org.openstack4j.openstack.OSFactory;
import org.openstack4j.openstack.identity.v3.domain.KeystoneToken;

/**
 * The service's own account at one OpenStack, or a user's by a trust: a token that is renewed in
 * time, and the way to the services. Logs in at the first use, and again when a service says that
 * the token is none (Keystone may have lost or revoked it). Thread-safe; the service's own is made
 * once per process.
 */
public final class ServiceSession implements AutoCloseable {
    /** Header for {@code SERVICE MICROVERSION}. */
    static final String VERSION = "OpenStack-API-Version";

    private final KeystoneSettings settings;
    private final LongSupplier nanos;
    private final Http http;
    private final boolean ownsHttp;
    private final TokenKeeper keeper;

    /**
     * Calls nothing yet.
     *
     * @throws IllegalArgumentException when the cafile cannot be read
     */
    public ServiceSession(KeystoneSettings settings, Limits limits) {
        this(settings, limits, System::nanoTime);
    }

    ServiceSession(KeystoneSettings settings, Limits limits, LongSupplier nanos) {
        this(settings, new Http(limits, tls(settings.cafile())), true, nanos);
    }

    private ServiceSession(
            KeystoneSettings settings, Http http, boolean ownsHttp, LongSupplier nanos) {
        this.settings = settings;
        this.nanos = nanos;
        this.http = http;
        this.ownsHttp = ownsHttp;
        this.keeper =
                new TokenKeeper(
                        () -> KeystoneLogin.perform(http, settings, nanos),
                        nanos,
                        http.limits().total().multipliedBy(2));
    }

    private static @Nullable SSLContext tls(@Nullable Path cafile) {
        return cafile == null ? null : Trust.of(cafile);
    }

    /**
     * A session in which this user acts for whoever has made that trust. It shares the connections
     * of this one: it lives no longer, and closing it does nothing. Calls nothing yet; its login is
     * {@link OpenStackException.Unauthorized} when the trust has ended.
     *
     * @throws IllegalArgumentException as {@link KeystoneSettings#withTrust} has it
     */
    public ServiceSession ofTrust(String trustId) {
        return new ServiceSession(settings.withTrust(trustId), http, false, nanos);
    }

    /**
     * A token that is valid now; logs in where there is none.
     *
     * @throws OpenStackException when Keystone gives none
     */
    public AccessToken token() {
        return keeper.current().token();
    }

    /**
     * Id of the user as whom requests are made: the service's own, which a trust for it must name
     * as trustee; in the session of a trust, whoever has made it. Logs in where there is no token.
     *
     * @throws OpenStackException when Keystone gives none
     */
    public String userId() {
        return keeper.current().userId();
    }

    /** What Keystone's clock shows now, within a second or so. */
    Instant keystoneNow() {
        return keeper.current().clock(nanos.getAsLong());
    }

    /**
     * Whether there is such a service, for which {@link #endpoint} gives a URL. Logs in where there
     * is no token.
     *
     * @param service as for {@link #endpoint}
     * @throws OpenStackException when Keystone gives none
     */
    public boolean offers(String service) {
        return keeper.current().endpoints().has(service);
    }

    /**
     * Where a service is, with its version, and without a slash at the end.
     *
     * @param service {@code image}, {@code compute}, {@code block-storage} or {@code network}
     * @throws OpenStackException.Unexpected when the catalogue has none of that region and
     *     interface
     */
    public URI endpoint(String service) {
        return url(service, "");
    }

    /** Below a service's endpoint. */
    URI url(String service, String path) {
        return URI.create(keeper.current().endpoints().url(service) + path);
    }

    /** Reads as the service. */
    JsonFields get(String service, String path, Map<String, String> headers) {
        return asService(login -> {
            URI url = URI.create(login.endpoints().url(service) + path);
            return read(service, Call.get(url, login.token().value()), headers);
        });
    }

    /** Reads as somebody else. */
    JsonFields get(String service, String path, String userToken) {
        return read(service, Call.get(url(service, path), userToken), Map.of());
    }

    /** Deletes as somebody else. */
    void delete(String service, String path, String userToken) {
        Answer _ = http.send(Call.delete(url(service, path), userToken));
    }

    /**
     * Posts as the service, and reads what it has made. Sent once: a lost answer is {@code
     * Unavailable} at once. Only a token that is refused, before anything was done, is replaced.
     */
    JsonFields post(String service, String path, String microversion, Object body) {
        String json = JsonFields.write(body);
        return asService(login -> {
            URI url = URI.create(login.endpoints().url(service) + path);
            Call call = Call.post(url, login.token().value(), json);
            return read(service, call, Map.of(VERSION, microversion));
        });
    }

    /** Deletes as the service; whether it was there. Sent once. */
    boolean delete(String service, String path) {
        try {
            return asService(login -> {
                URI url = URI.create(login.endpoints().url(service) + path);
                Answer _ = http.send(Call.delete(url, login.token().value()));
                return true;
            });
        } catch (OpenStackException.NotFound _) {
            return false;
        }
    }

    /** Asks Keystone as the service. */
    Answer keystone(String path, BiFunction<URI, String, Call> call) {
        URI url = settings.keystone(path);
        return asService(login -> http.send(call.apply(url, login.token().value())));
    }

    /** Asks Keystone as somebody else. */
    Answer keystoneAs(String path, Function<URI, Call> call) {
        return http.send(call.apply(settings.keystone(path)));
    }

    private JsonFields read(String service, Call call, Map<String, String> headers) {
        for (Map.Entry<String, String> header : headers.entrySet()) {
            call = call.with(header.getKey(), header.getValue());
        }
        Answer answer = http.send(call);
        return JsonFields.of(service, answer.body());
    }

    /**
     * Makes requests with OpenStack4j as the service, on a thread of their own. Its answers are
     * {@link OpenStackException} for every status of 300 or more.
     *
     * @param microversion e.g. {@code compute 2.11}, or {@code compute 2.1} for the oldest; for all
     *     requests of this client
     * @param requests must not keep the client, and may be run twice. What it throws otherwise is
     *     {@link OpenStackException.Unexpected}: OpenStack4j's models are null where an answer
     *     lacks something, so read them here
     */
    public <T> T openStack4j(String microversion, Function<OSClientV3, T> requests) {
        return asService(login ->
                OpenStack4jCall.run(http, () -> requests.apply(client(login, microversion))));
    }

    private static OSClientV3 client(KeystoneLogin login, String microversion) {
        KeystoneToken token = new KeystoneToken();
        token.setId(login.token().value());
        Config config =
                Config.newConfig()
                        .withEndpointURLResolver(new CatalogueResolver(login.endpoints()));
        return OSFactory.clientFromToken(token, config).headers(Map.of(VERSION, microversion));
    }

    /** Once more with a new token when this one is not accepted. */
    private <T> T asService(Function<KeystoneLogin, T> call) {
        KeystoneLogin login = keeper.current();
        try {
            return call.apply(login);
        } catch (OpenStackException.Unauthorized _) {
            return call.apply(keeper.replace(login));
        }
    }

    /** Ends all calls under way, also those of the sessions of trusts. */
    @Override
    public void close() {
        if (ownsHttp) {
            http.close();
        }
    }

    /** Whom and where, without secrets. */
    @Override
    public String toString() {
        return settings.login() + " at " + settings.authUrl();
    }
}
