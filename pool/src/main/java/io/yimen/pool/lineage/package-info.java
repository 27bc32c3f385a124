/** Where every published value comes from, one packed value per golden record. */
@NullMarked
package io.yimen.pool.lineage;

import org.jspecify.annotations.NullMarked;
