/** Tests of the configuration's keys. */
@NullMarked
package io.yimen.hub.config;

import org.jspecify.annotations.NullMarked;
