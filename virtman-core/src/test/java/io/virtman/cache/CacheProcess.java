package io.virtman.cache;

import io.virtman.block.ImageDigest;
import io.virtman.block.SealedImage;
import io.virtman.image.ImportedImage;
import io.virtman.problem.ProblemException;
import io.virtman.testing.FakeUpstream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A process of its own that uses a cache until it is killed. First argument: {@code lock} only
 * tries to open it, {@code fill} reads everything once and waits, {@code storm} goes on reading
 * with a cache of 5 slots. It prints a line when it is where its parent wants it.
 */
final class CacheProcess {
    private CacheProcess() {}

    /**
     * @param wrapper a program that runs what follows it, with its options
     */
    static Process start(String what, Path cache, Path image, String... wrapper)
            throws IOException {
        List<String> argv = new ArrayList<>(List.of(wrapper));
        argv.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        argv.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m"));
        argv.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xshare:auto"));
        argv.addAll(List.of("-cp", System.getProperty("java.class.path")));
        argv.add(CacheProcess.class.getName());
        argv.addAll(List.of(what, cache.toString(), image.toString()));
        return new ProcessBuilder(argv).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    public static void main(String[] arguments) throws IOException {
        Path cache = Path.of(arguments[1]);
        Path image = Path.of(arguments[2]);
        if (arguments[0].equals("lock")) {
            try (CacheGroup group = CacheGroup.open(cache, 1 << 20)) {
                say("opened " + group.capacity());
            } catch (ProblemException e) {
                say(e.detail());
            }
            return;
        }
        boolean storm = arguments[0].equals("storm");
        Path raw = image.resolve("disk.raw");
        SealedImage sealed =
                new SealedImage(
                        new ImageDigest(Files.readString(image.resolve("digest"))),
                        Files.size(raw));
        var source = new ImportedImage(raw, image.resolve("disk.tree"), sealed).openWhole();
        CacheGroup group = CacheGroup.open(cache, (storm ? 5L : 64L) * Chunks.BYTES);
        CachedImage cached = CachedImage.sealed(sealed, group, new FakeUpstream(source));
        ByteBuffer expected = ByteBuffer.allocate((int) cached.size());
        source.read(0, expected);
        ByteBuffer whole = ByteBuffer.allocate((int) cached.size());
        cached.read(0, whole);
        cached.read(0, whole.clear());
        boolean right = whole.flip().equals(expected.flip());
        say(right ? "ready, failures: " + (group.failures() > 0) : "wrong bytes");
        Random random = new Random(1);
        while (storm) {
            cached.read(random.nextLong(sealed.size()), ByteBuffer.allocate(1));
        }
        while (System.in.read() >= 0) {} // until killed
    }

    @SuppressWarnings("SystemOut") // the parent reads it
    private static void say(String line) {
        System.out.println(line);
    }
}
