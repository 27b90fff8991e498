package io.virtman.nova.cloud;

import io.virtman.nova.boot.SeenServer;
import java.util.List;
import java.util.Optional;

/**
 * Nova for one boot, in the name of its user. Each call may block for as long as the service's
 * limits allow, and throws {@link CloudException}. For one thread at a time.
 */
public interface BootCompute {
    /**
     * Asks for servers, once; they carry the boot and the batch in their metadata. When it is
     * {@link CloudException.Kind#UNAVAILABLE} they may come up all the same.
     *
     * @param batch its number
     * @param size how many
     */
    void create(int batch, int size);

    /** All servers of the boot, of whatever batch. */
    List<SeenServer> servers();

    /** One of them; empty when it isn't there any more. */
    Optional<SeenServer> server(String id);

    /** Deletes one of them; nothing happens when it isn't there. Returns before it is gone. */
    void delete(String id);
}
