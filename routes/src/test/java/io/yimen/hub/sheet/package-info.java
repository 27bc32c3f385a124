@NullMarked
package io.yimen.hub.sheet;

import org.jspecify.annotations.NullMarked;
