/** Who is asking: signing in, sessions, roles, accounts of the first start. */
@NullMarked
package io.yimen.hub.access;

import org.jspecify.annotations.NullMarked;
