package io.virtman.nova.api;

import io.virtman.bridge.database.Database;
import io.virtman.nova.api.Policy.Action;
import io.virtman.nova.boot.BootOrder;
import io.virtman.nova.boot.BootState;
import io.virtman.nova.cloud.Caller;
import io.virtman.nova.cloud.Cloud;
import io.virtman.nova.cloud.CloudException;
import io.virtman.nova.database.BootRow;
import io.virtman.nova.database.Boots;
import io.virtman.nova.database.ServerRow;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Boots of many servers, {@code /v1/boots}. */
@Path("/v1/boots")
@Produces(MediaType.APPLICATION_JSON)
public final class BootsResource {
    private static final Logger LOGGER = System.getLogger(BootsResource.class.getName());
    private static final int LARGEST_PAGE = 1000;

    private final Database database;
    private final Cloud cloud;
    private final Policy policy;
    private final Orders orders;
    private final ProjectLimits limits;

    /**
     * Boots in a database, which whoever leads carries out.
     *
     * @param orders reads and writes what is asked for
     */
    public BootsResource(
            Database database, Cloud cloud, Policy policy, Orders orders, ProjectLimits limits) {
        this.database = database;
        this.cloud = cloud;
        this.policy = policy;
        this.orders = orders;
        this.limits = limits;
    }

    /** Several boots. */
    public record BootList(List<BootView> boots) {}

    /**
     * Begins a boot; 202, and nothing has been made yet. With the key of a former request it is
     * that boot which is answered.
     */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public Response create(
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @Context ContainerRequestContext request,
            BootOrder order) {
        Caller caller = Authentication.caller(request);
        policy.require(caller, Action.CREATE);
        IdempotencyKey.require(key);
        String digest = orders.digest(order, caller);
        Optional<BootRow> before = named(caller, key);
        if (before.isPresent()) {
            return again(before.get(), digest);
        }
        limits.require(load(caller), order);
        String token = request.getHeaderString(Authentication.HEADER);
        String id = UUID.randomUUID().toString();
        return begin(id, caller, token, order, key, digest);
    }

    private Response begin(
            String id,
            Caller caller,
            String token,
            BootOrder order,
            @Nullable String key,
            String digest) {
        try {
            String trust = cloud.delegate(token, limits.lasts());
            boolean added = false;
            try {
                cloud.require(order, trust);
                BootRow boot = orders.row(id, caller, order, key, digest, trust, limits);
                added =
                        Problems.stored(
                                () -> database.note(tx -> Boots.add(tx, boot, limits.lasts())));
            } finally {
                if (!added) {
                    giveBack(id, order, trust);
                }
            }
            return added ? accepted(find(id)) : again(named(caller, key).orElseThrow(), digest);
        } catch (CloudException e) {
            throw Problems.of(e);
        }
    }

    private void giveBack(String id, BootOrder order, String trust) {
        try {
            cloud.giveBack(id, order, trust);
        } catch (CloudException e) {
            LOGGER.log(Level.WARNING, "a trust stays until it expires: {0}", e.getMessage());
        }
    }

    private Optional<BootRow> named(Caller caller, @Nullable String key) {
        return key == null
                ? Optional.empty()
                : Problems.stored(
                        () -> database.read(tx -> Boots.named(tx, caller.projectId(), key)));
    }

    private Boots.Load load(Caller caller) {
        return Problems.stored(() -> database.read(tx -> Boots.load(tx, caller.projectId())));
    }

