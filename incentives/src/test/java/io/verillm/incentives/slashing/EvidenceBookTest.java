package io.verillm.incentives.slashing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.slashing.CommitteeReading.Member;
import io.verillm.incentives.slashing.EvidenceBook.Line;
import io.verillm.incentives.slashing.EvidenceBook.Recorded;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a book keeps, gives back, forgets, and refuses to restore. */
class EvidenceBookTest {
  private static final double CAP = Math.log(20);

  private static Digest32 digest(int number) {
    return Digest32.sha256(ByteBuffer.allocate(4).putInt(number).array());
  }

  private static EvidenceBook book() {
    return new EvidenceBook(new GridWealth(.02), CAP);
  }

  private static Recorded read(EvidenceBook book, String node, int receipt, boolean exceeded) {
    return book.record(
        new CommitteeReading(
            node,
            "owner-" + node,
            digest(receipt),
            5,
            7,
            List.of(
                new Member("a" + receipt, exceeded),
                new Member("b" + receipt, exceeded),
                new Member("c" + receipt, exceeded))));
  }

  private static EvidenceBook filled() {
    EvidenceBook book = book();
    assertThat(read(book, "n", 1, false)).isEqualTo(Recorded.COUNTED);
    assertThat(read(book, "n", 2, true)).isEqualTo(Recorded.COUNTED);
    assertThat(read(book, "m", 3, false)).isEqualTo(Recorded.COUNTED);
    return book;
  }

  @Test
  void restore_linesOfABook_isTheSameBook() {
    EvidenceBook book = filled();
    EvidenceBook again = EvidenceBook.restore(new GridWealth(.02), CAP, book.lines());
    assertThat(again.lines()).isEqualTo(book.lines()).hasSize(2);
    assertThat(again.all()).isEqualTo(book.all());
    // And it goes on as the other does.
    assertThat(read(again, "n", 4, true)).isEqualTo(Recorded.COUNTED);
    assertThat(read(book, "n", 4, true)).isEqualTo(Recorded.COUNTED);
    assertThat(again.lines()).isEqualTo(book.lines());
  }

  @Test
  void lines_ofABook_sayWhatItCounted() {
    Line line = filled().lines().get(1);
    assertThat(line.node()).isEqualTo("n");
    assertThat(line.owner()).isEqualTo("owner-n");
    assertThat(line.audits()).isEqualTo(2);
    assertThat(line.exceedances()).isEqualTo(1);
    assertThat(line.lastExceedance()).contains(digest(2));
    assertThat(line.judges()).containsExactlyInAnyOrder("a2", "b2", "c2");
    assertThat(line.subjects()).containsExactlyInAnyOrder(digest(1), digest(2));
    assertThat(line.earlierSubjects()).isEmpty();
  }

  @Test
  void owner_andCounted_knowOnlyWhatWasRecorded() {
    EvidenceBook book = filled();
    assertThat(book.owner("n")).contains("owner-n");
    assertThat(book.owner("stranger")).isEmpty();
    assertThat(book.counted("n", digest(2))).isTrue();
    assertThat(book.counted("n", digest(3))).as("another node's receipt").isFalse();
    assertThat(book.counted("stranger", digest(2))).isFalse();
    assertThatThrownBy(() -> book.evidence("n", "owner-m"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("belongs to owner-n");
  }

  @Test
  void startNewGeneration_keepsOneGenerationBackAndForgetsTheOneBefore() {
    EvidenceBook book = filled();
    book.startNewGeneration();
    assertThat(book.counted("n", digest(2))).isTrue();
    assertThat(read(book, "n", 2, true)).isEqualTo(Recorded.ALREADY_COUNTED);
    assertThat(book.lines().get(1).subjects()).isEmpty();
    assertThat(book.lines().get(1).earlierSubjects()).contains(digest(1), digest(2));
    double wealth = book.evidence("n", "owner-n").logWealth();
    book.startNewGeneration();
    assertThat(book.counted("n", digest(2))).isFalse();
    assertThat(book.lines().get(1).earlierSubjects()).isEmpty();
    assertThat(book.evidence("n", "owner-n").logWealth()).isEqualTo(wealth);
  }

  @Test
  void copy_neitherSeesWhatHappensToTheOther() {
    EvidenceBook book = filled();
    EvidenceBook copy = book.copy();
    List<Line> before = book.lines();
    assertThat(read(copy, "n", 5, true)).isEqualTo(Recorded.COUNTED);
    copy.startNewLife("m");
    copy.startNewGeneration();
    assertThat(book.lines()).isEqualTo(before);
    List<Line> copied = copy.lines();
    assertThat(read(book, "n", 6, true)).isEqualTo(Recorded.COUNTED);
    book.startNewLife("n");
    assertThat(copy.lines()).isEqualTo(copied);
  }

  @Test
  void startNewLife_forgetsCountsAndJudgesButNotWhichReceiptsCounted() {
    EvidenceBook book = filled();
    book.startNewLife("n");
    NodeEvidence evidence = book.evidence("n", "owner-n");
    assertThat(evidence.audits()).isZero();
    assertThat(evidence.exceedances()).isZero();
    assertThat(evidence.logWealth()).isZero();
    assertThat(evidence.lastExceedance()).isEmpty();
    assertThat(evidence.judges()).isEmpty();
    assertThat(read(book, "n", 2, true)).isEqualTo(Recorded.ALREADY_COUNTED);
  }

  private static Line line(long exceedances, long audits, double logWealth) {
    return new Line(
        "n", "o", exceedances, audits, logWealth, Optional.empty(), Set.of(), Set.of(), Set.of());
  }

  private static void refused(ExceedanceWealth wealth, String words, Line... lines) {
    assertThatThrownBy(() -> EvidenceBook.restore(wealth, CAP, List.of(lines)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(words);
  }

  @Test
  void restore_whatNoReadingsGive_isRefused() {
    ExceedanceWealth wealth = new GridWealth(.02);
    refused(wealth, "exceedances", line(-1, 3, 0));
    refused(wealth, "exceedances", line(4, 3, 0));
    double most = wealth.logE(2, 10);
    refused(wealth, "more wealth", line(2, 10, most + 1e-5));
    // A mixture that gives plenty does not help: each receipt adds a cap at most.
    refused((exceedances, audits) -> 100, "more wealth", line(2, 10, 2 * CAP + 1e-5));
    refused(wealth, "more wealth", line(0, 0, 1e-5));
    refused(wealth, "finite", line(2, 10, Double.NEGATIVE_INFINITY));
    refused(wealth, "more wealth", line(2, 10, Double.NaN));
    refused(wealth, "twice", line(0, 3, -2), line(0, 3, -2));
  }

  @Test
  void restore_whatReadingsCanGive_isTaken() {
    ExceedanceWealth plenty = (exceedances, audits) -> 100;
    assertThat(EvidenceBook.restore(plenty, CAP, List.of(line(3, 3, 3 * CAP))).all()).hasSize(1);
    assertThat(EvidenceBook.restore(plenty, CAP, List.of(line(0, 0, 0))).all()).hasSize(1);
  }
}
