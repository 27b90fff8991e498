package io.virtman.image;

import io.virtman.command.ProcessCommandRunner;
import io.virtman.testkit.Programs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Makes image files with the real programs. */
final class QemuImages {
    private QemuImages() {}

    static void img(String... arguments) throws IOException {
        run("qemu-img", arguments);
    }

    static void run(String program, String... arguments) throws IOException {
        List<String> argv = new ArrayList<>(List.of(Programs.require(program)));
        argv.addAll(List.of(arguments));
        new ProcessCommandRunner().run(argv, Duration.ofSeconds(60));
    }

    static void patch(Path file, long offset, byte... bytes) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), offset);
        }
    }

    static void patchLong(Path file, long offset, long value) throws IOException {
        patch(file, offset, ByteBuffer.allocate(8).putLong(value).array());
    }

    static void patchInt(Path file, long offset, int value) throws IOException {
        patch(file, offset, ByteBuffer.allocate(4).putInt(value).array());
    }
}
