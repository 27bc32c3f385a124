/** What every answer has in common: problems, checks of the query, headers, the portal's files. */
@NullMarked
package io.yimen.hub.http;

import org.jspecify.annotations.NullMarked;
