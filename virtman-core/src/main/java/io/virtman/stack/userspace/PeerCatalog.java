package io.virtman.stack.userspace;

import io.virtman.block.BlockSource;
import io.virtman.block.LentSource;
import io.virtman.nbd.ExportCatalog;
import io.virtman.nbd.NbdRefusal;
import io.virtman.stack.PeerExportName;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What children may attach to: the images attached here, by content. Safe for many threads. */
final class PeerCatalog implements ExportCatalog {
    private final List<UserspaceImage> images = new CopyOnWriteArrayList<>();

    void add(UserspaceImage image) {
        images.add(image);
    }

    void remove(UserspaceImage image) {
        images.remove(image);
    }

    @Override
    public List<String> names() {
        return images.stream()
                .map(image -> PeerExportName.of(image.content(), image.level() + 1).toString())
                .distinct()
                .sorted()
                .toList();
    }

    @Override
    public BlockSource open(String name) throws NbdRefusal {
        PeerExportName wanted = PeerExportName.parse(name);
        int nearest = Integer.MAX_VALUE;
        for (UserspaceImage image : images) {
            if (image.isCalled(wanted)) {
                if (image.level() < wanted.level()) {
                    return new LentSource(image.whole());
                }
                nearest = Math.min(nearest, image.level());
            }
        }
        if (nearest == Integer.MAX_VALUE) {
            throw new NbdRefusal(
                    NbdRefusal.Reason.UNKNOWN,
                    "no image with that digest and size is attached here");
        }
        throw new NbdRefusal(
                NbdRefusal.Reason.POLICY,
                "this node is at level " + nearest + ", not above " + wanted.level());
    }
}
