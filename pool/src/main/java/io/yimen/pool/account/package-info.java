/** Who may sign in, and which places he or she may see. */
@NullMarked
package io.yimen.pool.account;

import org.jspecify.annotations.NullMarked;
