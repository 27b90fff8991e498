package io.virtman.rest;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.glassfish.jersey.jdkhttp.JdkHttpHandlerContainer;
import org.glassfish.jersey.server.ContainerFactory;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;

/**
 * Serves JAX-RS resources over HTTP, each request on a virtual thread of its own. Bodies are
 * bounded and requests must arrive within {@value #REQUEST_SECONDS} s.
 */
public final class RestServer implements AutoCloseable {
    private static final String REQUEST_SECONDS = "30";
    private static final int BACKLOG = 1024;

    static {
        // the server of the JDK reads these once; an operator's own -D wins
        setting("maxReqTime", REQUEST_SECONDS);
        setting("maxRspTime", "60");
        // clients drop idle connections after 30 s: they must not find one we dropped before
        setting("idleInterval", "60");
        setting("maxIdleConnections", "10000");
        setting("nodelay", "true");
        // lets a client finish sending a body we refuse, so that it reads why
        setting("drainAmount", Integer.toString(4 * JsonBody.LARGEST));
    }

    private final HttpServer server;
    private final JdkHttpHandlerContainer container;
    private final ExecutorService threads;

    private RestServer(
            HttpServer server, JdkHttpHandlerContainer container, ExecutorService threads) {
        this.server = server;
        this.container = container;
        this.threads = threads;
    }

    /**
     * Starts serving.
     *
     * @param address where to listen; port 0 takes any free one
     * @param resources instances of resource classes
     * @throws ProblemException UNAVAILABLE when the address cannot be listened on
     */
    public static RestServer start(InetSocketAddress address, Collection<?> resources) {
        ResourceConfig config = new ResourceConfig();
        config.property(ServerProperties.WADL_FEATURE_DISABLE, true);
        config.register(new JsonBody());
        config.register(new ProblemMapper());
        config.register(new BareErrorFilter());
        resources.forEach(config::register);
        HttpServer server;
        try {
            server = HttpServer.create(address, BACKLOG);
        } catch (IOException e) {
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "listen",
                    "cannot listen on " + address + ": " + e.getMessage(),
                    "choose an address of this host and a free port",
                    e);
        }
        JdkHttpHandlerContainer container =
                (JdkHttpHandlerContainer)
                        ContainerFactory.createContainer(HttpHandler.class, config);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        container.getApplicationHandler().onStartup(container);
        server.setExecutor(threads);
        server.createContext("/", container);
        server.start();
        return new RestServer(server, container, threads);
    }

    /** The port it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** Stops at once; requests in progress are cut. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        container.getApplicationHandler().onShutdown(container);
    }

    private static void setting(String name, String value) {
        String key = "sun.net.httpserver." + name;
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }
}
