package io.virtman.node;

import io.virtman.block.PrivateFiles;
import io.virtman.command.QemuNbd;
import io.virtman.image.ImportedImage;
import io.virtman.image.UnsealedSource;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.remote.FetchLimits;
import io.virtman.remote.RemoteImport;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.VoltApi;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Images imported from servers, which can be attached meanwhile: this node vouches for what it
 * sends of them. An import is in the journal before the catalogue has it, and is begun anew after a
 * restart; what Volt could not be told is told with a later heartbeat. Safe for many threads.
 */
final class RemoteImports implements Closeable {
    private static final Logger LOGGER = System.getLogger(RemoteImports.class.getName());
    private static final int MOST = 64;
    private static final int FINISHED_AT_ONCE = 2;

    private final String node;
    private final VoltApi volt;
    private final RemoteCatalogue catalogue;
    private final Sources sources;
    private final LiveSources live;
    private final Attachments attachments;
    private final RecordStore<RemoteRecord> journal; // by name
    private final Path directory;
    private final FetchLimits limits;
    private final QemuNbd qemuNbd;
    private final KeyedLocks locks = new KeyedLocks();
    private final Map<String, RunningImport> running = new ConcurrentHashMap<>(); // by name

    /** Names of images of which Volt may not know all. */
    private final Set<String> unsettled = ConcurrentHashMap.newKeySet();

    /** Names that are being added to the catalogue now. */
    private final Set<String> beginning = ConcurrentHashMap.newKeySet();

    /** Hashing and converting take a disk's time. */
    private final Semaphore finishing = new Semaphore(FINISHED_AT_ONCE);

    private volatile boolean closed;

    RemoteImports(
            String node,
            VoltApi volt,
            Sources sources,
            LiveSources live,
            Attachments attachments,
            NodeOptions options,
            QemuNbd qemuNbd)
            throws IOException {
        this.node = node;
        this.volt = volt;
        this.catalogue = new RemoteCatalogue(node, volt, sources, attachments);
        this.sources = sources;
        this.live = live;
        this.attachments = attachments;
        this.journal = new RecordStore<>(options.remoteRecords(), RemoteRecord.class);
        this.directory = PrivateFiles.directory(options.remoteImports());
        this.limits = options.fetching();
        this.qemuNbd = qemuNbd;
    }

    /** Begins anew what a restart cut short, before anything is attached; asks nobody. */
    void restore() {
        for (RemoteRecord record : journal.all()) {
            unsettled.add(record.name());
            try (var _ = locks.lock(record.name())) {
                restore(record);
            } catch (IOException | RuntimeException e) {
                LOGGER.log(Level.ERROR, "the import of {0} is not resumed: {1}", record.name(), e);
            }
        }
    }

    private void restore(RemoteRecord record) throws IOException {
        String image = record.image();
        if (image == null) { // whoever asked for it was never answered
            journal.remove(record.name());
            unsettled.remove(record.name());
            return;
        }
        Optional<ImportedImage> whole = sources.find(image);
        if (whole.isPresent()) {
            attachments.seal(image, whole.get().sealed());
        } else if (record.failure() == null) {
            RemoteImport source = open(record, record.hasHeaders() ? null : Map.of());
            offer(record, source);
            run(record, source);
        }
    }

    private RemoteImport open(RemoteRecord record, @Nullable Map<String, String> headers)
            throws IOException {
        return new RemoteImport(
                record.file(),
                record.imageFormat(),
                directory.resolve(record.name()),
                headers,
                record.bytesPerSecond(),
                limits,
                qemuNbd);
    }

    private void offer(RemoteRecord record, RemoteImport source) {
        if (record.canBeLive()) {
            live.put(record.id(), () -> new UnsealedSource(source.disk(record.diskSize())));
        }
    }

    ImageRecord start(RemoteImage wanted) {
        wanted.file(); // refuses what can't be
        try (var _ = locks.lock(wanted.name())) {
            Optional<RemoteRecord> before = journal.get(wanted.name());
            if (before.isPresent()) {
                Optional<ImageRecord> present = present(before.get(), wanted);
                if (present.isPresent()) {
                    return present.get();
                }
            }
            return begin(wanted);
        } catch (IOException e) {
            throw HostFailure.of("image", "the import can't begin", e);
        }
    }

