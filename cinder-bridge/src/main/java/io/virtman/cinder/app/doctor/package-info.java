/**
 * Diagnosis: what stands between an OpenStack and the bridge, each with its remedy. What is found
 * out (files {@code *Probe}, {@code *Check}) is apart from what follows from it ({@link
 * io.virtman.cinder.app.doctor.Decisions}, {@link io.virtman.cinder.app.doctor.Rights}).
 */
@NullMarked
package io.virtman.cinder.app.doctor;

import org.jspecify.annotations.NullMarked;
