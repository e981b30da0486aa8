/** Benchmarks of settlement, peer prediction, design and simulation. */
@NullMarked
package io.verillm.benchmarks.incentives;

import org.jspecify.annotations.NullMarked;
