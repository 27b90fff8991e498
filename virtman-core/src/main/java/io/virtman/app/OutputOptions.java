package io.virtman.app;

import picocli.CommandLine.Option;

/** How results are printed. */
final class OutputOptions {
    @Option(names = "--json", description = "print the result as JSON")
    boolean json;
}
