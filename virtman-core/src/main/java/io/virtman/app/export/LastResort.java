package io.virtman.app.export;

import io.virtman.block.Upstream;
import io.virtman.peer.Parent;
import io.virtman.peer.ParentSet;
import io.virtman.peer.PeerTimeouts;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Parents, of which those that were dropped for wrong bytes are asked once more when nobody else
 * can help: one bad range on the only parent must not take the rest of the disk away. What they
 * send is checked like everything else. Safe for many threads.
 */
final class LastResort implements Upstream, Closeable {
    private final List<Parent> all;
    private final ParentSet parents;
    private final List<ParentSet> dropped = new CopyOnWriteArrayList<>();

    /**
     * @param all nearest first, not empty
     */
    LastResort(List<Parent> all) {
        this.all = List.copyOf(all);
        this.parents = new ParentSet(PeerTimeouts.standard(), (name, _) -> dropped(name));
        parents.update(all, 1);
    }

    /** Waiting is short: the patience was spent on the others. */
    static PeerTimeouts impatient() {
        PeerTimeouts standard = PeerTimeouts.standard();
        return new PeerTimeouts(
                standard.connect(),
                standard.read(),
                standard.readPerLevel(),
                standard.firstRetry(),
                standard.longestRetry(),
                Duration.ofSeconds(5));
    }

    private void dropped(String name) {
        for (Parent parent : all) {
            if (parent.name().equals(name)) {
                ParentSet alone = new ParentSet(impatient(), (_, _) -> {});
                alone.update(List.of(parent), 1);
                dropped.add(alone);
            }
        }
    }

    @Override
    public void fetch(long offset, ByteBuffer target, Check check) throws IOException {
        ByteBuffer bytes = target.duplicate();
        try {
            parents.fetch(offset, bytes, check);
        } catch (IOException e) {
            if (!fetchFromDropped(offset, target, check)) {
                throw e;
            }
        }
        target.position(target.limit());
    }

    private boolean fetchFromDropped(long offset, ByteBuffer target, Check check) {
        for (ParentSet parent : dropped) {
            ByteBuffer bytes = target.duplicate();
            try {
                parent.fetch(offset, bytes, Check.TRUSTED); // for the set; the check follows
            } catch (IOException _) {
                continue;
            }
            bytes.position(target.position());
            if (check.accepts(bytes)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        parents.close();
        dropped.forEach(ParentSet::close);
    }
}
