/** What connectors may read and where they may go, as people approved it. */
@NullMarked
package io.yimen.pool.approval;

import org.jspecify.annotations.NullMarked;
