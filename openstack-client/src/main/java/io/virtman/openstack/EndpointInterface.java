package io.virtman.openstack;

import java.util.Locale;

/** Which of a service's endpoints to use; {@code interface} or {@code valid_interfaces} in INI. */
public enum EndpointInterface {
    /** For users. */
    PUBLIC,
    /** For services. */
    INTERNAL,
    /** Of old, for operators. */
    ADMIN;

    /**
     * By its name in a catalogue, or with the old suffix {@code URL}.
     *
     * @throws IllegalArgumentException for others
     */
    public static EndpointInterface of(String name) {
        return valueOf(name.strip().replaceFirst("URL$", "").toUpperCase(Locale.ROOT));
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
