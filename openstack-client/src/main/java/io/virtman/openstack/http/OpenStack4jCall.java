package io.virtman.openstack.http;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The one place that knows of OpenStack4j's state per thread. Each call runs on a virtual thread of
 * its own: the session and the ids that OpenStack4j leaves in thread-locals die with it, so no call
 * can see another's token.
 */
public final class OpenStack4jCall {
    private static final ScopedValue<Http> HTTP = ScopedValue.newInstance();

    private OpenStack4jCall() {}

    /** Through which a request of OpenStack4j goes. */
    static Http http() {
        return HTTP.orElseThrow(
                () -> new IllegalStateException("OpenStack4j is called outside of a session"));
    }

    /**
     * Makes requests with OpenStack4j; blocks, as long as these do, and not much longer than the
     * limits' total.
     *
     * @param body makes its own client, and leaves nothing behind
     * @throws OpenStackException what a request has thrown; {@code Unexpected} when OpenStack4j
     *     cannot make sense of an answer
     */
    public static <T> T run(Http http, Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(() -> ScopedValue.where(HTTP, http).call(body::call));
        Thread.ofVirtual().name("openstack4j").start(task);
        try {
            return task.get(http.limits().total().toNanos() * 2, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new OpenStackException.Unavailable("interrupted", e);
        } catch (TimeoutException e) {
            task.cancel(true);
            throw new OpenStackException.Unavailable("no answer in time", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof OpenStackException known) {
                throw known;
            }
            // Without the cause, which may quote the answer.
            String kind = String.valueOf(e.getCause()).replaceAll("(?s):.*", "");
            throw new OpenStackException.Unexpected("OpenStack4j fails: " + kind);
        }
    }
}
