/**
 * A small trained language model and its smaller sibling, as resources.
 *
 * <p>Start with {@code MODEL_CARD.md} in this module.
 */
@NullMarked
package io.verillm.demo;

import org.jspecify.annotations.NullMarked;
