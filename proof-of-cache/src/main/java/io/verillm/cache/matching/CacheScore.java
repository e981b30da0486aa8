package io.verillm.cache.matching;

/**
 * The statistic of one request.
 *
 * @param mean 20 % trimmed mean of the cells' normalised log errors
 * @param largest largest of them
 * @param cells rows that entered
 */
public record CacheScore(double mean, double largest, int cells) {}
