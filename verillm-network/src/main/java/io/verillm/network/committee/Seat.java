package io.verillm.network.committee;

import io.verillm.core.wire.VerifyingKey;

/**
 * One place in a drawn committee.
 *
 * @param key the node that was drawn
 * @param owner who owns it
 */
public record Seat(VerifyingKey key, String owner) {}
