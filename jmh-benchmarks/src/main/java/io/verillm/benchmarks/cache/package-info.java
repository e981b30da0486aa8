/** Benchmarks of the proof-of-cache module. */
@NullMarked
package io.verillm.benchmarks.cache;

import org.jspecify.annotations.NullMarked;
