package io.virtman.volt;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A process of its own that seals images and saves nodes on several threads until it is killed. It
 * prints the id of each image once the store acknowledged it.
 */
final class CatalogueProcess implements AutoCloseable {
    private static final int WRITERS = 3;
    private static final String DIGEST = "ab".repeat(32);

    private final Process process;
    private final BufferedReader lines;

    private CatalogueProcess(Process process) {
        this.process = process;
        this.lines = process.inputReader();
    }

    static CatalogueProcess start(Path file) throws IOException {
        List<String> argv = new ArrayList<>();
        argv.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        argv.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m"));
        argv.addAll(List.of("-cp", System.getProperty("java.class.path")));
        argv.addAll(List.of(CatalogueProcess.class.getName(), file.toString()));
        return new CatalogueProcess(
                new ProcessBuilder(argv).redirectError(ProcessBuilder.Redirect.DISCARD).start());
    }

    /** Waits until this many images are sealed. */
    List<String> sealed(int count) throws IOException {
        List<String> ids = new ArrayList<>();
        while (ids.size() < count) {
            String id = lines.readLine();
            if (id == null) {
                throw new IOException("the process ended by itself");
            }
            ids.add(id);
        }
        return ids;
    }

    /** Kills it; answers what it had printed meanwhile. */
    List<String> kill() throws IOException, InterruptedException {
        process.toHandle().destroyForcibly(); // unlike the process's own, leaves the pipe open
        process.waitFor();
        List<String> ids = new ArrayList<>();
        for (String id = lines.readLine(); id != null; id = lines.readLine()) {
            if (id.length() == 36) { // the last may be torn
                ids.add(id);
            }
        }
        return ids;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    public static void main(String[] arguments) {
        var store = JdbcCatalogueStore.open(DatabaseAddress.file(Path.of(arguments[0])));
        for (int i = 0; i < WRITERS; i++) {
            String node = "n" + i;
            Thread.ofPlatform()
                    .start(() -> {
                        for (int port = 1; ; port = port % 60_000 + 1) {
                            seal(store);
                            String place = "127.0.0.1:" + port;
                            store.saveNodes(
                                    List.of(new NodeAddress(node, "http://" + place, place)));
                        }
                    });
        }
    }

    @SuppressWarnings("SystemOut") // the parent reads it
    private static void seal(CatalogueStore store) {
        String id = UUID.randomUUID().toString();
        ImageRecord image =
                new ImageRecord(
                        id,
                        "i" + id,
                        ImageState.IMPORTING,
                        0,
                        null,
                        "origin",
                        "raw",
                        Instant.EPOCH,
                        null);
        if (store.insert(image) && store.finish(image.sealed(DIGEST, 1))) {
            System.out.println(id);
        }
    }
}
