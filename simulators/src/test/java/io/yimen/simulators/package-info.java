@NullMarked
package io.yimen.simulators;

import org.jspecify.annotations.NullMarked;
