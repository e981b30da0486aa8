/** Benchmarks of the statistics module, each against the straightforward form. */
@NullMarked
package io.verillm.benchmarks.stats;

import org.jspecify.annotations.NullMarked;
