package io.virtman.rest;

import static io.virtman.rest.RestClient.segment;

import io.virtman.node.GuestRequest;
import io.virtman.node.ImportProgress;
import io.virtman.node.NodeApi;
import io.virtman.node.NodeReport;
import io.virtman.node.RemoteImage;
import io.virtman.node.VmView;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.ParentList;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A node on another host. */
public final class NodeClient implements NodeApi {
    private static final String SOURCES = "/v1/sources";
    private static final String VMS = "/v1/vms";

    private final RestClient client;

    /**
     * @param timeout for each call; creating a VM may wait for Volt and for parents
     */
    public NodeClient(URI node, Duration timeout) {
        this.client = new RestClient(node, timeout);
    }

    @Override
    public NodeReport report() {
        return client.get("/v1/status", NodeReport.class);
    }

    @Override
    public ImageRecord importImage(String name, String path, String format) {
        return client.post(
                SOURCES, NodeResource.NewSource.of(name, path, format), ImageRecord.class);
    }

    @Override
    public ImageRecord importRemote(RemoteImage image) {
        return client.post(SOURCES, NodeResource.NewSource.of(image), ImageRecord.class);
    }

    @Override
    public void renewCredential(String image, Map<String, String> headers) {
        client.put(
                SOURCES + "/" + segment(image) + "/credential",
                new NodeResource.Credential(headers));
    }

    @Override
    public ImportProgress importProgress(String image) {
        return client.get(SOURCES + "/" + segment(image) + "/progress", ImportProgress.class);
    }

    @Override
    public void removeSource(String image) {
        client.delete(SOURCES + "/" + segment(image));
    }

    @Override
    public VmView create(String vm, @Nullable String image, @Nullable Long size) {
        return client.put(at(vm), new VmsResource.NewVm(image, size), VmView.class);
    }

    @Override
    public VmView export(String vm) {
        return client.put(at(vm) + "/export", VmView.class);
    }

    @Override
    public VmView unexport(String vm) {
        return client.delete(at(vm) + "/export", VmView.class);
    }

    @Override
    public VmView extend(String vm, long size) {
        return client.put(at(vm) + "/size", new VmsResource.NewSize(size), VmView.class);
    }

    @Override
    public ImageRecord snapshot(String vm, String image) {
        return client.post(
                at(vm) + "/snapshot", new VmsResource.NewSnapshot(image), ImageRecord.class);
    }

    @Override
    public void destroy(String vm) {
        client.delete(at(vm));
    }

    @Override
    public void destroyUnwritten(String vm) {
        client.delete(at(vm) + "?if=" + VmsResource.UNWRITTEN);
    }

    @Override
    public List<VmView> vms() {
        return client.getList(VMS, VmView.class);
    }

    @Override
    public VmView vm(String vm) {
        return client.get(at(vm), VmView.class);
    }

    @Override
    public VmView start(String vm, GuestRequest request) {
        return client.put(at(vm) + "/guest", request, VmView.class);
    }

    @Override
    public VmView stop(String vm) {
        return client.delete(at(vm) + "/guest", VmView.class);
    }

    @Override
    public void parents(ParentList list) {
        client.put("/v1/attachments/" + segment(list.image()) + "/parents", list);
    }

    private static String at(String vm) {
        return VMS + "/" + segment(vm);
    }
}
