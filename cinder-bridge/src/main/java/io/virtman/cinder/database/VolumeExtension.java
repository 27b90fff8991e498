package io.virtman.cinder.database;

import io.virtman.bridge.database.Transaction;
import java.util.List;
import java.util.Optional;

/**
 * How {@code extend_volume} ends: with the new size and the reservations committed, or neither.
 * {@code volume/manager.py:extend_volume}; there a failure is only logged, and the request ends as
 * if it had worked.
 */
public final class VolumeExtension {
    private VolumeExtension() {}

    /**
     * It has the new size. A volume that has shrunk would be lost, so it must grow; where it can't,
     * the reservations are given back.
     *
     * @param newSize in GiB
     * @param reservations as in the request
     */
    public static Outcome done(
            Transaction transaction, String id, int newSize, List<String> reservations) {
        Optional<Volume> volume = extending(transaction, id);
        if (volume.isEmpty() || newSize <= volume.get().size()) {
            Quota.rollback(transaction, reservations);
            return Outcome.NOT_EXPECTED;
        }
        Quota.commit(transaction, reservations);
        String status =
                Attachments.ofVolume(transaction, id).isEmpty()
                        ? VolumeStatus.AVAILABLE
                        : VolumeStatus.IN_USE;
        return Outcome.ofCount(
                transaction.update(
                        "UPDATE volumes SET size = ?, status = ?, updated_at = ?"
                                + " WHERE id = ? AND deleted = 0",
                        newSize,
                        status,
                        transaction.now(),
                        id));
    }

    /** It was tried and has failed: {@code error_extending}. The message is 007, detail 010. */
    public static Outcome failed(Transaction transaction, String id, List<String> reservations) {
        return end(transaction, id, reservations, VolumeStatus.ERROR_EXTENDING);
    }

    /**
     * It wasn't tried: back to what it was. Cinder has only {@link #failed}, from which an
     * administrator must reset a volume nothing is wrong with.
     */
    public static Outcome refused(Transaction transaction, String id, List<String> reservations) {
        String former =
                Volumes.find(transaction, id)
                        .flatMap(volume -> Optional.ofNullable(volume.previousStatus()))
                        .orElse(VolumeStatus.AVAILABLE);
        return end(transaction, id, reservations, former);
    }

    private static Outcome end(
            Transaction transaction, String id, List<String> reservations, String status) {
        boolean extending = extending(transaction, id).isPresent();
        Quota.rollback(transaction, reservations); // whatever became of the volume
        return extending
                ? Outcome.ofCount(
                        transaction.update(
                                "UPDATE volumes SET status = ?, updated_at = ?"
                                        + " WHERE id = ? AND deleted = 0",
                                status,
                                transaction.now(),
                                id))
                : Outcome.NOT_EXPECTED;
    }

    private static Optional<Volume> extending(Transaction transaction, String id) {
        return Volumes.lock(transaction, id)
                .filter(volume -> volume.status().equals(VolumeStatus.EXTENDING));
    }
}
