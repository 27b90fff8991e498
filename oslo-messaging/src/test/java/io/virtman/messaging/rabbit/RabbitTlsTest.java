package io.virtman.messaging.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.messaging.config.ConfigurationException;
import io.virtman.messaging.config.RabbitOptions;
import io.virtman.messaging.config.TlsOptions;
import io.virtman.messaging.config.TransportUrl;
import io.virtman.messaging.testing.Certificates;
import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Message;
import io.virtman.messaging.transport.Transport.Routing;
import io.virtman.testkit.RabbitBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that wants a certificate of ours and shows one for localhost. */
@SuppressWarnings("NullAway.Init") // before all tests
class RabbitTlsTest {
    @TempDir private static Path directory;
    private static Certificates certificates;
    private static RabbitBroker broker;

    @BeforeAll
    static void start() {
        certificates = Certificates.in(directory);
        Certificates.Pair server = certificates.issue("localhost");
        broker =
                RabbitBroker.startTls(
                        certificates.authority(),
                        server.certificate(),
                        server.key(),
                        "ssl_options.verify = verify_peer",
                        "ssl_options.fail_if_no_peer_cert = true");
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static void publish(String url, TlsOptions tls) throws Exception {
        publish(url, tls, Duration.ofSeconds(20));
    }

    private static void fail(String url, TlsOptions tls) throws Exception {
        publish(url, tls, Duration.ofSeconds(2));
    }

    private static void publish(String url, TlsOptions tls, Duration limit) throws Exception {
        try (RabbitTransport transport =
                RabbitTransport.open(
                        TransportUrl.parse(url),
                        RabbitOptions.DEFAULTS.withTls(tls),
                        RabbitSettings.of("tls"))) {
            transport
                    .send(
                            new Address.Topic("tls", "topic"),
                            Message.json(new byte[1], null),
                            Routing.OPTIONAL,
                            limit)
                    .get(20, TimeUnit.SECONDS);
            assertThat(transport.statistics().confirmed()).isEqualTo(1);
        }
    }

    private static TlsOptions own() {
        Certificates.Pair client = certificates.issue("client");
        return TlsOptions.trusting(certificates.authority())
                .showing(client.certificate(), client.key());
    }

    @Test
    void publishesWithACertificateTheBrokerTrusts() throws Exception {
        publish(broker.tlsUri(), own());
    }

    @Test
    void refusesABrokerForAnotherHostUnlessToldNotToLook() throws Exception {
        String elsewhere = broker.tlsUri().replace("@localhost:", "@127.0.0.1:");
        assertThatThrownBy(() -> fail(elsewhere, own()))
                .hasMessageContaining("TLS: No subject alternative names");
        publish(elsewhere, own().withoutHostnameVerification());
    }

    @Test
    void refusesABrokerOfAnUnknownAuthority(@TempDir Path other) {
        Certificates.Pair stranger = certificates.issue("stranger");
        TlsOptions tls =
                TlsOptions.trusting(Certificates.in(other).authority())
                        .showing(stranger.certificate(), stranger.key());
        assertThatThrownBy(() -> fail(broker.tlsUri(), tls)).hasMessageContaining("TLS: ");
        assertThatThrownBy(() -> fail(broker.tlsUri(), TlsOptions.trusting(null)))
                .hasMessageContaining("TLS: ");
    }

    @Test
    void isRefusedWithoutACertificate() {
        assertThatThrownBy(
                        () -> fail(broker.tlsUri(), TlsOptions.trusting(certificates.authority())))
                .hasMessageContaining("localhost:");
    }

    @Test
    void saysHowToConvertAKeyItCannotRead() {
        Certificates.Pair client = certificates.issue("old");
        TlsOptions tls =
                TlsOptions.trusting(certificates.authority())
                        .showing(client.certificate(), certificates.traditional(client.key()));
        assertThatThrownBy(() -> fail(broker.tlsUri(), tls))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("ssl_key_file")
                .hasMessageContaining("openssl pkcs8 -topk8 -nocrypt");
    }
}
