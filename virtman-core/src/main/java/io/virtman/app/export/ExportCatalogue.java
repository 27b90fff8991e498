package io.virtman.app.export;

import io.virtman.block.BlockSource;
import io.virtman.block.ImageDigest;
import io.virtman.block.LentSource;
import io.virtman.nbd.ExportCatalog;
import io.virtman.nbd.NbdRefusal;
import io.virtman.stack.PeerExportName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One disk as the default export and, once its digest is known, with its hash tree as {@code
 * DIGEST@LEVEL} for children that verify. Any level is served: who attaches to whom is the
 * operator's choice here. Safe for many threads; owns nothing.
 */
public final class ExportCatalogue implements ExportCatalog {
    private final BlockSource disk;
    private volatile @Nullable Sealed sealed;

    private record Sealed(ImageDigest digest, BlockSource whole) {}

    ExportCatalogue(BlockSource disk) {
        this.disk = disk;
    }

    /**
     * Offers the content to children that verify it, from now on.
     *
     * @param whole disk padded to 4 KiB, then the tree
     */
    void seal(ImageDigest digest, BlockSource whole) {
        sealed = new Sealed(digest, whole);
    }

    @Override
    public List<String> names() {
        Sealed known = sealed;
        return known == null
                ? List.of("")
                : List.of(
                        "",
                        new PeerExportName(known.digest(), PeerExportName.ANY_SIZE, 1).toString());
    }

    @Override
    public BlockSource open(String name) throws NbdRefusal {
        if (name.isEmpty()) {
            return new LentSource(disk);
        }
        Sealed known = sealed;
        if (known == null || !PeerExportName.parse(name).digest().equals(known.digest())) {
            throw new NbdRefusal(
                    NbdRefusal.Reason.UNKNOWN,
                    known == null
                            ? "only the default export is here, the one without a name"
                            : "only the default export and " + known.digest() + "@1 are here");
        }
        return new LentSource(known.whole());
    }
}
