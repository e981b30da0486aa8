/**
 * The network: protocol state machines, committees, disputes, evidence and settlement.
 *
 * <p>Start reading in {@code message} (what is sent), {@code flow} (the life of a job), {@code
 * committee} (who judges), {@code fault} (what is proven), {@code evidence} (what accumulates).
 */
@NullMarked
package io.verillm.network;

import org.jspecify.annotations.NullMarked;
