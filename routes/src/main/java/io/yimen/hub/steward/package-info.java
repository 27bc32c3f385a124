/** Reviews, decisions, the identity of a record and the rules over HTTP. */
@NullMarked
package io.yimen.hub.steward;

import org.jspecify.annotations.NullMarked;
