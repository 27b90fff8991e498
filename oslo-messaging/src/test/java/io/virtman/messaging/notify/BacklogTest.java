package io.virtman.messaging.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.messaging.notify.FakeTransport.FakeDelivery;
import io.virtman.messaging.transport.Delivery;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private final List<Delivery> all = new ArrayList<>();

    private List<Delivery> batch(int size) {
        List<Delivery> batch = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            new FakeDelivery(Notifications.info("x"), (delivery, again) -> {})
                    .attempt(false, batch::add);
        }
        all.addAll(batch);
        return batch;
    }

    @Test
    void givesThemOutInOrder() {
        Backlog backlog = new Backlog(4);
        List<Delivery> first = batch(2);
        List<Delivery> second = batch(2);
        assertThat(backlog.add(first)).isEmpty();
        assertThat(backlog.add(second)).isEmpty();
        assertThat(backlog.take()).isEqualTo(first);
        assertThat(backlog.take()).isEqualTo(second);
        assertThat(backlog.take()).isEmpty();
    }

    @Test
    void oldestMakeRoom() {
        Backlog backlog = new Backlog(4);
        List<Delivery> first = batch(2);
        List<Delivery> second = batch(1);
        List<Delivery> third = batch(3);
        assertThat(backlog.add(first)).isEmpty();
        assertThat(backlog.add(second)).isEmpty();
        assertThat(backlog.add(third)).isEqualTo(first);
        assertThat(backlog.size()).isEqualTo(2);
        List<Delivery> tooLong = batch(9);
        assertThat(backlog.add(tooLong)).hasSize(4);
        assertThat(backlog.take()).isEqualTo(tooLong);
    }
}
