/** JMH benchmarks, one subject a class; figures are in {@code RESULTS.md}. */
@NullMarked
package io.verillm.benchmarks;

import org.jspecify.annotations.NullMarked;
