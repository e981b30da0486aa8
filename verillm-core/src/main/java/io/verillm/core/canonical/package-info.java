/**
 * Arithmetic that every machine can repeat bit for bit: binary32, one accumulator per output, two
 * roundings per step, a fixed order.
 *
 * <p>Start with {@link io.verillm.core.canonical.CanonicalGemm#define} and {@link
 * io.verillm.core.canonical.CanonicalMath}; {@code docs/canonical-arithmetic.md} is the same for
 * other languages. Equal bits say that two machines computed the same function, not that it is the
 * function that was ordered.
 */
@NullMarked
package io.verillm.core.canonical;

import org.jspecify.annotations.NullMarked;