    /** The image of a repeated call, unless it is gone from the catalogue. */
    private Optional<ImageRecord> present(RemoteRecord before, RemoteImage wanted)
            throws IOException {
        if (!before.isOf(wanted)) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "name",
                    "'" + wanted.name() + "' is imported from another file",
                    "choose another name or remove that image");
        }
        if (before.image() == null) {
            return Optional.empty();
        }
        Optional<ImageRecord> image = catalogue.find(before);
        if (image.isEmpty()) {
            discard(before);
            return image;
        }
        RunningImport one = running.get(before.name());
        if (one != null && !wanted.headers().isEmpty()) {
            one.source().renew(wanted.headers());
        }
        return one != null && before.canBeLive() ? Optional.of(catalogue.describe(before)) : image;
    }

    private ImageRecord begin(RemoteImage wanted) throws IOException {
        if (running.size() + beginning.size() >= MOST) {
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "image",
                    "too many imports are under way on " + node,
                    "try again later");
        }
        beginning.add(wanted.name());
        try {
            RemoteRecord intent = RemoteRecord.of(wanted);
            boolean repeated = journal.get(wanted.name()).isPresent();
            journal.put(intent.name(), intent);
            ImageRecord added = add(intent, repeated);
            try {
                return begin(intent, added, wanted.headers());
            } catch (IOException | RuntimeException e) {
                undo(intent.as(added.id(), 0), e);
                throw e;
            }
        } finally {
            beginning.remove(wanted.name());
        }
    }

    private ImageRecord add(RemoteRecord intent, boolean repeated) throws IOException {
        try {
            return catalogue.add(intent, repeated);
        } catch (ProblemException e) {
            if (e.kind() != Kind.UNAVAILABLE) { // else it may have been added: the intent stays
                journal.remove(intent.name());
            }
            throw e;
        }
    }

    private ImageRecord begin(RemoteRecord intent, ImageRecord added, Map<String, String> headers)
            throws IOException {
        RemoteRecord record = intent.as(added.id(), 0);
        journal.put(record.name(), record);
        RemoteImport source = open(record, headers);
        run(record, source); // a server without ranges is read from the beginning
        RemoteRecord sized = record.as(added.id(), source.diskSize(record.name()));
        journal.put(sized.name(), sized);
        running.computeIfPresent(
                sized.name(), (_, one) -> new RunningImport(sized, one.source(), one.thread()));
        if (!sized.canBeLive() || sources.find(added.id()).isPresent()) {
            return volt.image(added.id());
        }
        offer(sized, source);
        attachments.serveUnsealed(added.id(), sized.name(), sized.diskSize());
        unsettled.add(sized.name()); // until Volt has said so
        ImageRecord image = catalogue.describe(sized);
        unsettled.remove(sized.name());
        return image;
    }

    private void undo(RemoteRecord record, Exception cause) {
        if (cause instanceof ProblemException e && e.kind() == Kind.UNAVAILABLE) {
            return; // it goes on, and a repeated call finds it
        }
        try {
            volt.remove(record.id());
            discard(record);
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    private void run(RemoteRecord record, RemoteImport source) {
        Thread thread =
                Thread.ofVirtual()
                        .name("remote-" + record.name())
                        .unstarted(() -> work(record, source));
        running.put(record.name(), new RunningImport(record, source, thread));
        thread.start();
    }

    private void work(RemoteRecord record, RemoteImport source) {
        try {
            Path file = source.fetch();
            ImportedImage imported;
            finishing.acquire();
            try {
                imported = sources.adopt(record.id(), file, record.name(), record.imageFormat());
            } finally {
                finishing.release();
            }
            finished(record, source, imported);
        } catch (InterruptedException | InterruptedIOException e) {
            LOGGER.log(Level.INFO, "the import of {0} stops", record.name());
        } catch (IOException | RuntimeException e) {
            if (!closed && running.containsKey(record.name())) {
                failed(record, source, e);
            }
        }
    }

    private void finished(RemoteRecord record, RemoteImport source, ImportedImage imported)
            throws IOException {
        unsettled.add(record.name());
        // attached by the digest before Volt sends anybody here for it
        attachments.seal(record.id(), imported.sealed());
        live.remove(record.id());
        attachments.serve(record.id(), record.name(), imported.sealed());
        running.remove(record.name());
        source.close();
        LOGGER.log(Level.INFO, "image {0} was imported", record.name());
        settle(record.name(), false);
    }

    private void failed(RemoteRecord record, RemoteImport source, Exception cause) {
        String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        if (cause instanceof ProblemException problem) {
            reason = problem.detail();
        }
        LOGGER.log(Level.WARNING, "import of {0}: {1}", record.name(), reason);
        attachments.fail(record.id(), reason);
        live.remove(record.id());
        unsettled.add(record.name());
        try {
            RemoteRecord last = journal.get(record.name()).orElse(record);
            journal.put(record.name(), last.failed(reason));
            running.remove(record.name());
            source.close();
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, "files of {0} are left: {1}", record.name(), e);
        }
        settle(record.name(), false);
    }

    /** Tells Volt what it could not be told; with each heartbeat it answered. */
    void settle() {
        unsettled.forEach(name -> settle(name, true));
    }

    /**
     * @param discard whether to discard what the catalogue has not: not on the import's own thread,
     *     for which the one who discards it waits
     */
    private void settle(String name, boolean discard) {
        Optional<RemoteRecord> found = journal.get(name);
        if (found.isEmpty() || beginning.contains(name)) {
            return;
        }
        try {
            if (catalogue.tell(found.get())) {
                unsettled.remove(name);
            } else if (discard) {
                removed(found.get().id());
            }
        } catch (IOException | RuntimeException e) {
            LOGGER.log(Level.INFO, "Volt learns later about image {0}: {1}", name, e.getMessage());
        }
    }

    /** Whether an image of the catalogue is ours to settle. */
    boolean claims(ImageRecord image) {
        return beginning.contains(image.name())
                || journal.get(image.name())
                        .filter(record ->
                                image.id().equals(record.image()) || record.image() == null)
                        .isPresent();
    }

    private Optional<RemoteRecord> byImage(String image) {
        return journal.all().stream().filter(one -> image.equals(one.image())).findFirst();
    }

    /** How far an import from a server is, if the image is one. */
    Optional<ImportProgress> progress(String image) {
        return running.values().stream()
                .filter(one -> image.equals(one.record().image()))
                .findFirst()
                .map(RunningImport::progress);
    }

    void renew(String image, Map<String, String> headers) {
        RemoteImage.requireHeaders(headers);
        RunningImport one = byImage(image).map(record -> running.get(record.name())).orElse(null);
        if (one == null) {
            throw new ProblemException(
                    Kind.NOT_FOUND,
                    "image",
                    image + " is not being imported from a server here",
                    "ask Volt for its state");
        }
        one.source().renew(headers);
    }

    /** Stops the import of an image that was removed, and deletes what there is of it. */
    void removed(String image) throws IOException {
        Optional<RemoteRecord> record = byImage(image);
        if (record.isPresent()) {
            try (var _ = locks.lock(record.get().name())) {
                discard(record.get());
            }
        }
    }

    private void discard(RemoteRecord record) throws IOException {
        RunningImport one = running.remove(record.name());
        unsettled.remove(record.name());
        if (one != null) {
            one.end();
            one.source().close();
        }
        String image = record.image();
        if (image != null) {
            live.remove(image);
            attachments.removeSource(image, _ -> false);
        }
        RemoteImport.delete(directory.resolve(record.name()));
        journal.remove(record.name());
    }

    /** Stops fetching; everything is begun anew at the next start. */
    @Override
    public void close() throws IOException {
        closed = true;
        for (RunningImport one : running.values()) {
            one.end();
            one.source().stop();
        }
    }
}
