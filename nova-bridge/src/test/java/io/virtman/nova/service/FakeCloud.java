package io.virtman.nova.service;

import io.virtman.nova.boot.BootOrder;
import io.virtman.nova.boot.SeenServer;
import io.virtman.nova.cloud.Caller;
import io.virtman.nova.cloud.Cloud;
import io.virtman.nova.cloud.CloudException;
import io.virtman.nova.cloud.CloudException.Kind;
import io.virtman.problem.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;

/** A fake of OpenStack for tests of the service: tokens are names, servers come up when told. */
final class FakeCloud implements Cloud {
    static final String MISSING = "00000000-0000-0000-0000-00000000dead";

    private record Instance(String id, String boot, int batch, String status) {}

    private final Map<String, Caller> callers = new HashMap<>();
    private final Map<String, Instance> instances = new TreeMap<>();
    private final Set<String> trusts = new java.util.TreeSet<>();
    private final List<BootOrder> orders = new ArrayList<>();
    private boolean building;
    private boolean away;

    synchronized void user(String token, String project, String... roles) {
        callers.put(token, new Caller("user-" + token, project, Set.of(roles)));
    }

    /** Whether servers stay in BUILD. */
    synchronized void building(boolean now) {
        building = now;
        if (!now) {
            instances.replaceAll((id, each) -> new Instance(id, each.boot, each.batch, "ACTIVE"));
        }
    }

    synchronized void away(boolean now) {
        away = now;
    }

    synchronized Set<String> trusts() {
        return Set.copyOf(trusts);
    }

    synchronized long servers(String boot) {
        return instances.values().stream().filter(each -> each.boot.equals(boot)).count();
    }

    synchronized List<BootOrder> orders() {
        return List.copyOf(orders);
    }

    private void mayBeAway() {
        if (away) {
            throw new CloudException(Kind.UNAVAILABLE, "OpenStack is away", null);
        }
    }

    @Override
    public synchronized Optional<Caller> caller(String token) {
        mayBeAway();
        return Optional.ofNullable(callers.get(token));
    }

    @Override
    public synchronized String delegate(String token, Duration lasts) {
        mayBeAway();
        if (token.startsWith("lent")) {
            throw new CloudException(Kind.REFUSED, "can't be delegated", null);
        }
        String trust = UUID.randomUUID().toString();
        trusts.add(trust);
        return trust;
    }

    @Override
    public synchronized void require(BootOrder order, String trustId) {
        mayBeAway();
        if (order.source().id().equals(MISSING)) {
            throw new ProblemException(
                    ProblemException.Kind.INVALID, "source", "there is none", "choose another");
        }
    }

    @Override
    public synchronized void giveBack(String bootId, BootOrder order, String trustId) {
        mayBeAway();
        trusts.remove(trustId);
    }

    @Override
    public Session session(String bootId, BootOrder order, String trustId) {
        synchronized (this) {
            orders.add(order);
        }
        return new Session() {
            @Override
            public void create(int batch, int size) {
                synchronized (FakeCloud.this) {
                    mayBeAway();
                    for (int i = 0; i < size; i++) {
                        String id = UUID.randomUUID().toString();
                        instances.put(
                                id, new Instance(id, bootId, batch, building ? "BUILD" : "ACTIVE"));
                    }
                }
            }

            @Override
            public List<SeenServer> servers() {
                return seen(each -> each.boot.equals(bootId));
            }

            @Override
            public Optional<SeenServer> server(String id) {
                return seen(each -> each.id.equals(id)).stream().findFirst();
            }

            private List<SeenServer> seen(Predicate<Instance> which) {
                synchronized (FakeCloud.this) {
                    mayBeAway();
                    return instances.values().stream()
                            .filter(which)
                            .map(each ->
                                    new SeenServer(
                                            each.id, each.batch, each.status, null, "h1", null))
                            .toList();
                }
            }

            @Override
            public void delete(String id) {
                synchronized (FakeCloud.this) {
                    mayBeAway();
                    instances.remove(id);
                }
            }

            @Override
            public void close() {}
        };
    }
}
