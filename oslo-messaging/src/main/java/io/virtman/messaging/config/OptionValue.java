package io.virtman.messaging.config;

/**
 * What stands in a file.
 *
 * @param place file and line
 */
record OptionValue(String text, String place) {
    /** The place; the value may be secret. */
    @Override
    public String toString() {
        return "value at " + place;
    }
}
