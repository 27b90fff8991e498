package io.virtman.app.quickstart;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "quickstart", mixinStandardHelpOptions = true)
public final class QuickstartCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        return 0;
    }
}
