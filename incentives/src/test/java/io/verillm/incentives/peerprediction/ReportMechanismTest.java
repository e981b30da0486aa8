package io.verillm.incentives.peerprediction;

import static io.verillm.incentives.peerprediction.Laws.J;
import static io.verillm.incentives.peerprediction.Laws.K;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.incentives.money.Rational;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks E1, E3, E4, E10: vectors recomputed independently with SciPy, stated to ten digits. */
class ReportMechanismTest {
  private static final int[] X = {1, 1, 0, 1, 1, 0, 1, 1, 1};
  private static final int[] Y = {1, 1, 0, 0, 1, 0, 1, 0, 1};

  @ParameterizedTest
  @CsvSource({
    ".01, .95, .059, .1949152542, .9495217853, .0160380000, .0080190000",
    ".10, .95, .140, .6607142857, .9447674419, .1458000000, .0729000000",
    ".01, .999, .01098, .9090163934, .9989899092, .0197208792, .0098604396"
  })
  void verificationGame_referenceRates_matchVectors(
      double fraud, double q, double flag, double flagFlag, double okOk, double trace, double det) {
    JointLaw law = JointLaw.verificationGame(fraud, q);
    assertThat(law.marginal(1)).isCloseTo(flag, within(1e-10));
    assertThat(law.conditional(1, 1)).isCloseTo(flagFlag, within(1e-10));
    assertThat(law.conditional(0, 0)).isCloseTo(okOk, within(1e-10));
    assertThat(law.deltaTrace()).isCloseTo(trace, within(1e-10));
    assertThat(law.determinant()).isCloseTo(det, within(1e-10));
  }

  @Test
  void lawJ_deltaAndConditionals_matchVectors() {
    assertThat(J.delta(0, 0)).isCloseTo(.0975, within(1e-12));
    assertThat(J.delta(0, 1)).isCloseTo(-.0975, within(1e-12));
    assertThat(J.determinant()).isCloseTo(.0975, within(1e-12));
    assertThat(J.conditional(0, 0)).isCloseTo(.7272727, within(1e-7));
    assertThat(J.conditional(0, 1)).isCloseTo(.3333333, within(1e-7));
    assertThat(new DasguptaGhosh(2).expectedPay(J)).isCloseTo(.195, within(1e-12));
    assertThat(new CorrelatedAgreement(SignMatrix.of(J)).expectedPay(J))
        .isCloseTo(.195, within(1e-12));
  }

  @Test
  void classicalPeerPrediction_lawJQuadratic_matchesVectors() {
    ClassicalPeerPrediction rule = new ClassicalPeerPrediction(J, ProperScoringRule.quadratic());
    assertThat(rule.expectedPay(0, 0)).isCloseTo(.6033057851, within(1e-10));
    assertThat(rule.expectedPay(0, 1)).isCloseTo(.2929292929, within(1e-10));
    assertThat(rule.expectedPay(1, 1)).isCloseTo(.5555555556, within(1e-10));
    assertThat(rule.expectedPay(1, 0)).isCloseTo(.2451790634, within(1e-10));
    assertThat(rule.truthCondition(J).holds()).isTrue();
  }

  @Test
  void classicalPeerPrediction_signalsThatSayNothing_conditionFails() {
    JointLaw independent = JointLaw.of(new double[][] {{.25, .25}, {.25, .25}});
    assertThat(
            new ClassicalPeerPrediction(independent, ProperScoringRule.quadratic())
                .truthCondition(independent)
                .holds())
        .isFalse();
  }

  @Test
  void lawK_deltaAndSigns_matchVectors() {
    double[][] delta = {{.0844, .0180, -.1024}, {.0180, .0100, -.0280}, {-.1024, -.0280, .1304}};
    for (int x = 0; x < 3; x++) {
      for (int y = 0; y < 3; y++) {
        assertThat(K.delta(x, y)).isCloseTo(delta[x][y], within(1e-12));
      }
    }
    assertThat(SignMatrix.of(K).toString())
        .isEqualTo("[[true, true, false], [true, true, false], [false, false, true]]");
    assertThat(SignMatrix.of(K).hasEqualRows()).isTrue();
    assertThat(K.determinant()).isCloseTo(.00052, within(1e-12));
  }

