package io.virtman.messaging.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.messaging.transport.Address;
import io.virtman.messaging.transport.Delivery;
import io.virtman.messaging.transport.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DuplicateFilterTest {
    private static final class Recorded implements Delivery {
        private final List<String> settled = new ArrayList<>();

        @Override
        public Message message() {
            return Message.json(new byte[0], null);
        }

        @Override
        public Address source() {
            return new Address.Fanout("topic");
        }

        @Override
        public boolean redelivered() {
            return false;
        }

        @Override
        public boolean acknowledge() {
            settled.add("acknowledged");
            return true;
        }

        @Override
        public void reject(boolean requeue) {
            settled.add(requeue ? "requeued" : "dropped");
        }
    }

    private final DuplicateFilter filter = new DuplicateFilter(2);

    private Duty begin(String id, Recorded delivery) {
        return Objects.requireNonNull(filter.begin(id, delivery));
    }

    @Test
    void theNewestCopyInProgressHasTheDuty() {
        Recorded first = new Recorded();
        Recorded second = new Recorded();
        Recorded third = new Recorded();
        Duty duty = begin("id", first);
        assertThat(filter.begin("id", second)).isNull();
        assertThat(filter.begin("id", third)).isNull();
        assertThat(first.settled).containsExactly("acknowledged");
        assertThat(second.settled).containsExactly("acknowledged");
        assertThat(third.settled).isEmpty();
        assertThat(duty.isSettled()).isFalse();
        duty.acknowledge();
        duty.reject(true);
        assertThat(third.settled).containsExactly("acknowledged");
    }

    @Test
    void aCopyOfWhatIsSettledIsAcknowledged() {
        Duty duty = begin("id", new Recorded());
        duty.acknowledge();
        Recorded inProgress = new Recorded();
        assertThat(filter.begin("id", inProgress)).isNull();
        filter.finish("id");
        Recorded done = new Recorded();
        assertThat(filter.begin("id", done)).isNull();
        assertThat(inProgress.settled).containsExactly("acknowledged");
        assertThat(done.settled).containsExactly("acknowledged");
    }

    @Test
    void whatWentBackIsNoCopy() {
        Recorded first = new Recorded();
        Duty duty = begin("id", first);
        filter.forget("id");
        duty.reject(true);
        assertThat(first.settled).containsExactly("requeued");
        assertThat(filter.begin("id", new Recorded())).isNotNull();
    }

    @Test
    void onlyTheLastOnesAreRemembered() {
        begin("running", new Recorded());
        for (String id : List.of("1", "2", "3")) {
            begin(id, new Recorded());
            filter.finish(id);
        }
        assertThat(filter.begin("3", new Recorded())).isNull();
        assertThat(filter.begin("2", new Recorded())).isNull();
        assertThat(filter.begin("1", new Recorded())).isNotNull();
        assertThat(filter.begin("running", new Recorded())).isNull();
    }

    @Test
    void noIdAndHugeIdsAreNotFiltered() {
        String huge = "x".repeat(256);
        for (int i = 0; i < 2; i++) {
            assertThat(filter.begin(null, new Recorded())).isNotNull();
            assertThat(filter.begin("", new Recorded())).isNotNull();
            assertThat(filter.begin(huge, new Recorded())).isNotNull();
            filter.finish(huge);
            filter.forget(null);
        }
    }
}
