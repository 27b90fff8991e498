package io.virtman.stack.userspace;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Finds a line in a guest's console that begins with a marker. The console is the guest's to write:
 * whatever it holds, memory stays bounded and the line returned is printable ASCII of at most
 * {@value #LINE_LIMIT} characters. Reads each byte once; one thread.
 */
public final class ConsoleMarker {
    /** Longest line returned; what follows in such a line is dropped. */
    public static final int LINE_LIMIT = 512;

    private static final int BLOCK = 64 * 1024;
    private static final int TAIL_SHOWN = 1000;

    private final Path console;
    private final String prefix;
    private final StringBuilder line = new StringBuilder();
    private long position;

    /**
     * @param console the file, which need not exist yet
     * @param prefix how the line begins
     */
    public ConsoleMarker(Path console, String prefix) {
        if (prefix.length() > LINE_LIMIT) {
            throw new IllegalArgumentException("prefix longer than " + LINE_LIMIT);
        }
        this.console = console;
        this.prefix = prefix;
    }

    /** The next whole line with the marker, among what was written since the last call. */
    public Optional<String> scan() throws IOException {
        if (!Files.exists(console)) {
            return Optional.empty();
        }
        try (SeekableByteChannel channel = Files.newByteChannel(console)) {
            channel.position(position);
            ByteBuffer block = ByteBuffer.allocate(BLOCK);
            while (channel.read(block.clear()) > 0) {
                block.flip();
                while (block.hasRemaining()) {
                    byte next = block.get();
                    position++;
                    if (next == '\n' || next == '\r') {
                        String whole = line.toString();
                        line.setLength(0);
                        if (whole.startsWith(prefix)) {
                            return Optional.of(whole);
                        }
                    } else if (line.length() < LINE_LIMIT) {
                        line.append(printable(next));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Waits for the marker.
     *
     * @param running whether more can come, e.g. that the guest is alive
     * @throws ProblemException UNAVAILABLE when it does not come in time, FAILED when the guest
     *     ended without it; both show the end of the console
     */
    public String await(Duration timeout, BooleanSupplier running) throws IOException {
        Poller poller = new Poller(timeout);
        boolean more;
        do {
            more = running.getAsBoolean(); // asked first, so that the last words are still read
            Optional<String> found = scan();
            if (found.isPresent()) {
                return found.get();
            }
        } while (more && poller.pause());
        String seen = "; its console ends with: " + printableTail(console, TAIL_SHOWN);
        if (more) {
            throw new ProblemException(
                    Kind.UNAVAILABLE,
                    console.toString(),
                    "the guest did not print "
                            + prefix
                            + " within "
                            + timeout.toSeconds()
                            + " s"
                            + seen,
                    "wait longer, or look at the whole console");
        }
        throw new ProblemException(
                Kind.FAILED,
                console.toString(),
                "the guest ended before it printed " + prefix + seen,
                "look at the whole console and at QEMU's log");
    }

    /** The last characters of a text file, as one printable line. */
    static String printableTail(Path file, int limit) throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            channel.position(Math.max(0, channel.size() - limit));
            ByteBuffer tail = ByteBuffer.allocate(limit);
            while (tail.hasRemaining() && channel.read(tail) > 0) {
                // until full or at the end
            }
            String text = new String(tail.array(), 0, tail.position(), StandardCharsets.ISO_8859_1);
            StringBuilder shown = new StringBuilder();
            text.lines()
                    .filter(each -> !each.isBlank())
                    .forEach(each -> shown.append(shown.isEmpty() ? "" : " | ").append(each));
            return shown.chars()
                    .map(c -> c >= ' ' && c <= '~' ? c : '?')
                    .collect(
                            StringBuilder::new,
                            StringBuilder::appendCodePoint,
                            StringBuilder::append)
                    .toString();
        }
    }

    private static char printable(byte value) {
        return value >= ' ' && value <= '~' ? (char) value : '?';
    }
}
