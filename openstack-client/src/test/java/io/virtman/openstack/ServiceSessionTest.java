package io.virtman.openstack;

import static io.virtman.openstack.FakeOpenStack.LOGIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.openstack.FakeOpenStack.Reply;
import io.virtman.openstack.http.OpenStackException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.openstack4j.openstack.internal.OSClientSession;

/** Logging in, renewing, and what happens when a token is refused. */
class ServiceSessionTest {
    private final FakeOpenStack cloud = new FakeOpenStack();
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final ServiceSession session =
            new ServiceSession(cloud.settings(), FakeOpenStack.quick(), nanos::get);

    @AfterEach
    void close() {
        session.close();
        cloud.close();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** Spins until it holds; the test's own time-out is 60 s. */
    private static void await(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void logsInOnceWithThePasswordAndItsProject() {
        assertThat(session.token().value()).isEqualTo("token-1");
        assertThat(session.token().expiresAt()).isEqualTo(cloud.now.plus(cloud.lifetime));
        assertThat(cloud.asked).hasSize(1);
        assertThat(cloud.asked.getFirst().body())
                .contains("\"methods\":[\"password\"]", "\"password\":\"s3cr3t\"")
                .contains("\"scope\":{\"project\"");
    }

    @Test
    void logsInWithAnApplicationCredential() {
        KeystoneSettings settings =
                KeystoneSettings.of(
                        cloud.url(), new KeystoneSettings.ApplicationCredential("abc", "s3cr3t"));
        try (ServiceSession other = new ServiceSession(settings, FakeOpenStack.quick())) {
            assertThat(other.token().value()).isEqualTo("token-1");
            assertThat(other + " " + settings).doesNotContain("s3cr3t");
        }
        assertThat(cloud.asked.getFirst().body())
                .contains("\"application_credential\":{", "\"secret\":\"s3cr3t\"")
                .doesNotContain("scope");
    }

    @Test
    void renewsInGoodTimeWithoutAnybodyWaiting() throws Exception {
        session.token();
        pass(Duration.ofMinutes(54));
        assertThat(session.token().value()).isEqualTo("token-1");
        assertThat(cloud.logins).hasValue(1);
        cloud.loginGate = new CountDownLatch(1);
        pass(Duration.ofMinutes(2));
        assertThat(session.token().value()).isEqualTo("token-1");
        assertThat(session.token().value()).isEqualTo("token-1");
        cloud.loginGate.countDown();
        await(() -> session.token().value().equals("token-2"));
        assertThat(cloud.logins).hasValue(2);
    }

    @Test
    void keepsAValidTokenWhileKeystoneIsAway() throws Exception {
        session.token();
        for (int i = 0; i < 3; i++) {
            cloud.next(LOGIN, Reply.of(503));
        }
        pass(Duration.ofMinutes(56));
        assertThat(session.token().value()).isEqualTo("token-1");
        await(() -> cloud.count(LOGIN) == 4);
        assertThat(session.token().value()).isEqualTo("token-1");
        pass(Duration.ofMinutes(5));
        await(() -> {
            try {
                return session.token().value().equals("token-2");
            } catch (OpenStackException.Unavailable _) {
                // The failed login was still on its way.
                pass(Duration.ofSeconds(2));
                return false;
            }
        });
    }

    @Test
    void goesByKeystonesClock() {
        cloud.lifetime = Duration.ofSeconds(10);
        assertThat(session.token().value()).isEqualTo("token-1");
        pass(Duration.ofSeconds(10));
        assertThat(session.token().value()).isEqualTo("token-2");
    }

    @Test
    void refusesATokenThatHasExpiredAlready() {
        cloud.lifetime = Duration.ofSeconds(-1);
        assertThatThrownBy(session::token)
                .isInstanceOf(OpenStackException.Unexpected.class)
                .hasMessageContaining("expired");
    }

    @Test
    void logsInOnceForMany() throws Exception {
        cloud.loginGate = new CountDownLatch(1);
        List<Future<AccessToken>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                all.add(threads.submit(session::token));
            }
            await(() -> cloud.logins.get() == 1);
            cloud.loginGate.countDown();
            for (Future<AccessToken> each : all) {
                assertThat(each.get().value()).isEqualTo("token-1");
            }
        }
        assertThat(cloud.logins).hasValue(1);
    }

    @Test
    void doesNotHammerWithAWrongPassword() {
        cloud.next(LOGIN, Reply.of(401));
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(session::token)
                    .isInstanceOf(OpenStackException.Unauthorized.class)
                    .hasMessageContaining("/v3/auth/tokens: 401, req-0a1b-2c")
                    .satisfies(e -> assertThat(trace(e)).doesNotContain("s3cr3t"));
        }
        assertThat(cloud.count(LOGIN)).isEqualTo(1);
        pass(Duration.ofSeconds(2));
        assertThat(session.token().value()).isEqualTo("token-1");
    }

    private static String trace(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void logsInAgainOnceWhenTheTokenIsRefused() {
        String path = "/v2.1/os-services?binary=nova-compute";
        cloud.serve(path, FakeOpenStack.recorded("nova-services.json"));
        cloud.next(path, Reply.of(401));
        assertThat(new Servers(session).computeHosts()).hasSize(1);
        assertThat(cloud.asked)
                .extracting(FakeOpenStack.Asked::token)
                .containsExactly("", "token-1", "", "token-2");
        cloud.serve(path, Reply.of(401));
        assertThatThrownBy(new Servers(session)::computeHosts)
                .isInstanceOf(OpenStackException.Unauthorized.class)
                .satisfies(e -> assertThat(trace(e)).doesNotContain("token-"));
        assertThat(cloud.logins).hasValue(3);
    }

    @Test
    void leavesNothingOfOpenStack4jOnTheThread() {
        cloud.serve(
                "/v2.1/os-services?binary=nova-compute",
                FakeOpenStack.recorded("nova-services.json"));
        new Servers(session).computeHosts();
        assertThat((Object) OSClientSession.getCurrent()).isNull();
    }

    @Test
    void showsNoSecrets() {
        assertThat(session.token() + " " + session + " " + cloud.settings())
                .doesNotContain("s3cr3t", "token-1");
    }
}
