/** What waits in quarantine, over HTTP: looking for it, trying and doing a replay, discarding. */
@NullMarked
package io.yimen.hub.quarantine;

import org.jspecify.annotations.NullMarked;
