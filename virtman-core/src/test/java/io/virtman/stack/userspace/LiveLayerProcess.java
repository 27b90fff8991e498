package io.virtman.stack.userspace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process that exports the layer {@code vm} in a directory and waits to be killed. */
final class LiveLayerProcess {
    private LiveLayerProcess() {}

    /** Its output: the path of the file, then the process id of the daemon. */
    static Process start(Path directory) throws IOException {
        return new ProcessBuilder(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx256m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LiveLayerProcess.class.getName(),
                                directory.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    @SuppressWarnings("SystemOut") // the parent reads it
    public static void main(String[] arguments) throws IOException {
        LiveScene scene = new LiveScene(Path.of(arguments[0]));
        System.out.println(scene.export("vm"));
        System.out.println(scene.processId("vm"));
        while (System.in.read() >= 0) {} // until killed
    }
}
