package io.virtman.nova.run;

import java.time.Instant;

class MemoryStoreTest extends BootStoreContract {
    @Override
    protected BootStore store() {
        return new MemoryStore(5, 8, false, () -> Instant.EPOCH);
    }
}
