/**
 * Public randomness that no party of a job can predict or choose, from a round's bytes alone: there
 * is no networking in here.
 *
 * <p>Start with {@link io.verillm.network.beacon.DrandBeacon}. Signatures are checked by blst where
 * it is on the class path and by BouncyCastle's pairing where it is not; the two agree on what they
 * accept and on what they refuse. {@link io.verillm.network.beacon.VrfWithBeacon} mixes a beacon
 * with a key that evaluates it.
 *
 * <p>Sources: the drand protocol's scheme {@code bls-unchained-g1-rfc9380}; RFC 9380 (hashing to
 * curves); draft-irtf-cfrg-bls-signature.
 */
@NullMarked
package io.verillm.network.beacon;

import org.jspecify.annotations.NullMarked;
