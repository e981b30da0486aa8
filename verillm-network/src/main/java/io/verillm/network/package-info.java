/**
 * Protocol state machines, committees, disputes and settlement.
 *
 * <p>It holds no state machine yet.
 */
@NullMarked
package io.verillm.network;

import org.jspecify.annotations.NullMarked;
