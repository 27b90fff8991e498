package io.virtman.nbd;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger.Level;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The running connection of a client. Two platform threads own the socket, one per direction:
 * callers never touch it, so that an interrupted or impatient caller cannot break it for others.
 */
final class ClientConnection implements Closeable {
    /** Requests without a complete reply, those given up by their callers included. */
    private static final int MAXIMUM_PENDING = 256;

    private static final int OUTPUT_BUFFER = 4096;
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(2);
    private static final System.Logger LOG = System.getLogger(ClientConnection.class.getName());

    private final Wire wire;
    private final ReplyReader reader;
    private final Map<Long, PendingRequest> pending = new ConcurrentHashMap<>();
    private final Semaphore places = new Semaphore(MAXIMUM_PENDING);
    private final BlockingQueue<PendingRequest> queue =
            new ArrayBlockingQueue<>(MAXIMUM_PENDING + 1);
    private final PendingRequest farewell = PendingRequest.status(0, 0, 0);
    private final AtomicLong cookies = new AtomicLong();
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
    private final Thread receiving;
    private final Thread sending;

    ClientConnection(String name, Wire wire, WireInput input, Session session) {
        this.wire = wire;
        this.reader = new ReplyReader(input, session, new Table());
        this.receiving = thread("nbd-client-in-" + name, this::receive);
        this.sending = thread("nbd-client-out-" + name, this::send);
    }

    void start() {
        receiving.start();
        sending.start();
    }

    boolean isOpen() {
        return failure.get() == null;
    }

    long newCookie() {
        return cookies.incrementAndGet();
    }

    /** Queues a request for sending, waiting for a place until the deadline. */
    void submit(PendingRequest request, long deadline) throws IOException {
        requireOpen();
        try {
            long left = Math.max(0, deadline - System.nanoTime());
            if (!places.tryAcquire(left, TimeUnit.NANOSECONDS)) {
                throw new SocketTimeoutException(
                        request + " was not sent in time: too many are unanswered");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted before " + request);
        }
        pending.put(request.cookie, request);
        queue.add(request); // has room for every place
        IOException cause = failure.get();
        if (cause != null) { // it may have come too late to be failed with the others
            request.fail(cause);
        }
    }

    private void requireOpen() throws IOException {
        IOException cause = failure.get();
        if (cause != null) {
            throw new IOException("the connection has ended: " + cause.getMessage(), cause);
        }
    }

    /** Says goodbye if the server listens, and ends both threads. */
    @Override
    public void close() {
        if (failure.compareAndSet(null, new SocketException("the client is closed"))) {
            Deadlines deadline = Deadlines.close(wire, CLOSE_BOUND);
            queue.add(farewell);
            try {
                sending.join(CLOSE_BOUND.plus(CLOSE_BOUND));
                Closeables.close(wire);
                receiving.join(CLOSE_BOUND);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } finally {
                deadline.cancel();
                Closeables.close(wire);
                failAll();
            }
        }
    }

    private final class Table implements ReplyReader.Requests {
        @Override
        public @Nullable PendingRequest find(long cookie) {
            return pending.get(cookie);
        }

        @Override
        public void forget(PendingRequest request) {
            if (pending.remove(request.cookie) != null) {
                places.release();
            }
        }
    }

    private void receive() {
        try {
            while (true) {
                reader.next();
            }
        } catch (IOException | RuntimeException e) {
            fail(e);
        }
    }

    private void send() {
        ByteBuffer output = ByteBuffer.allocateDirect(OUTPUT_BUFFER);
        try {
            boolean ended = false;
            while (!ended) {
                PendingRequest next = queue.take();
                while (next != null) {
                    ended |= next == farewell;
                    encode(output, next);
                    next = output.remaining() < NbdProtocol.REQUEST_BYTES ? null : queue.poll();
                }
                wire.write(output.flip());
                output.clear();
            }
        } catch (IOException | RuntimeException e) {
            fail(e);
        } catch (InterruptedException _) {
            fail(new InterruptedIOException("the sender was interrupted"));
        }
    }

    private void encode(ByteBuffer output, PendingRequest request) {
        boolean last = request == farewell;
        if (!last && !request.trySend()) {
            if (pending.remove(request.cookie) != null) { // given up before it was sent
                places.release();
            }
            return;
        }
        int type = last ? NbdProtocol.CMD_DISC : request.type;
        output.putInt(NbdProtocol.REQUEST_MAGIC);
        output.putShort((short) (last ? 0 : request.flags)).putShort((short) type);
        output.putLong(request.cookie).putLong(request.offset).putInt((int) request.length);
    }

    private void fail(Exception cause) {
        IOException reason =
                cause instanceof IOException io ? io : new IOException("unexpected failure", cause);
        boolean first = failure.compareAndSet(null, reason);
        Closeables.close(wire);
        if (first) {
            LOG.log(Level.DEBUG, "the connection failed", cause);
            queue.add(farewell); // wakes the sender, who finds the wire closed
        }
        failAll();
    }

    private void failAll() {
        IOException cause = failure.get();
        for (PendingRequest request : pending.values()) {
            if (cause != null) {
                request.fail(cause);
            }
        }
    }

    private static Thread thread(String name, Runnable work) {
        return Thread.ofPlatform().daemon().name(name).unstarted(work);
    }
}
