package io.virtman.cinder.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.virtman.messaging.wire.RequestContext;
import io.virtman.messaging.wire.RpcRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Other tests log too, so these have loggers of their own. */
class LogLevelsTest {
    private static final String ONE = "io.virtman.logtest.One";
    private static final String TWO = "io.virtman.logtest.Two";
    private static final String FOREIGN = "org.example.logtest.Three";

    private final LogLevels levels = new LogLevels();
    private final Logger one = Logger.getLogger(ONE);
    private final Logger two = Logger.getLogger(TWO);
    private final Logger foreign = Logger.getLogger(FOREIGN);

    @AfterEach
    void inherit() {
        List.of(one, two, foreign).forEach(each -> each.setLevel(null));
    }

    private static RpcRequest request(@Nullable String prefix, @Nullable String level) {
        ObjectNode arguments = JsonNodeFactory.instance.objectNode();
        ObjectNode object = arguments.putObject("log_request");
        object.put("versioned_object.name", "LogLevel");
        object.put("versioned_object.namespace", "cinder");
        object.put("versioned_object.version", "1.0");
        object.putObject("versioned_object.data").put("prefix", prefix).put("level", level);
        return new RpcRequest("", arguments, "3.0", null, RequestContext.empty(), "id", null);
    }

    /** {@code prefix=level} of each, as Cinder's API reads them. */
    private List<String> shown(@Nullable String prefix) {
        JsonNode list = levels.get(request(prefix, null));
        assertThat(list.get("versioned_object.name").asText()).isEqualTo("LogLevelList");
        List<String> shown = new ArrayList<>();
        for (JsonNode each : list.get("versioned_object.data").get("objects")) {
            assertThat(each.get("versioned_object.name").asText()).isEqualTo("LogLevel");
            JsonNode data = each.get("versioned_object.data");
            shown.add(data.get("prefix").asText() + "=" + data.get("level").asText());
        }
        return shown;
    }

    @Test
    void levelsAreSetByPrefixAndShown() {
        levels.set(request("io.virtman.logtest", "warning"));
        levels.set(request(TWO, "DEBUG"));

        assertThat(shown("io.virtman.logtest")).containsExactly(ONE + "=WARNING", TWO + "=DEBUG");
        assertThat(one.isLoggable(Level.INFO)).isFalse();
        assertThat(two.isLoggable(Level.FINE)).isTrue();
        levels.set(request(ONE, "ERROR"));
        assertThat(shown(ONE)).containsExactly(ONE + "=ERROR");
    }

    @Test
    void anInheritedLevelIsShown() {
        assertThat(shown(ONE)).containsExactly(ONE + "=INFO");
        assertThat(shown(null)).contains("io.virtman=INFO", ONE + "=INFO");
    }

    @Test
    void loggersOfLibrariesAreLeftAlone() {
        levels.set(request("org", "DEBUG"));

        assertThat(foreign.getLevel()).isNull();
        assertThat(shown("org")).isEmpty();
    }

    @Test
    void anUnknownLevelIsRefused() {
        for (String level : new String[] {null, "", "LOUD", "CRITICAL"}) {
            assertThatThrownBy(() -> levels.set(request(ONE, level)))
                    .isInstanceOf(MalformedRequestException.class)
                    .hasMessageContaining("log_request");
        }
        assertThat(one.getLevel()).isNull();
    }
}
