/**
 * The inequalities that tie detection rates, costs and payments of verification games together.
 *
 * <p>Start with {@link io.verillm.incentives.game.VerifierScoring} (paying two verifiers by
 * agreement, VeriLLM v1, section 4 of our notes), {@link
 * io.verillm.incentives.game.CommitAndSample} and {@link io.verillm.incentives.game.CommitteeVote}
 * with {@link io.verillm.incentives.game.DisputeGame} (VeriLLM v4, appendix E), then {@link
 * io.verillm.incentives.game.SpotCheck}, {@link io.verillm.incentives.game.NoisyAudit} and {@link
 * io.verillm.incentives.game.Decoys}. Quantities are expected values in one unit of account; they
 * are analysis, and money itself moves only through {@code io.verillm.incentives.money}.
 */
@NullMarked
package io.verillm.incentives.game;

import org.jspecify.annotations.NullMarked;
