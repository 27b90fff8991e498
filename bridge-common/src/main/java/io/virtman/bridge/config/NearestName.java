package io.virtman.bridge.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** What somebody may have meant who wrote a name that is not there. */
public final class NearestName {
    private NearestName() {}

    /**
     * Returns the name with the fewest changes of letters; empty when none is near: more than a
     * third of its letters (but one in any case) would have to change.
     */
    public static Optional<String> of(String written, Collection<String> names) {
        String wanted = written.toLowerCase(Locale.ROOT);
        return names.stream()
                .filter(name ->
                        distance(wanted, name.toLowerCase(Locale.ROOT))
                                <= Math.max(1, name.length() / 3))
                .min(
                        Comparator.<String>comparingInt(
                                        name -> distance(wanted, name.toLowerCase(Locale.ROOT)))
                                .thenComparing(Comparator.naturalOrder()));
    }

    /** Levenshtein's, where two letters that changed places are one change. */
    static int distance(String one, String other) {
        int[][] changes = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                if (i == 0 || j == 0) {
                    changes[i][j] = i + j;
                    continue;
                }
                boolean same = one.charAt(i - 1) == other.charAt(j - 1);
                int fewest =
                        Math.min(
                                changes[i - 1][j - 1] + (same ? 0 : 1),
                                Math.min(changes[i - 1][j], changes[i][j - 1]) + 1);
                boolean swapped =
                        i > 1
                                && j > 1
                                && one.charAt(i - 1) == other.charAt(j - 2)
                                && one.charAt(i - 2) == other.charAt(j - 1);
                changes[i][j] = swapped ? Math.min(fewest, changes[i - 2][j - 2] + 1) : fewest;
            }
        }
        return changes[one.length()][other.length()];
    }
}
