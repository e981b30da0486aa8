package io.verillm.network.flow;

import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.VerifyingKey;
import java.util.Optional;

/**
 * A message that a job waits for.
 *
 * @param from who has to send it; empty if anyone may
 * @param type what it is
 * @param deadlineMillis last moment, Unix milliseconds
 */
public record Expected(Optional<VerifyingKey> from, MessageType type, long deadlineMillis) {}
