package io.verillm.network.dispute;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Posting;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.money.SettlementId;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the bonds of a dispute go. The loser's bond pays the fee, which goes to the treasury for
 * whoever adjudicated, and the rest goes to the winner; without a loser both come back whole.
 *
 * <p>It moves bonds and nothing else: pay, refunds and stake follow from verdicts and proven
 * faults.
 */
public final class BondSettlement {
  private BondSettlement() {}

  /** The account that holds both bonds while a dispute lasts. */
  public static Account escrow(Digest32 dispute) {
    return Account.escrow("dispute " + dispute);
  }

  /**
   * Divides the bonds.
   *
   * @param prover account that gets what is the prover's
   * @param challenger account that gets what is the challenger's
   */
  public static Settlement of(
      Digest32 dispute,
      BisectionOutcome outcome,
      BisectionTerms terms,
      Account prover,
      Account challenger) {
    Micros toProver;
    Micros toChallenger;
    Micros toTreasury = Micros.ZERO;
    switch (outcome) {
      case STEP_WRONG, PROVER_SILENT -> {
        toProver = Micros.ZERO;
        toChallenger = terms.challengerBond().plus(terms.proverBond()).minus(terms.fee());
        toTreasury = terms.fee();
      }
      case STEP_RIGHT, CHALLENGER_SILENT -> {
        toProver = terms.proverBond().plus(terms.challengerBond()).minus(terms.fee());
        toChallenger = Micros.ZERO;
        toTreasury = terms.fee();
      }
      default -> {
        toProver = terms.proverBond();
        toChallenger = terms.challengerBond();
      }
    }
    List<Posting> pays = new ArrayList<>();
    add(pays, prover, toProver);
    add(pays, challenger, toChallenger);
    add(pays, Account.TREASURY, toTreasury);
    return new Settlement(
        SettlementId.of("dispute bonds", dispute),
        List.of(new Posting(escrow(dispute), terms.proverBond().plus(terms.challengerBond()))),
        pays);
  }

  private static void add(List<Posting> pays, Account account, Micros amount) {
    if (amount.isPositive()) {
      pays.add(new Posting(account, amount));
    }
  }
}
