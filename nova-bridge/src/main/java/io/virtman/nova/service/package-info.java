/** The service: boots that go on, whoever leads. */
@NullMarked
package io.virtman.nova.service;

import org.jspecify.annotations.NullMarked;
