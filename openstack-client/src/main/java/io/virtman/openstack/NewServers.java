package io.virtman.openstack;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Servers that are alike, to be made by one call.
 *
 * @param name of the servers, 1..255 characters; Nova appends {@code -1}, {@code -2} and so on when
 *     there are several
 * @param count how many; Nova takes the order for all of them or for none; 1..1000
 * @param flavorId of the flavor
 * @param disk from which they boot
 * @param networks of each
 * @param keyName name of a key pair of the user; null for none
 * @param userData for cloud-init, in base64, at most 65 535 characters; null for none. May be
 *     secret
 * @param availabilityZone null for Nova's default
 * @param serverGroupId whose policy places them; null for none
 * @param metadata of each
 * @param tags of each, by which they can be listed; see {@link #isTag}
 */
public record NewServers(
        String name,
        int count,
        String flavorId,
        BootDisk disk,
        Networks networks,
        @Nullable String keyName,
        @Nullable String userData,
        @Nullable String availabilityZone,
        @Nullable String serverGroupId,
        Map<String, String> metadata,
        List<String> tags) {
    /** Nova takes a few more; none of these needs quoting in a query. */
    private static final Pattern TAG = Pattern.compile("[0-9A-Za-z._:-]{1,60}");

    private static final Pattern BASE64 = Pattern.compile("[0-9A-Za-z+/=\\r\\n]*");

    private static final int LARGEST_COUNT = 1000;
    private static final int LONGEST_NAME = 255;
    private static final int LONGEST_USER_DATA = 65_535;

    /** Checks ranges; whether all of it exists is for Nova to say. */
    public NewServers {
        Objects.requireNonNull(disk);
        Objects.requireNonNull(networks);
        metadata = Map.copyOf(metadata);
        tags = List.copyOf(tags);
        require(!name.isBlank() && name.length() <= LONGEST_NAME, "name: 1 to 255 characters");
        require(count >= 1 && count <= LARGEST_COUNT, "count: 1 to " + LARGEST_COUNT);
        require(!flavorId.isEmpty(), "flavor: empty");
        require(tags.stream().allMatch(NewServers::isTag), "tags: letters, digits and ._:-");
        require(userData == null || isBase64(userData), "user_data: at most 64 KiB of base64");
    }

    /** Whether servers can have that tag here: 1 to 60 letters, digits and {@code . _ : -}. */
    public static boolean isTag(String tag) {
        return TAG.matcher(tag).matches();
    }

    private static boolean isBase64(String text) {
        if (text.length() > LONGEST_USER_DATA || !BASE64.matcher(text).matches()) {
            return false;
        }
        try {
            byte[] _ = Base64.getMimeDecoder().decode(text);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** How many of which name: the rest may be secret. */
    @Override
    public String toString() {
        return count + " x " + name;
    }
}
