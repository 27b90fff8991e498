package io.virtman.stories;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a guest of the test-bed says on its console; docs/manual/testbed.md has the words. Reads the
 * file that Nova serves: asking Nova takes seconds.
 */
final class Consoles {
    /** Enough for a guest among eight emulated ones on two busy cores. */
    static final Duration BOOT = Duration.ofMinutes(5);

    private final Path instances;

    /**
     * @param instances nova-compute's folder of instances
     */
    Consoles(Path instances) {
        this.instances = instances;
    }

    /** All that was said since the guest was made, also before reboots. */
    List<String> lines(String server) {
        Path file = instances.resolve(server).resolve("console.log");
        try {
            return Files.exists(file)
                    ? Files.readString(file, StandardCharsets.ISO_8859_1)
                            .lines()
                            .map(String::strip)
                            .toList()
                    : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the guest has said this line, or one that begins with it and a space. */
    void await(String server, String line) {
        Deadline.awaitValue(
                BOOT,
                server + " says " + line,
                () -> lines(server),
                lines -> lines.stream().anyMatch(said -> (said + " ").startsWith(line + " ")));
    }

    /** Waits until this boot, counted on the disk, is up. */
    void awaitBoot(String server, int count) {
        await(server, "VIRTMAN-BOOT-COUNT " + count);
    }

    /** The last record that the writer has told to be on the disk, 0 for none. */
    long written(String server) {
        return last(server, "WROTE ").orElse(0);
    }

    /** Waits until the writer has got further than this record. */
    void awaitWritten(String server, long beyond) {
        Deadline.awaitValue(
                BOOT,
                server + " writes beyond " + beyond,
                () -> written(server),
                written -> written > beyond);
    }

    /** How many records the latest boot with a writer has found; empty before one has looked. */
    OptionalLong found(String server) {
        return last(server, "VIRTMAN-RECORDS ");
    }

    private OptionalLong last(String server, String word) {
        // a line that is being written has no end yet, so its number may lack digits
        List<String> lines = lines(server);
        return lines.subList(0, Math.max(0, lines.size() - 1)).stream()
                .filter(line -> line.matches(word + "\\d+"))
                .mapToLong(line -> Long.parseLong(line.substring(word.length())))
                .reduce((_, later) -> later);
    }
}
