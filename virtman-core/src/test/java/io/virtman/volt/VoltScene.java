package io.virtman.volt;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A Volt with time in hand, and nodes that keep the newest list they were given. */
final class VoltScene {
    static final Duration INTERVAL = Duration.ofSeconds(1);
    static final String DIGEST = "ab".repeat(32);

    final MemoryCatalogueStore store = new MemoryCatalogueStore();
    final ManualTime time = new ManualTime();
    final int fanOut;
    final Map<String, ParentList> lists = new TreeMap<>();
    final List<ParentList> pushed = new ArrayList<>();
    boolean pushesArrive = true;
    Volt volt;
    String image = "";

    VoltScene(int fanOut) {
        this.fanOut = fanOut;
        volt = start();
    }

    /** A scene with an origin and one sealed image. */
    static VoltScene withImage(int fanOut) {
        VoltScene scene = new VoltScene(fanOut);
        scene.heartbeat("origin");
        scene.volt.saveNodes();
        scene.image = scene.volt.add("debian", "origin", "raw").id();
        scene.volt.seal("debian", DIGEST, 1 << 20);
        return scene;
    }

    static NodeAddress address(String node) {
        int port = 10_000 + Math.floorMod(node.hashCode(), 50_000);
        return new NodeAddress(node, "http://127.0.0.1:" + port, "127.0.0.1:" + port);
    }

    /** Ends the present Volt without a word, and starts the next. */
    void restartVolt() {
        volt = start();
    }

    ParentList join(String node) {
        ParentList list = volt.join(image, address(node));
        lists.put(node, list);
        return list;
    }

    /** What a node has now. */
    ParentList list(String node) {
        return Objects.requireNonNull(lists.get(node), node);
    }

    void leave(String node) {
        lists.remove(node);
        volt.leave(image, node);
    }

    /** Sends what the node knows, and takes the answer. */
    HeartbeatAnswer heartbeat(String node) {
        ParentList list = lists.get(node);
        List<AttachmentReport> attachments =
                list == null
                        ? List.of()
                        : List.of(
                                new AttachmentReport(
                                        list.image(),
                                        list.epoch(),
                                        list.position(),
                                        Map.of("origin", 5L),
                                        0,
                                        7));
        HeartbeatAnswer answer =
                volt.heartbeat(
                        new Heartbeat(address(node), attachments, 1, 2, 30, 20, 40, Map.of()));
        answer.lists().forEach(newer -> take(node, newer));
        return answer;
    }

    /** One interval in which the origin and every member report, and then Volt ticks. */
    void interval() {
        time.pass(INTERVAL);
        heartbeat("origin");
        new ArrayList<>(lists.keySet()).forEach(this::heartbeat);
        volt.tick();
    }

    private Volt start() {
        return new Volt(store, this::push, time, fanOut, INTERVAL, Runnable::run);
    }

    private void push(NodeAddress to, ParentList list) {
        pushed.add(list);
        if (!pushesArrive) {
            throw new IllegalStateException("lost");
        }
        take(to.name(), list);
    }

    private void take(String node, ParentList list) {
        lists.computeIfPresent(node, (_, old) -> list.epoch() >= old.epoch() ? list : old);
    }
}
