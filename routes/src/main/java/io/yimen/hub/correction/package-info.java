/**
 * What people put right, over HTTP: corrections with their evidence, tickets to the owners of systems, and the sweep
 * that ends what is over and escalates what is overdue. The pool decides; nothing here does.
 */
@NullMarked
package io.yimen.hub.correction;

import org.jspecify.annotations.NullMarked;
