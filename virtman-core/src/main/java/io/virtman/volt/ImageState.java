package io.virtman.volt;

/**
 * The life of an image in the catalogue.
 *
 * <pre>
 *   add -> IMPORTING --seal--> SEALED
 *              \-----fail----> FAILED
 * </pre>
 *
 * SEALED and FAILED are final; removing is possible from each.
 */
public enum ImageState {
    /** The origin is reading its source; nobody can attach yet. */
    IMPORTING,
    /** Complete and immutable: digest and size are known. */
    SEALED,
    /** The import failed; the record says why. */
    FAILED
}
