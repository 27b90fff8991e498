package io.virtman.cinder.service;

import io.virtman.problem.ProblemException;
import io.virtman.problem.ProblemException.Kind;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.UUID;

/**
 * Talks to Keystone, Glance and Nova once before the first request needs them: to log in, connect
 * and load takes longer than a request should, and a wrong password shows now.
 */
final class FirstContact {
    private static final Logger LOGGER = System.getLogger(FirstContact.class.getName());

    private FirstContact() {}

    /** Returns at once. */
    static void make(Outside outside) {
        String nobody = UUID.randomUUID().toString();
        Thread.ofVirtual()
                .name("first-contact")
                .start(() -> {
                    attempt("Keystone", () -> outside.images().credential());
                    attempt("Glance", () -> outside.images().image(nobody, null));
                    attempt("Nova", () -> outside.compute().placeOf(nobody));
                });
    }

    private interface Question {
        Object ask();
    }

    private static void attempt(String service, Question question) {
        try {
            Optional<Object> _ = Optional.of(question.ask());
        } catch (ProblemException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                LOGGER.log(Level.WARNING, "{0}: {1}", service, e.getMessage());
            }
        }
    }
}
