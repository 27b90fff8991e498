package io.virtman.testing;

import io.virtman.block.BlockSource;
import io.virtman.block.Upstream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** An upstream over a local source that counts what is fetched, by offset. */
public final class FakeUpstream implements Upstream {
    private final BlockSource source;
    private final Map<Long, AtomicLong> fetches = new ConcurrentHashMap<>();

    public FakeUpstream(BlockSource source) {
        this.source = source;
    }

    @Override
    public void fetch(long offset, ByteBuffer target, Check check) throws IOException {
        fetches.computeIfAbsent(offset, _ -> new AtomicLong()).incrementAndGet();
        int start = target.position();
        source.read(offset, target);
        if (!check.accepts(target.duplicate().position(start))) {
            throw new IOException("the bytes at " + offset + " do not verify");
        }
    }

    /** Fetches so far. */
    public long fetches() {
        return fetchesWithin(0, Long.MAX_VALUE);
    }

    /** Fetches that began in a range. */
    public long fetchesWithin(long from, long to) {
        return fetches.entrySet().stream()
                .filter(entry -> entry.getKey() >= from && entry.getKey() < to)
                .mapToLong(entry -> entry.getValue().get())
                .sum();
    }

    /** Forgets the counts. */
    public void reset() {
        fetches.clear();
    }
}
