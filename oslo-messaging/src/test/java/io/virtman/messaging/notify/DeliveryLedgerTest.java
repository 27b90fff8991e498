package io.virtman.messaging.notify;

import static io.virtman.messaging.notify.DeliveryLedger.Admission.COPY;
import static io.virtman.messaging.notify.DeliveryLedger.Admission.DUPLICATE;
import static io.virtman.messaging.notify.DeliveryLedger.Admission.HANDLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.transport.Message;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeliveryLedgerTest {
    private final DeliveryLedger ledger = new DeliveryLedger(2);
    private final Delivery one = delivery();
    private final Delivery two = delivery();

    private static Delivery delivery() {
        return new Delivery() {
            @Override
            public Message message() {
                return Notifications.info("x");
            }

            @Override
            public Address source() {
                return new Address.Reply("none");
            }

            @Override
            public boolean redelivered() {
                return false;
            }

            @Override
            public boolean acknowledge() {
                return true;
            }

            @Override
            public void reject(boolean requeue) {}
        };
    }

    @Test
    void copiesEndWithTheFirst() {
        assertThat(ledger.admit("a", one)).isEqualTo(HANDLE);
        assertThat(ledger.admit("a", two)).isEqualTo(COPY);
        assertThat(ledger.finish("a")).containsExactly(two);
        assertThat(ledger.admit("a", one)).isEqualTo(DUPLICATE);
    }

    @Test
    void failedOneMayComeAgainAndIsCounted() {
        ledger.admit("a", one);
        ledger.admit("a", two);
        DeliveryLedger.Ended ended = ledger.fail("a", false);
        assertThat(ended.attempts()).isEqualTo(1);
        assertThat(ended.copies()).containsExactly(two);
        assertThat(ledger.admit("a", one)).isEqualTo(HANDLE);
        assertThat(ledger.fail("a", true).attempts()).isEqualTo(2);
    }

    @Test
    void forgetsTheOldest() {
        for (String id : new String[] {"a", "b", "c"}) {
            ledger.admit(id, one);
            ledger.finish(id);
        }
        assertThat(ledger.admit("c", one)).isEqualTo(DUPLICATE);
        assertThat(ledger.admit("a", one)).isEqualTo(HANDLE);
    }

    @Test
    void idsThatCannotBeTrustedAreNotKept() {
        assertThat(DeliveryLedger.key(null)).isNull();
        assertThat(DeliveryLedger.key("")).isNull();
        assertThat(DeliveryLedger.key("x".repeat(65))).isNull();
        assertThat(ledger.admit(null, one)).isEqualTo(HANDLE);
        assertThat(ledger.admit(null, one)).isEqualTo(HANDLE);
        assertThat(ledger.fail(null, false).attempts()).isEqualTo(1);
        assertThat(ledger.fail(null, true).attempts()).isEqualTo(Integer.MAX_VALUE);
        assertThat(ledger.finish(null)).isEmpty();
    }

    @Test
    void pausesGrowUpToTheLongest() {
        RequeuePolicy policy = RequeuePolicy.STANDARD;
        assertThat(policy.pause(1)).isEqualTo(Duration.ofSeconds(1));
        assertThat(policy.pause(2)).isEqualTo(Duration.ofSeconds(2));
        assertThat(policy.pause(5)).isEqualTo(Duration.ofSeconds(16));
        assertThat(policy.pause(6)).isEqualTo(Duration.ofSeconds(30));
        assertThat(policy.pause(Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(30));
        assertThat(RequeuePolicy.NEVER.pause(Integer.MAX_VALUE)).isEqualTo(Duration.ZERO);
    }
}
