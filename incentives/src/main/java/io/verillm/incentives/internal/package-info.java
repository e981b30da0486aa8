/** Argument checks that the packages of this module share. Not part of the API. */
@NullMarked
package io.verillm.incentives.internal;

import org.jspecify.annotations.NullMarked;
