/** Sources, runs, summary, progress and health over HTTP. */
@NullMarked
package io.yimen.hub.operations;

import org.jspecify.annotations.NullMarked;