  @Test
  void allDeterministicMaps_lawK_dasguptaGhoshIsManipulableAndCorrelatedAgreementIsNot() {
    DasguptaGhosh dg = new DasguptaGhosh(3);
    CorrelatedAgreement ca = new CorrelatedAgreement(SignMatrix.of(K));
    Channel truth = Channel.identity(3);
    double bestReply = 0;
    double bestProfile = 0;
    double bestCa = 0;
    Channel bestReplyMap = truth;
    for (Channel mine : Laws.allMaps(3)) {
      double reply = dg.expectedPay(K.after(mine, truth));
      if (reply > bestReply + 1e-12) {
        bestReply = reply;
        bestReplyMap = mine;
      }
      for (Channel peer : Laws.allMaps(3)) {
        bestProfile = Math.max(bestProfile, dg.expectedPay(K.after(mine, peer)));
        bestCa = Math.max(bestCa, ca.expectedPay(K.after(mine, peer)));
      }
    }
    assertThat(dg.expectedPay(K)).isCloseTo(.2248, within(1e-12));
    // Against a truthful peer merging signals 0 and 1 pays more than truth; if both merge, more
    // still.
    assertThat(bestReply).isCloseTo(.2328, within(1e-12));
    assertThat(bestReplyMap.isPermutation()).isFalse();
    assertThat(bestProfile).isCloseTo(.2608, within(1e-12));
    assertThat(dg.truthCondition(K).holds()).isFalse();
    assertThat(ca.expectedPay(K)).isCloseTo(.2608, within(1e-12));
    assertThat(bestCa).isCloseTo(.2608, within(1e-12));
    Channel merge = Channel.map(0, 0, 2);
    assertThat(ca.expectedPay(K.after(merge, merge))).isCloseTo(.2608, within(1e-12));
    assertThat(ca.truthCondition(K).holds()).isTrue();
    assertThat(ca.truthCondition(K).guarantee()).contains("ties");
  }

  @Test
  void allDeterministicMaps_lawJ_truthIsBest() {
    for (Channel mine : Laws.allMaps(2)) {
      for (Channel peer : Laws.allMaps(2)) {
        JointLaw reports = J.after(mine, peer);
        assertThat(new DasguptaGhosh(2).expectedPay(reports)).isLessThanOrEqualTo(.195 + 1e-12);
        assertThat(new CorrelatedAgreement(SignMatrix.of(J)).expectedPay(reports))
            .isLessThanOrEqualTo(.195 + 1e-12);
      }
    }
  }

  @Test
  void peerTruthSerum_verificationGame_matchesVectors() {
    assertSerum(.01, 3.3036483769, .8555629605, 1.0090560949, .8555629604);
    assertSerum(.10, 4.7193877551, .3945182724, 1.0985667929, .3945182724);
  }

  private static void assertSerum(
      double fraud, double flag, double hidden, double ok, double invented) {
    JointLaw law = JointLaw.verificationGame(fraud, .95);
    double[] r = {law.marginal(0), law.marginal(1)};
    PeerTruthSerum serum = PeerTruthSerum.of(r, 1, 1000, 0);
    assertThat(law.conditional(1, 1) * serum.pay(1, 1)).isCloseTo(flag, within(1e-9));
    assertThat(law.conditional(0, 1) * serum.pay(0, 0)).isCloseTo(hidden, within(1e-9));
    assertThat(law.conditional(0, 0) * serum.pay(0, 0)).isCloseTo(ok, within(1e-9));
    assertThat(law.conditional(1, 0) * serum.pay(1, 1)).isCloseTo(invented, within(1e-9));
    assertThat(serum.truthCondition(law).holds()).isTrue();
    // The vectors stand for an uncapped premium; a cap below it must make the condition fail, not
    // pass unseen.
    assertThat(PeerTruthSerum.of(r, 1, 1.05, 0).truthCondition(law).holds())
        .isEqualTo(fraud == .10);
  }

  @Test
  void outputAgreement_rareFraud_lyingOkPaysStrictlyMore() {
    OutputAgreement rule = new OutputAgreement(2);
    JointLaw rare = JointLaw.verificationGame(.01, .95);
    assertThat(rare.conditional(1, 1)).isLessThan(rare.conditional(0, 1));
    assertThat(rule.truthCondition(rare).holds()).isFalse();
    assertThat(rule.truthCondition(rare).margin()).isCloseTo(2 * .1949152542 - 1, within(1e-9));
    assertThat(rule.truthCondition(JointLaw.verificationGame(.1, .95)).holds()).isTrue();
    Channel ok = Channel.constant(2, 0);
    assertThat(rule.expectedPay(rare.after(ok, Channel.identity(2))))
        .isGreaterThan(rule.expectedPay(rare));
    assertThat(rule.expectedPay(rare.after(ok, ok))).isCloseTo(1, within(1e-12));
  }

