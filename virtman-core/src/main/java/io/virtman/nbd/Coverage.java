package io.virtman.nbd;

import java.net.ProtocolException;
import java.util.Map;
import java.util.TreeMap;

/** Which bytes of a read have been delivered: each must be, exactly once. For one thread. */
final class Coverage {
    /** Separate runs kept at most; honest servers send few chunks, nearly in order. */
    private static final int MAXIMUM_RUNS = 4096;

    private final long length;
    private final TreeMap<Long, Long> runs = new TreeMap<>(); // start -> end, neighbours merged

    Coverage(long length) {
        this.length = length;
    }

    /**
     * Notes that {@code start..start+count} arrives now.
     *
     * @throws ProtocolException when it is empty, out of range, or arrived before
     */
    void claim(long start, long count) throws ProtocolException {
        if (count < 1 || start < 0 || start > length || count > length - start) {
            throw new ProtocolException("a chunk lies outside the request");
        }
        long end = start + count;
        Map.Entry<Long, Long> before = runs.lowerEntry(end);
        if (before != null && before.getValue() > start) {
            throw new ProtocolException("two chunks overlap");
        }
        long from = start;
        if (before != null && before.getValue() == start) {
            from = before.getKey();
        }
        Long after = runs.remove(end);
        runs.put(from, after == null ? end : after);
        if (runs.size() > MAXIMUM_RUNS) {
            throw new ProtocolException("a reply is in too many pieces");
        }
    }

    boolean isComplete() {
        return length == 0 || Long.valueOf(length).equals(runs.get(0L));
    }
}
