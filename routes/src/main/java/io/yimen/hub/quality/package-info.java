/** How good the pool is, over HTTP. The pool counts; nothing here does. */
@NullMarked
package io.yimen.hub.quality;

import org.jspecify.annotations.NullMarked;
