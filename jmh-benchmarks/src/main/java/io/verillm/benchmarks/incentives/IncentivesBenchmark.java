package io.verillm.benchmarks.incentives;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.design.DesignRequest;
import io.verillm.incentives.design.PayoffDesign;
import io.verillm.incentives.design.PayoffDesigner;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Ledger;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.PostingResult;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.money.SettlementId;
import io.verillm.incentives.peerprediction.CorrelatedAgreement;
import io.verillm.incentives.peerprediction.DeterminantMutualInformation;
import io.verillm.incentives.peerprediction.ReportTable;
import io.verillm.incentives.peerprediction.SignMatrix;
import io.verillm.incentives.simulation.AgentType;
import io.verillm.incentives.simulation.IncentiveStudy;
import io.verillm.incentives.simulation.MechanismConfig;
import io.verillm.incentives.simulation.SimulationReport;
import io.verillm.incentives.simulation.SimulationSettings;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What settling, scoring, designing and simulating cost, on one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class IncentivesBenchmark {
  private static final int VERDICTS = 100_000;
  private static final int TASKS = 2000;
  private static final int REPLICATIONS = 2;

  private final Digest32[] verdicts = new Digest32[VERDICTS];
  private final SettlementId[] ids = new SettlementId[VERDICTS];
  private final Account[] wallets = new Account[1000];
  private final DeterminantMutualInformation determinant = new DeterminantMutualInformation(2);
  private final CorrelatedAgreement agreement = new CorrelatedAgreement(SignMatrix.identity(2));
  private ReportTable reports = ReportTable.of(2, new int[][] {{0, 1}, {0, 1}});

  /** Makes verdict ids, accounts and the reports of 1000 agents on 100 tasks. */
  @Setup
  public void prepare() {
    Random random = new Random(1);
    for (int i = 0; i < VERDICTS; i++) {
      byte[] bytes = new byte[32];
      random.nextBytes(bytes);
      verdicts[i] = Digest32.copyOf(bytes);
      ids[i] = SettlementId.of("verdict", verdicts[i]);
    }
    for (int i = 0; i < wallets.length; i++) {
      wallets[i] = Account.wallet("verifier" + i);
    }
    int[][] table = new int[1000][100];
    for (int task = 0; task < 100; task++) {
      int truth = random.nextInt(2);
      for (int[] agent : table) {
        agent[task] = random.nextInt(10) == 0 ? 1 - truth : truth;
      }
    }
    reports = ReportTable.of(2, table);
    if (settle() != VERDICTS * 10_000L) {
      throw new IllegalStateException("would time a wrong answer");
    }
  }

  private long pay(boolean derive) {
    Ledger ledger = new Ledger();
    for (int i = 0; i < VERDICTS; i++) {
      SettlementId id = derive ? SettlementId.of("verdict", verdicts[i]) : ids[i];
      PostingResult result =
          ledger.apply(
              Settlement.transfer(
                  id, Account.OUTSIDE, wallets[i % wallets.length], Micros.of(10_000)));
      if (!(result instanceof PostingResult.Applied)) {
        throw new IllegalStateException(result.toString());
      }
    }
    return -ledger.balance(Account.OUTSIDE).value();
  }

  /** 10^5 verdicts paid into a fresh ledger; per verdict, ids at hand. */
  @Benchmark
  @OperationsPerInvocation(VERDICTS)
  public long settle() {
    return pay(false);
  }

  /** The same with every id derived from the verdict's digest. */
  @Benchmark
  @OperationsPerInvocation(VERDICTS)
  public long settleAndDeriveIds() {
    return pay(true);
  }

  /** Determinant mutual information of all pairs of 1000 agents on 100 tasks. */
  @Benchmark
  public double[] determinantMutualInformation() {
    return determinant.payAll(reports);
  }

  /** Correlated agreement, the same agents and tasks. */
  @Benchmark
  public double[] correlatedAgreement() {
    return agreement.payAll(reports);
  }

  /** The cheapest table for one in twenty bad tasks. */
  @Benchmark
  public PayoffDesign design() {
    return PayoffDesigner.cheapest(DesignRequest.of(.05, .99, .1, .01));
  }

  /** Per task played: a market and its all-honest counterpart. */
  @Benchmark
  @OperationsPerInvocation(2 * TASKS * REPLICATIONS)
  public SimulationReport simulate() {
    return IncentiveStudy.simulate(
        MechanismConfig.reference(.1, .95),
        AgentType.STEALTH_CHEATER,
        30,
        .3,
        SimulationSettings.withDefaults(TASKS, REPLICATIONS, 1));
  }
}
