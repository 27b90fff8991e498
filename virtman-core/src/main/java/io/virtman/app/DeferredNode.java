package io.virtman.app;

import io.virtman.node.NodeApi;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Stands for the node service while it starts: its address is known only once its REST port is
 * bound, and until it has taken up what was before, callers are told to come again.
 */
final class DeferredNode {
    private final AtomicReference<NodeApi> node = new AtomicReference<>();

    /** What the REST resources are given. */
    NodeApi api() {
        return (NodeApi)
                Proxy.newProxyInstance(
                        NodeApi.class.getClassLoader(),
                        new Class<?>[] {NodeApi.class},
                        (_, method, arguments) -> {
                            NodeApi ready = node.get();
                            if (ready == null) {
                                throw new ProblemException(
                                        Kind.UNAVAILABLE,
                                        "node",
                                        "it is starting",
                                        "try again in a moment");
                            }
                            try {
                                return method.invoke(ready, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    void complete(NodeApi ready) {
        node.set(ready);
    }
}
