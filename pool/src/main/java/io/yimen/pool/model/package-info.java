/** Entity types, their fields, identifiers and survivorship rules: versioned data read from {@code model.yaml}. */
@NullMarked
package io.yimen.pool.model;

import org.jspecify.annotations.NullMarked;
