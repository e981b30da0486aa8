/**
 * Tensors as bytes: types, shapes, views, safetensors files, model digests and the integer
 * comparison of two rows.
 *
 * <p>Start with {@link io.verillm.core.tensor.TensorView}.
 */
@NullMarked
package io.verillm.core.tensor;

import org.jspecify.annotations.NullMarked;
