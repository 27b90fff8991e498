package io.virtman.app;

import io.virtman.app.export.Foreground;
import io.virtman.app.export.ImageOffer;
import io.virtman.app.export.Offer;
import io.virtman.app.export.ParentOffer;
import io.virtman.app.export.Resources;
import io.virtman.app.export.WorkDirectory;
import io.virtman.nbd.NbdServer;
import io.virtman.nbd.NbdServerLimits;
import io.virtman.nbd.NbdUri;
import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves one disk until it is stopped. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Serve one read-only disk over NBD, in the foreground, as the default export (the empty name).",
            "Prints 'ready' when clients can connect and, for --image, 'digest HEX' as soon as it is known:"
                    + " give that to '--digest' of another export that has this one as its parent."
        })
final class ExportCommand implements Callable<Integer> {
    private static final Logger LOGGER = System.getLogger(ExportCommand.class.getName());

    @Spec private @Nullable CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    private ExportOptions.Source source = new ExportOptions.Source();

    @ArgGroup(multiplicity = "1")
    private ExportOptions.Address address = new ExportOptions.Address();

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description =
                    "keep what was read, the imported image and the hash tree here; verified content is used again"
                            + " at the next start (default: a temporary directory, removed at the end)")
    private @Nullable Path cache;

    @Option(
            names = "--cache-size",
            paramLabel = "SIZE",
            converter = ByteSize.class,
            defaultValue = "10G",
            description = "room for what is read from parents (default: ${DEFAULT-VALUE})")
    private long cacheSize;

    @Option(
            names = "--insecure-no-tls",
            description = "allow addresses other hosts can reach, without TLS")
    private boolean insecure;

    @Override
    public Integer call() throws IOException {
        SocketAddress where = address.parse(insecure);
        source.check();
        Foreground.run(() -> {
            try (Resources resources = new Resources()) {
                WorkDirectory work = resources.add(WorkDirectory.open(cache));
                serve(open(work, resources), where, resources);
                new CountDownLatch(1).await(); // until interrupted
            }
        });
        return 0;
    }

    private Offer open(WorkDirectory work, Resources resources) throws IOException {
        ExportOptions.@Nullable Image image = source.image;
        if (image != null) {
            return ImageOffer.open(image.file, image.format(), work, resources);
        }
        ExportOptions.Parents parents = source.parents();
        return ParentOffer.open(parents.uris(), parents.digest(), work, cacheSize, resources);
    }

    private void serve(Offer offer, SocketAddress where, Resources resources) {
        NbdServer server =
                resources.add(
                        new NbdServer("export", offer.catalogue(), NbdServerLimits.standard()));
        SocketAddress bound;
        try {
            bound = server.listen(where);
        } catch (IOException e) {
            throw new ProblemException(
                    Kind.FAILED,
                    address.option(),
                    String.valueOf(e.getMessage()),
                    address.remedy(),
                    e);
        }
        LOGGER.log(Level.INFO, "serving at {0}", new NbdUri(bound, ""));
        print("ready");
        offer.listening(this::print);
    }

    private synchronized void print(String line) {
        PrintWriter output = java.util.Objects.requireNonNull(spec).commandLine().getOut();
        output.println(line);
        output.flush();
    }
}
