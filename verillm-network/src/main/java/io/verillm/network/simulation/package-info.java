/**
 * A network of honest and attacking nodes in one process: every job runs through the machine of
 * {@link io.verillm.network.flow.FlowB}, every message is serialised, every settlement is posted.
 * Start at {@link io.verillm.network.simulation.NetworkSimulation}.
 *
 * <p>What nodes compute comes from a {@link io.verillm.network.simulation.Computation}: made-up
 * rows for runs of many jobs, or a real model, which the command brings. A simulation shows what
 * these attackers achieve against these rules; it proves nothing about others.
 */
@NullMarked
package io.verillm.network.simulation;

import org.jspecify.annotations.NullMarked;
