/** {@code ./yimen demo}: everything on one machine, by one command. */
@NullMarked
package io.yimen.simulators.demo;

import org.jspecify.annotations.NullMarked;
