/**
 * Paying reports that nobody can check, by comparing them with the reports of others.
 *
 * <p>Start with {@link io.verillm.incentives.peerprediction.PeerMechanism}: every mechanism here
 * states its minimal inputs, refuses fewer, and carries the inequality under which telling the
 * truth pays. Signals are numbered from 0; in the verification game 0 is "ok" and 1 is "flag".
 * {@link io.verillm.incentives.peerprediction.JointLaw} is what two honest agents see on one task.
 *
 * <p>No mechanism in this package survives a coalition that shares a private random signal, nor
 * agreement on a cheap feature of the task: pair agents at random after they commit, cap what a
 * pair can earn, and audit some tasks against known truth. {@code
 * io.verillm.incentives.equilibrium} shows how much a coalition gains.
 */
@NullMarked
package io.verillm.incentives.peerprediction;

import org.jspecify.annotations.NullMarked;