  @Test
  void ninePair_bonusPenaltyAndDeterminants_matchVectors() {
    DasguptaGhosh dg = new DasguptaGhosh(2);
    assertThat(dg.pay(X, Y)).isEqualTo(Rational.of(5, 18));
    assertThat(dg.pay(X, Y).doubleValue()).isCloseTo(.2777777778, within(1e-10));
    DeterminantMutualInformation dmi = new DeterminantMutualInformation(2);
    assertThat(dmi.product(X, Y, 4)).isEqualTo(6);
    assertThat(dmi.pay(X, Y, 4)).isEqualTo(Rational.of(1, 40));
    assertThat(dmi.payAllSplits(X, Y, 4).doubleValue()).isCloseTo(.0132275132, within(1e-10));
    assertThat(dmi.payAllSplits(X, Y, 4).times(240).doubleValue())
        .isCloseTo(3.1746031746, within(1e-10));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void constantReports_anyPeer_earnExactlyZero(int constant) {
    Random random = new Random(5);
    for (int run = 0; run < 200; run++) {
      int tasks = 4 + random.nextInt(20);
      int[] x = new int[tasks];
      Arrays.fill(x, constant);
      int[] y = random.ints(tasks, 0, 2).toArray();
      assertThat(new DasguptaGhosh(2).pay(x, y)).isEqualTo(Rational.ZERO);
      assertThat(new CorrelatedAgreement(SignMatrix.of(J)).pay(x, y)).isEqualTo(Rational.ZERO);
      assertThat(new DeterminantMutualInformation(2).pay(x, y, 2)).isEqualTo(Rational.ZERO);
    }
    JointLaw reports = J.after(Channel.constant(2, constant), Channel.identity(2));
    assertThat(new DasguptaGhosh(2).expectedPay(reports)).isCloseTo(0, within(1e-15));
  }

  @Test
  void mechanisms_fewerInputsThanMinimum_refuse() {
    int[] three = {0, 1, 1};
    assertThatThrownBy(() -> new DeterminantMutualInformation(2).pay(three, three, 2))
        .hasMessageContaining("at least 4 shared tasks");
    int[] five = {0, 1, 1, 2, 2};
    assertThatThrownBy(() -> new DeterminantMutualInformation(3).pay(five, five, 3))
        .hasMessageContaining("at least 6 shared tasks");
    int[] four = {0, 1, 1, 0};
    assertThatThrownBy(() -> new DeterminantMutualInformation(2).pay(four, four, 3))
        .hasMessageContaining("both parts");
    assertThatThrownBy(() -> new DasguptaGhosh(2).pay(new int[] {1}, new int[] {1}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new DasguptaGhosh(2).pay(three, four))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new DasguptaGhosh(2).pay(five, five))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new CorrelatedAgreement(SignMatrix.of(J))
                    .payAll(ReportTable.of(2, new int[][] {{0, 1, 1}})))
        .hasMessageContaining("agents");
    assertThatThrownBy(
            () ->
                new BayesianTruthSerum(1, 1e-3)
                    .largeGroupScores(new int[] {0, 1}, new double[][] {{.5, .5}, {.5, .5}}))
        .hasMessageContaining("3 agents");
    assertThatThrownBy(
            () -> new RobustBayesianTruthSerum().scores(new int[] {0, 1}, new double[] {.5, .5}))
        .hasMessageContaining("3 agents");
  }

  @ParameterizedTest
  @CsvSource({"2, .195, .038025", "3, .585, .342225", "5, 1.95, 3.8025"})
  void determinant_simulatedTasks_hasTheStatedExpectation(int t, double single, double product) {
    Random random = new Random(11);
    int runs = 60_000;
    double sum = 0;
    double squares = 0;
    DeterminantMutualInformation dmi = new DeterminantMutualInformation(2);
    for (int run = 0; run < runs; run++) {
      int[] x = new int[2 * t];
      int[] y = new int[2 * t];
      for (int task = 0; task < 2 * t; task++) {
        double u = random.nextDouble();
        x[task] = u < .55 ? 0 : 1;
        y[task] = u < .40 || (u >= .55 && u < .70) ? 0 : 1;
      }
      double value = dmi.product(x, y, t).doubleValue();
      sum += value;
      squares += value * value;
    }
    double mean = sum / runs;
    double error = Math.sqrt((squares / runs - mean * mean) / runs);
    assertThat(mean).isCloseTo(product, within(4 * error));
    assertThat(t * (t - 1) * J.determinant()).isCloseTo(single, within(1e-12));
  }

