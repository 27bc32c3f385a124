/**
 * The conformance kit: what every connector has to do, checked against its real source or its simulator. A system comes
 * in with one {@link io.yimen.testkit.Fixture}.
 */
@NullMarked
package io.yimen.testkit;

import org.jspecify.annotations.NullMarked;
