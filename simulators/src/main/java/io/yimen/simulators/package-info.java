/** The legacy systems and the servers under them, played for the demo, the tests and the benchmarks. */
@NullMarked
package io.yimen.simulators;

import org.jspecify.annotations.NullMarked;
