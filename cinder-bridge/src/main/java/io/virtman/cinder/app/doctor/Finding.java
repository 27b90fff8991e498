package io.virtman.cinder.app.doctor;

/**
 * What a check has found.
 *
 * @param check its name
 * @param level how bad it is
 * @param text what is so
 * @param remedy what to do; empty when there is nothing to do
 */
public record Finding(String check, Level level, String text, String remedy) {
    /** How bad it is. */
    public enum Level {
        /** As it should be. */
        OK,
        /** Works, but not as well or as safely as it could; or could not be looked at. */
        WARNING,
        /** Does not work. */
        PROBLEM
    }

    static Finding ok(String check, String text) {
        return new Finding(check, Level.OK, text, "");
    }

    static Finding warning(String check, String text, String remedy) {
        return new Finding(check, Level.WARNING, text, remedy);
    }

    static Finding problem(String check, String text, String remedy) {
        return new Finding(check, Level.PROBLEM, text, remedy);
    }
}
