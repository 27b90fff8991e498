package io.virtman.volt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store promises. */
abstract class CatalogueStoreContract {
    private static final Instant CREATED = Instant.parse("2026-01-02T03:04:05.678Z");

    private CatalogueStore store;

    /** An empty database. */
    abstract DatabaseAddress create();

    private DatabaseAddress address;

    @BeforeEach
    void open() {
        address = create();
        store = JdbcCatalogueStore.open(address);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void everythingSurvivesReopening() {
        ImageRecord importing = image("a");
        ImageRecord sealed = image("b");
        ImageRecord failed = image("c");
        List.of(importing, sealed, failed).forEach(store::insert);
        sealed = sealed.sealed("0f".repeat(32), Long.MAX_VALUE);
        failed = failed.failed("quellé \uD83D\uDCA5 " + "x".repeat(990));
        assertThat(store.finish(sealed)).isTrue();
        assertThat(store.finish(failed)).isTrue();
        NodeAddress node = new NodeAddress("n1", "http://h:1", "h:2");
        NodeAddress moved = new NodeAddress("n1", "http://h:3", "h:4");
        NodeAddress other = new NodeAddress("n2", "http://h:1", "h:2");
        store.saveNodes(List.of(node, other));
        store.saveNodes(List.of(moved));
        assertThat(store.nextTerm()).isEqualTo(1);

        store.close();
        store = JdbcCatalogueStore.open(address);
        assertThat(store.images()).containsExactlyInAnyOrder(importing, sealed, failed);
        assertThat(store.nodes()).containsExactlyInAnyOrder(moved, other);
        assertThat(store.nextTerm()).isEqualTo(2);
    }

    @Test
    void namesAndIdsAreUniqueWithRegardToCase() {
        ImageRecord image = image("debian");
        assertThat(store.insert(image)).isTrue();
        assertThat(store.insert(image)).isFalse();
        assertThat(store.insert(image("debian"))).isFalse();
        assertThat(store.insert(image("Debian"))).isTrue();
        store.saveNodes(
                List.of(
                        new NodeAddress("n", "http://h:1", "h:2"),
                        new NodeAddress("N", "http://h:1", "h:2")));
        assertThat(store.nodes()).hasSize(2);
    }

    @Test
    void anEndIsReachedOnce() {
        ImageRecord image = image("a");
        store.insert(image);
        ImageRecord sealed = image.sealed("0f".repeat(32), 1);
        assertThat(store.finish(sealed)).isTrue();
        assertThat(store.finish(sealed)).isFalse();
        assertThat(store.finish(image.failed("no"))).isFalse();
        assertThat(store.finish(image("b").failed("no"))).isFalse();
        assertThat(store.images()).containsExactly(sealed);
    }

    @Test
    void whatIsDeletedIsGoneAndMayBeDeletedAgain() {
        ImageRecord image = image("a");
        store.insert(image);
        store.saveNodes(List.of(new NodeAddress("n", "http://h:1", "h:2")));
        for (int i = 0; i < 2; i++) {
            store.deleteImage(image.id());
            store.deleteNode("n");
        }
        assertThat(store.images()).isEmpty();
        assertThat(store.nodes()).isEmpty();
        assertThat(store.insert(image("a"))).isTrue();
    }

    @Test
    void ofManyThatAddOneNameOneWinsAndTermsAreNeverGivenTwice() throws Exception {
        List<Callable<Boolean>> inserts = new ArrayList<>();
        List<Callable<Long>> terms = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            inserts.add(() -> store.insert(image("same")));
            terms.add(() -> store.nextTerm());
        }
        try (var threads = Executors.newFixedThreadPool(8)) {
            int won = 0;
            for (Future<Boolean> insert : threads.invokeAll(inserts)) {
                won += insert.get() ? 1 : 0;
            }
            assertThat(won).isEqualTo(1);
            List<Long> given = new ArrayList<>();
            for (Future<Long> term : threads.invokeAll(terms)) {
                given.add(term.get());
            }
            assertThat(given).doesNotHaveDuplicates().hasSize(16);
        }
    }

    @Test
    void aClosedStoreSaysSo() {
        store.close();
        assertThatThrownBy(() -> store.images())
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.kind()).isEqualTo(Kind.UNAVAILABLE));
    }

    private static ImageRecord image(String name) {
        return new ImageRecord(
                UUID.randomUUID().toString(),
                name,
                ImageState.IMPORTING,
                0,
                null,
                "origin",
                "qcow2",
                CREATED,
                null);
    }
}
