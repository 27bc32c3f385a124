/** Where dropped files lie and what they are packed in. */
@NullMarked
package io.yimen.connectors.drop;

import org.jspecify.annotations.NullMarked;
