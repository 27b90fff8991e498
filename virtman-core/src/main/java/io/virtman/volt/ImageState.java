package io.virtman.volt;

/**
 * The life of an image in the catalogue.
 *
 * <pre>
 *   add -> IMPORTING --seal--> SEALED          (describe: IMPORTING, with a size)
 *              \-----fail----> FAILED
 * </pre>
 *
 * SEALED and FAILED are final; removing is possible from each.
 */
public enum ImageState {
    /** The origin is reading its source; nodes can attach once its size is known. */
    IMPORTING,
    /** Complete and immutable: digest and size are known. */
    SEALED,
    /** The import failed; the record says why. */
    FAILED
}
