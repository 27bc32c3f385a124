/**
 * Workbooks (XLSX): the template of a ledger and what is made of it once it is filled in, and tickets to answer. Reads
 * what strangers send in bounded memory; what the rows mean the pool decides.
 */
@NullMarked
package io.yimen.hub.sheet;

import org.jspecify.annotations.NullMarked;
