package io.virtman.nbd;

import io.virtman.block.BlockSource;

/**
 * What a client and the server agreed on.
 *
 * @param structured whether replies are structured
 * @param blockStatus whether {@code base:allocation} was selected
 */
record ServedExport(String name, BlockSource source, boolean structured, boolean blockStatus) {}
