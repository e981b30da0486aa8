/** The {@code verillm} command. */
@NullMarked
package io.verillm.cli;

import org.jspecify.annotations.NullMarked;
