package io.virtman.rest;

import io.virtman.volt.VoltApi;
import io.virtman.volt.VoltStatus;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Volt in numbers, and its API's description. */
@Path("/v1")
public final class StatusResource {
    private final VoltApi volt;

    StatusResource(VoltApi volt) {
        this.volt = volt;
    }

    @GET
    @Path("status")
    @Produces(MediaType.APPLICATION_JSON)
    public VoltStatus status() {
        return volt.status();
    }

    @GET
    @Path("openapi.yaml")
    @Produces("application/yaml")
    public String description() throws IOException {
        try (InputStream file =
                Objects.requireNonNull(
                        StatusResource.class.getResourceAsStream("/volt-openapi.yaml"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
