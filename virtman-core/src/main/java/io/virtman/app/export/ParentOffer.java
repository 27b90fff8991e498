package io.virtman.app.export;

import io.virtman.block.ImageDigest;
import io.virtman.cache.CacheGroup;
import io.virtman.cache.CachedImage;
import io.virtman.nbd.NbdUri;
import io.virtman.peer.Parent;
import io.virtman.peer.ParentSet;
import io.virtman.peer.PeerTimeouts;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The disk of parents, through a cache: verified by its digest, or trusted without one. */
public final class ParentOffer implements Offer {
    private static final Logger LOGGER = System.getLogger(ParentOffer.class.getName());

    private final ExportCatalogue catalogue;

    private ParentOffer(ExportCatalogue catalogue) {
        this.catalogue = catalogue;
    }

    /**
     * Finds the parents that are there and opens their disk.
     *
     * @param uris of parents in order of preference, at least one
     * @param digest of the disk; null when the parents are trusted
     * @param cacheSize bytes for chunks
     * @param resources takes over what is opened
     * @throws ProblemException when no parent can be used, or the cache can't
     */
    public static ParentOffer open(
            List<NbdUri> uris,
            @Nullable ImageDigest digest,
            WorkDirectory work,
            long cacheSize,
            Resources resources)
            throws IOException {
        CacheGroup group = resources.add(CacheGroup.open(work.path(), cacheSize));
        List<ProbedParent> parents =
                uris.stream().distinct().map(uri -> ProbedParent.probe(uri, digest)).toList();
        requireOne(parents);
        if (digest == null) {
            return new ParentOffer(trusted(parents, group, resources));
        }
        return new ParentOffer(
                new SealedStart(digest, parents, group, work, resources).catalogue());
    }

    private static void requireOne(List<ProbedParent> parents) {
        if (parents.stream().noneMatch(ProbedParent::reachable)) {
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    "--parent",
                    "none can be used: "
                            + parents.stream()
                                    .map(one -> one.name() + " (" + one.failure() + ")")
                                    .collect(Collectors.joining(", ")),
                    "start one of them, or name one that runs");
        }
        for (ProbedParent parent : parents) {
            if (!parent.reachable()) {
                LOGGER.log(
                        Level.WARNING,
                        "parent {0} can not be used now and will be tried again when needed: {1}",
                        parent.name(),
                        parent.failure());
            }
        }
    }

    private static ExportCatalogue trusted(
            List<ProbedParent> parents, CacheGroup group, Resources resources) {
        ProbedParent first =
                parents.stream().filter(ProbedParent::reachable).findFirst().orElseThrow();
        for (ProbedParent parent : parents) {
            if (parent.reachable() && parent.size() != first.size()) {
                throw new ProblemException(
                        Kind.FAILED,
                        "--parent " + parent.name(),
                        "is refused: its disk has "
                                + parent.size()
                                + " bytes, that of "
                                + first.name()
                                + " has "
                                + first.size(),
                        "name only parents that serve the same disk");
            }
        }
        ParentSet set = resources.add(new ParentSet(PeerTimeouts.standard(), (_, _) -> {}));
        set.update(
                parents.stream().map(one -> new Parent(one.name(), List.of(one.uri()))).toList(),
                1);
        return new ExportCatalogue(
                resources.add(CachedImage.trusted(first.size(), group, set)).disk());
    }

    @Override
    public ExportCatalogue catalogue() {
        return catalogue;
    }

    @Override
    public void listening(Consumer<String> output) {}
}
