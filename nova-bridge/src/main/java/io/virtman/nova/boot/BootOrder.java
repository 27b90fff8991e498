package io.virtman.nova.boot;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a user asks for: so many servers that differ in nothing but their names. Checked here, so
 * that what is wrong is said before anything is made, with the name of the field; what only
 * OpenStack knows is asked there.
 *
 * @param name of the servers, each with its batch and its number behind
 * @param count servers, 1 to {@value #MOST_SERVERS}
 * @param source what their root volumes are made of
 * @param size of these in GiB; null for the source's
 * @param volumeType of these; null for the usual one
 * @param flavor id or name
 * @param networks {@code "none"}, {@code "auto"}, or a list of ids; null for {@code auto}
 * @param keyName of the user's key pair; null for none
 * @param userData in Base64, at most {@value #LONGEST_USER_DATA} characters; null for none
 * @param availabilityZone null for any
 * @param serverGroup id; null for none
 * @param metadata of each server; null for none
 * @param onFailure {@code "keep"} what runs when not all can be had, or {@code "delete"} it; null
 *     for keep
 * @param maxParallel servers that may be under way at a time; null for as many as goes well
 */
@JsonNaming(SnakeCaseStrategy.class)
public record BootOrder(
        String name,
        int count,
        SourceOrder source,
        @Nullable Integer size,
        @Nullable String volumeType,
        String flavor,
        @Nullable JsonNode networks,
        @Nullable String keyName,
        @Nullable String userData,
        @Nullable String availabilityZone,
        @Nullable String serverGroup,
        @Nullable Map<String, String> metadata,
        @Nullable String onFailure,
        @Nullable Integer maxParallel) {
    /** The largest boot. */
    public static final int MOST_SERVERS = 10_000;

    /** What Nova takes. */
    public static final int LONGEST_USER_DATA = 65_535;

    /** What the keys of our own metadata begin with. */
    public static final String OWN_METADATA = "virtman_";

    private static final int LARGEST_VOLUME = 1 << 20; // GiB
    private static final int LONGEST_NAME = 200; // Nova's are 255, and ours have numbers behind
    private static final int LONGEST_TEXT = 255;
    private static final int MOST_METADATA = 100;
    private static final int MOST_NETWORKS = 16;
    private static final Pattern UUID =
            Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /**
     * What root volumes are made of, as it is written.
     *
     * @param type {@code snapshot}, {@code image} or {@code volume}
     * @param id a UUID
     */
    public record SourceOrder(@JsonProperty("type") String type, @JsonProperty("id") String id) {}

    /** Checks all that can be checked without OpenStack. */
    public BootOrder {
        name("name", name, LONGEST_NAME);
        range("count", count, MOST_SERVERS);
        oneOf("source.type", source.type(), List.of("snapshot", "image", "volume"));
        uuid("source.id", source.id());
        if (size != null) {
            range("size", size, LARGEST_VOLUME);
        }
        optional("volume_type", volumeType);
        name("flavor", flavor, LONGEST_TEXT);
        networks(networks);
        optional("key_name", keyName);
        userData(userData);
        optional("availability_zone", availabilityZone);
        if (serverGroup != null) {
            uuid("server_group", serverGroup);
        }
        metadata = metadata(metadata);
        if (onFailure != null) {
            oneOf("on_failure", onFailure, List.of("keep", "delete"));
        }
        if (maxParallel != null) {
            range("max_parallel", maxParallel, MOST_SERVERS);
        }
    }

    /** What root volumes are made of. */
    public Source from() {
        return new Source(
                Source.Kind.valueOf(source.type().toUpperCase(java.util.Locale.ROOT)), source.id());
    }

    /** Whether all servers go when not all can be had. */
    public boolean deletesOnFailure() {
        return "delete".equals(onFailure);
    }

    /** The ids of the networks; empty for none and for whatever Nova finds. */
    public List<String> networkIds() {
        List<String> ids = new ArrayList<>();
        if (networks != null && networks.isArray()) {
            networks.forEach(each -> ids.add(each.asText()));
        }
        return ids;
    }

    /** Whether Nova shall find networks by itself. */
    public boolean findsNetworks() {
        return networks == null || "auto".equals(networks.textValue());
    }

    /** The same without user data, which is kept apart. */
    public BootOrder withoutUserData() {
        return withUserData(null);
    }

    /** The same with other user data. */
    public BootOrder withUserData(@Nullable String other) {
        return new BootOrder(
                name,
                count,
                source,
                size,
                volumeType,
                flavor,
                networks,
                keyName,
                other,
                availabilityZone,
                serverGroup,
                metadata,
                onFailure,
                maxParallel);
    }

    private static void networks(@Nullable JsonNode networks) {
        String remedy = "write \"none\", \"auto\" or a list of ids of networks, at most 16";
        if (networks == null || List.of("none", "auto").contains(networks.asText())) {
            return;
        }
        if (!networks.isArray() || networks.isEmpty() || networks.size() > MOST_NETWORKS) {
            throw wrong("networks", "is none of what may be here", remedy);
        }
        for (int i = 0; i < networks.size(); i++) {
            String id = networks.get(i).textValue();
            uuid("networks[" + i + "]", id == null ? "" : id);
        }
    }

    private static void userData(@Nullable String text) {
        if (text == null) {
            return;
        }
        if (text.length() > LONGEST_USER_DATA) {
            throw wrong(
                    "user_data",
                    "has " + text.length() + " characters",
                    "Nova takes " + LONGEST_USER_DATA + " in Base64: let it fetch the rest");
        }
        try {
            byte[] _ = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw wrong("user_data", "is not Base64", "encode it, e.g. by base64 -w0 FILE");
        }
    }

    private static Map<String, String> metadata(@Nullable Map<String, String> given) {
        Map<String, String> metadata = new TreeMap<>(Objects.requireNonNullElse(given, Map.of()));
        if (metadata.size() > MOST_METADATA) {
            throw wrong(
                    "metadata",
                    "has " + metadata.size() + " entries",
                    "give " + MOST_METADATA + " at most");
        }
        metadata.forEach((key, value) -> {
            name("metadata", key, LONGEST_TEXT);
            if (key.startsWith(OWN_METADATA)) {
                throw wrong("metadata." + key, "is VirtMan's own", "choose another key");
            }
            text("metadata." + key, value, LONGEST_TEXT, each -> true);
        });
        return metadata;
    }

    private static void optional(String field, @Nullable String text) {
        if (text != null) {
            name(field, text, LONGEST_TEXT);
        }
    }

    private static void name(String field, String text, int longest) {
        text(field, text, longest, each -> !each.isEmpty() && each.equals(each.strip()));
    }

    private static void text(String field, String text, int longest, Predicate<String> further) {
        boolean printable = text.codePoints().noneMatch(Character::isISOControl);
        if (text.length() > longest || !printable || !further.test(text)) {
            throw wrong(
                    field,
                    "is empty or too long, or has control characters or spaces around it",
                    "give at most " + longest + " printable characters");
        }
    }

    private static void range(String field, int number, int most) {
        if (number < 1 || number > most) {
            throw wrong(field, number + " is out of range", "give 1 to " + most);
        }
    }

    private static void oneOf(String field, String text, List<String> words) {
        if (!words.contains(text)) {
            throw wrong(
                    field, "is none of what may be here", "write " + String.join(" or ", words));
        }
    }

    private static void uuid(String field, String text) {
        if (!UUID.matcher(text).matches()) {
            throw wrong(
                    field,
                    "is not an id",
                    "give a UUID in small letters, as OpenStack's lists show it");
        }
    }

    private static ProblemException wrong(String field, String detail, String remedy) {
        return new ProblemException(Kind.INVALID, field, detail, remedy);
    }

    /** Without user data and metadata, which may be secret. */
    @Override
    public String toString() {
        return count + " servers " + name + " of " + source;
    }
}
