package io.virtman.cinder.database;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code volume_attachment} that isn't deleted.
 *
 * @param id the attachment's id
 * @param volumeId of the volume
 * @param instanceUuid of the server; null for attachments to hosts
 * @param attachedHost {@code connector.host}
 * @param mountpoint in the guest, or {@code na}
 * @param attachStatus reserved, attaching, attached, detaching, error_attaching ...
 * @param attachMode {@code rw}, {@code ro}, or the text {@code null} when it hasn't been chosen
 * @param connector as JSON; null until a host is known
 * @param connectionInfo as JSON, what we answered; stored by the API
 * @param attachTime when it got a host
 */
public record Attachment(
        String id,
        String volumeId,
        @Nullable String instanceUuid,
        @Nullable String attachedHost,
        @Nullable String mountpoint,
        String attachStatus,
        @Nullable String attachMode,
        @Nullable String connector,
        @Nullable String connectionInfo,
        @Nullable Instant attachTime) {
    /** Whether a host was told the file's path for it, or is just being told. */
    public boolean isConnected() {
        return connector != null;
    }

    /** The same of this host. */
    public boolean isConnectedOn(String host) {
        return isConnected() && host.equals(attachedHost);
    }

    /**
     * The mode it gets: its own if one was chosen when it was made, else the connector's. {@code
     * volume/manager.py:attachment_update}, where the API's way of saying none is the text {@code
     * null}; a NULL, which would become the mode there, counts as none here.
     *
     * @param connectorMode {@code connector.mode}
     */
    public String mode(@Nullable String connectorMode) {
        if (attachMode != null && !attachMode.equals("null")) {
            return attachMode;
        }
        return connectorMode == null ? "rw" : connectorMode;
    }
}
