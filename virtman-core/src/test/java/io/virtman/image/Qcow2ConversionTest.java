package io.virtman.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.command.ProcessCommandRunner;
import io.virtman.command.QemuImg;
import io.virtman.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the second line of defence does with an image that the inspection should have refused. */
class Qcow2ConversionTest {
    @TempDir Path scratch;

    @Test
    void aBackingFileIsNotRead() throws Exception {
        Path secret = Files.writeString(scratch.resolve("secret"), "secret".repeat(10_000));
        try (Workspace workspace = Workspace.create(scratch.resolve("image"))) {
            Path image = workspace.directory().resolve("source.qcow2");
            QemuImages.img(
                    "create",
                    "-q",
                    "-f",
                    "qcow2",
                    "-b",
                    secret.toString(),
                    "-F",
                    "raw",
                    image.toString(),
                    "1M");
            Path raw = convert(workspace, image);
            assertThat(Files.readAllBytes(raw)).isEqualTo(new byte[1 << 20]);
        }
    }

    @Test
    void anExternalDataFileCannotBeOpened() throws Exception {
        try (Workspace workspace = Workspace.create(scratch.resolve("image"))) {
            Path image = workspace.directory().resolve("source.qcow2");
            QemuImages.img(
                    "create",
                    "-q",
                    "-f",
                    "qcow2",
                    "-o",
                    "data_file=" + scratch.resolve("data") + ",data_file_raw=on",
                    image.toString(),
                    "1M");
            Files.writeString(scratch.resolve("data"), "secret");
            if (new QemuImg(new ProcessCommandRunner()).changesUser()) {
                assertThatThrownBy(() -> convert(workspace, image))
                        .isInstanceOf(ProblemException.class);
            }
        }
    }

    private static Path convert(Workspace workspace, Path image) throws IOException {
        Path raw = workspace.createFile("disk.raw", 1 << 20);
        var qemuImg = new QemuImg(new ProcessCommandRunner());
        Qcow2Conversion.run(qemuImg, workspace.directory(), image, raw, 1 << 20, "image");
        return raw;
    }
}
