/**
 * CUDA sources and the {@code cuda} provider of the kernel interface.
 *
 * <p>It holds no kernel yet.
 */
@NullMarked
package io.verillm.cuda;

import org.jspecify.annotations.NullMarked;
