package io.verillm.incentives.simulation;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.design.PayoffTable;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.slashing.CommitteeReading;
import io.verillm.incentives.slashing.EvidenceBook;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.incentives.slashing.FaultProof;
import io.verillm.incentives.slashing.FaultProofChecker;
import io.verillm.incentives.slashing.FreshReexecution;
import io.verillm.incentives.slashing.LadderStep;
import io.verillm.incentives.slashing.NodeEvidence;
import io.verillm.incentives.slashing.ProvenFault;
import io.verillm.incentives.slashing.SlashingLadder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One replication: plays tasks, settles them in {@link Books} and feeds the real slashing ladder.
 */
final class MarketRun {
  private static final int STAKE_POINTS = 40;

  private final MechanismConfig config;
  private final AgentRoster agents;
  private final SimulationSettings settings;
  private final ProtocolDriver driver;
  private final long seed;
  private final SeededRandom random;
  private final Books books;
  private final EvidenceBook evidence;
  private final List<StakePoint> stakeOverTime = new ArrayList<>();
  private final long[] jobs;
  private final double[] auditLuck;
  private final double forfeitOfOneAudit;
  private long subjects;

  MarketRun(
      MechanismConfig config,
      AgentRoster agents,
      SimulationSettings settings,
      ProtocolDriver driver,
      long seed) {
    this.config = config;
    this.agents = agents;
    this.settings = settings;
    this.driver = driver;
    this.seed = seed;
    this.random = new SeededRandom(seed);
    this.books = new Books(agents.size(), config.provers().stake());
    this.jobs = new long[agents.size()];
    this.auditLuck = new double[agents.size()];
    this.forfeitOfOneAudit =
        MechanismValidator.rejectionRate(config.audits()) * config.provers().forfeit();
    this.evidence =
        new EvidenceBook(
            settings.wealth().apply(config.audits().exceedanceBound()), IncentiveSimulator.LOG_CAP);
    for (int agent = 0; agent < agents.size(); agent++) {
      evidence.register(name(agent), name(agent));
    }
  }

  void play() {
    int every = Math.max(1, settings.tasks() / STAKE_POINTS);
    for (int task = 0; task < settings.tasks(); task++) {
      if (task % every == 0) {
        stakeOverTime.add(stakePoint(task / (double) settings.tasks()));
      }
      // A stream per task, so that a market and its all-honest counterpart draw the same jobs and
      // seats.
      SeededRandom own = new SeededRandom(SeededRandom.mix(seed ^ SeededRandom.mix(task)));
      settle(driver.run(config, agents, task / (double) settings.tasks(), own));
    }
    stakeOverTime.add(stakePoint(1));
    books.requireConserved();
  }

  double utility(int agent) {
    return books.utility(agent, config.provers().stake()) * 1000 / settings.tasks();
  }

  /**
   * Returns by how much the audits of the agent's cheated jobs differed from their expected number,
   * in money. Which job is audited does not depend on what its prover did, so the expectation is
   * exactly zero.
   */
  double auditLuck(int agent) {
    return auditLuck[agent] * forfeitOfOneAudit * 1000 / settings.tasks();
  }

  /**
   * Returns what the number of jobs that the agent was given is worth to an honest prover. Provers
   * are drawn evenly, so that the expectation is the same for all agents.
   */
  double jobLuck(int agent) {
    double margin = config.provers().pay() - config.provers().cost();
    return jobs[agent] * margin * 1000 / settings.tasks();
  }

  double stakeLost(int agent) {
    return 1 - books.balance(books.stakeOf(agent)) / (double) config.provers().stake();
  }

  double treasury() {
    return books.balance(books.common(Books.Common.TREASURY)) * 1000.0 / settings.tasks();
  }

  List<StakePoint> stakeOverTime() {
    return stakeOverTime;
  }

  private void settle(TaskOutcome task) {
    if (task.prover() >= 0) {
      settleJob(task);
    }
    for (int seat = 0; seat < task.seats().size(); seat++) {
      settleSeat(task, seat);
    }
  }

  private void settleJob(TaskOutcome job) {
    ProverTerms terms = config.provers();
    int prover = job.prover();
    jobs[prover]++;
    if (job.cheated()) {
      boolean audited = job.kind() == TaskOutcome.Kind.AUDITED_JOB;
      auditLuck[prover] += (audited ? 1 : 0) - config.audits().auditRate();
    }
    int wallet = books.wallet(prover);
    int client =
        agents.strategy(prover).isOwnClient() ? wallet : books.common(Books.Common.CLIENTS);
    books.move(client, books.common(Books.Common.TREASURY), terms.clientFee());
    books.spend(prover, job.cheated() ? terms.cost() - terms.saving() : terms.cost());
    books.move(client, wallet, terms.pay());
    if (job.ruling() == TaskOutcome.Ruling.SILENT) {
      books.move(wallet, books.common(Books.Common.CLIENTS), terms.forfeit());
      long fee = Math.min(terms.silenceFee(), books.balance(books.stakeOf(prover)));
      books.move(books.stakeOf(prover), books.common(Books.Common.TREASURY), fee);
      recordSilence(prover);
    } else if (job.kind() == TaskOutcome.Kind.AUDITED_JOB) {
      if (job.ruling() == TaskOutcome.Ruling.REJECTED) {
        books.move(wallet, books.common(Books.Common.CLIENTS), terms.forfeit());
      } else if (job.ruling() == TaskOutcome.Ruling.UNDECIDED) {
        books.move(wallet, client, terms.pay());
        return; // a committee that decided nothing gives no reading
      }
      recordReading(job);
    }
  }

