/**
 * Puts values right in source systems that take it: the way back of what {@code extract} and {@code mapping} bring.
 *
 * <p>A value is written only where the system still says what the pool knows, so nothing that a clerk typed meanwhile is
 * lost; writing it twice is writing it once. What is to be written, and when, the pool decides.
 */
@NullMarked
package io.yimen.connectors.write;

import org.jspecify.annotations.NullMarked;
