/**
 * Plays the rules with honest and dishonest agents and reports who earns what.
 *
 * <p>Start with {@link io.verillm.incentives.simulation.MechanismConfig} (the rules), {@link
 * io.verillm.incentives.simulation.MechanismValidator} (which refuses rules that do not pay
 * honesty, in words) and {@link io.verillm.incentives.simulation.IncentiveSimulator}. Tasks run
 * through a {@link io.verillm.incentives.simulation.ProtocolDriver}; {@link
 * io.verillm.incentives.simulation.MessageLevelProtocol} is the model of the message flow.
 * Everything is seeded, and equal seeds give equal bits.
 *
 * <p>What is real here and what is a model: evidence, ladder, e-BH over nodes, confirmation by a
 * stranger, the price of silence and the validator are the classes that settle real jobs. Money
 * moves as whole micro-units in plain arrays that are checked to conserve it, not through {@code
 * money.Ledger}, which would cost most of the time. With {@code MessageLevelProtocol} messages are
 * a model: signatures, commitments, deadlines and rows are taken to work. {@code FlowBProtocol} in
 * {@code verillm-network}, a layer above, plays the same tasks over the machine of flow B with
 * every message signed and serialised; it is some hundred times slower. With both, a verifier that
 * looks sees a bad job with a given probability instead of computing.
 *
 * <p>A simulation shows that the listed attackers lose; it says nothing about attackers that are
 * not listed.
 */
@NullMarked
package io.verillm.incentives.simulation;

import org.jspecify.annotations.NullMarked;
