package io.virtman.rest;

/** Figures in Prometheus' text format 0.0.4, one after the other. Not safe for many threads. */
final class MetricsText {
    static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final String prefix;
    private final StringBuilder text = new StringBuilder();

    MetricsText(String prefix) {
        this.prefix = prefix;
    }

    /** A figure that goes up and down. */
    MetricsText gauge(String name, String help, long value) {
        return add(name, "gauge", help, value);
    }

    /** A figure that only grows while the service runs. */
    MetricsText counter(String name, String help, long value) {
        return add(name, "counter", help, value);
    }

    private MetricsText add(String name, String type, String help, long value) {
        String full = prefix + name;
        text.append(
                "# HELP %s %s\n# TYPE %s %s\n%s %d\n"
                        .formatted(full, help, full, type, full, value));
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
