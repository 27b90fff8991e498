package io.virtman.nova.api;

import io.virtman.nova.boot.BootOrder;
import io.virtman.nova.boot.BootState;
import io.virtman.nova.cloud.Caller;
import io.virtman.nova.database.BootRow;
import io.virtman.nova.secret.SecretKey;
import io.virtman.rest.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is asked for, as it is kept: JSON, and user data apart, encrypted. */
public final class Orders {
    private final SecretKey key;

    /**
     * @param key for user data
     */
    public Orders(SecretKey key) {
        this.key = key;
    }

    /** The same for the same request of the same user. */
    String digest(BootOrder order, Caller caller) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(caller.userId().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(Json.text(order).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JVM", e);
        }
    }

    BootRow row(
            String id,
            Caller caller,
            BootOrder order,
            @Nullable String idempotencyKey,
            String digest,
            String trust,
            ProjectLimits limits) {
        return new BootRow(
                id,
                caller.projectId(),
                caller.userId(),
                Optional.ofNullable(idempotencyKey),
                digest,
                Json.text(order.withoutUserData()),
                Optional.ofNullable(order.userData())
                        .map(text -> new BootRow.Secret(key.encrypt(text, id))),
                Optional.of(trust),
                order.count(),
                limits.attempts(order.count()),
                order.deletesOnFailure(),
                BootState.RUNNING,
                Optional.empty(),
                0,
                Instant.EPOCH,
                Instant.EPOCH,
                Optional.empty());
    }

    /** Without user data. */
    BootOrder read(BootRow boot) {
        return Json.read(boot.request(), BootOrder.class);
    }

    /** With user data, for Nova. */
    public BootOrder whole(BootRow boot) {
        BootOrder order = read(boot);
        return boot.userData()
                .map(secret -> order.withUserData(key.decrypt(secret.base64(), boot.id())))
                .orElse(order);
    }
}
