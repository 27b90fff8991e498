package io.virtman.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NbdUriTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "nbd://host:10809/disk",
                "nbd://127.0.0.1:1/",
                "nbd://[::1]:10809/a%2Fb",
                "nbd+unix:///disk?socket=/run/virtman/nbd.sock",
                "nbd+unix:///?socket=/a%20b%26c%3D",
                "nbd+unix:///gr%C3%B6%C3%9Fe?socket=/x"
            })
    void textComesBack(String text) {
        NbdUri uri = NbdUri.parse(text);
        assertThat(uri).hasToString(text).isEqualTo(NbdUri.parse(uri.toString()));
    }

    @Test
    void partsAreDecoded() {
        NbdUri tcp = NbdUri.parse("nbd://host/a%2Fb%20c");
        assertThat(tcp.address()).isEqualTo(InetSocketAddress.createUnresolved("host", 10809));
        assertThat(tcp.export()).isEqualTo("a/b c");
        NbdUri unix = NbdUri.parse("nbd+unix:///?socket=/tmp/s");
        assertThat(unix.address()).isEqualTo(UnixDomainSocketAddress.of("/tmp/s"));
        assertThat(unix.export()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "disk",
                "nbd:host:10809",
                "http://host/disk",
                "nbds://host/disk",
                "nbd:///disk",
                "nbd://host:0/disk",
                "nbd://host:65536/disk",
                "nbd://user@host/disk",
                "nbd://host/disk#part",
                "nbd://host/disk?socket=/x",
                "nbd://host/%00",
                "nbd://host/a b",
                "nbd+unix:///disk",
                "nbd+unix:///disk?socket=relative",
                "nbd+unix:///disk?socket=/a&tls=1",
                "nbd+unix:///disk?socket=/a%00",
                "nbd+unix://host/disk?socket=/x"
            })
    void othersAreRefused(String text) {
        assertThatThrownBy(() -> NbdUri.parse(text))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        p -> assertThat(p.kind()).isEqualTo(ProblemException.Kind.INVALID))
                .hasMessageStartingWith("uri: ");
    }

    @Test
    void limitsCheckThemselves() {
        Duration second = Duration.ofSeconds(1);
        int ok = 1 << 20;
        assertThat(NbdServerLimits.standard().maximumRequestBytes()).isEqualTo(32 << 20);
        assertThatThrownBy(() -> new NbdServerLimits(0, second, ok, ok))
                .hasMessageStartingWith("maximumConnections: ");
        assertThatThrownBy(() -> new NbdServerLimits(1, Duration.ZERO, ok, ok))
                .hasMessageStartingWith("handshakeDeadline: ");
        assertThatThrownBy(() -> new NbdServerLimits(1, second, 1000, ok))
                .hasMessageStartingWith("maximumRequestBytes: ");
        assertThatThrownBy(() -> new NbdServerLimits(1, second, ok, ok - 1))
                .hasMessageStartingWith("maximumInFlightBytes: ");
    }
}
