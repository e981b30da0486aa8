package io.verillm.tensorcommit;

/**
 * What a commitment would cost, before any work is done. Counts, not times: times are in the
 * benchmark results.
 *
 * @param commitPoints points in the multi-scalar multiplications of a commitment, short scalars
 * @param openPoints points in those of opening one entry, at most; mostly full scalars
 * @param entryProofBytes bytes of the proof of one entry, its value not counted
 * @param entryPairings pairings to verify it
 * @param updateMultiplications scalar multiplications to change one entry
 * @param hashedBytes bytes that go through SHA-256 for a commitment, about
 */
public record SchemeCost(
    long commitPoints,
    long openPoints,
    int entryProofBytes,
    int entryPairings,
    int updateMultiplications,
    long hashedBytes) {}
