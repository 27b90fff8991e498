package io.virtman.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.virtman.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** That the benchmark measures both sides; how fast they are is no matter of a test. */
@Timeout(180)
class RpcBenchCommandTest {
    @TempDir Path directory;

    @Test
    void measuresBothSidesOverARealBroker() throws IOException {
        Path json = directory.resolve("rpc.json");
        int status =
                new CommandLine(new BenchCommand())
                        .execute(
                                "rpc",
                                "--callers",
                                "2",
                                "--rounds",
                                "1",
                                "--seconds",
                                "2",
                                "--warm-up",
                                "1",
                                "--json",
                                json.toString());
        assertThat(status).isZero();
        JsonNode figures = new JsonMapper().readTree(json.toFile());
        for (String side : List.of("java", "python")) {
            JsonNode measured = figures.get(side);
            assertThat(
                            DoubleStream.of(
                                    measured.get("callsPerSecond").doubleValue(),
                                    measured.get("p50Millis").doubleValue(),
                                    measured.get("p99Millis").doubleValue()))
                    .allMatch(figure -> figure > 0);
            assertThat(measured.get("p99Millis").doubleValue())
                    .isGreaterThanOrEqualTo(measured.get("p50Millis").doubleValue());
        }
        assertThat(figures.get("callers").intValue()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"--callers,0", "--rounds,101", "--seconds,0", "--warm-up,-1"})
    void refusesNumbersOutOfRange(String option, String value) {
        Exception[] refused = new Exception[1];
        new CommandLine(new BenchCommand())
                .setExecutionExceptionHandler((failure, _, _) -> {
                    refused[0] = failure;
                    return 2;
                })
                .execute("rpc", option, value);
        assertThat(refused[0])
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(option)
                .hasMessageContaining("give a number from");
    }

    @Test
    void mediansAreThoseOfEachFigure() {
        assertThat(
                        RpcFigures.median(
                                List.of(
                                        new RpcFigures(100, 5, 30),
                                        new RpcFigures(300, 4, 10),
                                        new RpcFigures(200, 6, 20))))
                .isEqualTo(new RpcFigures(200, 5, 20));
        assertThat(RpcFigures.median(List.of(new RpcFigures(1, 2, 3), new RpcFigures(3, 4, 5))))
                .isEqualTo(new RpcFigures(2, 3, 4));
    }
}
