/**
 * Disputes that end. A receipt whose trace has every layer's input, keys and values is narrowed
 * down, in a number of messages that grows with the logarithm of the layers, to one step that does
 * not follow from its committed input; anybody computes that one step again.
 *
 * <p>Read {@link io.verillm.network.dispute.Bisection} first: it is the referee. {@link
 * io.verillm.network.dispute.BisectionChallenger} and {@link
 * io.verillm.network.dispute.BisectionResponder} play, {@link io.verillm.network.dispute.StepJudge}
 * rules, {@link io.verillm.network.dispute.BondSettlement} pays.
 *
 * <p>Why over layers and not over tokens: what a layer gives at a token depends on that layer's
 * input at all earlier tokens, so a state that looks right at one token says nothing about the ones
 * before it. The states below a layer at all tokens together are a point where the computation can
 * be cut; if the part below the cut holds and the whole does not, the fault is above it.
 *
 * <p>Source: VeriLLM (arXiv 2509.24257) leaves the form of its dispute open; the interactive
 * narrowing is that of verification games, the cut is this project's.
 */
@NullMarked
package io.verillm.network.dispute;

import org.jspecify.annotations.NullMarked;
