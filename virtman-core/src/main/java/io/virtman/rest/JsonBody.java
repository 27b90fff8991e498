package io.virtman.rest;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import jakarta.ws.rs.ClientErrorException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response.Status;
import jakarta.ws.rs.ext.MessageBodyReader;
import jakarta.ws.rs.ext.MessageBodyWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Bodies of requests and responses as JSON; a request's is bounded. */
@Consumes(MediaType.APPLICATION_JSON)
@Produces({MediaType.APPLICATION_JSON, Problem.MEDIA_TYPE})
final class JsonBody implements MessageBodyReader<Object>, MessageBodyWriter<Object> {
    /** Largest body of a request, in bytes. */
    static final int LARGEST = 1 << 20;

    @Override
    public boolean isReadable(
            Class<?> type, Type generic, Annotation[] annotations, MediaType media) {
        return type.isRecord();
    }

    @Override
    public Object readFrom(
            Class<Object> type,
            Type generic,
            Annotation[] annotations,
            MediaType media,
            MultivaluedMap<String, String> headers,
            InputStream body)
            throws IOException {
        byte[] bytes = body.readNBytes(LARGEST + 1);
        if (bytes.length > LARGEST) {
            throw new ClientErrorException(Status.REQUEST_ENTITY_TOO_LARGE);
        }
        @Nullable Object value = bytes.length == 0 ? null : Json.STRICT.readValue(bytes, type);
        if (value == null) {
            throw new ProblemException(
                    Kind.INVALID, "body", "the body is empty", "send a JSON object");
        }
        return value;
    }

    @Override
    public boolean isWriteable(
            Class<?> type, Type generic, Annotation[] annotations, MediaType media) {
        return type != String.class;
    }

    @Override
    public void writeTo(
            Object value,
            Class<?> type,
            Type generic,
            Annotation[] annotations,
            MediaType media,
            MultivaluedMap<String, Object> headers,
            OutputStream body)
            throws IOException {
        body.write(Json.STRICT.writeValueAsBytes(value));
    }
}
