/** Black-box tests: the packaged hub between real servers, seen through HTTP, Kafka, SQL and a browser. */
@NullMarked
package io.yimen.integration;

import org.jspecify.annotations.NullMarked;
