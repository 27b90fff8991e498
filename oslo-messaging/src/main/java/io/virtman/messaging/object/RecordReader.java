package io.virtman.messaging.object;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.deser.ContextualDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of versioned objects. Types are those of the record and of nothing else: no name in
 * the data chooses a class. Text is not taken for a number, nor a fraction for an integer, since
 * the fields of {@code oslo_versionedobjects} have one type each.
 */
final class RecordReader {
    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                    .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                    .addModule(
                            new SimpleModule("versioned objects")
                                    .addDeserializer(Instant.class, new InstantReader())
                                    .addDeserializer(Optional.class, new OptionalReader(null)))
                    .build();

    private RecordReader() {}

    /** The record; exceptions name object and field and no value, as Jackson's would. */
    static <R> R read(VersionedObject object, Class<R> type) {
        try {
            return MAPPER.treeToValue(object.plain(), type);
        } catch (ValueInstantiationException e) {
            throw new VersionedObjectException(
                    object
                            + path(e)
                            + " is refused by "
                            + e.getType().getRawClass().getSimpleName());
        } catch (MismatchedInputException e) {
            Class<?> target = e.getTargetType();
            throw new VersionedObjectException(
                    object
                            + path(e)
                            + " is no "
                            + (target == null ? type : target).getSimpleName());
        } catch (JsonMappingException e) {
            throw new VersionedObjectException(object + path(e) + " cannot be read");
        } catch (JsonProcessingException e) {
            throw new VersionedObjectException(object + " cannot be read");
        }
    }

    private static String path(JsonMappingException e) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : e.getPath()) {
            path.append(
                    step.getFieldName() == null
                            ? "[" + step.getIndex() + "]"
                            : "." + step.getFieldName());
        }
        return path.isEmpty() ? "" : ":" + path.toString().replaceAll("[^ -~]", "?");
    }

    private static final class InstantReader extends JsonDeserializer<Instant> {
        @Override
        public Instant deserialize(JsonParser parser, DeserializationContext context)
                throws IOException {
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                throw mismatch(parser);
            }
            try {
                return Timestamps.parse(parser.getText());
            } catch (DateTimeException e) {
                throw mismatch(parser);
            }
        }

        private static MismatchedInputException mismatch(JsonParser parser) {
            return MismatchedInputException.from(parser, Instant.class, "no time");
        }
    }

    private static final class OptionalReader extends JsonDeserializer<Optional<?>>
            implements ContextualDeserializer {
        private final @Nullable JavaType content;

        OptionalReader(@Nullable JavaType content) {
            this.content = content;
        }

        @Override
        public JsonDeserializer<?> createContextual(
                DeserializationContext context, @Nullable BeanProperty property) {
            JavaType type = property == null ? context.getContextualType() : property.getType();
            return new OptionalReader(type == null ? null : type.containedType(0));
        }

        @Override
        public Optional<?> deserialize(JsonParser parser, DeserializationContext context)
                throws IOException {
            JavaType type = content == null ? context.constructType(Object.class) : content;
            return Optional.ofNullable(context.readValue(parser, type));
        }

        @Override
        public Optional<?> getNullValue(DeserializationContext context) {
            return Optional.empty();
        }

        @Override
        public Object getAbsentValue(DeserializationContext context) {
            return Optional.empty();
        }
    }
}
