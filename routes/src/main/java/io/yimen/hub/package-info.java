/** The hub process: starts the parts, and stops them in order. */
@NullMarked
package io.yimen.hub;

import org.jspecify.annotations.NullMarked;
