package io.virtman.cli;

import io.virtman.bench.BenchCommand;
import io.virtman.cinder.app.Bridge;
import io.virtman.cinder.app.CinderCommand;
import io.virtman.cinder.app.doctor.DoctorCommand;
import io.virtman.cinder.app.doctor.OpenStackCloud;
import io.virtman.nova.app.NovaBridge;
import io.virtman.nova.app.NovaCommand;

/** Every command of VirtMan under one name; see {@link io.virtman.app.Main} for the exit codes. */
public final class Main {
    private Main() {}

    /** Runs a command and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        io.virtman.app.Main.run(
                arguments,
                new BenchCommand(),
                new CinderCommand(new Bridge()),
                new NovaCommand(new NovaBridge()),
                new DoctorCommand(OpenStackCloud::login));
    }
}
