package io.virtman.rest;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.Hierarchy;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.NodeAddress;
import io.virtman.volt.ParentList;
import io.virtman.volt.VoltApi;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;

/** The catalogue, and who is a member of an image's hierarchy. */
@Path("/v1/images")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public final class ImagesResource {
    /** Body of an addition; see {@link VoltApi#add}. */
    public record NewImage(String name, String origin, String format) {}

    /** Body of a sealing; see {@link VoltApi#seal}. */
    public record Seal(String digest, long size) {}

    /** Body of a description; see {@link VoltApi#describe}. */
    public record Size(long size) {}

    /** Body of a failure; see {@link VoltApi#fail}. */
    public record Failure(String reason) {}

    private final VoltApi volt;

    ImagesResource(VoltApi volt) {
        this.volt = volt;
    }

    @GET
    public List<ImageRecord> list() {
        return volt.images();
    }

    @POST
    public Response add(NewImage image) {
        ImageRecord added = volt.add(image.name(), image.origin(), image.format());
        return Response.status(Response.Status.CREATED).entity(added).build();
    }

    @GET
    @Path("{image}")
    public ImageRecord get(@PathParam("image") String image) {
        return volt.image(image);
    }

    @DELETE
    @Path("{image}")
    public void remove(@PathParam("image") String image) {
        volt.remove(image);
    }

    @PUT
    @Path("{image}/size")
    public ImageRecord describe(@PathParam("image") String image, Size size) {
        return volt.describe(image, size.size());
    }

    @PUT
    @Path("{image}/seal")
    public ImageRecord seal(@PathParam("image") String image, Seal seal) {
        return volt.seal(image, seal.digest(), seal.size());
    }

    @PUT
    @Path("{image}/failure")
    public ImageRecord fail(@PathParam("image") String image, Failure failure) {
        return volt.fail(image, failure.reason());
    }

    @GET
    @Path("{image}/hierarchy")
    public Hierarchy hierarchy(@PathParam("image") String image) {
        return volt.hierarchy(image);
    }

    @PUT
    @Path("{image}/members/{node}")
    public ParentList join(
            @PathParam("image") String image, @PathParam("node") String node, NodeAddress address) {
        requireSame(node, address);
        return volt.join(image, address);
    }

    @DELETE
    @Path("{image}/members/{node}")
    public void leave(@PathParam("image") String image, @PathParam("node") String node) {
        volt.leave(image, node);
    }

    static void requireSame(String node, NodeAddress address) {
        if (!node.equals(address.name())) {
            throw new ProblemException(
                    Kind.INVALID,
                    "node",
                    "the address and the body name different nodes",
                    "use the same name in both");
        }
    }
}
