/** What systems push: CloudEvents, how they are read, and how their sender proves itself. */
@NullMarked
package io.yimen.connectors.push;

import org.jspecify.annotations.NullMarked;
