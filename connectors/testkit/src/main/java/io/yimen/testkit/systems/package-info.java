/** The systems of the catalog as the kit plays with them, one fixture each. */
@NullMarked
package io.yimen.testkit.systems;

import org.jspecify.annotations.NullMarked;
