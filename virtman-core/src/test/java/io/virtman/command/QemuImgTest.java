package io.virtman.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class QemuImgTest {
    private static final Path DIRECTORY = Path.of("/images/a,b");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final List<List<String>> argvs = new ArrayList<>();
    private int status;

    private final CommandRunner runner =
            new CommandRunner() {
                @Override
                public Output run(List<String> argv, Duration timeout) throws IOException {
                    argvs.add(argv);
                    if (status != 0) {
                        throw new CommandFailedException(argv, status, "");
                    }
                    return new Output("", "");
                }

                @Override
                public ProcessHandle startDetached(List<String> argv, Path log) {
                    throw new AssertionError("not expected");
                }
            };

    @Test
    void rootGivesUpAllRights() throws Exception {
        new QemuImg(runner, true).convert(DIRECTORY, "a.qcow2", "b.raw", 1 << 20, MINUTE);
        assertThat(argvs.getFirst())
                .startsWith("prlimit")
                .contains("--fsize=2097152", "--cpu=60", "--as=2147483648", "--nofile=64")
                .containsSubsequence("unshare", "--net", "setpriv", "--reuid=65534", "qemu-img")
                .contains("--clear-groups", "--bounding-set=-all", "--no-new-privs")
                .contains("--chdir=/images/a,b")
                .endsWith("./b.raw");
    }

    @Test
    void othersKeepTheLimits() throws Exception {
        new QemuImg(runner, false).check(DIRECTORY, "a.qcow2", MINUTE);
        assertThat(argvs.getFirst())
                .startsWith("prlimit")
                .containsSubsequence("setpriv", "--no-new-privs", "qemu-img", "check")
                .doesNotContain("unshare", "--reuid=65534");
    }

    @Test
    void namesCannotBecomeOptions() throws Exception {
        new QemuImg(runner, false).check(DIRECTORY, "a\",\"b\":\\\n", MINUTE);
        assertThat(argvs.getFirst().getLast())
                .isEqualTo(
                        "json:{\"driver\":\"qcow2\",\"backing\":null,\"file\":{\"driver\":\"file\","
                                + "\"filename\":\"a\\\",\\\"b\\\":\\\\\\u000a\"}}");
    }

    @Test
    void unusedSpaceIsNoDamage() throws Exception {
        var qemuImg = new QemuImg(runner, false);
        status = 3;
        qemuImg.check(DIRECTORY, "a", MINUTE);
        status = 2;
        assertThatThrownBy(() -> qemuImg.check(DIRECTORY, "a", MINUTE))
                .isInstanceOf(CommandFailedException.class);
    }
}
