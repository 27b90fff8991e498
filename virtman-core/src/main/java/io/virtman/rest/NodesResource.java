package io.virtman.rest;

import io.virtman.volt.Heartbeat;
import io.virtman.volt.HeartbeatAnswer;
import io.virtman.volt.NodeStatus;
import io.virtman.volt.VoltApi;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** The nodes Volt knows. */
@Path("/v1/nodes")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public final class NodesResource {
    private final VoltApi volt;

    NodesResource(VoltApi volt) {
        this.volt = volt;
    }

    @GET
    public List<NodeStatus> list() {
        return volt.nodes();
    }

    @POST
    @Path("{node}/heartbeat")
    public HeartbeatAnswer heartbeat(@PathParam("node") String node, Heartbeat report) {
        ImagesResource.requireSame(node, report.node());
        return volt.heartbeat(report);
    }

    @DELETE
    @Path("{node}")
    public void forget(@PathParam("node") String node) {
        volt.forget(node);
    }
}
