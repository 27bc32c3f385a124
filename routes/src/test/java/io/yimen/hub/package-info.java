/** The hub as it is packaged, started as a process of its own against real servers. */
@NullMarked
package io.yimen.hub;

import org.jspecify.annotations.NullMarked;
