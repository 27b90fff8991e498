package io.virtman.cinder.database;

/** Whether a conditional change took effect. */
public enum Outcome {
    /** It did. */
    DONE,
    /**
     * The row is not in a status from which this is possible: it has been done already, or an
     * administrator set the status. Nothing is changed.
     */
    NOT_EXPECTED,
    /** The row is not there, or deleted. Nothing is changed. */
    GONE,
    /** What it is made from is not there any more, or too large. Nothing is changed. */
    SOURCE_GONE;

    /** Of a row that was inserted, or was there. */
    static Outcome ofInsertion(boolean inserted) {
        return inserted ? DONE : NOT_EXPECTED;
    }

    static Outcome ofCount(int rows) {
        return rows == 0 ? NOT_EXPECTED : DONE;
    }
}
