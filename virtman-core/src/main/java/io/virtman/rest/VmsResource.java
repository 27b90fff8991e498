package io.virtman.rest;

import io.virtman.node.GuestRequest;
import io.virtman.node.NodeApi;
import io.virtman.node.VmView;
import io.virtman.problem.ProblemException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node's VMs and their guests. */
@Path("/v1/vms")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public final class VmsResource {
    /** Body of a creation; see {@link NodeApi#create}. */
    public record NewVm(@Nullable String image, @Nullable Long size) {}

    /** Body of an extension; see {@link NodeApi#extend}. */
    public record NewSize(long size) {}

    /** Body of a snapshot; see {@link NodeApi#snapshot}. */
    public record NewSnapshot(String image) {}

    /** The condition of {@link NodeApi#destroyUnwritten}. */
    static final String UNWRITTEN = "unwritten";

    private final NodeApi node;

    VmsResource(NodeApi node) {
        this.node = node;
    }

    @GET
    public List<VmView> list() {
        return node.vms();
    }

    @GET
    @Path("{vm}")
    public VmView get(@PathParam("vm") String vm) {
        return node.vm(vm);
    }

    @PUT
    @Path("{vm}")
    public VmView create(@PathParam("vm") String vm, NewVm body) {
        return node.create(vm, body.image(), body.size());
    }

    @DELETE
    @Path("{vm}")
    public void destroy(@PathParam("vm") String vm, @QueryParam("if") @Nullable String condition) {
        if (condition == null) {
            node.destroy(vm);
        } else if (condition.equals(UNWRITTEN)) {
            node.destroyUnwritten(vm);
        } else {
            throw new ProblemException(
                    ProblemException.Kind.INVALID,
                    "if",
                    "there is no such condition",
                    "give if=" + UNWRITTEN + " or nothing");
        }
    }

    @PUT
    @Path("{vm}/size")
    public VmView extend(@PathParam("vm") String vm, NewSize body) {
        return node.extend(vm, body.size());
    }

    @POST
    @Path("{vm}/snapshot")
    public Response snapshot(@PathParam("vm") String vm, NewSnapshot body) {
        return Response.status(Response.Status.ACCEPTED)
                .entity(node.snapshot(vm, body.image()))
                .build();
    }

    @PUT
    @Path("{vm}/export")
    public VmView export(@PathParam("vm") String vm) {
        return node.export(vm);
    }

    @DELETE
    @Path("{vm}/export")
    public VmView unexport(@PathParam("vm") String vm) {
        return node.unexport(vm);
    }

    @PUT
    @Path("{vm}/guest")
    public VmView start(@PathParam("vm") String vm, GuestRequest request) {
        return node.start(vm, request);
    }

    @DELETE
    @Path("{vm}/guest")
    public VmView stop(@PathParam("vm") String vm) {
        return node.stop(vm);
    }
}
