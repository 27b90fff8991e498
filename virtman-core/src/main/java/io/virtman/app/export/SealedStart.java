package io.virtman.app.export;

import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.block.Upstream;
import io.virtman.cache.CacheGroup;
import io.virtman.cache.CachedImage;
import io.virtman.image.HashTreeLayout;
import io.virtman.peer.Parent;
import io.virtman.peer.ParentSet;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds out, before anything is served, how large the disk with a digest is and where its hash tree
 * comes from: a parent that has it and proves its size with it, or else a tree made by reading one
 * parent's disk through. Parents found wrong are dropped by name.
 */
final class SealedStart {
    private static final Logger LOGGER = System.getLogger(SealedStart.class.getName());

    private final ImageDigest digest;
    private final List<ProbedParent> parents;
    private final CacheGroup group;
    private final WorkDirectory work;
    private final Resources resources;
    private final Map<ProbedParent, String> dropped = new LinkedHashMap<>();

    SealedStart(
            ImageDigest digest,
            List<ProbedParent> parents,
            CacheGroup group,
            WorkDirectory work,
            Resources resources) {
        this.digest = digest;
        this.parents = parents;
        this.group = group;
        this.work = work;
        this.resources = resources;
    }

    /** What can be served now. */
    ExportCatalogue catalogue() throws IOException {
        @Nullable SealedImage proven = provenByParent();
        Optional<BuiltTree> built = proven == null ? builtTree() : Optional.empty();
        SealedImage image =
                proven != null
                        ? proven
                        : built.map(tree -> resources.add(tree).image()).orElseThrow(this::nobody);
        for (ProbedParent parent : usable()) {
            if (parent.reachable() && parent.size() != image.size()) {
                drop(parent, "its disk has " + parent.size() + " bytes instead of " + image.size());
            }
        }
        Upstream disk =
                resources.add(new LastResort(select(_ -> true, one -> one.forDisk(digest))));
        Upstream tree =
                built.isPresent()
                        ? built.get()
                        : resources.add(
                                new LastResort(
                                        select(
                                                one -> one.offersTree() || !one.reachable(),
                                                one -> one.forTree(digest))));
        long treeStart = new HashTreeLayout(image.size()).paddedSize();
        CachedImage cached =
                resources.add(
                        CachedImage.sealed(
                                image,
                                group,
                                (offset, target, check) ->
                                        (offset < treeStart ? disk : tree)
                                                .fetch(offset, target, check)));
        ExportCatalogue catalogue = new ExportCatalogue(cached.disk());
        catalogue.seal(digest, cached);
        return catalogue;
    }

    private List<Parent> select(
            Predicate<ProbedParent> which, Function<ProbedParent, Parent> parent) {
        return usable().stream().filter(which).map(parent).toList();
    }

    private List<ProbedParent> usable() {
        return parents.stream().filter(one -> !dropped.containsKey(one)).toList();
    }

    private void drop(ProbedParent parent, String why) {
        dropped.put(parent, why);
        LOGGER.log(Level.ERROR, "parent {0} is dropped: {1}", parent.name(), why);
    }

    private ProblemException nobody() {
        return new ProblemException(
                Kind.FAILED,
                "--digest " + digest,
                "no parent has this disk: "
                        + parents.stream()
                                .map(one -> one.name() + " (" + fault(one) + ")")
                                .collect(Collectors.joining(", ")),
                "check the digest, or name a parent that serves this disk");
    }

    private @Nullable String fault(ProbedParent parent) {
        return dropped.getOrDefault(parent, parent.failure());
    }

    /** The size that some parent's tree proves; null when no parent has a right tree. */
    private @Nullable SealedImage provenByParent() throws IOException {
        for (ProbedParent parent : usable()) {
            if (parent.offersTree()) {
                SealedImage claimed = new SealedImage(digest, parent.size());
                String wrong = check(parent, claimed);
                if (wrong == null) {
                    return claimed;
                }
                drop(parent, wrong);
            }
        }
        return null;
    }

    /** Asks this parent alone, so that its claim can't put blame on others. */
    private @Nullable String check(ProbedParent parent, SealedImage claimed)
            throws InterruptedIOException {
        try (ParentSet alone = new ParentSet(LastResort.impatient(), (_, _) -> {});
                CachedImage image = CachedImage.sealed(claimed, group, alone)) {
            alone.update(List.of(parent.forTree(digest)), 1);
            image.requireSize();
            return null;
        } catch (IOException e) {
            requireUninterrupted();
            return "its disk of "
                    + claimed.size()
                    + " bytes is not the one with this digest: "
                    + e.getMessage();
        }
    }

    private Optional<BuiltTree> builtTree() throws IOException {
        for (ProbedParent parent : usable()) {
            if (parent.reachable()) {
                SealedImage claimed = new SealedImage(digest, parent.size());
                Optional<BuiltTree> kept = BuiltTree.find(work, claimed);
                if (kept.isEmpty() && builds(parent)) {
                    kept = BuiltTree.find(work, claimed);
                }
                if (kept.isPresent()) {
                    return kept;
                }
            }
        }
        return Optional.empty();
    }

    private boolean builds(ProbedParent parent) throws InterruptedIOException {
        LOGGER.log(
                Level.INFO,
                "no parent offers the hash tree: reading the disk of {0} once to make it",
                parent.name());
        try (ParentDisk disk = ParentDisk.connect(parent.uri())) {
            ImageDigest found = BuiltTree.build(work, disk, digest);
            if (found.equals(digest)) {
                return true;
            }
            drop(parent, "its disk has digest " + found + " instead of " + digest);
        } catch (IOException e) {
            requireUninterrupted();
            drop(parent, "its disk can not be read: " + e.getMessage());
        }
        return false;
    }

    private static void requireUninterrupted() throws InterruptedIOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while looking for parents");
        }
    }
}
