/**
 * What engines and accelerators implement.
 *
 * <p>Start with {@link io.verillm.core.spi.ModelExecutor}. Providers are found by {@link
 * java.util.ServiceLoader}; the plain-Java one is the definition.
 */
@NullMarked
package io.verillm.core.spi;

import org.jspecify.annotations.NullMarked;
