package io.virtman.rest;

import static io.virtman.rest.RestClient.segment;

import io.virtman.volt.Heartbeat;
import io.virtman.volt.HeartbeatAnswer;
import io.virtman.volt.Hierarchy;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.NodeAddress;
import io.virtman.volt.NodeStatus;
import io.virtman.volt.ParentList;
import io.virtman.volt.VoltApi;
import io.virtman.volt.VoltStatus;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** Volt on another host. */
public final class VoltClient implements VoltApi {
    private static final String IMAGES = "/v1/images";
    private static final String NODES = "/v1/nodes";

    private final RestClient client;

    /**
     * @param volt base URL of Volt's REST API
     * @param timeout for each call; more than 5 s lets Volt say that its database is away
     */
    public VoltClient(URI volt, Duration timeout) {
        this.client = new RestClient(volt, timeout);
    }

    @Override
    public ImageRecord add(String name, String origin, String format) {
        return client.post(
                IMAGES, new ImagesResource.NewImage(name, origin, format), ImageRecord.class);
    }

    @Override
    public ImageRecord describe(String image, long size) {
        return client.put(at(image) + "/size", new ImagesResource.Size(size), ImageRecord.class);
    }

    @Override
    public ImageRecord seal(String image, String digest, long size) {
        return client.put(
                at(image) + "/seal", new ImagesResource.Seal(digest, size), ImageRecord.class);
    }

    @Override
    public ImageRecord fail(String image, String reason) {
        return client.put(
                at(image) + "/failure", new ImagesResource.Failure(reason), ImageRecord.class);
    }

    @Override
    public void remove(String image) {
        client.delete(at(image));
    }

    @Override
    public ImageRecord image(String image) {
        return client.get(at(image), ImageRecord.class);
    }

    @Override
    public List<ImageRecord> images() {
        return client.getList(IMAGES, ImageRecord.class);
    }

    @Override
    public Hierarchy hierarchy(String image) {
        return client.get(at(image) + "/hierarchy", Hierarchy.class);
    }

    @Override
    public ParentList join(String image, NodeAddress node) {
        return client.put(at(image) + "/members/" + segment(node.name()), node, ParentList.class);
    }

    @Override
    public void leave(String image, String node) {
        client.delete(at(image) + "/members/" + segment(node));
    }

    @Override
    public HeartbeatAnswer heartbeat(Heartbeat report) {
        return client.post(
                NODES + "/" + segment(report.node().name()) + "/heartbeat",
                report,
                HeartbeatAnswer.class);
    }

    @Override
    public List<NodeStatus> nodes() {
        return client.getList(NODES, NodeStatus.class);
    }

    @Override
    public void forget(String node) {
        client.delete(NODES + "/" + segment(node));
    }

    @Override
    public VoltStatus status() {
        return client.get("/v1/status", VoltStatus.class);
    }

    private static String at(String image) {
        return IMAGES + "/" + segment(image);
    }
}
