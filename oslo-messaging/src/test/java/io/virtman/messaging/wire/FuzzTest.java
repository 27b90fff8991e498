package io.virtman.messaging.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.virtman.messaging.transport.Message;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Thousands of damaged messages; the seed of a failing one is in the failure. */
final class FuzzTest {
    private static final int ROUNDS = 2000;
    private static final List<String> TOKENS =
            List.of(
                    "\"",
                    "\\",
                    "\\\\\"",
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "null",
                    "NaN",
                    "-Infinity",
                    "1e999999",
                    "-0.0",
                    "\\ud800",
                    "\ud83d\ude00",
                    "\u0000",
                    "\\\"_msg_id\\\":1,",
                    "\\\"args\\\":[],",
                    "[[[[[[[[",
                    "9".repeat(1200),
                    "\"oslo.message\":\"{}\"",
                    "_context_",
                    "true",
                    "/*",
                    "'",
                    "\\u00");
    private static final List<String> HEADERS =
            List.of("application/x-gzip", "bzip2", "application/x-lzma", "", "x");

    private final MessageCodec codec = new MessageCodec(1 << 20);

    @Test
    void onlyMalformedMessageExceptionEver() {
        int refused = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Message damaged = damaged(new Random(seed));
            refused += attempt(seed, damaged, codec::decodeRequest, r -> codec.encode(r, null));
            refused += attempt(seed, damaged, codec::decodeReply, codec::encode);
            refused += attempt(seed, damaged, codec::decodeNotification, codec::encode);
        }
        assertThat(refused).isBetween(2 * ROUNDS, 3 * ROUNDS - ROUNDS / 10);
    }

    private <T> int attempt(
            int seed, Message damaged, Function<Message, T> decoder, Function<T, Message> encoder) {
        T decoded = null;
        try {
            decoded = decoder.apply(damaged);
            assertThat(decoded.toString()).matches("[ -~]*");
            assertThat(encoder.apply(decoded).body()).isNotEmpty();
            return 0;
        } catch (MalformedMessageException e) {
            assertThat(e.getMessage()).matches("[ -~]{1,400}");
            return 1;
        } catch (IllegalArgumentException e) {
            if (decoded != null
                    && String.valueOf(e.getMessage()).startsWith("not JSON: no number")) {
                return 0; // NaN can be read, and is never written
            }
            throw new AssertionError("seed " + seed, e);
        } catch (RuntimeException | Error e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private static Message damaged(Random random) {
        List<Captures.Captured> captured = Captures.all();
        Captures.Captured original = captured.get(random.nextInt(captured.size()));
        byte[] body;
        if (random.nextBoolean()) {
            String inner =
                    new String(
                            damage(
                                    original.inner().toString().getBytes(StandardCharsets.UTF_8),
                                    random),
                            StandardCharsets.UTF_8);
            body = Bodies.enveloped(inner).body();
        } else {
            body = damage(original.message().body(), random);
        }
        String header = null;
        if (random.nextInt(10) == 0) {
            header = HEADERS.get(random.nextInt(HEADERS.size()));
            if (header.contains("zip") && random.nextBoolean()) {
                body = damage(Compression.named(header).compress(body), random);
            }
        }
        return message(body, header, random);
    }

    private static Message message(byte[] body, @Nullable String header, Random random) {
        String type = random.nextInt(50) == 0 ? "text/plain" : "application/json";
        return new Message(body, type, "utf-8", header, null);
    }

    private static byte[] damage(byte[] bytes, Random random) {
        byte[] damaged = bytes.clone();
        for (int times = random.nextInt(2); times >= 0; times--) {
            damaged = damageOnce(damaged, random);
        }
        return damaged;
    }

    private static byte[] damageOnce(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length + 1);
        int to = at + random.nextInt(Math.min(40, bytes.length - at) + 1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        switch (random.nextInt(6)) {
            case 0 -> {
                return out.toByteArray();
            }
            case 1 -> out.write(random.nextInt(256));
            case 2 ->
                    out.writeBytes(
                            TOKENS.get(random.nextInt(TOKENS.size()))
                                    .getBytes(StandardCharsets.UTF_8));
            case 3 -> {
                out.write(bytes, at, to - at);
                out.write(bytes, at, to - at);
            }
            case 4 -> {
                byte[] noise = new byte[to - at];
                random.nextBytes(noise);
                out.writeBytes(noise);
            }
            default -> {
                // what was there is left out
            }
        }
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }
}
