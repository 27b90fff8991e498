package io.virtman.openstack;

import io.virtman.openstack.http.OpenStackException;
import org.openstack4j.api.identity.EndpointURLResolver;
import org.openstack4j.api.types.ServiceType;
import org.openstack4j.model.identity.URLResolverParams;

/**
 * Gives OpenStack4j our endpoints. Its own resolver keeps every token's catalogue in a static map
 * for ever.
 */
final class CatalogueResolver implements EndpointURLResolver {
    private final Endpoints endpoints;

    CatalogueResolver(Endpoints endpoints) {
        this.endpoints = endpoints;
    }

    @Override
    public String findURLV2(URLResolverParams params) {
        return findURLV3(params);
    }

    @Override
    public String findURLV3(URLResolverParams params) {
        ServiceType type = params.type;
        return switch (type) {
            case COMPUTE -> endpoints.url(Endpoints.COMPUTE);
            case BLOCK_STORAGE -> endpoints.url(Endpoints.BLOCK_STORAGE);
            case IMAGE -> endpoints.url(Endpoints.IMAGE);
            case NETWORK -> endpoints.url(Endpoints.NETWORK);
            case null, default ->
                    throw new OpenStackException.Unexpected("no endpoint is known of " + type);
        };
    }
}
