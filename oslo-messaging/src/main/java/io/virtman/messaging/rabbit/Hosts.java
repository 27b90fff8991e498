package io.virtman.messaging.rabbit;

import io.virtman.messaging.config.ReconnectOptions.FailoverStrategy;
import io.virtman.messaging.config.TransportUrl.Host;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Which host to try next. All of them are tried before there is a pause. They are shuffled at
 * first, so that clients spread over the nodes: {@code impl_rabbit.py}, {@code
 * Connection.__init__}. For one thread at a time.
 */
final class Hosts {
    private final List<Host> order;
    private final FailoverStrategy strategy;
    private final RandomGenerator random;
    private int next;

    Hosts(List<Host> hosts, FailoverStrategy strategy, RandomGenerator random) {
        this.order = new ArrayList<>(hosts);
        this.strategy = strategy;
        this.random = random;
        Collections.shuffle(order, java.util.Random.from(random));
    }

    Host next() {
        if (next == order.size()) {
            next = 0;
            if (strategy == FailoverStrategy.SHUFFLE) {
                Collections.shuffle(order, java.util.Random.from(random));
            }
        }
        return order.get(next++);
    }

    /** Whether every host has been tried since the last pause. */
    boolean roundComplete() {
        return next == order.size();
    }
}
