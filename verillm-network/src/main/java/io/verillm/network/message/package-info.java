/**
 * The messages that parties of a network exchange beyond those of one receipt; each is a payload
 * for {@link io.verillm.core.wire.SignedMessage} and is described in {@code docs/wire.cddl}.
 *
 * <p>A job is named by the digest of its {@link io.verillm.network.message.JobTerms}, which name
 * the order; every later message names the job and, where there are several, the round, so that
 * none can be replayed for another. The network id is part of every signature.
 *
 * <p>Source: VeriLLM (arXiv 2509.24257), flows of v1 to v3 and of v4.
 */
@NullMarked
package io.verillm.network.message;

import org.jspecify.annotations.NullMarked;
