package io.virtman.app;

import static io.virtman.app.Terminal.bytes;

import io.virtman.node.NodeApi;
import io.virtman.problem.Names;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import io.virtman.volt.ImageRecord;
import io.virtman.volt.VoltApi;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The image catalogue. */
@Command(
        name = "image",
        mixinStandardHelpOptions = true,
        description = "Add, list, show and remove images.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ImageCommand.Add.class,
            ImageCommand.ListAll.class,
            ImageCommand.Show.class,
            ImageCommand.Remove.class
        })
final class ImageCommand {
    /** Imports an image. */
    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description =
                    "Import an image file of a node's host, or of an HTTP server; that node becomes its"
                            + " origin. Ends when it is sealed; one of a server can be used before.")
    static final class Add implements Callable<Integer> {
        @Mixin private final ImageSource source = new ImageSource();

        @Option(
                names = "--format",
                required = true,
                description =
                        "raw or qcow2; must be declared, since a raw disk may pretend to be anything")
        private String format = "";

        @Option(
                names = {"--origin", "--node"},
                paramLabel = "NODE",
                description = "node to import it (default: the only live one)")
        private @Nullable String origin;

        @Mixin private final VoltOptions volt = new VoltOptions();

        @Mixin private final OutputOptions output = new OutputOptions();

        @Override
        public Integer call() throws InterruptedException {
            Names.require("NAME", source.name());
            NodeApi node = volt.node(origin == null ? onlyNode() : origin);
            VoltApi api = volt.client();
            ImageRecord image = source.add(node, format);
            Terminal terminal = new Terminal();
            print(terminal, Sealing.await(terminal, api, node, image), output.json);
            return 0;
        }

        private String onlyNode() {
            List<String> names =
                    volt.liveNodes().stream().map(one -> one.address().name()).toList();
            if (names.size() != 1) {
                throw new ProblemException(
                        Kind.INVALID,
                        "--origin",
                        names.isEmpty()
                                ? "no node is alive"
                                : "there are several nodes: " + String.join(", ", names),
                        names.isEmpty()
                                ? "start 'virtman node'"
                                : "say which one is to import the image");
            }
            return names.getFirst();
        }
    }

    /** Lists the catalogue. */
    @Command(name = "list", mixinStandardHelpOptions = true, description = "List all images.")
    static final class ListAll implements Callable<Integer> {
        @Mixin private final VoltOptions volt = new VoltOptions();

        @Mixin private final OutputOptions output = new OutputOptions();

        @Override
        public Integer call() {
            List<ImageRecord> images = volt.client().images();
            Terminal terminal = new Terminal();
            if (output.json) {
                terminal.json(images);
                return 0;
            }
            terminal.table(
                    List.of("NAME", "STATE", "SIZE", "ORIGIN", "FORMAT", "DIGEST"),
                    images.stream()
                            .map(image ->
                                    Arrays.<@Nullable String>asList(
                                            image.name(),
                                            image.state().toString(),
                                            image.size() == 0 ? null : bytes(image.size()),
                                            image.origin(),
                                            image.format(),
                                            image.digest() == null
                                                    ? null
                                                    : image.digest().substring(0, 16)))
                            .toList());
            return 0;
        }
    }

    /** Shows one image. */
    @Command(name = "show", mixinStandardHelpOptions = true, description = "Show an image.")
    static final class Show implements Callable<Integer> {
        @Parameters(paramLabel = "IMAGE", description = "name or id")
        private String image = "";

        @Mixin private final VoltOptions volt = new VoltOptions();

        @Mixin private final OutputOptions output = new OutputOptions();

        @Override
        public Integer call() {
            print(new Terminal(), volt.client().image(image), output.json);
            return 0;
        }
    }

    /** Removes an image and its files. */
    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description =
                    "Remove an image that no node is attached to, and its files on its origin.")
    static final class Remove implements Callable<Integer> {
        @Parameters(paramLabel = "IMAGE", description = "name or id")
        private String image = "";

        @Option(
                names = "--record-only",
                description = "leave the origin alone: for an image whose origin is gone for good")
        private boolean recordOnly;

        @Mixin private final VoltOptions volt = new VoltOptions();

        @Override
        public Integer call() {
            ImageRecord found = volt.client().image(image);
            if (recordOnly) {
                volt.client().remove(found.id());
            } else {
                volt.node(found.origin()).removeSource(found.id());
            }
            return 0;
        }
    }

    private ImageCommand() {}

    private static void print(Terminal terminal, ImageRecord image, boolean json) {
        if (json) {
            terminal.json(image);
            return;
        }
        terminal.line("name     " + image.name());
        terminal.line("id       " + image.id());
        terminal.line("state    " + image.state());
        terminal.line("size     " + bytes(image.size()) + " (" + image.size() + " bytes)");
        terminal.line("digest   " + image.digest());
        terminal.line("origin   " + image.origin());
        terminal.line("format   " + image.format());
        terminal.line("created  " + image.created());
        if (image.failure() != null) {
            terminal.line("failure  " + image.failure());
        }
    }
}
