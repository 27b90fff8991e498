package io.virtman.cinder.database;

import io.virtman.bridge.database.Database;
import io.virtman.bridge.database.Lease;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** What tests of operations have in common: a lease that is held, and transactions. */
@ExtendWith(CinderExtension.class)
public abstract class CinderTest {
    protected final TestCinder cinder;
    protected final Seed seed;
    protected Lease lease = new Lease(OwnTables.LEASES, "", "", 0);

    protected CinderTest(TestCinder cinder) {
        this.cinder = cinder;
        this.seed = new Seed(cinder);
    }

    @BeforeEach
    protected void lead() throws Exception {
        lease = cinder.lead();
        seed.basics();
    }

    protected <T> T change(Database.Work<T> work) {
        return cinder.database.change(lease, work);
    }

    // With types of their own, for assertThat has too many forms for a T.

    Outcome outcome(Database.Work<Outcome> work) {
        return change(work);
    }

    boolean holds(Database.Work<Boolean> work) {
        return change(work);
    }

    int count(Database.Work<Integer> work) {
        return change(work);
    }

    <T> List<T> rows(Database.Work<List<T>> work) {
        return cinder.database.read(work);
    }

    <T> Optional<T> maybe(Database.Work<Optional<T>> work) {
        return cinder.database.read(work);
    }

    Map<String, String> entries(Database.Work<Map<String, String>> work) {
        return cinder.database.read(work);
    }
}
