package io.virtman.image;

import io.virtman.block.BlockRange;
import io.virtman.block.BlockSource;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Looks at the header of a qcow2 file that nobody vouches for, before any other program opens it,
 * and refuses what would make that program read other files or do absurd work (QEMU:
 * docs/interop/qcow2.txt). Reads the header's cluster only, 2 MiB at most.
 *
 * <p>What lies behind the header (tables, clusters) is {@code qemu-img check}'s to examine.
 */
public final class Qcow2Inspector {
    private static final int MAGIC = 0x514649fb;
    private static final int HEADER_2 = 72;
    private static final int HEADER_3 = 104;
    private static final int COMPRESSION_TYPE = 104; // offset of an optional field

    private static final long DIRTY = 1;
    private static final long CORRUPT = 1 << 1;
    private static final long EXTERNAL_DATA = 1 << 2;
    private static final long COMPRESSION = 1 << 3;
    private static final long EXTENDED_L2 = 1 << 4;
    private static final long KNOWN = DIRTY | CORRUPT | EXTERNAL_DATA | COMPRESSION | EXTENDED_L2;

    private static final int EXTENSION_END = 0;
    private static final int EXTENSION_BACKING_FORMAT = 0xe2792aca;
    private static final int EXTENSION_ENCRYPTION = 0x0537be77;
    private static final int EXTENSION_EXTERNAL_DATA = 0x44415441;

    // QEMU's own limits
    private static final long MAXIMUM_L1 = 32L << 20;
    private static final long MAXIMUM_REFCOUNT_TABLE = 8L << 20;
    private static final int MAXIMUM_SNAPSHOTS = 65536;
    private static final int MAXIMUM_BACKING_NAME = 1023;

    private static final String FLATTEN =
            "flatten it where it is trusted: 'qemu-img convert -O qcow2 OLD NEW'";
    private static final String BACKING =
            "flatten it where its backing file is trusted: 'qemu-img convert -O qcow2 OLD NEW', or"
                    + " 'qemu-img rebase -b \"\" FILE'";
    private static final String REPAIR = "repair it with 'qemu-img check -r all FILE'";
    private static final String DAMAGED =
            "get a whole copy of the image, or declare the format it really has";

    private final String name;
    private final BlockSource file;

    private Qcow2Inspector(String name, BlockSource file) {
        this.name = name;
        this.file = file;
    }

    /**
     * Inspects a file.
     *
     * @param name how messages call the file
     * @return the virtual size in bytes: a multiple of 512, 512 to {@link
     *     HashTreeLayout#MAXIMUM_SIZE}
     * @throws ProblemException INVALID when it is refused
     * @throws IOException when it cannot be read
     */
    public static long inspect(String name, BlockSource file) throws IOException {
        return new Qcow2Inspector(Printable.of(name), file).inspect();
    }

    private long inspect() throws IOException {
        ByteBuffer header = head(HEADER_3);
        if (header.limit() < HEADER_2 || header.getInt(0) != MAGIC) {
            throw refused("is not a qcow2 image", DAMAGED);
        }
        int version = header.getInt(4);
        if (version != 2 && version != 3) {
            throw refused("is qcow2 of version " + Integer.toUnsignedString(version), FLATTEN);
        }
        if (version == 3 && header.limit() < HEADER_3) {
            throw refused("ends within its header", DAMAGED);
        }
        int clusterBits = header.getInt(20);
        if (clusterBits < 9 || clusterBits > 21) {
            throw damaged("a cluster size of 2^" + Integer.toUnsignedString(clusterBits));
        }
        long cluster = 1L << clusterBits;
        ByteBuffer first = head((int) cluster);
        long features = version == 2 ? 0 : features(first, clusterBits);
        refuseOtherFiles(first);
        extensions(first, version == 2 ? HEADER_2 : headerLength(first));
        long size = first.getLong(24);
        if (size < 512 || size > HashTreeLayout.MAXIMUM_SIZE || size % 512 != 0) {
            throw damaged("a virtual size of " + Long.toUnsignedString(size) + " bytes");
        }
        tables(first, size, clusterBits, features);
        return size;
    }

    /** At most {@code length} bytes from the beginning, big-endian. */
    private ByteBuffer head(int length) throws IOException {
        ByteBuffer head = ByteBuffer.allocate((int) Math.min(length, file.size()));
        file.read(0, head);
        return head.flip();
    }

    private int headerLength(ByteBuffer first) {
        int length = first.getInt(100);
        if (length < HEADER_3 || length % 8 != 0 || length > first.limit()) {
            throw damaged("a header of " + Integer.toUnsignedString(length) + " bytes");
        }
        return length;
    }

