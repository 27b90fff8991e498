package io.virtman.stack.userspace;

import io.virtman.block.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * New layers as qemu-img made them. Those of one image and size differ in nothing but the name of
 * their VM, which stands in the backing reference: so one that qemu-img has made serves for all
 * that follow with names of the same length, without a process for each. Safe for many threads.
 */
final class LayerTemplates {
    private static final int KEPT = 64;
    private static final int LONGEST = 1 << 20;
    private static final int BLOCK = 4096;

    /**
     * What layers have in common.
     *
     * @param socket of the image they lie on
     * @param size bytes of the disk
     * @param nameLength of the VM's name
     */
    record Key(Path socket, long size, int nameLength) {}

    /** A new layer's bytes, and where in them the VM's name is. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Template(byte[] content, int nameAt) {}

    private final Map<Key, Template> templates =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, Template> eldest) {
                    return size() > KEPT;
                }
            };

    /** Remembers a layer that qemu-img has just made, if it is of a kind that can be copied. */
    void learn(Key key, Path layer, String vm) throws IOException {
        if (Files.size(layer) > LONGEST) {
            return;
        }
        byte[] content = Files.readAllBytes(layer);
        find(content, vm.getBytes(StandardCharsets.US_ASCII))
                .ifPresent(at -> {
                    synchronized (templates) {
                        templates.put(key, new Template(content, at));
                    }
                });
    }

    /** Where the name is, if it is there once. */
    private static Optional<Integer> find(byte[] content, byte[] name) {
        int found = -1;
        for (int at = 0; at <= content.length - name.length; at++) {
            if (Arrays.equals(content, at, at + name.length, name, 0, name.length)) {
                if (found >= 0) {
                    return Optional.empty();
                }
                found = at;
            }
        }
        return found < 0 ? Optional.empty() : Optional.of(found);
    }

    /**
     * Makes a new layer as a copy.
     *
     * @param file doesn't exist yet
     * @return false when none of this kind has been learned; then there is no file
     */
    boolean make(Key key, Path file, String vm) throws IOException {
        Template template;
        synchronized (templates) {
            template = templates.get(key);
        }
        if (template == null) {
            return false;
        }
        byte[] content = template.content().clone();
        byte[] name = vm.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(name, 0, content, template.nameAt(), name.length);
        try (FileChannel channel =
                PrivateFiles.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            write(channel, content);
        }
        return true;
    }

    /** Zeroes stay holes, as in the original; the last block is written, for the length. */
    private static void write(FileChannel channel, byte[] content) throws IOException {
        byte[] zeroes = new byte[BLOCK];
        for (int at = 0; at < content.length; at += BLOCK) {
            int end = Math.min(at + BLOCK, content.length);
            if (end == content.length || !Arrays.equals(content, at, end, zeroes, 0, end - at)) {
                ByteBuffer block = ByteBuffer.wrap(content, at, end - at);
                while (block.hasRemaining()) {
                    channel.write(block, block.position());
                }
            }
        }
    }
}
