/** Sources, runs, quarantine, summary, progress and health over HTTP. */
@NullMarked
package io.yimen.hub.operations;

import org.jspecify.annotations.NullMarked;
