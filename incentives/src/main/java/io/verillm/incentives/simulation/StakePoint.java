package io.verillm.incentives.simulation;

/**
 * Mean stakes at one time of the first replication, in micro-units.
 *
 * @param progress share of the run that has passed
 * @param deviants mean over the deviating agents
 * @param honest mean over the honest agents
 */
public record StakePoint(double progress, double deviants, double honest) {}
