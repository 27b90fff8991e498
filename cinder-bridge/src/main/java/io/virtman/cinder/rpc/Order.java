package io.virtman.cinder.rpc;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a cast asks for, as far as it matters: what the journal keeps. There is no secret in it, so
 * a request that is taken up after a restart is carried out with the bridge's own rights; the API
 * has checked its caller's before.
 *
 * @param method e.g. {@code create_volume}
 * @param volumeId a UUID; null where the method has no volume
 * @param snapshotId a UUID; null where the method has no snapshot
 * @param imageId of Glance
 * @param backupId to be restored, which is refused
 * @param cascade whether snapshots are deleted with their volume
 * @param unmanageOnly whether the data is to be kept
 * @param newSize in GiB; 0 where there is none
 * @param reservations to commit or to roll back
 * @param oldReservations of a retype
 * @param projectId of the caller
 * @param requestId of the caller
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
record Order(
        String method,
        @Nullable String volumeId,
        @Nullable String snapshotId,
        @Nullable String imageId,
        @Nullable String backupId,
        boolean cascade,
        boolean unmanageOnly,
        int newSize,
        @Nullable List<String> reservations,
        @Nullable List<String> oldReservations,
        @Nullable String projectId,
        @Nullable String requestId) {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    List<String> reservationList() {
        return reservations == null ? List.of() : reservations;
    }

    List<String> oldReservationList() {
        return oldReservations == null ? List.of() : oldReservations;
    }

    String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record that is no JSON", e);
        }
    }

    /**
     * What {@link #toJson} wrote.
     *
     * @throws MalformedRequestException when another release wrote it
     */
    static Order ofJson(String json) {
        try {
            return JSON.readValue(json, Order.class);
        } catch (JsonProcessingException e) {
            throw new MalformedRequestException("a request in the journal can't be read", e);
        }
    }
}
