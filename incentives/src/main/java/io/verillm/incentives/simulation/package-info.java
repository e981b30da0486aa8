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
 * <p>A simulation shows that the listed attackers lose; it says nothing about attackers that are
 * not listed.
 */
@NullMarked
package io.verillm.incentives.simulation;

import org.jspecify.annotations.NullMarked;