    private Response again(BootRow boot, String digest) {
        if (!boot.requestDigest().equals(digest)) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "Idempotency-Key",
                    "boot " + boot.id() + " has it, and was asked for otherwise",
                    "choose another key for another boot");
        }
        return accepted(boot);
    }

    private Response accepted(BootRow boot) {
        return Response.accepted(view(boot, false, false))
                .location(URI.create("/v1/boots/" + boot.id()))
                .build();
    }

    /** Boots of the caller's project, the newest first. */
    @GET
    public BootList list(
            @Context ContainerRequestContext request,
            @QueryParam("all_projects") @DefaultValue("false") boolean all,
            @QueryParam("limit") @DefaultValue("100") int limit,
            @QueryParam("marker") @Nullable String marker) {
        Caller caller = Authentication.caller(request);
        policy.require(caller, all ? Action.ALL_PROJECTS : Action.READ);
        if (limit < 1 || limit > LARGEST_PAGE) {
            throw new ProblemException(
                    Kind.INVALID, "limit", limit + " is out of range", "give 1 to " + LARGEST_PAGE);
        }
        if (marker != null) {
            BootRow _ = visible(caller, marker, "marker");
        }
        List<BootRow> boots =
                Problems.stored(() ->
                        database.read(tx ->
                                Boots.list(tx, all ? null : caller.projectId(), marker, limit)));
        return new BootList(boots.stream().map(each -> view(each, false, false)).toList());
    }

    /** One boot, with its servers; 304 when it is as its reader knows it. */
    @GET
    @Path("{id}")
    public Response show(
            @Context ContainerRequestContext request,
            @Context Request condition,
            @PathParam("id") String id) {
        Caller caller = Authentication.caller(request);
        policy.require(caller, Action.READ);
        BootRow boot = visible(caller, id, "boot");
        EntityTag tag = new EntityTag(Long.toString(boot.version()));
        Response.ResponseBuilder unchanged = condition.evaluatePreconditions(tag);
        return (unchanged != null
                        ? unchanged
                        : Response.ok(view(boot, true, policy.allows(caller, Action.ALL_PROJECTS))))
                .tag(tag)
                .header("Cache-Control", "private, no-cache")
                .build();
    }

    /**
     * Cancels a boot; 202. Once it is cancelled another time changes nothing.
     *
     * @param servers {@code keep} those that are there, or {@code delete} them
     */
    @DELETE
    @Path("{id}")
    public Response cancel(
            @Context ContainerRequestContext request,
            @PathParam("id") String id,
            @QueryParam("servers") @DefaultValue("keep") String servers) {
        Caller caller = Authentication.caller(request);
        policy.require(caller, Action.CANCEL);
        BootState wanted =
                switch (servers) {
                    case "keep" -> BootState.CANCELLING;
                    case "delete" -> BootState.CLEARING;
                    default ->
                            throw new ProblemException(
                                    Kind.INVALID,
                                    "servers",
                                    "is neither keep nor delete",
                                    "write ?servers=keep or ?servers=delete");
                };
        BootRow boot = visible(caller, id, "boot");
        for (BootState from : Cancellation.possibleFrom(wanted)) {
            boolean entered =
                    Problems.stored(
                            () -> database.note(tx -> Boots.enter(tx, boot.id(), from, wanted)));
            if (entered) {
                return accepted(find(id));
            }
        }
        BootRow now = find(id);
        if (Cancellation.isDone(now.state(), wanted)) {
            return accepted(now);
        }
        throw new ProblemException(
                Kind.CONFLICT,
                "boot",
                "it is " + now.state().name().toLowerCase(java.util.Locale.ROOT) + " already",
                "delete its servers with Nova");
    }

    private BootRow find(String id) {
        return Problems.stored(() -> database.read(tx -> Boots.find(tx, id)))
                .orElseThrow(() -> missing("boot"));
    }

    /** Others' boots are as if they weren't there. */
    private BootRow visible(Caller caller, String id, String field) {
        return Problems.stored(() -> database.read(tx -> Boots.find(tx, id)))
                .filter(boot ->
                        boot.projectId().equals(caller.projectId())
                                || policy.allows(caller, Action.ALL_PROJECTS))
                .orElseThrow(() -> missing(field));
    }

    private static ProblemException missing(String field) {
        return new ProblemException(
                Kind.NOT_FOUND,
                field,
                "there is none of this id in your project",
                "see GET /v1/boots for what there is");
    }

    private BootView view(BootRow boot, boolean whole, boolean hosts) {
        return Problems.stored(() ->
                database.read(tx -> {
                    Instant now = Boots.now(tx);
                    List<ServerRow> servers = Boots.servers(tx, boot.id());
                    BootOrder order = orders.read(boot);
                    return BootView.of(
                            boot,
                            order.name(),
                            order.from().toString(),
                            servers,
                            now,
                            hosts,
                            whole);
                }));
    }
}
