package io.virtman.node;

/**
 * Where the export of a VM's disk is; a VM whose disk is not exported has none.
 *
 * <pre>
 *   (none) --export--> STARTING --file there--> EXPORTED
 *                         |                        |
 *                      can't be made       its owner dies, or
 *                         |               the node can't make it
 *                         v                        |
 *                      FAILED <--------------------'
 *                         | the node makes it anew, by itself
 *                         v
 *                     RESTARTED --export--> EXPORTED
 *   from any --unexport, destroy--> (none)
 * </pre>
 *
 * After a restart of the service or the host a record that says exported is STARTING.
 */
public enum ExportState {
    /** It is being made; it waits for its image's socket or for its turn. */
    STARTING,
    /** The file can be opened. */
    EXPORTED,
    /**
     * The file can be opened, and was lost in between: whoever had it open gets I/O errors until he
     * opens it again.
     */
    RESTARTED,
    /** There is no file; the node goes on trying. */
    FAILED
}
