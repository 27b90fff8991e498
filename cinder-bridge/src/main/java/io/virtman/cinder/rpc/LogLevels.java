package io.virtman.cinder.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.wire.RpcRequest;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The levels of our own log, seen and set over RPC ({@code manager.py:set_log_levels}). Loggers are
 * named by their classes; only those below {@code io.virtman} are shown, so that nobody has a
 * library write what it was sent.
 */
final class LogLevels {
    private static final String OURS = "io.virtman";

    /** Holds the level that loggers made later inherit: the log manager forgets unused loggers. */
    private final Logger root = Logger.getLogger(OURS);

    /** An answer to {@code get_log_levels}: {@code objects/service.py:LogLevelList}. */
    JsonNode get(RpcRequest request) {
        ObjectNode list = object("LogLevelList");
        ArrayNode levels = data(list).putArray("objects");
        loggers(new Arguments(request).object("log_request"))
                .forEach((name, logger) -> {
                    ObjectNode level = object("LogLevel");
                    data(level).put("prefix", name).put("level", name(effective(logger)));
                    levels.add(level);
                });
        return list;
    }

    /** Sets the level of all loggers whose names begin with the prefix. */
    @Nullable JsonNode set(RpcRequest request) {
        ObjectNode wanted = new Arguments(request).object("log_request");
        Level level = level(Arguments.text(wanted, "level"));
        loggers(wanted).values().forEach(logger -> logger.setLevel(level));
        return null;
    }

    private Map<String, Logger> loggers(ObjectNode request) {
        String text = Arguments.text(request, "prefix");
        String prefix = text == null ? "" : text;
        Map<String, Logger> found = new TreeMap<>();
        for (String name : Collections.list(LogManager.getLogManager().getLoggerNames())) {
            boolean ours = name.equals(OURS) || name.startsWith(OURS + ".");
            if (ours && name.startsWith(prefix)) {
                found.put(name, Logger.getLogger(name));
            }
        }
        if (OURS.startsWith(prefix)) {
            found.put(OURS, root);
        }
        return found;
    }

    private static Level level(@Nullable String text) {
        return switch (text == null ? "" : text.toUpperCase(Locale.ROOT)) {
            case "ERROR" -> Level.SEVERE;
            case "WARNING" -> Level.WARNING;
            case "INFO" -> Level.INFO;
            case "DEBUG" -> Level.FINE;
            default -> throw Arguments.malformed("log_request", "has a level that is unknown");
        };
    }

    private static String name(Level level) {
        int value = level.intValue();
        if (value > Level.WARNING.intValue()) {
            return "ERROR";
        }
        if (value > Level.INFO.intValue()) {
            return "WARNING";
        }
        return value > Level.FINE.intValue() ? "INFO" : "DEBUG";
    }

    private static Level effective(Logger logger) {
        for (Logger each = logger; each != null; each = each.getParent()) {
            if (each.getLevel() != null) {
                return each.getLevel();
            }
        }
        return Level.INFO;
    }

    private static ObjectNode data(ObjectNode object) {
        return object.withObject("/versioned_object.data");
    }

    private static ObjectNode object(String name) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        object.put("versioned_object.name", name);
        object.put("versioned_object.namespace", "cinder");
        object.put("versioned_object.version", "1.0");
        object.putObject("versioned_object.data");
        return object;
    }
}
