package io.virtman.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.virtman.openstack.http.Call;
import io.virtman.openstack.http.Http;
import io.virtman.openstack.http.OpenStackException;
import io.virtman.openstack.http.Trust;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** TLS: whom the client believes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrustTest {
    private static final char[] STORE = "changeit".toCharArray();

    private Path directory = Path.of("");
    private @Nullable HttpsServer server;

    @BeforeAll
    void serve(@TempDir Path temporary) throws Exception {
        directory = temporary;
        Path store = directory.resolve("server.p12");
        keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=test", "-ext", "SAN=DNS:localhost");
        keytool("-exportcert", "-rfc", "-file", directory.resolve("ca.pem").toString());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, STORE);
        }
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, STORE);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        server =
                HttpsServer.create(new InetSocketAddress(InetAddress.getByName("localhost"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(204, -1);
                    exchange.close();
                });
        server.start();
    }

    private void keytool(String command, String... more) throws Exception {
        Process process =
                new ProcessBuilder(
                                Stream.concat(
                                                Stream.of(
                                                        System.getProperty("java.home")
                                                                + "/bin/keytool",
                                                        command,
                                                        "-alias",
                                                        "k",
                                                        "-keystore",
                                                        directory.resolve("server.p12").toString(),
                                                        "-storepass",
                                                        new String(STORE)),
                                                Stream.of(more))
                                        .toList())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("keytool.log").toFile())
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(directory.resolve("keytool.log")))
                .isZero();
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    private int call(String host, @Nullable SSLContext tls) {
        int port = server == null ? 0 : server.getAddress().getPort();
        try (Http http = new Http(FakeOpenStack.quick(), tls)) {
            return http.send(Call.get(URI.create("https://" + host + ":" + port + "/"), "t"))
                    .status();
        }
    }

    @Test
    void believesTheAuthorityOfTheFile() {
        assertThat(call("localhost", Trust.of(directory.resolve("ca.pem")))).isEqualTo(204);
    }

    @Test
    void believesNobodyElse() {
        assertThatThrownBy(() -> call("localhost", null))
                .isInstanceOf(OpenStackException.Unavailable.class)
                .hasMessageEndingWith("SSLHandshakeException");
    }

    @Test
    void verifiesTheName() {
        assertThatThrownBy(() -> call("127.0.0.1", Trust.of(directory.resolve("ca.pem"))))
                .isInstanceOf(OpenStackException.Unavailable.class)
                .hasMessageEndingWith("SSLHandshakeException");
    }

    @Test
    void wantsCertificatesInTheFile() throws Exception {
        Path empty = Files.createFile(directory.resolve("empty.pem"));
        assertThatThrownBy(() -> Trust.of(empty)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Trust.of(directory.resolve("none.pem")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
