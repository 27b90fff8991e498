package io.virtman.rest;

import io.virtman.node.ImportProgress;
import io.virtman.node.NodeApi;
import io.virtman.node.NodeReport;
import io.virtman.node.RemoteImage;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.ImageRecord;
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
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A node's state, the images it is the origin of, and the parents Volt gives it. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public final class NodeResource {
    /**
     * Body of an import: with a path see {@link NodeApi#importImage}, with a URL and what follows
     * {@link NodeApi#importRemote}.
     */
    public record NewSource(
            String name,
            @Nullable String path,
            String format,
            @Nullable String url,
            @Nullable Map<String, String> headers,
            @Nullable Long length,
            @Nullable String hashAlgorithm,
            @Nullable String hash,
            @Nullable Long maximumBytesPerSecond) {
        static NewSource of(String name, String path, String format) {
            return new NewSource(name, path, format, null, null, null, null, null, null);
        }

        static NewSource of(RemoteImage image) {
            return new NewSource(
                    image.name(),
                    null,
                    image.format(),
                    image.url(),
                    image.headers(),
                    image.length(),
                    image.hashAlgorithm(),
                    image.hash(),
                    image.maximumBytesPerSecond());
        }

        private RemoteImage remote() {
            return new RemoteImage(
                    name,
                    require("url", url),
                    headers == null ? Map.of() : headers,
                    format,
                    require("length", length),
                    require("hashAlgorithm", hashAlgorithm),
                    require("hash", hash),
                    maximumBytesPerSecond == null ? STANDARD_RATE : maximumBytesPerSecond);
        }

        private static <T> T require(String field, @Nullable T value) {
            if (value == null) {
                throw new ProblemException(
                        Kind.INVALID,
                        field,
                        "is missing",
                        "give path, or url with length and hash");
            }
            return value;
        }

        /** Without the headers. */
        @Override
        public String toString() {
            return "NewSource[" + name + ", " + format + "]";
        }
    }

    /** Body of a credential; see {@link NodeApi#renewCredential}. */
    public record Credential(Map<String, String> headers) {
        /** Without the headers. */
        @Override
        public String toString() {
            return "Credential[]";
        }
    }

    private static final long STANDARD_RATE = 50_000_000;

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
        return Response.status(Response.Status.ACCEPTED).entity(added(source)).build();
    }

    private ImageRecord added(NewSource source) {
        String path = source.path();
        return path != null && source.url() == null
                ? node.importImage(source.name(), path, source.format())
                : node.importRemote(source.remote());
    }

    @PUT
    @Path("sources/{image}/credential")
    public void renew(@PathParam("image") String image, Credential credential) {
        node.renewCredential(image, credential.headers());
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
