package io.virtman.messaging.rabbit;

import com.rabbitmq.client.ShutdownSignalException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The subscriptions of a transport and what they share: the connection they receive by. */
final class Receiving implements ConnectionSupervisor.Owner {
    private static final System.Logger LOG = System.getLogger(Receiving.class.getName());

    private final Counters counters;
    private final Mismatches mismatches;
    private final Duration patience;
    private final Sifting sifting;
    private final Set<RabbitSubscription> subscriptions = ConcurrentHashMap.newKeySet();
    private @Nullable ConnectionSupervisor supervisor;

    Receiving(Counters counters, Mismatches mismatches, RabbitSettings settings) {
        this.counters = counters;
        this.mismatches = mismatches;
        this.patience = settings.closeTimeout().dividedBy(3);
        this.sifting = new Sifting(settings.maximumBody(), this);
    }

    /** Before the first subscription. */
    void supervisedBy(ConnectionSupervisor by) {
        supervisor = by;
    }

    private ConnectionSupervisor supervisor() {
        if (supervisor == null) {
            throw new IllegalStateException("no supervisor yet");
        }
        return supervisor;
    }

    void add(RabbitSubscription subscription) {
        subscriptions.add(subscription);
        supervisor().start();
        execute(subscription::attach, Duration.ZERO);
    }

    /** Waits until the subscription is gone from the broker too, if it does not take long. */
    void remove(RabbitSubscription subscription) throws InterruptedException {
        subscriptions.remove(subscription);
        CompletableFuture<Void> left = new CompletableFuture<>();
        execute(
                () -> {
                    subscription.leave();
                    left.complete(null);
                },
                Duration.ZERO);
        if (link() == null) {
            return;
        }
        try {
            left.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing a subscription", e);
        }
    }

    @Override
    public void connected(Link link) {
        subscriptions.forEach(RabbitSubscription::attach);
    }

    @Override
    public void lost(Link link, ShutdownSignalException cause) {
        subscriptions.forEach(RabbitSubscription::detach);
        if (BrokerErrors.oversized(cause)) {
            sifting.begin();
        } else {
            sifting.interrupted();
        }
        supervisor().maximumBody(sifting.limit());
    }

    @Override
    public void blocked(boolean now) {
        // only who publishes is blocked
    }

    Declarations declarations(Link link) {
        return new Declarations(link.connection(), mismatches);
    }

    Counters counters() {
        return counters;
    }

    @Nullable Link link() {
        return supervisor().link();
    }

    void execute(Runnable task, Duration delay) {
        supervisor().execute(task, delay);
    }

    void reconnect() {
        supervisor().reconnect();
    }

    Duration spread() {
        return supervisor().backOff().spread();
    }

    Duration patience() {
        return patience;
    }

    String describe() {
        return supervisor().state().describe();
    }

    int bound(int wanted, int carried) {
        return sifting.bound(wanted, carried);
    }

    boolean handsOver(int length) {
        return sifting.handsOver(length);
    }

    void settled(int length) {
        sifting.settled(length);
    }

    int unsettled() {
        return subscriptions.stream().mapToInt(RabbitSubscription::unsettled).sum();
    }

    int size() {
        return subscriptions.size();
    }

    void close() {
        subscriptions.forEach(RabbitSubscription::close);
    }
}
