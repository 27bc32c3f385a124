/** Configuration: the keys, where they may come from, and the check that stops a wrong start. */
@NullMarked
package io.yimen.hub.config;

import org.jspecify.annotations.NullMarked;
