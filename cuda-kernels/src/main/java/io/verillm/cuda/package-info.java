/**
 * CUDA sources and the {@code cuda} provider of the kernel interface.
 *
 * <p>The kernels are the {@code .cu} files among the resources; start with {@code commit.cu}. On
 * the Java side start with {@link io.verillm.cuda.DeviceQueue}, which everything here talks to: a
 * device of the driver, or in tests the same sources compiled by g++.
 */
@NullMarked
package io.verillm.cuda;

import org.jspecify.annotations.NullMarked;
