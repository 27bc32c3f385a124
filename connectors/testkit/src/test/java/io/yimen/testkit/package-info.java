@org.jspecify.annotations.NullMarked
package io.yimen.testkit;
