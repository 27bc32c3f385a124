/**
 * The pool held against a reference that is written from the documents alone: which records are one, under which id, what
 * is published of them, what waits for a person and what the change log tells, over random histories.
 */
@NullMarked
package io.yimen.pool.reference;

import org.jspecify.annotations.NullMarked;
