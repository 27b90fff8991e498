package io.virtman.openstack;

import io.virtman.openstack.http.OpenStackException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one login current: never two under way, and who has a token that is still valid does not
 * wait for the next. Failures reach all who wait; for a moment also those who come right after, so
 * that many callers with a wrong password don't lock the account.
 */
final class TokenKeeper {
    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    private final Supplier<KeystoneLogin> logIn;
    private final LongSupplier nanos;
    private final Duration patience;

    private @Nullable KeystoneLogin login;
    private @Nullable CompletableFuture<KeystoneLogin> flight;
    private @Nullable OpenStackException failure;
    private long failedNanos;

    /**
     * Without a token yet.
     *
     * @param logIn bounded in time
     * @param patience how long to wait for it, at most
     */
    TokenKeeper(Supplier<KeystoneLogin> logIn, LongSupplier nanos, Duration patience) {
        this.logIn = logIn;
        this.nanos = nanos;
        this.patience = patience;
    }

    /** A login that has not expired. */
    KeystoneLogin current() {
        CompletableFuture<KeystoneLogin> next;
        synchronized (this) {
            long now = nanos.getAsLong();
            if (login != null && !login.expired(now)) {
                if (login.ageing(now) && recentFailure(now) == null) {
                    flight = fly();
                }
                return login;
            }
            login = null;
            OpenStackException recent = recentFailure(now);
            if (recent != null) {
                throw recent;
            }
            next = fly();
        }
        return await(next);
    }

    /** A login other than this, which a service has refused. */
    KeystoneLogin replace(KeystoneLogin refused) {
        synchronized (this) {
            if (refused.equals(login)) {
                login = null;
            }
        }
        return current();
    }

    private @Nullable OpenStackException recentFailure(long now) {
        return failure != null && now - failedNanos < PAUSE_NANOS ? failure : null;
    }

    private synchronized CompletableFuture<KeystoneLogin> fly() {
        if (flight != null) {
            return flight;
        }
        CompletableFuture<KeystoneLogin> mine = new CompletableFuture<>();
        flight = mine;
        Thread.ofVirtual().name("keystone-login").start(() -> land(mine));
        return mine;
    }

    private void land(CompletableFuture<KeystoneLogin> mine) {
        try {
            KeystoneLogin given = logIn.get();
            synchronized (this) {
                login = given;
                failure = null;
                flight = null;
            }
            mine.complete(given);
        } catch (OpenStackException e) {
            synchronized (this) {
                failure = e;
                failedNanos = nanos.getAsLong();
                flight = null;
            }
            mine.completeExceptionally(e);
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                flight = null;
            }
            mine.completeExceptionally(e);
        }
    }

    private KeystoneLogin await(CompletableFuture<KeystoneLogin> next) {
        try {
            return next.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OpenStackException.Unavailable("login: interrupted", e);
        } catch (TimeoutException e) {
            throw new OpenStackException.Unavailable("login: no answer in time", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof OpenStackException known) {
                throw known;
            }
            throw new IllegalStateException("login failed", e.getCause());
        }
    }
}
