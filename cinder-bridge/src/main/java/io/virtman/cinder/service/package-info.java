/** The running service: who leads, what it does at intervals, and in which order it starts. */
@NullMarked
package io.virtman.cinder.service;

import org.jspecify.annotations.NullMarked;