  private void settleSeat(TaskOutcome task, int index) {
    VerifierTerms terms = config.verifiers();
    TaskOutcome.Seat seat = task.seats().get(index);
    int wallet = books.wallet(seat.agent());
    int treasury = books.common(Books.Common.TREASURY);
    if (seat.looked()) {
      books.spend(seat.agent(), terms.cost());
    }
    if (!seat.report().counts()) {
      if (seat.report() == Report.UNOPENED) {
        books.move(wallet, treasury, terms.unopenedLoss());
      }
      return;
    }
    books.move(treasury, wallet, terms.fee());
    if (task.kind() == TaskOutcome.Kind.BAD_DECOY && seat.report() == Report.OK) {
      books.move(wallet, treasury, terms.missedBadLoss());
    }
    if (task.kind() == TaskOutcome.Kind.GOOD_DECOY && seat.report() == Report.FLAG) {
      books.move(wallet, treasury, terms.falseFlagLoss());
    }
    TaskOutcome.Seat peer = task.seats().get((index + 1) % task.seats().size());
    if (peer.report().counts()) {
      PayoffTable table = terms.peerTable();
      books.move(
          treasury, wallet, Math.round(table.pay(signal(seat.report()), signal(peer.report()))));
    }
  }

  private static int signal(Report report) {
    return report == Report.FLAG ? 1 : 0;
  }

  private void recordReading(TaskOutcome job) {
    List<CommitteeReading.Member> members = new ArrayList<>(job.seats().size());
    for (TaskOutcome.Seat seat : job.seats()) {
      if (seat.report().counts()) {
        members.add(new CommitteeReading.Member(name(seat.agent()), seat.report() == Report.FLAG));
      }
    }
    if (members.size() < CommitteeReading.FEWEST_MEMBERS) {
      return; // as in the network: too few to read anything
    }
    String node = name(job.prover());
    Digest32 receipt = nextSubject();
    CommitteeReading reading = new CommitteeReading(node, node, receipt, 0, 2, members);
    EvidenceBook.Recorded recorded = evidence.record(reading);
    if (recorded == EvidenceBook.Recorded.COUNTED && reading.exceeded()) {
      climb(job, node, receipt);
    }
  }

  private void climb(TaskOutcome job, String node, Digest32 receipt) {
    NodeEvidence now = evidence.evidence(node, node);
    SlashingLadder ladder = settings.ladder();
    if (ladder.terms().slashFraction(now.logWealth()) == 0
        || !(ladder.steps(evidence).get(node) instanceof LadderStep.AwaitsReexecution step)) {
      return;
    }
    int executor = stranger(job);
    boolean exceeded = driver.reexecute(config, agents, executor, job, random) == Report.FLAG;
    SlashingLadder.Confirmation confirmation =
        ladder.confirm(
            step, new FreshReexecution(node, receipt, name(executor), exceeded), evidence);
    if (confirmation instanceof SlashingLadder.Confirmation.Confirmed confirmed) {
      long left = books.balance(books.stakeOf(job.prover()));
      confirmed
          .order()
          .settle(Micros.of(left), Rational.ONE)
          .ifPresent(settlement -> burn(job.prover(), settlement));
    }
  }

  private void burn(int agent, Settlement settlement) {
    books.move(
        books.stakeOf(agent),
        books.common(Books.Common.BURN),
        settlement.netOf(Account.BURN).value());
  }

  private int stranger(TaskOutcome job) {
    while (true) {
      int candidate = random.nextInt(agents.size());
      if (candidate != job.prover()
          && job.seats().stream().noneMatch(seat -> seat.agent() == candidate)) {
        return candidate;
      }
    }
  }

  private void recordSilence(int prover) {
    FaultProof proof = new FaultProof(name(prover), FaultKind.SILENCE, List.of(nextSubject()));
    // The model knows that the challenge stayed unanswered; the network proves it by log and
    // deadline.
    ProvenFault fault =
        ProvenFault.verify(proof, unused -> new FaultProofChecker.Result.Proven()).orElseThrow();
    EvidenceBook.Recorded recorded = evidence.recordSilence(fault, name(prover));
    if (recorded != EvidenceBook.Recorded.COUNTED) {
      throw new IllegalStateException("subjects are distinct");
    }
  }

  private Digest32 nextSubject() {
    byte[] bytes = new byte[Digest32.LENGTH];
    ByteBuffer.wrap(bytes).putLong(subjects++);
    return Digest32.copyOf(bytes);
  }

  private StakePoint stakePoint(double progress) {
    double[] sums = new double[2];
    int[] counts = new int[2];
    for (int agent = 0; agent < agents.size(); agent++) {
      int side = agents.type(agent) == AgentType.HONEST ? 1 : 0;
      sums[side] += books.balance(books.stakeOf(agent));
      counts[side]++;
    }
    return new StakePoint(
        progress, sums[0] / Math.max(1, counts[0]), sums[1] / Math.max(1, counts[1]));
  }

  private static String name(int agent) {
    return "agent" + agent;
  }
}
