package io.virtman.cinder.node;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.Heartbeat;
import io.virtman.volt.HeartbeatAnswer;
import io.virtman.volt.Hierarchy;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.NodeAddress;
import io.virtman.volt.NodeStatus;
import io.virtman.volt.ParentList;
import io.virtman.volt.VoltApi;
import io.virtman.volt.VoltStatus;
import java.util.List;

/** Volt in memory, as far as the engine uses it. */
final class FakeVolt implements VoltApi {
    volatile List<NodeStatus> nodes = List.of();

    static NodeStatus node(String name, int port, boolean alive) {
        return new NodeStatus(
                new NodeAddress(name, "http://127.0.0.1:" + port, "127.0.0.1:9"),
                alive,
                5,
                0,
                0,
                1000,
                600,
                0,
                List.of(),
                List.of());
    }

    @Override
    public List<NodeStatus> nodes() {
        return nodes;
    }

    @Override
    public ImageRecord image(String image) {
        if (!image.equals("known")) {
            throw new ProblemException(Kind.NOT_FOUND, "image", "there is no image", "look");
        }
        return FakeNode.image(image, 4096);
    }

    private static UnsupportedOperationException unused() {
        return new UnsupportedOperationException("the engine doesn't ask for it");
    }

    @Override
    public ImageRecord add(String name, String origin, String format) {
        throw unused();
    }

    @Override
    public ImageRecord describe(String image, long size) {
        throw unused();
    }

    @Override
    public ImageRecord seal(String image, String digest, long size) {
        throw unused();
    }

    @Override
    public ImageRecord fail(String image, String reason) {
        throw unused();
    }

    @Override
    public void remove(String image) {
        throw unused();
    }

    @Override
    public List<ImageRecord> images() {
        throw unused();
    }

    @Override
    public Hierarchy hierarchy(String image) {
        throw unused();
    }

    @Override
    public ParentList join(String image, NodeAddress node) {
        throw unused();
    }

    @Override
    public void leave(String image, String node) {
        throw unused();
    }

    @Override
    public HeartbeatAnswer heartbeat(Heartbeat report) {
        throw unused();
    }

    @Override
    public void forget(String node) {
        throw unused();
    }

    @Override
    public VoltStatus status() {
        throw unused();
    }
}
