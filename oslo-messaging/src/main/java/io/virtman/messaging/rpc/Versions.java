package io.virtman.messaging.rpc;

import org.jspecify.annotations.Nullable;

/**
 * Versions of RPC interfaces: {@code major.minor} or {@code major.minor.revision}. Source: {@code
 * version_is_compatible} in {@code oslo_messaging/_utils.py}.
 */
final class Versions {
    private static final int LONGEST = 9; // digits that fit into an int

    private Versions() {}

    /**
     * Whether who implements one version can serve another: the same major version and nothing
     * newer. A version that is none is served by nobody.
     */
    static boolean compatible(String implemented, String requested) {
        int @Nullable [] has = parse(implemented);
        int @Nullable [] wants = parse(requested);
        if (has == null || wants == null || has[0] != wants[0] || wants[1] > has[1]) {
            return false;
        }
        return wants[1] < has[1] || wants[2] <= has[2];
    }

    /**
     * The version itself.
     *
     * @throws IllegalArgumentException when it is none
     */
    static String check(String version) {
        if (parse(version) == null) {
            throw new IllegalArgumentException(
                    "version must be major.minor: " + LogText.of(version));
        }
        return version;
    }

    private static int @Nullable [] parse(String version) {
        String[] parts = version.split("\\.", -1);
        if (parts.length < 2) {
            return null;
        }
        int[] numbers = new int[3];
        for (int i = 0; i < Math.min(parts.length, numbers.length); i++) {
            String part = parts[i];
            if (part.isEmpty()
                    || part.length() > LONGEST
                    || part.chars().anyMatch(digit -> digit < '0' || digit > '9')) {
                return null;
            }
            numbers[i] = Integer.parseInt(part);
        }
        return numbers;
    }
}
