package io.virtman.app;

import io.virtman.volt.Hierarchy;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Draws an image's hierarchy. */
@Command(
        name = "tree",
        mixinStandardHelpOptions = true,
        description = "Draw who fetches an image from whom, with the bytes each edge has carried.")
final class TreeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "IMAGE", description = "name or id")
    private String image = "";

    @Mixin private final VoltOptions volt = new VoltOptions();

    @Mixin private final OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        Hierarchy hierarchy = volt.client().hierarchy(image);
        Terminal terminal = new Terminal();
        if (output.json) {
            terminal.json(hierarchy);
        } else {
            TreeDrawing.lines(hierarchy).forEach(terminal::line);
        }
        return 0;
    }
}
