package io.virtman.cinder.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.cinder.database.TestCinder;
import io.virtman.cinder.volume.FlowTest;
import io.virtman.messaging.wire.RpcRequest;
import io.virtman.testkit.Await;
import org.junit.jupiter.api.Test;

/** The journal is read now and then, and requests come meanwhile. */
class CastsResumeTest extends FlowTest {
    CastsResumeTest(TestCinder cinder) {
        super(cinder);
    }

    private Casts casts(int atOnce) {
        return new Casts(
                ledger,
                new Flows(
                        flow.create(),
                        flow.delete(),
                        flow.extend(),
                        flow.snapshot(),
                        flow.deleteSnapshot(),
                        flow.attach(),
                        new Refusal(ledger, glance)),
                atOnce);
    }

    private static RpcRequest creation(String volume) {
        return Captured.fresh("create_volume", Captured.id("create_volume", "volume"), volume);
    }

    /** What was read of the journal a while ago may be done; twice would be once too often. */
    @Test
    void whatWasDoneMeanwhileIsNotDoneAgain() throws Exception {
        String volume = seed.creating(1);
        RpcRequest request = creation(volume);
        Casts former = casts(1);
        former.journal(request);
        former.carryOut(request);
        cinder.update("UPDATE volumes SET status = 'creating' WHERE id = ?", volume);
        cinder.update("UPDATE virtman.bridge_request SET state = 'received'");

        Casts casts = casts(1);
        casts.journal(request); // a copy, which its first thread leaves alone
        assertThat(casts.carryOut(request)).isNull();
        cinder.update("UPDATE virtman.bridge_request SET state = 'done'");
        assertThat(casts.carryOut(request)).isNull();

        assertThat(status(volume)).isEqualTo("creating"); // nobody touched it again
    }

    @Test
    void whatHasJustArrivedIsLeftToItsThread() throws Exception {
        String volume = seed.creating(1);
        RpcRequest request = creation(volume);
        Casts casts = casts(1);
        casts.journal(request);

        casts.resume();

        assertThat(casts.running()).isZero();
        assertThat(status(volume)).isEqualTo("creating");
        casts.carryOut(request);
        assertThat(status(volume)).isEqualTo("available");
    }

    @Test
    void whatIsBroughtAgainIsTakenUpFromTheJournal() throws Exception {
        String volume = seed.creating(1);
        RpcRequest request = creation(volume);
        Casts casts = casts(1);
        casts.journal(request); // and its thread could not be started
        casts.journal(request);

        casts.resume();

        Await.until(() -> casts.running() == 0 && isAvailable(volume));
    }

    @Test
    void aCopyThatOvertakesItsOriginIsDoneOnce() throws Exception {
        Casts casts = casts(1);
        String volume = seed.creating(2);
        RpcRequest request = creation(volume);

        casts.journal(request);
        casts.journal(request);
        casts.carryOut(request);
        casts.carryOut(request);

        assertThat(status(volume)).isEqualTo("available");
        assertDone();
    }

    private boolean isAvailable(String volume) {
        try {
            return status(volume).equals("available");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
