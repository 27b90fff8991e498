package io.virtman.messaging.object;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/**
 * Times as {@code oslo_versionedobjects/fields.py} ({@code DateTime.stringify}, which is {@code
 * oslo_utils.timeutils}) writes them: {@code 2026-01-02T03:04:05Z}.
 */
public final class Timestamps {
    private static final DateTimeFormatter LENIENT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd['T'][' ']HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter ANY =
            new DateTimeFormatterBuilder()
                    .append(LENIENT)
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                    .optionalStart()
                    .appendOffsetId()
                    .optionalEnd()
                    .toFormatter(Locale.ROOT);

    private Timestamps() {}

    /** Whole seconds, UTC. */
    public static String format(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /**
     * Reads that, and with a fraction, another offset, none (which is UTC), or a space for the T.
     *
     * @throws DateTimeException when it is no time
     */
    public static Instant parse(String text) {
        TemporalAccessor time = ANY.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
        return time instanceof OffsetDateTime zoned
                ? zoned.toInstant()
                : LocalDateTime.from(time).toInstant(ZoneOffset.UTC);
    }
}
