package io.verillm.incentives.simulation;

import io.verillm.incentives.design.PayoffTable;
import io.verillm.incentives.game.CommitteeVote;
import io.verillm.incentives.game.Condition;
import io.verillm.incentives.peerprediction.JointLaw;
import io.verillm.incentives.slashing.LadderTerms;
import java.util.ArrayList;
import java.util.List;

/**
 * Computes the inequalities under which honesty pays, for single agents and for coalitions of up to
 * a third of the nodes.
 *
 * <p>Amounts are expected micro-units per seat or per job. The slashing ladder is not counted in
 * favour of the rules: pay alone has to deter, so that a cheater below the ladder's sight gains
 * nothing. What the inequalities cannot see: motives outside the market, such as a competitor who
 * pays for framing.
 */
public final class MechanismValidator {
  /** Largest share of the nodes that a coalition may hold. */
  public static final double COALITION = 1.0 / 3;

  /** Advantage of looking over not looking, in units of what looking costs, before that cost. */
  public static final double WORK_FACTOR = 1.5;

  /** Advantage of computing over cheating, in units of what cheating saves, before that saving. */
  public static final double CHEAT_FACTOR = 1.1;

  private MechanismValidator() {}

  /** Judges rules with the default ladder. */
  public static Validation validate(MechanismConfig config) {
    List<Condition> conditions = new ArrayList<>();
    verifierConditions(config, conditions);
    proverConditions(config, conditions);
    return conditions.stream().allMatch(Condition::holds)
        ? new Validation.Valid(List.copyOf(conditions))
        : new Validation.Refused(List.copyOf(conditions));
  }

  private static void verifierConditions(MechanismConfig config, List<Condition> conditions) {
    VerifierTerms pay = config.verifiers();
    AuditTerms audits = config.audits();
    double missed = audits.badDecoyRate() * pay.missedBadLoss();
    double falsely = audits.goodDecoyRate() * pay.falseFlagLoss();
    double honestLoss = missed * (1 - audits.power()) + falsely * audits.falsePositive();
    double peerRisk = largestPeerGain(config);
    double work = WORK_FACTOR * pay.cost();
    conditions.add(
        new Condition(
            "a verifier's fee exceeds its cost, its honest losses on decoys and the worst peer"
                + " term",
            pay.fee() - honestLoss + honestPeer(config, true),
            pay.cost()));
    conditions.add(
        new Condition(
            "looking beats saying ok unseen by 1.5 times its cost, peer term included",
            missed - honestLoss - peerRisk,
            work));
    conditions.add(
        new Condition(
            "looking beats flagging unseen by 1.5 times its cost, peer term included",
            falsely - honestLoss - peerRisk,
            work));
    conditions.add(
        new Condition(
            "telling the truth after looking beats the opposite, peer term included",
            missed * (2 * audits.power() - 1)
                + falsely * (1 - 2 * audits.falsePositive())
                - peerRisk,
            0));
    conditions.add(
        new Condition(
            "reports are committed before anybody sees another's, so that copying earns nothing (1"
                + " yes, 0 no)",
            audits.commitReveal() ? 1 : 0,
            0.5));
  }

  private static void proverConditions(MechanismConfig config, List<Condition> conditions) {
    ProverTerms pay = config.provers();
    AuditTerms audits = config.audits();
    double caught = rejectionRate(audits);
    double wrongly = rejected(audits, audits.falsePositive());
    double covered = rejected(audits, (1 - COALITION) * audits.power());
    double framed = rejected(audits, COALITION + (1 - COALITION) * audits.falsePositive());
    double atRisk = audits.auditRate() * pay.forfeit();
    conditions.add(
        new Condition(
            "the pay exceeds the cost and what honest jobs forfeit wrongly",
            pay.pay() - atRisk * wrongly,
            pay.cost()));
    conditions.add(
        new Condition(
            "cheating forfeits 1.1 times what it saves",
            atRisk * (caught - wrongly),
            CHEAT_FACTOR * pay.saving()));
    conditions.add(
        new Condition(
            "cheating covered by a third of the seats forfeits 1.1 times what it saves",
            atRisk * (covered - wrongly),
            CHEAT_FACTOR * pay.saving()));
    conditions.add(
        new Condition(
            "the pay of a batch covers the forfeit (nothing else may be forfeited on votes)",
            pay.pay() / audits.auditRate() * (1 + 1e-9),
            pay.forfeit()));
    conditions.add(
        new Condition(
            "silence costs the expected slash of the reading it hides",
            pay.silenceFee() * (1 + 1e-9),
            caught * pay.stake() * shareOfOneReading()));
    conditions.add(
        new Condition(
            "the rejection rate that evidence takes as honest covers committees with a third of"
                + " framers",
            audits.exceedanceBound(),
            framed));
    conditions.add(
        new Condition(
            "cheating covered by a third of the seats is rejected more often than that rate",
            covered,
            audits.exceedanceBound()));
    conditions.add(new Condition("ordering from oneself costs a fee", pay.clientFee(), 0));
  }

  /**
   * Returns the share of the stake that one reading can account for: a slash needs at least that
   * many readings.
   */
  private static double shareOfOneReading() {
    LadderTerms ladder = LadderTerms.withDefaults();
    double readings =
        Math.ceil(StrictMath.log(ladder.slashAt()) / IncentiveSimulator.LOG_CAP - 1e-9);
    return 1 / readings;
  }

  /** Returns the probability that an honest committee rejects a cheated job. */
  public static double rejectionRate(AuditTerms audits) {
    return rejected(audits, audits.power());
  }

  /**
   * Returns the probability that the majority of a committee flags when each seat does with {@code
   * flags}.
   */
  static double rejected(AuditTerms audits, double flags) {
    return CommitteeVote.captureProbability(audits.committeeSize(), flags);
  }

  /** Returns the most that any strategy can gain from the peer table over honest play. */
  private static double largestPeerGain(MechanismConfig config) {
    PayoffTable table = config.verifiers().peerTable();
    double largest =
        Math.max(
            Math.max(table.okOk(), table.flagFlag()), Math.max(table.okFlag(), table.flagOk()));
    return largest - honestPeer(config, true);
  }

  /**
   * Returns the expected peer pay of honest verifiers, over fraud rates from none to the highest.
   */
  private static double honestPeer(MechanismConfig config, boolean worst) {
    double none = honestPeerAt(config, 0);
    double most = honestPeerAt(config, config.audits().fraudRate());
    return worst ? Math.min(none, most) : Math.max(none, most);
  }

  private static double honestPeerAt(MechanismConfig config, double fraudRate) {
    AuditTerms audits = config.audits();
    PayoffTable table = config.verifiers().peerTable();
    double real = 1 - audits.badDecoyRate() - audits.goodDecoyRate();
    double bad = audits.badDecoyRate() + real * fraudRate;
    double power = audits.power();
    double error = audits.falsePositive();
    double flagFlag = bad * power * power + (1 - bad) * error * error;
    double mixed = bad * power * (1 - power) + (1 - bad) * error * (1 - error);
    JointLaw law =
        JointLaw.of(new double[][] {{1 - flagFlag - 2 * mixed, mixed}, {mixed, flagFlag}});
    double pay = 0;
    for (int x = 0; x < 2; x++) {
      for (int y = 0; y < 2; y++) {
        pay += law.probability(x, y) * table.pay(x, y);
      }
    }
    return pay;
  }
}
