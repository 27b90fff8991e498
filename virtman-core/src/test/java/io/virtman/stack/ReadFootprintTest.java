package io.virtman.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReadFootprintTest {
    @Test
    void countsDistinctBlocksAndTheirChunks() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            ReadFootprint footprint = new ReadFootprint();
            Set<Long> blocks = new HashSet<>();
            Set<Long> chunks = new HashSet<>();
            for (int i = 0; i < 50; i++) {
                long offset = random.nextLong(1L << 40);
                if (i % 3 > 0) {
                    offset %= 2_000_000;
                }
                int length = random.nextInt(i % 5 == 0 ? 300_000 : 5_000);
                footprint.add(offset, length);
                for (long at = offset / 4096;
                        length > 0 && at <= (offset + length - 1) / 4096;
                        at++) {
                    blocks.add(at);
                    chunks.add(at / 16);
                }
            }
            assertThat(footprint.size())
                    .isEqualTo(
                            new ReadFootprint.Size(blocks.size() * 4096L, chunks.size() * 65536L));
        }
    }
}
