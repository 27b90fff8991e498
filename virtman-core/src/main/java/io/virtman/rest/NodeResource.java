package io.virtman.rest;

import io.virtman.node.ImportProgress;
import io.virtman.node.NodeApi;
import io.virtman.node.NodeReport;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.ParentList;
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
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** A node's state, the images it is the origin of, and the parents Volt gives it. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public final class NodeResource {
    /** Body of an import; see {@link NodeApi#importImage}. */
    public record NewSource(String name, String path, String format) {}

    private final NodeApi node;

    NodeResource(NodeApi node) {
        this.node = node;
    }

    @GET
    @Path("status")
    public NodeReport status() {
        return node.report();
    }

    @GET
    @Path("openapi.yaml")
    @Produces("application/yaml")
    public String description() throws IOException {
        try (InputStream file =
                Objects.requireNonNull(
                        NodeResource.class.getResourceAsStream("/node-openapi.yaml"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @POST
    @Path("sources")
    public Response importImage(NewSource source) {
        return Response.status(Response.Status.ACCEPTED)
                .entity(node.importImage(source.name(), source.path(), source.format()))
                .build();
    }

    @GET
    @Path("sources/{image}/progress")
    public ImportProgress progress(@PathParam("image") String image) {
        return node.importProgress(image);
    }

    @DELETE
    @Path("sources/{image}")
    public void removeSource(@PathParam("image") String image) {
        node.removeSource(image);
    }

    @PUT
    @Path("attachments/{image}/parents")
    public void parents(@PathParam("image") String image, ParentList list) {
        if (!image.equals(list.image())) {
            throw new ProblemException(
                    Kind.INVALID,
                    "image",
                    "the address and the body name different images",
                    "use the same id in both");
        }
        node.parents(list);
    }
}
