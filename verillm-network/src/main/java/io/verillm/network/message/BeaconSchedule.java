package io.verillm.network.message;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Objects;

/**
 * Which randomness a job uses and when its rounds come: round r is published at {@code
 * genesisMillis + (r − 1) · periodMillis}. A log's time therefore fixes the round to use, and
 * nobody chooses it.
 *
 * @param source id of the {@link io.verillm.core.challenge.RandomnessSource}
 * @param genesisMillis Unix milliseconds of round 1, not negative
 * @param periodMillis milliseconds between rounds, at least 1
 */
public record BeaconSchedule(Digest32 source, long genesisMillis, long periodMillis) {
  /** Rounds between the newest published one and the one that decides. */
  public static final int ROUND_GAP = 2;

  private static final long LATEST = 1L << 52;

  /** Checks the ranges. */
  public BeaconSchedule {
    Objects.requireNonNull(source, "source");
    if (genesisMillis < 0 || genesisMillis > LATEST || periodMillis < 1 || periodMillis > LATEST) {
      throw new IllegalArgumentException(
          "genesis " + genesisMillis + " or period " + periodMillis + " out of range");
    }
  }

  /** The newest round that is published at {@code timeMillis}; 0 before the first. */
  public long roundAt(long timeMillis) {
    return timeMillis < genesisMillis ? 0 : (timeMillis - genesisMillis) / periodMillis + 1;
  }

  /** The round that decides about something fixed at {@code timeMillis}. */
  public long decidingRound(long timeMillis) {
    return roundAt(timeMillis) + ROUND_GAP;
  }

  /** When a round is published, Unix milliseconds. */
  public long publishedAtMillis(long round) {
    return Math.addExact(genesisMillis, Math.multiplyExact(round - 1, periodMillis));
  }

  void encode(CborWriter out) {
    out.array(3).digest(source).unsigned(genesisMillis).unsigned(periodMillis);
  }

  static BeaconSchedule decode(CborReader in) throws MalformedMessageException {
    in.arrayOf("schedule", 3);
    Digest32 source = in.digest("schedule.source");
    long genesis = in.unsigned("schedule.genesis", LATEST);
    long period = in.unsigned("schedule.period", LATEST);
    if (period == 0) {
      throw in.malformed("schedule.period", "must be at least 1");
    }
    return new BeaconSchedule(source, genesis, period);
  }
}
