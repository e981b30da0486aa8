/** Worked examples. */
@NullMarked
package io.verillm.examples;

import org.jspecify.annotations.NullMarked;
