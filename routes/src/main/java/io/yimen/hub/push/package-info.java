/** Where source systems that push send their events. */
@NullMarked
package io.yimen.hub.push;

import org.jspecify.annotations.NullMarked;
