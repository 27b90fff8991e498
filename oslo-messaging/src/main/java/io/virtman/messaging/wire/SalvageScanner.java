package io.virtman.messaging.wire;

import io.virtman.messaging.wire.MalformedMessageException.Salvage;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds in a message that is too long, too deep or broken what is needed to answer and to log it:
 * one pass over the bytes, in constant memory, no recursion. A text within a text: the outer object
 * has a string, which is the JSON of the inner object. Ids that are not printable, or longer than
 * 255 characters, count as absent. One thread.
 */
final class SalvageScanner {
    private static final Set<String> WANTED =
            Set.of("_msg_id", "_reply_q", "_context_request_id", "method");
    private static final int CHUNK = 8192;

    private final Map<String, String> found = new HashMap<>();

    private SalvageScanner() {}

    /**
     * Scans a stream, at most so many bytes of it.
     *
     * @return null when nothing was found
     */
    static @Nullable Salvage scan(InputStream stream, long maximumBytes) {
        SalvageScanner scanner = new SalvageScanner();
        try {
            scanner.read(stream, maximumBytes);
        } catch (IOException | RuntimeException e) {
            // the stream is compressed and broken: what was found before that counts
        }
        return scanner.salvage();
    }

    private void read(InputStream stream, long maximumBytes) throws IOException {
        TopLevelScanner outer = new TopLevelScanner(this::outerMember);
        byte[] chunk = new byte[CHUNK];
        long left = maximumBytes;
        while (left > 0 && !outer.over()) {
            int count = stream.read(chunk, 0, (int) Math.min(chunk.length, left));
            if (count < 0) {
                return;
            }
            outer.scan(chunk, count);
            left -= count;
        }
    }

    /** Without an envelope the wanted members are in the outer object itself. */
    private @Nullable MemberText outerMember(String name) {
        return name.equals(Envelope.MESSAGE_KEY) ? new TopLevelScanner(this::member) : member(name);
    }

    private @Nullable MemberText member(String name) {
        if (!WANTED.contains(name)) {
            return null;
        }
        found.remove(name);
        return new Id(name);
    }

    private @Nullable Salvage salvage() {
        return found.isEmpty()
                ? null
                : new Salvage(
                        found.get("_msg_id"),
                        found.get("_reply_q"),
                        found.get("_context_request_id"),
                        found.get("method"));
    }

    private final class Id implements MemberText {
        private final String name;
        private final StringBuilder text = new StringBuilder();

        Id(String name) {
            this.name = name;
        }

        @Override
        public void accept(int character) {
            if (text.length() <= Fields.SHORT) {
                text.append((char) character);
            }
        }

        @Override
        public void accept(byte[] bytes, int from, int to) {
            for (int i = from; i < to && text.length() <= Fields.SHORT; i++) {
                accept(bytes[i] & 0xff);
            }
        }

        @Override
        public void end() {
            if (Fields.isId(text)) {
                found.put(name, text.toString());
            }
        }
    }
}
