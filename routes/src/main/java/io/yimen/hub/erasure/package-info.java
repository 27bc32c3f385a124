/** The rights of the person over HTTP: all that is held on somebody, and having it erased. */
@NullMarked
package io.yimen.hub.erasure;

import org.jspecify.annotations.NullMarked;
