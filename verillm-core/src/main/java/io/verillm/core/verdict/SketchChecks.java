package io.verillm.core.verdict;

import io.verillm.core.challenge.RandomnessSource;
import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.challenge.Sketches;
import io.verillm.core.challenge.SpotChallenge;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The second round of a job whose prover shows sketches of cache rows: sketches of everything that
 * was drawn, an ack that names them, and a later round that draws the spots.
 */
final class SketchChecks {
  private final CaseFile file;

  SketchChecks(CaseFile file) {
    this.file = file;
  }

  /** Nothing to do without sketches: then the opening has every drawn row. */
  Optional<Verdict> sketches(Submission files) {
    if (files.sketches().isEmpty()) {
      return Optional.empty();
    }
    Sketches shown;
    try {
      SignedMessage message = SignedMessage.decode(files.sketches().get());
      if (message.type() != MessageType.SKETCHES
          || !message.verify(file.order().node(), file.policy().networkId())) {
        return file.rejected(
            CheckName.OPENING,
            Reason.BAD_SIGNATURE,
            false,
            "the sketches do not carry the prover's signature");
      }
      shown = Sketches.decode(message.payload());
    } catch (MalformedMessageException e) {
      return file.rejected(
          CheckName.OPENING,
          Reason.MALFORMED,
          false,
          "the sketches are unreadable: " + e.getMessage());
    }
    if (!shown.challenge().equals(file.challenge().digest())) {
      return file.inconclusive(
          CheckName.OPENING, Shortfall.NO_OPENING, "the sketches answer another challenge");
    }
    SortedMap<Integer, List<Integer>> drawn =
        file.challenge().draw(file.challengeValue(), file.layout(), file.committed());
    int rows = drawn.values().stream().mapToInt(List::size).sum();
    if (!areCacheRows(drawn, file.layout()) || shown.rows() != rows) {
      return file.rejected(
          CheckName.OPENING,
          Reason.OPENING_INCOMPLETE,
          true,
          shown.rows()
              + " sketches of cache rows are signed, the challenge drew "
              + rows
              + " rows");
    }
    return spots(files, shown, drawn);
  }

  /** Rows of other kinds have no sketches, and only the spots of them would be opened. */
  private static boolean areCacheRows(SortedMap<Integer, List<Integer>> drawn, TraceLayout layout) {
    return drawn.values().stream()
        .flatMap(List::stream)
        .allMatch(row -> layout.row(row).key().kind().isCached());
  }

  private Optional<Verdict> spots(
      Submission files, Sketches shown, SortedMap<Integer, List<Integer>> drawn) {
    if (files.sketchAck().isEmpty() || files.spots().isEmpty()) {
      return file.inconclusive(
          CheckName.CHALLENGE,
          Shortfall.NO_CHALLENGE,
          "sketches were shown and no spots drawn; verillm challenge draws them, verillm open"
              + " opens them");
    }
    ReceiptAck ack;
    SpotChallenge read;
    try {
      SignedMessage message = SignedMessage.decode(files.sketchAck().get());
      if (!ChallengeChecks.isAdmissibleAck(file, message)) {
        return file.inconclusive(
            CheckName.CHALLENGE,
            Shortfall.ACK_INVALID,
            "the ack of the sketches is not signed by the client or an admitted witness");
      }
      ack = ReceiptAck.decode(message.payload());
      if (!ack.receipt().equals(shown.digest())) {
        return file.inconclusive(
            CheckName.CHALLENGE, Shortfall.ACK_INVALID, "the second ack names other sketches");
      }
      SignedMessage challenge = SignedMessage.decode(files.spots().get());
      if (challenge.type() != MessageType.SPOT_CHALLENGE
          || !challenge.verify(file.policy().networkId())
          || challenge.signer().equals(file.order().node())) {
        return invalid("the spots are not signed by a key other than the prover's");
      }
      read = SpotChallenge.decode(challenge.payload());
    } catch (MalformedMessageException e) {
      return invalid("the second round is unreadable: " + e.getMessage());
    }
    if (!read.sketches().equals(shown.digest()) || !read.ack().equals(ack.digest())) {
      return invalid("the spots are those of other sketches or of another ack");
    }
    return draw(ack, read, shown, drawn);
  }

  private Optional<Verdict> draw(
      ReceiptAck ack, SpotChallenge read, Sketches shown, SortedMap<Integer, List<Integer>> drawn) {
    if (!read.randomness().source().equals(ack.source())
        || read.randomness().round() != ack.challengeRound()) {
      return invalid(
          "the spots use round "
              + read.randomness().round()
              + ", the ack of the sketches allows only "
              + ack.challengeRound());
    }
    // Whoever signs sketches knows the first round, and must not know the second. Rounds of two
    // sources have no order. Whose source it may be was asked of the first challenge.
    RandomnessValue first = file.challenge().randomness();
    if (!ack.source().equals(first.source()) || ack.roundSeen() < first.round()) {
      return invalid(
          "the ack of the sketches saw round "
              + ack.roundSeen()
              + (ack.source().equals(first.source()) ? "" : " of another source")
              + ", the sketches follow from round "
              + first.round());
    }
    Optional<RandomnessSource> source = file.policy().source(read.randomness().source());
    if (source.isEmpty()) {
      return invalid("the policy does not admit the spots' randomness source");
    }
    Optional<Digest32> value = source.get().check(read.randomness());
    if (value.isEmpty()) {
      return invalid("the proof of the spots' randomness does not hold");
    }
    SortedMap<Integer, List<Integer>> spots = shown.spots(value.get(), drawn, read.spots());
    file.establishSketches(new DrawnRows.Shown(shown, spots), read.digest());
    file.held(
        CheckName.CHALLENGE,
        String.format(
            Locale.ROOT,
            "%d of %d sketched positions are opened, drawn from round %d; lies at half of them"
                + " escape that with probability %.2g",
            spots.size(),
            drawn.size(),
            read.randomness().round(),
            Sketches.escape(drawn.size(), (drawn.size() + 1) / 2, spots.size())));
    return Optional.empty();
  }

  private Optional<Verdict> invalid(String statement) {
    return file.inconclusive(CheckName.CHALLENGE, Shortfall.CHALLENGE_INVALID, statement);
  }
}
