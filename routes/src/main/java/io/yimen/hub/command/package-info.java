/** What the hub's program does besides being the hub: one thing at a terminal, then it ends. No container is started. */
@NullMarked
package io.yimen.hub.command;

import org.jspecify.annotations.NullMarked;
