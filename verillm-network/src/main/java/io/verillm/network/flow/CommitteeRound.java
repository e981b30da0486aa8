package io.verillm.network.flow;

import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.network.committee.Seat;
import io.verillm.network.message.Reveal;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One committee at work. */
final class CommitteeRound {
  private static final byte[] SET_TAG = "verillm/commit-set/v1".getBytes(StandardCharsets.US_ASCII);

  /** A reveal that opens its commitment and whose rows lead to its head. */
  record Checked(SignedMessage message, Reveal reveal, OpeningOutcome.Verified rows) {}

  final int number;
  final long drawRound; // round of randomness that draws the seats
  List<Seat> seats = List.of();
  final Map<VerifyingKey, SignedMessage> commitments = new LinkedHashMap<>();
  long challengeRound; // round of randomness that draws the rows
  SortedMap<Integer, List<Integer>> rows = new TreeMap<>(); // never modified once set
  final Map<VerifyingKey, Checked> reveals = new LinkedHashMap<>();
  final Map<VerifyingKey, SignedMessage> votes = new LinkedHashMap<>(); // reveals without rows
  @Nullable SignedMessage fragmentsMessage;
  OpeningOutcome.@Nullable Verified fragments;
  @Nullable Outcome outcome;
  Map<VerifyingKey, SeatResult> results = Map.of();

  CommitteeRound(int number, long drawRound) {
    this.number = number;
    this.drawRound = drawRound;
  }

  CommitteeRound copy() {
    CommitteeRound copy = new CommitteeRound(number, drawRound);
    copy.seats = seats;
    copy.commitments.putAll(commitments);
    copy.challengeRound = challengeRound;
    copy.rows = rows;
    copy.reveals.putAll(reveals);
    copy.votes.putAll(votes);
    copy.fragmentsMessage = fragmentsMessage;
    copy.fragments = fragments;
    copy.outcome = outcome;
    copy.results = results;
    return copy;
  }

  Optional<Seat> seat(VerifyingKey key) {
    return seats.stream().filter(seat -> seat.key().equals(key)).findFirst();
  }

  /** Digest of the closed commitments in the order of the seats: CBOR [[member, message id], …]. */
  Digest32 commitSet() {
    CborWriter out = new CborWriter().array(commitments.size());
    for (Seat seat : seats) {
      SignedMessage commitment = commitments.get(seat.key());
      if (commitment != null) {
        out.array(2).bytes(seat.key().toByteArray()).digest(commitment.id());
      }
    }
    return Digest32.sha256(SET_TAG, out.toByteArray());
  }
}
