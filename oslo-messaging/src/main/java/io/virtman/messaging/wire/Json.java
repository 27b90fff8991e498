package io.virtman.messaging.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerationException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * JSON as Python's {@code json} module reads and writes it ({@code oslo_serialization.jsonutils},
 * {@code kombu.utils.json}), with limits on what is read.
 *
 * <ul>
 *   <li>Written is ASCII only, as by {@code json.dumps}, so that lone surrogates survive; never
 *       {@code NaN}, which Python writes and JSON does not have.
 *   <li>Of equal names the last one counts. {@code NaN}, {@code Infinity}, {@code -Infinity} are
 *       read. Nothing may follow the value. Only UTF-8 is read, never guessed.
 *   <li>Integers and decimals are exact, see {@link ExactNumbers}.
 * </ul>
 */
final class Json {
    /** Python gives up at about 1000; what OpenStack sends is 20 deep. */
    static final int DEPTH = 200;

    /** Digits of a number. CPython reads integers of up to 4300 digits. */
    static final int DIGITS = 1000;

    /**
     * Characters of a name. Names of OpenStack's have 255 at most. Jackson keeps those that it has
     * seen, up to 12,000 of them, twice: this bounds what a stranger can make it keep to 24 MB.
     */
    static final int NAME = 1000;

    /** Values, names and brackets of one text: bounds memory to about 100 bytes each. */
    static final long TOKENS = 2_000_000;

    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                                    .disable(JsonFactory.Feature.CHARSET_DETECTION)
                                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(DEPTH)
                                                    .maxNumberLength(DIGITS)
                                                    .maxNameLength(NAME)
                                                    .maxTokenCount(TOKENS)
                                                    .maxStringLength(Integer.MAX_VALUE)
                                                    .build())
                                    .streamWriteConstraints(
                                            StreamWriteConstraints.builder()
                                                    .maxNestingDepth(DEPTH)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .nodeFactory(new ExactNumbers())
                    .build();

    private Json() {}

    /** Writes one JSON text. */
    @FunctionalInterface
    interface Text {
        void write(Output output) throws IOException;
    }

    /** Reads an object; what it is called in the exception. */
    static ObjectNode object(byte[] text, String what) throws FormatException {
        try {
            return object(MAPPER.readTree(text), what);
        } catch (IOException | RuntimeException e) {
            throw broken(e, what);
        }
    }

    /** Reads an object; what it is called in the exception. */
    static ObjectNode object(String text, String what) throws FormatException {
        try {
            return object(MAPPER.readTree(text), what);
        } catch (IOException | RuntimeException e) {
            throw broken(e, what);
        }
    }

    private static ObjectNode object(JsonNode node, String what) throws FormatException {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new FormatException(what + " is not a JSON object");
    }

    /** Jackson's own text quotes the input, which may be secret. */
    private static FormatException broken(Exception e, String what) {
        if (e instanceof StreamConstraintsException) {
            return new FormatException(what + " is too deep or has too long a name or number");
        }
        if (e instanceof JsonProcessingException parsing && parsing.getLocation() != null) {
            return new FormatException(
                    what + " is not JSON at column " + parsing.getLocation().getColumnNr());
        }
        return new FormatException(what + " is not JSON");
    }

    /** Writes to a stream. */
    static void write(OutputStream stream, Text text) {
        try (Output output = new Output(MAPPER.createGenerator(stream))) {
            text.write(output);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes to an array. */
    static byte[] bytes(Text text) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream(1024);
        write(stream, text);
        return stream.toByteArray();
    }

    /** Jackson's generator, which also writes trees, and no number that JSON does not have. */
    static final class Output extends JsonGeneratorDelegate {
        private final SerializerProvider provider = MAPPER.getSerializerProviderInstance();

        Output(JsonGenerator generator) {
            super(generator);
        }

        void writeField(String name, JsonNode value) throws IOException {
            writeFieldName(name);
            value.serialize(this, provider);
        }

        @Override
        public void writeNumber(double value) throws IOException {
            if (!Double.isFinite(value)) {
                throw new JsonGenerationException("no number: " + value, this);
            }
            super.writeNumber(value);
        }

        @Override
        public void writeNumber(float value) throws IOException {
            if (!Float.isFinite(value)) {
                throw new JsonGenerationException("no number: " + value, this);
            }
            super.writeNumber(value);
        }
    }
}