  @Test
  void determinantMutualInformation_garbling_lowersTheMeanAndRelabellingKeepsIt() {
    DeterminantMutualInformation dmi = new DeterminantMutualInformation(2);
    double truth = dmi.expectedPay(J);
    Channel identity = Channel.identity(2);
    for (int a = 0; a <= 10; a++) {
      for (int b = 0; b <= 10; b++) {
        double p = a / 10.0;
        double q = b / 10.0;
        Channel channel = Channel.of(new double[][] {{1 - p, p}, {q, 1 - q}});
        double pay = dmi.expectedPay(J.after(channel, identity));
        if (channel.isPermutation()) {
          assertThat(pay).isCloseTo(truth, within(1e-15));
        } else {
          assertThat(pay).isLessThan(truth - 1e-6);
        }
      }
    }
    int[] flippedX = Arrays.stream(X).map(r -> 1 - r).toArray();
    assertThat(dmi.payAllSplits(flippedX, Y, 4)).isEqualTo(dmi.payAllSplits(X, Y, 4));
  }

  @Test
  void learnAndPay_heldOutTasks_recoversTheSignsAndPaysInformedAgents() {
    Random random = new Random(3);
    int agents = 12;
    int tasks = 400;
    int[][] reports = new int[agents][tasks];
    for (int task = 0; task < tasks; task++) {
      int state = random.nextInt(3);
      for (int agent = 0; agent < agents; agent++) {
        reports[agent][task] = random.nextInt(10) < 7 ? state : random.nextInt(3);
      }
    }
    Arrays.fill(reports[0], 2);
    double[] pay = CorrelatedAgreement.learnAndPay(ReportTable.of(3, reports), 200, 1000);
    assertThat(pay[0]).isZero();
    for (int agent = 1; agent < agents; agent++) {
      assertThat(pay[agent]).isBetween(.2, .5);
    }
    assertThat(SignMatrix.learn(ReportTable.of(3, reports), 1000))
        .isEqualTo(SignMatrix.identity(3));
    assertThatThrownBy(
            () -> CorrelatedAgreement.learnAndPay(ReportTable.of(3, reports), 1, 100_000))
        .hasMessageContaining("pairs");
    assertThatThrownBy(() -> CorrelatedAgreement.learnAndPay(ReportTable.of(3, reports), 399, 10))
        .hasMessageContaining("hold out");
  }

  @Test
  void payAll_table_agreesWithThePairs() {
    Random random = new Random(9);
    int[][] reports = new int[5][12];
    for (int[] row : reports) {
      Arrays.setAll(row, task -> random.nextInt(2));
    }
    ReportTable table = ReportTable.of(2, reports);
    CorrelatedAgreement ca = new CorrelatedAgreement(SignMatrix.of(J));
    DeterminantMutualInformation dmi = new DeterminantMutualInformation(2);
    for (int agent = 0; agent < 5; agent++) {
      double meanCa = 0;
      double sumDmi = 0;
      for (int other = 0; other < 5; other++) {
        if (other != agent) {
          meanCa += ca.pay(reports[agent], reports[other]).doubleValue() / 4;
          sumDmi += dmi.pay(reports[agent], reports[other], 6).doubleValue();
        }
      }
      assertThat(ca.payAll(table)[agent]).isCloseTo(meanCa, within(1e-12));
      assertThat(dmi.payAll(table)[agent]).isCloseTo(sumDmi, within(1e-12));
    }
  }

  @Test
  void exactDeterminant_threeByThreeWithZeroPivot_isRight() {
    assertThat(Determinants.exact(new long[][] {{0, 2, 1}, {3, 0, 5}, {1, 4, 0}})).isEqualTo(22);
    assertThat(Determinants.exact(new long[][] {{1, 2, 3}, {2, 4, 6}, {0, 1, 1}})).isEqualTo(0);
    assertThat(Determinants.of(new double[][] {{0, 2, 1}, {3, 0, 5}, {1, 4, 0}}))
        .isCloseTo(22, within(1e-12));
  }

  @Test
  void jointLaw_notADistribution_isRefused() {
    assertThatThrownBy(() -> JointLaw.of(new double[][] {{.5, .5}, {.5, .5}}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> JointLaw.of(new double[][] {{Double.NaN, .5}, {.25, .25}}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> JointLaw.of(new double[][] {{1, 0}}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> JointLaw.verificationGame(1.01, .9))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Channel.of(new double[][] {{.5, .6}, {0, 1}}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
