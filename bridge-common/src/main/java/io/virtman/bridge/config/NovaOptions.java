package io.virtman.bridge.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code [nova]}: the service that boots many servers.
 *
 * @param bindHost {@code bind_host}: the address that is listened on; put TLS before it where that
 *     isn't loopback
 * @param bindPort {@code bind_port}: 1 to 65535
 * @param keyFile {@code key_file}: with what user data are encrypted; made when it is missing
 * @param policyFile {@code policy_file}: which roles may do what; empty for the usual
 * @param jobLimit {@code job_limit}: after which a boot is given up
 * @param apiTimeout {@code api_timeout}: after which a request that Nova didn't answer can't take
 *     effect any more
 * @param buildTimeout {@code build_timeout}: after which a server that isn't up is replaced
 * @param pollInterval {@code poll_interval}: how often each boot is looked at
 * @param firstParallel {@code first_parallel}: servers under way at a time, to begin with
 * @param maxParallel {@code max_parallel}: at most
 * @param batchSize {@code batch_size}: servers per request to Nova
 * @param retriesPerTen {@code retries_per_ten}: for ten servers, how many more may be asked for in
 *     place of failed ones
 * @param projectBoots {@code project_boots}: of one project at a time
 * @param projectServers {@code project_servers}: that these may want in all
 */
public record NovaOptions(
        String bindHost,
        int bindPort,
        Path keyFile,
        Optional<Path> policyFile,
        Duration jobLimit,
        Duration apiTimeout,
        Duration buildTimeout,
        Duration pollInterval,
        int firstParallel,
        int maxParallel,
        int batchSize,
        int retriesPerTen,
        int projectBoots,
        int projectServers) {
    /** Checks that the first window isn't larger than the largest. */
    public NovaOptions {
        if (firstParallel > maxParallel) {
            throw new IllegalArgumentException(
                    "[nova] first_parallel is more than max_parallel: give less");
        }
    }
}