    private long features(ByteBuffer first, int clusterBits) {
        long features = first.getLong(72);
        if ((features & EXTERNAL_DATA) != 0) {
            throw refused("keeps its data in another file", FLATTEN);
        }
        if ((features & ~KNOWN) != 0) {
            throw refused(
                    "needs features VirtMan does not know (bits 0x%x)".formatted(features & ~KNOWN),
                    FLATTEN);
        }
        if ((features & CORRUPT) != 0) {
            throw refused("is marked corrupt", REPAIR);
        }
        if ((features & DIRTY) != 0) {
            throw refused("was not closed cleanly", REPAIR);
        }
        if ((features & EXTENDED_L2) != 0 && clusterBits < 14) {
            throw damaged("subclusters in clusters of 2^" + clusterBits);
        }
        boolean named = headerLength(first) > COMPRESSION_TYPE;
        int compression = named ? Byte.toUnsignedInt(first.get(COMPRESSION_TYPE)) : 0;
        if (compression != ((features & COMPRESSION) != 0 ? 1 : 0)) {
            throw refused("uses compression other than zlib and zstd", FLATTEN);
        }
        if (Integer.compareUnsigned(first.getInt(96), 6) > 0) {
            throw damaged("reference counts of 2^" + Integer.toUnsignedString(first.getInt(96)));
        }
        return features;
    }

    private void refuseOtherFiles(ByteBuffer first) {
        long offset = first.getLong(8);
        if (offset != 0) {
            throw refused("has a backing file" + backingName(first, offset), BACKING);
        }
        if (first.getInt(32) != 0) {
            throw refused("is encrypted", "decrypt it: 'qemu-img convert -O qcow2 ...'");
        }
    }

    private static String backingName(ByteBuffer first, long offset) {
        int length = first.getInt(16);
        if (length < 1
                || length > MAXIMUM_BACKING_NAME
                || offset < 0
                || offset > first.limit() - length) {
            return "";
        }
        byte[] bytes = new byte[length];
        first.get((int) offset, bytes);
        return " (" + Printable.of(new String(bytes, StandardCharsets.UTF_8)) + ")";
    }

    private void extensions(ByteBuffer first, int from) {
        long at = from;
        while (at + 8 <= first.limit()) {
            int type = first.getInt((int) at);
            long length = Integer.toUnsignedLong(first.getInt((int) at + 4));
            if (type == EXTENSION_END) {
                return;
            }
            if (length > first.limit() - at - 8) {
                throw damaged("a header extension that does not end");
            }
            switch (type) {
                case EXTENSION_BACKING_FORMAT -> throw refused("names a backing format", BACKING);
                case EXTENSION_EXTERNAL_DATA -> throw refused("names another data file", FLATTEN);
                case EXTENSION_ENCRYPTION ->
                        throw refused(
                                "is encrypted", "decrypt it: 'qemu-img convert -O qcow2 ...'");
                default -> at += 8 + BlockRange.roundUp(length, 8);
            }
        }
    }

    private void tables(ByteBuffer first, long size, int clusterBits, long features) {
        int entryBits = (features & EXTENDED_L2) != 0 ? 4 : 3;
        long needed = Math.ceilDiv(size, 1L << (2 * clusterBits - entryBits));
        long entries = Integer.toUnsignedLong(first.getInt(36));
        if (entries < needed || entries * 8 > MAXIMUM_L1) {
            throw damaged("an L1 table of " + entries + " entries for " + size + " bytes");
        }
        requireTable("L1 table", first.getLong(40), entries * 8, clusterBits);
        long clusters = Integer.toUnsignedLong(first.getInt(56));
        if (clusters < 1 || clusters << clusterBits > MAXIMUM_REFCOUNT_TABLE) {
            throw damaged("a reference count table of " + clusters + " clusters");
        }
        requireTable(
                "reference count table", first.getLong(48), clusters << clusterBits, clusterBits);
        long snapshots = Integer.toUnsignedLong(first.getInt(60));
        if (snapshots > MAXIMUM_SNAPSHOTS) {
            throw damaged(snapshots + " snapshots");
        }
        if (snapshots > 0) {
            long smallest = 40; // bytes of a snapshot's entry without names
            requireTable("snapshot table", first.getLong(64), snapshots * smallest, clusterBits);
        }
    }

    private void requireTable(String what, long offset, long length, int clusterBits) {
        boolean aligned = (offset & ((1L << clusterBits) - 1)) == 0;
        if (!aligned || offset <= 0 || offset > file.size() || length > file.size() - offset) {
            throw damaged(
                    "its %s at %s, of a file of %d bytes"
                            .formatted(what, Long.toUnsignedString(offset), file.size()));
        }
    }

    private ProblemException damaged(String claim) {
        return refused("is damaged or cut off: the header claims " + claim, DAMAGED);
    }

    private ProblemException refused(String why, String remedy) {
        return new ProblemException(Kind.INVALID, name, why, remedy);
    }
}
