package io.virtman.app;

import io.virtman.rest.Json;
import java.io.Console;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What commands print: results on standard output, progress on standard error and only where a
 * person watches.
 */
public final class Terminal {
    private static final int BAR = 30;

    private final PrintStream out;
    private final PrintStream error;
    private final boolean interactive;
    private int shown; // characters of the progress line on the screen

    /** The process's own streams. */
    public Terminal() {
        this.out = System.out;
        this.error = System.err;
        this.interactive = isTerminal();
    }

    @SuppressWarnings("SystemConsoleNull") // null with -Djdk.console=java.base
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** A line of the result. */
    public void line(String text) {
        clear();
        out.println(text);
    }

    /** The result as JSON. */
    public void json(Object value) {
        line(Json.text(value));
    }

    /** A line about what is going on. */
    public synchronized void note(String text) {
        clear();
        error.println(text);
    }

    /** A table with left-aligned columns; null cells are shown as a dash. */
    public void table(List<String> header, List<List<@Nullable String>> rows) {
        int[] widths = header.stream().mapToInt(String::length).toArray();
        for (List<@Nullable String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], cell(row.get(i)).length());
            }
        }
        line(row(header, widths));
        rows.forEach(cells -> line(row(cells, widths)));
    }

    private static String row(List<? extends @Nullable String> cells, int[] widths) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            text.append(String.format("%-" + Math.max(1, widths[i]) + "s  ", cell(cells.get(i))));
        }
        return text.toString().stripTrailing();
    }

    private static String cell(@Nullable String text) {
        return text == null || text.isEmpty() ? "-" : text;
    }

    /** Replaces the progress bar; shown on a terminal only. */
    public synchronized void progress(String what, long done, long total) {
        if (!interactive) {
            return;
        }
        int filled = total <= 0 ? 0 : Math.clamp(done * BAR / total, 0, BAR);
        String text =
                what
                        + " ["
                        + "#".repeat(filled)
                        + ".".repeat(BAR - filled)
                        + "] "
                        + done
                        + "/"
                        + total;
        clear();
        error.print(text);
        error.flush();
        shown = text.length();
    }

    private synchronized void clear() {
        if (shown > 0) {
            error.print("\r" + " ".repeat(shown) + "\r");
            error.flush();
            shown = 0;
        }
    }

    /** Bytes for people: binary units, one decimal. */
    public static String bytes(long count) {
        if (count < 1024) {
            return count + " B";
        }
        String units = "KMGTPE";
        double value = count;
        int unit = -1;
        while (value >= 1024 && unit < units.length() - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %ciB", value, units.charAt(unit));
    }
}
