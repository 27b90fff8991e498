package io.virtman.openstack.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openstack4j.core.transport.ClientConstants;
import org.openstack4j.core.transport.HttpExecutorService;
import org.openstack4j.core.transport.HttpMethod;
import org.openstack4j.core.transport.HttpRequest;
import org.openstack4j.core.transport.HttpResponse;
import org.openstack4j.core.transport.ObjectMapperSingleton;

/**
 * OpenStack4j's connector: its requests go through the {@link Http} of the {@link OpenStack4jCall}
 * they belong to. Statuses of 300 or more are thrown as {@link OpenStackException} before
 * OpenStack4j sees them, since it takes a 404 for a list as an empty list. Found by {@code
 * ServiceLoader}.
 */
public final class HttpClientConnector implements HttpExecutorService {
    /** For {@code ServiceLoader}. */
    public HttpClientConnector() {}

    @Override
    public String getExecutorDisplayName() {
        return "java.net.http";
    }

    @Override
    public <R> HttpResponse execute(HttpRequest<R> request) {
        HttpMethod method = request.getMethod();
        URI url;
        try {
            url = URI.create(request.getUrl());
        } catch (IllegalArgumentException _) {
            throw new OpenStackException.Unexpected("not a URL to call: a path or an endpoint");
        }
        Call call =
                new Call(
                        method.name(),
                        url,
                        Map.of(),
                        body(request),
                        method == HttpMethod.GET || method == HttpMethod.HEAD);
        for (Map.Entry<String, Object> header : request.getHeaders().entrySet()) {
            if (!header.getKey().equals(ClientConstants.HEADER_USER_AGENT)) {
                call = call.with(header.getKey(), String.valueOf(header.getValue()));
            }
        }
        return new ModelAnswer(OpenStack4jCall.http().send(call));
    }

    private static @Nullable String body(HttpRequest<?> request) {
        if (request.hasJson()) {
            return request.getJson();
        }
        Object entity = request.getEntity();
        if (entity == null) {
            return null;
        }
        try {
            return ObjectMapperSingleton.getContext(entity.getClass()).writeValueAsString(entity);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not for JSON: " + entity.getClass(), e);
        }
    }
}
