/**
 * Argument checks and numerical routines shared by the packages; not part of the public interface.
 */
@NullMarked
package io.verillm.stats.internal;

import org.jspecify.annotations.NullMarked;
