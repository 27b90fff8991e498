package io.virtman.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import java.lang.System.Logger.Level;
import java.util.UUID;

/** The one table from errors to HTTP. A stranger never sees more than what it did wrong. */
final class ProblemMapper implements ExceptionMapper<Throwable> {
    private static final System.Logger LOG = System.getLogger(ProblemMapper.class.getName());
    private static final int SERVER_ERROR = 500;

    @Override
    public Response toResponse(Throwable error) {
        return switch (error) {
            case ProblemException problem -> respond(Problem.of(problem));
            case JsonProcessingException json -> respond(Problem.of(json(json)));
            case WebApplicationException http -> http(http);
            default -> unexpected(error);
        };
    }

    private static Response respond(Problem problem) {
        return Response.status(problem.status()).type(Problem.MEDIA_TYPE).entity(problem).build();
    }

    private static ProblemException json(JsonProcessingException error) {
        for (Throwable at = error; at != null; at = at.getCause()) {
            if (at instanceof ProblemException problem) {
                return problem; // a record refused its values
            }
        }
        if (!(error instanceof JsonMappingException mapping) || mapping.getPath().isEmpty()) {
            return new ProblemException(
                    Kind.INVALID,
                    "body",
                    "not the JSON expected here",
                    "send one JSON object as the API's description says");
        }
        StringBuilder field = new StringBuilder();
        for (JsonMappingException.Reference step : mapping.getPath()) {
            if (step.getFieldName() == null) {
                field.append('[').append(step.getIndex()).append(']');
            } else {
                field.append(field.isEmpty() ? "" : ".").append(shown(step.getFieldName()));
            }
        }
        String detail =
                mapping instanceof UnrecognizedPropertyException
                        ? "there is no such field"
                        : "missing, or not of the right type";
        return new ProblemException(
                Kind.INVALID, field.toString(), detail, "see the API's description");
    }

    private static String shown(String name) {
        String cut = name.length() > 64 ? name.substring(0, 64) + "..." : name;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }

    private static Response http(WebApplicationException error) {
        Response given = error.getResponse();
        int status = given.getStatus();
        if (status < 400) {
            return given;
        }
        if (status >= SERVER_ERROR) {
            return unexpected(error);
        }
        Response.ResponseBuilder response =
                Response.status(status)
                        .type(Problem.MEDIA_TYPE)
                        .entity(problem(given.getStatusInfo()));
        String allow = given.getHeaderString(HttpHeaders.ALLOW);
        return allow == null ? response.build() : response.header(HttpHeaders.ALLOW, allow).build();
    }

    /** What a status says that nobody explained. */
    static Problem problem(Response.StatusType given) {
        int status = given.getStatusCode();
        return new Problem(
                "about:blank",
                given.getReasonPhrase(),
                status,
                switch (status) {
                    case 404 -> "there is nothing at this address";
                    case 405 -> "this address does not take this method";
                    case 406 -> "this address does not answer in that media type";
                    case 413 -> "the body is larger than " + JsonBody.LARGEST + " bytes";
                    case 415 -> "this address takes JSON only";
                    default -> "the request is not valid here";
                },
                "request",
                status == 415
                        ? "send Content-Type: application/json"
                        : "see the API's description at /v1/openapi.yaml");
    }

    private static Response unexpected(Throwable error) {
        String id = UUID.randomUUID().toString();
        LOG.log(Level.ERROR, "request failed, error " + id, error);
        return respond(
                new Problem(
                        "about:blank",
                        "Internal error",
                        SERVER_ERROR,
                        "error " + id,
                        "server",
                        "look for this number in the service's log"));
    }
}
