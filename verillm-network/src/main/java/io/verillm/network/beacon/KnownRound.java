package io.verillm.network.beacon;

import java.util.HexFormat;

/** Round 1000 of drand's quicknet, published in August 2023: a known answer. */
final class KnownRound {
  private static final long ROUND = 1000;
  private static final String SIGNATURE =
      "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125"
          + "e342b73a8dd2bacbe47e4b6b63ed5e39";

  private KnownRound() {}

  /** Whether a verifier accepts the round, and refuses its signature for the next one. */
  static boolean isJudgedRight(BlsVerifier verifier) {
    byte[] signature = HexFormat.of().parseHex(SIGNATURE);
    byte[] key = DrandBeacon.quicknetKey();
    return verifier.verify(key, DrandBeacon.message(ROUND), signature)
        && !verifier.verify(key, DrandBeacon.message(ROUND + 1), signature);
  }
}
