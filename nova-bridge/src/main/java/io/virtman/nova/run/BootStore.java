package io.virtman.nova.run;

import io.virtman.nova.boot.Batch;
import io.virtman.nova.boot.BootState;
import io.virtman.nova.boot.Progress;
import io.virtman.nova.boot.SeenServer;
import io.virtman.nova.boot.Sighting;
import java.time.Instant;
import java.util.List;

/**
 * What is known of one boot, kept over restarts: whatever has returned is there after a crash. Only
 * the leader may write. For one thread at a time.
 */
public interface BootStore {
    /** Everything. */
    Progress progress();

    /** The clock of {@link Batch#sentAt}. */
    Instant now();

    /** A new batch, with the next number, before it is sent. */
    Batch send(int size);

    /** Nova has declined it. */
    void refused(Batch batch);

    /**
     * What Nova has shown.
     *
     * @param sighting what follows from it; may be empty
     * @param seen for those who ask how far it is
     */
    void saw(Sighting sighting, List<SeenServer> seen);

    /** These are to be deleted, whatever happens. */
    void deleting(List<String> ids);

    /**
     * Nothing more may be asked for.
     *
     * @param reason for the user
     */
    void giveUp(String reason);

    /** Goes over from one state into another, unless its user has changed it meanwhile. */
    void enter(BootState from, BootState target);
}
