/** Benchmarks of the tensor commitments, beside jc-kzg-4844 in the same run. */
@NullMarked
package io.verillm.benchmarks.tensor;

import org.jspecify.annotations.NullMarked;
