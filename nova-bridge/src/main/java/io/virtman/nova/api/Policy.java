package io.virtman.nova.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.virtman.nova.cloud.Caller;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which roles may do what. Without a file as OpenStack's own defaults have it: readers read,
 * members act, administrators see all projects.
 *
 * @param roles of each action; one of them is enough
 */
public record Policy(Map<Action, List<String>> roles) {
    /** What can be done. */
    public enum Action {
        /** Begin a boot. */
        CREATE("boots:create", "member admin"),
        /** See the boots of one's project. */
        READ("boots:read", "reader member admin"),
        /** Cancel a boot of one's project. */
        CANCEL("boots:cancel", "member admin"),
        /** See and cancel those of all projects, and see where servers are. */
        ALL_PROJECTS("boots:all_projects", "admin");

        private final String text;
        private final String usual; // roles

        Action(String text, String usual) {
            this.text = text;
            this.usual = usual;
        }

        /** As in the file. */
        public String text() {
            return text;
        }

        private static Optional<Action> of(String text) {
            return Arrays.stream(values()).filter(each -> each.text.equals(text)).findFirst();
        }
    }

    /** Copies the map; what is missing is as usual. */
    public Policy {
        Map<Action, List<String>> all = new EnumMap<>(Action.class);
        for (Action action : Action.values()) {
            all.put(
                    action,
                    List.copyOf(roles.getOrDefault(action, List.of(action.usual.split(" ", -1)))));
        }
        roles = Collections.unmodifiableMap(all);
    }

    /** Without a file. */
    public static Policy usual() {
        return new Policy(Map.of());
    }

    /**
     * Reads a file: a JSON object with a list of roles per action.
     *
     * @throws ProblemException when it can't be read, or has an action that isn't known
     */
    public static Policy load(Path file) {
        Map<String, List<String>> read;
        try {
            read = new ObjectMapper().readValue(Files.readString(file), new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw wrong(file, "is no JSON object with lists of roles");
        } catch (IOException e) {
            throw wrong(file, "can't be read: " + e);
        }
        Map<Action, List<String>> roles = new EnumMap<>(Action.class);
        read.forEach((text, allowed) ->
                roles.put(
                        Action.of(text)
                                .orElseThrow(() ->
                                        wrong(
                                                file,
                                                "has " + text + ", but there are only " + known())),
                        allowed));
        return new Policy(roles);
    }

    private static String known() {
        return Arrays.stream(Action.values()).map(Action::text).collect(Collectors.joining(", "));
    }

    private static ProblemException wrong(Path file, String detail) {
        return new ProblemException(
                Kind.INVALID,
                "[nova] policy_file",
                file + " " + detail,
                "see etc/virtman/nova-policy.json");
    }

    /** Whether a caller may. */
    boolean allows(Caller caller, Action action) {
        return roles.getOrDefault(action, List.of()).stream()
                .anyMatch(role ->
                        caller.roles().stream()
                                .anyMatch(has ->
                                        has.toLowerCase(Locale.ROOT)
                                                .equals(role.toLowerCase(Locale.ROOT))));
    }

    /**
     * @throws ProblemException FORBIDDEN when the caller may not
     */
    void require(Caller caller, Action action) {
        if (!allows(caller, action)) {
            throw new ProblemException(
                    Kind.FORBIDDEN,
                    "X-Auth-Token",
                    action.text()
                            + " takes one of the roles "
                            + String.join(", ", roles.getOrDefault(action, List.of())),
                    "ask the project's administrator for one of them");
        }
    }
}
