/** The declaration of a source system, {@code connector.yaml}: read, checked with line and remedy, given its parameters. */
@NullMarked
package io.yimen.connectors.manifest;

import org.jspecify.annotations.NullMarked;
