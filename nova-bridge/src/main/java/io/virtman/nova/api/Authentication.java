package io.virtman.nova.api;

import io.virtman.nova.cloud.Caller;
import io.virtman.nova.cloud.Cloud;
import io.virtman.nova.cloud.CloudException;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import java.util.Set;

/** Finds out who sends a request, before anything of it is read. */
public final class Authentication implements ContainerRequestFilter {
    static final String HEADER = "X-Auth-Token";

    private static final String CALLER = Caller.class.getName();

    /** What says nothing of anybody. */
    private static final Set<String> OPEN = Set.of("healthz", "metrics", "v1/openapi.yaml");

    private final Cloud cloud;

    /**
     * @param cloud knows tokens
     */
    public Authentication(Cloud cloud) {
        this.cloud = cloud;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (OPEN.contains(request.getUriInfo().getPath())) {
            return;
        }
        String token = request.getHeaderString(HEADER);
        if (token == null || token.isBlank()) {
            throw unknown("there is none");
        }
        try {
            request.setProperty(
                    CALLER,
                    cloud.caller(token)
                            .orElseThrow(() ->
                                    unknown("it is wrong, has expired, or is for no project")));
        } catch (CloudException e) {
            throw Problems.of(e);
        }
    }

    private static ProblemException unknown(String detail) {
        return new ProblemException(
                Kind.UNAUTHENTICATED,
                HEADER,
                detail,
                "send a token of Keystone for the project, e.g. of openstack token issue");
    }

    /** Who has sent a request that passed. */
    static Caller caller(ContainerRequestContext request) {
        if (request.getProperty(CALLER) instanceof Caller caller) {
            return caller;
        }
        throw unknown("there is none");
    }
}
