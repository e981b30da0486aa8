package io.verillm.network.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.verdict.Cause;
import io.verillm.core.verdict.Coverage;
import io.verillm.core.verdict.Findings;
import io.verillm.core.verdict.Reason;
import io.verillm.core.verdict.Shortfall;
import io.verillm.core.verdict.Standing;
import io.verillm.core.verdict.Subject;
import io.verillm.core.verdict.Verdict;
import io.verillm.core.verdict.VerdictMessage;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.slashing.FreshReexecution;
import io.verillm.network.committee.StakeTable;
import io.verillm.network.committee.Staker;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReexecutionVerdictTest {
  private static final SigningKey NODE = SigningKey.fromSeed(new byte[32]);
  private static final SigningKey OTHER =
      SigningKey.fromSeed(Digest32.sha256(new byte[] {1}).toByteArray());
  private static final SigningKey STRANGER =
      SigningKey.fromSeed(Digest32.sha256(new byte[] {2}).toByteArray());
  private static final Digest32 RECEIPT = Digest32.sha256(new byte[] {3});
  private static final StakeTable STAKES =
      StakeTable.of(
          List.of(
              new Staker(NODE.verifyingKey(), "node", Micros.of(1)),
              new Staker(OTHER.verifyingKey(), "other", Micros.of(1))));

  private static Findings findings(Standing standing, Optional<Digest32> receipt) {
    return new Findings(
        new Subject(Optional.empty(), receipt, Optional.empty()),
        List.of(),
        Coverage.NONE,
        Optional.empty(),
        List.of(),
        standing,
        false,
        Optional.empty(),
        List.of("java"),
        0);
  }

  private static final Findings PUBLIC = findings(Standing.PUBLIC, Optional.of(RECEIPT));

  private static Optional<FreshReexecution> read(Verdict verdict, SigningKey signer) {
    return read(VerdictMessage.sign(verdict, signer, "test"));
  }

  private static Optional<FreshReexecution> read(SignedMessage message) {
    return ReexecutionVerdict.read(message, NODE.verifyingKey(), "test", STAKES);
  }

  @Test
  void read_publicVerdictThatDecides_isAReexecutionOfItsSignersOwner() {
    String node = NODE.verifyingKey().toString();
    assertThat(read(new Verdict.Rejected(Reason.ACTIVATION_MISMATCH, PUBLIC), OTHER))
        .contains(new FreshReexecution(node, RECEIPT, "other", true));
    assertThat(read(new Verdict.Accepted(PUBLIC), OTHER))
        .contains(new FreshReexecution(node, RECEIPT, "other", false));
  }

  @Test
  void read_whoCouldNotDecide_confirmsNothingAndClearsNobody() {
    assertThat(read(new Verdict.Inconclusive(Shortfall.COVERAGE, PUBLIC), OTHER)).isEmpty();
    assertThat(read(new Verdict.Abstained(Cause.TOO_LARGE, PUBLIC), OTHER)).isEmpty();
  }

  @Test
  void read_privateOrAboutNothing_isNone() {
    Findings own = findings(Standing.PRIVATE, Optional.of(RECEIPT));
    assertThat(read(new Verdict.Rejected(Reason.ACTIVATION_MISMATCH, own), OTHER)).isEmpty();
    Findings none = findings(Standing.PUBLIC, Optional.empty());
    assertThat(read(new Verdict.Rejected(Reason.ACTIVATION_MISMATCH, none), OTHER)).isEmpty();
  }

  @Test
  void read_byTheNodeOrAStrangerOrForAnotherNetwork_isNone() {
    Verdict verdict = new Verdict.Rejected(Reason.ACTIVATION_MISMATCH, PUBLIC);
    assertThat(read(verdict, NODE)).isEmpty();
    assertThat(read(verdict, STRANGER)).isEmpty();
    assertThat(read(VerdictMessage.sign(verdict, OTHER, "another"))).isEmpty();
  }

  @Test
  void read_otherMessageOrUnreadableBytes_isNone() {
    byte[] payload = VerdictMessage.encode(new Verdict.Accepted(PUBLIC));
    assertThat(read(SignedMessage.sign(OTHER, MessageType.OPENING, payload, "test"))).isEmpty();
    byte[] cut = java.util.Arrays.copyOf(payload, payload.length - 1);
    assertThat(read(SignedMessage.sign(OTHER, MessageType.VERDICT, cut, "test"))).isEmpty();
  }
}
