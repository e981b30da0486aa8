/**
 * Types that must be public for {@link java.util.ServiceLoader} and are not exported.
 *
 * <p>Start with {@link io.verillm.core.internal.JavaKernelProvider}.
 */
@NullMarked
package io.verillm.core.internal;

import org.jspecify.annotations.NullMarked;
