package io.verillm.network.simulation;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.JobOrder;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.simulation.AgentRoster;
import io.verillm.incentives.simulation.DrawnTask;
import io.verillm.incentives.simulation.MechanismConfig;
import io.verillm.incentives.simulation.MessageLevelProtocol;
import io.verillm.incentives.simulation.ProtocolDriver;
import io.verillm.incentives.simulation.Report;
import io.verillm.incentives.simulation.SeededRandom;
import io.verillm.incentives.simulation.TaskOutcome;
import io.verillm.network.committee.StakeTable;
import io.verillm.network.committee.Staker;
import io.verillm.network.flow.FlowB;
import io.verillm.network.flow.FragmentComparison;
import io.verillm.network.flow.JobContext;
import io.verillm.network.message.BeaconSchedule;
import io.verillm.network.message.JobDeadlines;
import io.verillm.network.message.JobMoney;
import io.verillm.network.message.JobTerms;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Plays the tasks of the incentive simulator over the real machine of {@link FlowB}: every audited
 * job and every decoy is offered, answered, acknowledged, judged by a committee that the beacon's
 * VRF draws, and decided by the machine; every message is signed, serialised and read again. What
 * counts is what the machine says, not what the model of the message flow takes for granted: a
 * copied commitment cannot be opened, made-up rows are not in line with the committee's, a prover
 * that opens nothing is silent.
 *
 * <p>Beside {@link MessageLevelProtocol} this changes what agents get that do not look: whoever
 * computed nothing has no rows to open. Members of one alliance make up the same rows. A cheating
 * prover decodes cheaply and commits one honest prefill, so that only votes tell; whether looking
 * shows it is chance, with the power of the rules. The second committee of a dispute is not played,
 * and a re-execution before a slash is the model's.
 *
 * <p>The money that moves is the market's, by its own rules; the settlements of the machine are not
 * posted. Equal seeds give equal outcomes. One thread.
 */
public final class FlowBProtocol implements ProtocolDriver {
  static final String NETWORK = "market";
  static final long START = 2_000_000;

  private static final Micros STAKE = Micros.ofUnits(100);

  /** So little that it is never drawn, in practice and within a run's seeds. */
  private static final Micros TOKEN_STAKE = Micros.of(1);

  private final MadeUpComputation computation = new MadeUpComputation();
  private final ProtocolDriver model = new MessageLevelProtocol();
  private final Map<Integer, SigningKey> keys = new HashMap<>();
  private final Map<VerifyingKey, Integer> numbers = new HashMap<>();
  private final Map<Integer, StakeTable> tables = new HashMap<>();

  /** Orders and acknowledges every job; the house that serves decoys belongs to it. */
  private final SigningKey gateway = key("gateway", 0);

  private final SigningKey house = key("house", 0);
  private final SigningKey log = key("log", 0);
  private final SigningKey beacon = key("beacon", 0);
  private final VrfRandomness source = new VrfRandomness(beacon.verifyingKey());
  private final BeaconSchedule schedule = new BeaconSchedule(source.id(), 1_000_000, 3_000);

  /** Makes the driver. */
  public FlowBProtocol() {}

  private static SigningKey key(String role, int number) {
    return SigningKey.fromSeed(
        Digest32.sha256(
                role.getBytes(StandardCharsets.US_ASCII),
                ByteBuffer.allocate(4).putInt(number).array())
            .toByteArray());
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the rules let reports be seen before they are committed,
   *     which this protocol does not allow, or there are too few agents for both committees
   */
  @Override
  public TaskOutcome run(
      MechanismConfig config, AgentRoster agents, double progress, SeededRandom random) {
    if (!config.audits().commitReveal()) {
      throw new IllegalArgumentException("flow B commits to votes before it shows any");
    }
    DrawnTask task = DrawnTask.draw(config, agents, progress, random);
    return task.isUnchecked()
        ? TaskOutcome.unchecked(task)
        : new MarketJob(this, flow(config, agents.size(), task, random), config, agents, task)
            .play(random);
  }

  @Override
  public Report reexecute(
      MechanismConfig config,
      AgentRoster agents,
      int executor,
      TaskOutcome job,
      SeededRandom random) {
    return model.reexecute(config, agents, executor, job, random);
  }

  private FlowB flow(MechanismConfig config, int agents, DrawnTask task, SeededRandom random) {
    StakeTable stakes = tables.computeIfAbsent(agents, this::table);
    JobOrder order = computation.order(prover(task).verifyingKey(), random.nextLong());
    int committee = config.audits().committeeSize();
    JobTerms terms =
        new JobTerms(
            order.digest(),
            schedule,
            new ChallengePlan(3, Integer.MAX_VALUE),
            committee,
            committee + 2,
            JobDeadlines.each(60_000),
            new JobMoney(
                Micros.of(config.provers().pay()),
                Micros.of(config.verifiers().fee()),
                Micros.of(1)),
            stakes.digest(),
            List.of(),
            List.of(log.verifyingKey()));
    try {
      return FlowB.of(
          JobContext.of(
              NETWORK,
              order.sign(gateway, NETWORK),
              terms.sign(gateway, NETWORK),
              stakes,
              source,
              computation.layout(),
              FragmentComparison.exact()));
    } catch (MalformedMessageException e) {
      throw new IllegalStateException(e);
    }
  }

  private StakeTable table(int agents) {
    List<Staker> stakers = new ArrayList<>();
    for (int agent = 0; agent < agents; agent++) {
      stakers.add(new Staker(agent(agent).verifyingKey(), "agent-" + agent, STAKE));
    }
    // Whose owner ordered does not sit: neither the gateway nor its house is ever drawn.
    stakers.add(new Staker(gateway.verifyingKey(), "gateway", TOKEN_STAKE));
    stakers.add(new Staker(house.verifyingKey(), "gateway", TOKEN_STAKE));
    return StakeTable.of(stakers);
  }

  SigningKey agent(int number) {
    return keys.computeIfAbsent(
        number,
        unused -> {
          SigningKey made = key("agent", number);
          numbers.put(made.verifyingKey(), number);
          return made;
        });
  }

  int number(VerifyingKey agent) {
    Integer number = numbers.get(agent);
    if (number == null) {
      throw new IllegalStateException("no agent has the key " + agent.shortHex());
    }
    return number;
  }

  SigningKey prover(DrawnTask task) {
    return task.prover() < 0 ? house : agent(task.prover());
  }

  SigningKey gateway() {
    return gateway;
  }

  SigningKey log() {
    return log;
  }

  SigningKey beacon() {
    return beacon;
  }

  BeaconSchedule schedule() {
    return schedule;
  }

  MadeUpComputation computation() {
    return computation;
  }
}
