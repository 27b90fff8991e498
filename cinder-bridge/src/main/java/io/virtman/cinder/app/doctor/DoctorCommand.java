package io.virtman.cinder.app.doctor;

import io.virtman.app.Terminal;
import io.virtman.bridge.config.BridgeConfiguration;
import io.virtman.bridge.config.InvalidConfigurationException;
import io.virtman.bridge.config.LoadedConfiguration;
import io.virtman.cinder.app.ConfigurationOptions;
import io.virtman.cinder.app.doctor.Finding.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks for what stands between an OpenStack and the bridge. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description =
                "Look for what stands between OpenStack and the Cinder bridge. Changes nothing."
                        + " Exit code 1 when there is a problem.")
public final class DoctorCommand implements Callable<Integer> {
    /** More than the time-outs within any check add up to for one host of each service. */
    private static final Duration BOUND = Duration.ofSeconds(30);

    /** What {@code --json} prints. */
    record Diagnosis(Level result, List<Finding> findings) {}

    @Mixin private final ConfigurationOptions files = new ConfigurationOptions();

    @Option(names = "--json", description = "print the result as JSON")
    private boolean json;

    private final Cloud.Login login;

    /**
     * @param login how to reach OpenStack
     */
    public DoctorCommand(Cloud.Login login) {
        this.login = login;
    }

    @Override
    public Integer call() throws InterruptedException {
        List<Finding> findings = examine();
        Level worst = findings.stream().map(Finding::level).max(Level::compareTo).orElse(Level.OK);
        Terminal terminal = new Terminal();
        if (json) {
            terminal.json(new Diagnosis(worst, findings));
        } else {
            terminal.table(
                    List.of("RESULT", "CHECK", "FOUND", "REMEDY"),
                    findings.stream().<List<@Nullable String>>map(DoctorCommand::row).toList());
        }
        return worst == Level.PROBLEM ? 1 : 0;
    }

    private static List<@Nullable String> row(Finding finding) {
        return List.of(finding.level().name(), finding.check(), finding.text(), finding.remedy());
    }

    private List<Finding> examine() throws InterruptedException {
        String check = "configuration";
        List<Finding> findings = new ArrayList<>();
        LoadedConfiguration<BridgeConfiguration> loaded;
        try {
            loaded = files.load();
        } catch (InvalidConfigurationException e) {
            e.problems()
                    .forEach(problem ->
                            findings.add(
                                    Finding.problem(
                                            check,
                                            problem,
                                            "mend it; the rest is looked at then")));
            return findings;
        }
        loaded.warnings().forEach(text -> findings.add(Finding.warning(check, text, "")));
        if (findings.isEmpty()) {
            findings.add(
                    Finding.ok(
                            check,
                            "complete; the service is "
                                    + loaded.configuration().backend().serviceHost()));
        }
        findings.addAll(new Doctor(BOUND).examine(new Checks(loaded.configuration(), login).all()));
        return findings;
    }
}
