package io.virtman.volt;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A store in memory that can be made to fail, before or after a change was made. */
public final class MemoryCatalogueStore implements CatalogueStore {
    /** When the store answers UNAVAILABLE. */
    public enum Failure {
        NEVER,
        BEFORE_THE_CHANGE,
        AFTER_THE_CHANGE
    }

    private final Map<String, ImageRecord> images = new ConcurrentHashMap<>();
    private final Map<String, NodeAddress> nodes = new ConcurrentHashMap<>();
    private long term;
    private volatile Failure failure = Failure.NEVER;

    public void fail(Failure when) {
        failure = when;
    }

    @Override
    public synchronized long nextTerm() {
        return ++term;
    }

    @Override
    public synchronized List<ImageRecord> images() {
        before();
        return new ArrayList<>(images.values());
    }

    @Override
    public synchronized boolean insert(ImageRecord image) {
        before();
        if (images.values().stream().anyMatch(other -> other.name().equals(image.name()))) {
            return false;
        }
        images.put(image.id(), image);
        after();
        return true;
    }

    @Override
    public synchronized boolean finish(ImageRecord image) {
        before();
        ImageRecord old = images.get(image.id());
        if (old == null || old.state() != ImageState.IMPORTING) {
            return false;
        }
        images.put(image.id(), image);
        after();
        return true;
    }

    @Override
    public synchronized void deleteImage(String id) {
        before();
        images.remove(id);
        after();
    }

    @Override
    public synchronized List<NodeAddress> nodes() {
        before();
        return new ArrayList<>(nodes.values());
    }

    @Override
    public synchronized void saveNodes(Collection<NodeAddress> addresses) {
        before();
        addresses.forEach(address -> nodes.put(address.name(), address));
        after();
    }

    @Override
    public synchronized void deleteNode(String name) {
        before();
        nodes.remove(name);
        after();
    }

    @Override
    public void close() {}

    private void before() {
        failIf(Failure.BEFORE_THE_CHANGE);
    }

    private void after() {
        failIf(Failure.AFTER_THE_CHANGE);
    }

    private void failIf(Failure when) {
        if (failure == when) {
            throw new ProblemException(Kind.UNAVAILABLE, "database", "is away", "wait");
        }
    }
}
