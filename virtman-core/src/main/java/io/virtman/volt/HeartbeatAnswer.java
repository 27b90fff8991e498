package io.virtman.volt;

import java.util.List;

/**
 * Volt's answer to a heartbeat; it heals what a lost push left stale.
 *
 * @param term number of Volt's run
 * @param lists the parent lists whose epoch differs from the reported one
 * @param unknownImages ids reported that the catalogue does not hold; the node detaches them
 * @param endedImports images reported as unsealed that are sealed or failed now
 */
public record HeartbeatAnswer(
        long term,
        List<ParentList> lists,
        List<String> unknownImages,
        List<ImageRecord> endedImports) {
    public HeartbeatAnswer {
        lists = List.copyOf(lists);
        unknownImages = List.copyOf(unknownImages);
        endedImports = List.copyOf(endedImports);
    }
}
