package io.virtman.stack;

import io.virtman.block.ImageDigest;
import io.virtman.nbd.NbdRefusal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Name of an image's export between nodes: {@code DIGEST@LEVEL}, the level being the child's. A
 * parent refuses a child whose level is not greater than its own, so that no ring of nodes can wait
 * for one another.
 *
 * @param digest content of the export: [disk padded to 4 KiB | hash tree]
 * @param level of the child in the hierarchy, 1 and up
 */
public record PeerExportName(ImageDigest digest, int level) {
    private static final Pattern FORM = Pattern.compile("([0-9a-f]{64})@([1-9][0-9]{0,5})");

    /** Reads a name given by a client. */
    public static PeerExportName parse(String name) throws NbdRefusal {
        Matcher matcher = FORM.matcher(name);
        if (!matcher.matches()) {
            throw new NbdRefusal(
                    NbdRefusal.Reason.UNKNOWN, "exports between nodes are called DIGEST@LEVEL");
        }
        return new PeerExportName(
                new ImageDigest(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    @Override
    public String toString() {
        return digest + "@" + level;
    }
}
