package io.virtman.nova.cloud;

import io.virtman.nova.boot.BootOrder;
import java.time.Duration;
import java.util.Optional;

/**
 * OpenStack, as the service needs it. Safe for many threads; each call blocks for as long as the
 * limits allow, and throws {@link CloudException}.
 */
public interface Cloud {
    /** Whose token this is; empty when it is none, has expired, or is for no project. */
    Optional<Caller> caller(String token);

    /**
     * Lets the service act for the user, with the roles of the token.
     *
     * @param lasts after which Keystone takes it back
     * @return the id of the trust
     * @throws CloudException REFUSED when these credentials can't be delegated
     */
    String delegate(String token, Duration lasts);

    /**
     * Checks what OpenStack alone knows: whether there are the source, the flavor and so on that
     * the user of a trust may use, whether they fit together, and whether there is quota for all
     * servers.
     *
     * @throws io.virtman.problem.ProblemException naming the field
     */
    void require(BootOrder order, String trustId);

    /**
     * Gives the right back, and what was made for the boot besides servers; nothing happens when
     * there is neither.
     */
    void giveBack(String bootId, BootOrder order, String trustId);

    /**
     * Nova for a boot.
     *
     * @param bootId which its servers carry
     * @param order with its user data
     * @param trustId by which to act
     */
    Session session(String bootId, BootOrder order, String trustId);

    /** Nova for a boot, until it is closed. */
    interface Session extends BootCompute, AutoCloseable {
        @Override
        void close();
    }
}
