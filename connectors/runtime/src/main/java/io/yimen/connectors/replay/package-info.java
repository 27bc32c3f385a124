/** Taking in once more what waits in quarantine: the mappings of today, and the run that goes through it. */
@NullMarked
package io.yimen.connectors.replay;

import org.jspecify.annotations.NullMarked;
