package io.verillm.network.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.incentives.simulation.AgentRoster;
import io.verillm.incentives.simulation.AgentType;
import io.verillm.incentives.simulation.AuditTerms;
import io.verillm.incentives.simulation.IncentiveSimulator;
import io.verillm.incentives.simulation.MechanismConfig;
import io.verillm.incentives.simulation.MessageLevelProtocol;
import io.verillm.incentives.simulation.ProtocolDriver;
import io.verillm.incentives.simulation.Report;
import io.verillm.incentives.simulation.SeededRandom;
import io.verillm.incentives.simulation.SimulationReport;
import io.verillm.incentives.simulation.SimulationSettings;
import io.verillm.incentives.simulation.TaskOutcome;
import io.verillm.incentives.simulation.TaskOutcome.Kind;
import io.verillm.incentives.simulation.TaskOutcome.Ruling;
import io.verillm.incentives.simulation.TaskOutcome.Seat;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the incentive simulator sees when its tasks run over the real machine of flow B. */
class FlowBProtocolTest {
  private static final int AGENTS = 24;

  /** Every job is audited, and looking is never wrong: what happens then is no matter of chance. */
  private static MechanismConfig sure() {
    return MechanismConfig.reference(.1, .95)
        .withAudits(new AuditTerms(1, 7, .1, .1, 1, 0, .1, .3, true));
  }

  private static List<TaskOutcome> play(
      ProtocolDriver driver, AgentRoster agents, int tasks, double progress) {
    List<TaskOutcome> outcomes = new ArrayList<>();
    for (int task = 0; task < tasks; task++) {
      outcomes.add(driver.run(sure(), agents, progress, new SeededRandom(100 + task)));
    }
    return outcomes;
  }

  private static AgentRoster agents(AgentType type) {
    return AgentRoster.of(type, type.isAllied() ? 9 : 6, AGENTS);
  }

  private static List<Seat> seatsOf(TaskOutcome task, AgentRoster agents, AgentType type) {
    return task.seats().stream().filter(seat -> agents.type(seat.agent()) == type).toList();
  }

  /** Everybody who looks sees the same, so the drawn committee makes no difference. */
  @ParameterizedTest
  @EnumSource(
      value = AgentType.class,
      names = {"STEALTH_CHEATER", "LATE_TURNCOAT", "OWN_CLIENT", "WITHHOLDER"})
  void run_agentsThatLook_ruledAsTheModelRules(AgentType type) {
    AgentRoster agents = agents(type);
    List<TaskOutcome> machine = play(new FlowBProtocol(), agents, 40, .9);
    List<TaskOutcome> model = play(new MessageLevelProtocol(), agents, 40, .9);
    for (int task = 0; task < machine.size(); task++) {
      assertThat(machine.get(task).kind()).isEqualTo(model.get(task).kind());
      assertThat(machine.get(task).prover()).isEqualTo(model.get(task).prover());
      assertThat(machine.get(task).cheated()).isEqualTo(model.get(task).cheated());
      assertThat(machine.get(task).ruling()).isEqualTo(model.get(task).ruling());
    }
    Set<Ruling> seen = new HashSet<>();
    machine.forEach(task -> seen.add(task.ruling()));
    assertThat(seen)
        .as("cheated jobs are among them")
        .contains(Ruling.ACCEPTED, type == AgentType.WITHHOLDER ? Ruling.SILENT : Ruling.REJECTED);
  }

  @Test
  void run_decoys_areJudgedLikeJobs() {
    AgentRoster agents = AgentRoster.of(AgentType.LATE_TURNCOAT, 1, AGENTS);
    int bad = 0;
    int good = 0;
    for (TaskOutcome task : play(new FlowBProtocol(), agents, 60, .1)) {
      if (task.prover() < 0) {
        bad += task.kind() == Kind.BAD_DECOY ? 1 : 0;
        good += task.kind() == Kind.GOOD_DECOY ? 1 : 0;
        Report right = task.kind() == Kind.BAD_DECOY ? Report.FLAG : Report.OK;
        assertThat(task.seats()).hasSize(7).allMatch(seat -> seat.report() == right);
        assertThat(task.ruling()).isEqualTo(task.cheated() ? Ruling.REJECTED : Ruling.ACCEPTED);
      }
    }
    // A fifth of 60 tasks are decoys of either kind.
    assertThat(bad).isPositive();
    assertThat(good).isPositive();
  }

  @Test
  void run_whoLooksAtNothing_hasNoRowsAndIsNotCounted() {
    for (AgentType type : List.of(AgentType.LAZY_OK, AgentType.RANDOM)) {
      AgentRoster agents = AgentRoster.of(type, 3, AGENTS);
      int seen = 0;
      for (TaskOutcome task : play(new FlowBProtocol(), agents, 30, .1)) {
        List<Seat> idle = seatsOf(task, agents, type);
        seen += idle.size();
        assertThat(idle).allMatch(seat -> seat.report() == Report.UNCOUNTED && !seat.looked());
        assertThat(seatsOf(task, agents, AgentType.HONEST))
            .allMatch(seat -> seat.report().counts() && seat.looked());
      }
      assertThat(seen).isGreaterThan(10);
    }
  }

  @Test
  void run_copiedCommitment_cannotBeOpened() {
    AgentRoster agents = agents(AgentType.COPYING);
    int seen = 0;
    for (TaskOutcome task : play(new FlowBProtocol(), agents, 20, .1)) {
      List<Seat> copiers = seatsOf(task, agents, AgentType.COPYING);
      seen += copiers.size();
      assertThat(copiers).allMatch(seat -> seat.report() == Report.UNOPENED);
      assertThat(seatsOf(task, agents, AgentType.HONEST)).allMatch(seat -> seat.report().counts());
    }
    assertThat(seen).isGreaterThan(10);
  }

  /** Of seven seats, at most three allies are out of line with the rest, and four put it out. */
  @Test
  void run_alliesThatMakeUpTheSameRows_countOnlyWhereTheyHoldMostSeats() {
    AgentRoster agents = agents(AgentType.FRAMING_COALITION);
    Set<Boolean> captured = new HashSet<>();
    for (TaskOutcome task : play(new FlowBProtocol(), agents, 60, .1)) {
      if (task.prover() >= 0 && agents.type(task.prover()) == AgentType.HONEST) {
        List<Seat> allies = seatsOf(task, agents, AgentType.FRAMING_COALITION);
        boolean most = allies.size() >= 4;
        captured.add(most);
        assertThat(allies).allMatch(seat -> seat.report().counts() == most);
        assertThat(seatsOf(task, agents, AgentType.HONEST))
            .allMatch(seat -> seat.report().counts() == !most);
        assertThat(task.ruling()).isEqualTo(most ? Ruling.REJECTED : Ruling.ACCEPTED);
      }
    }
    assertThat(captured).contains(true, false);
  }

  @Test
  void run_groupThatCoversItsOwn_showsTheProversRowsWithoutLooking() {
    AgentRoster agents = agents(AgentType.COLLUDING_GROUP);
    int covered = 0;
    for (TaskOutcome task : play(new FlowBProtocol(), agents, 40, .1)) {
      if (task.prover() >= 0 && agents.type(task.prover()) == AgentType.COLLUDING_GROUP) {
        List<Seat> allies = seatsOf(task, agents, AgentType.COLLUDING_GROUP);
        covered += allies.size();
        assertThat(allies).allMatch(seat -> seat.report() == Report.OK && !seat.looked());
        assertThat(task.ruling()).isEqualTo(allies.size() >= 4 ? Ruling.ACCEPTED : Ruling.REJECTED);
      }
    }
    assertThat(covered).isPositive();
  }

  @Test
  void run_silentProver_leavesTheCommitteePaidAndTheJobSilent() {
    AgentRoster agents = agents(AgentType.WITHHOLDER);
    List<TaskOutcome> silent =
        play(new FlowBProtocol(), agents, 60, .1).stream()
            .filter(task -> task.ruling() == Ruling.SILENT)
            .toList();
    assertThat(silent).isNotEmpty().allMatch(TaskOutcome::cheated);
    assertThat(silent)
        .allMatch(task -> task.seats().size() == 7)
        .allMatch(task -> task.seats().stream().allMatch(seat -> seat.report().counts()));
  }

  @Test
  void run_sameSeed_givesTheSameOutcomesAndAnotherSeedOtherCommittees() {
    AgentRoster agents = agents(AgentType.RANDOM);
    List<TaskOutcome> first = play(new FlowBProtocol(), agents, 5, .1);
    assertThat(play(new FlowBProtocol(), agents, 5, .1)).isEqualTo(first);
    assertThat(new FlowBProtocol().run(sure(), agents, .1, new SeededRandom(99)).seats())
        .isNotEqualTo(first.get(0).seats());
  }

  @Test
  void run_proverAndItsCommittee_areDifferentAgents() {
    AgentRoster agents = agents(AgentType.STEALTH_CHEATER);
    for (TaskOutcome task : play(new FlowBProtocol(), agents, 30, .1)) {
      List<Integer> seated = task.seats().stream().map(Seat::agent).toList();
      assertThat(seated).doesNotHaveDuplicates().doesNotContain(task.prover());
    }
  }

  @Test
  void run_rulesThatTheProtocolCannotPlay_areRefused() {
    AgentRoster agents = agents(AgentType.RANDOM);
    MechanismConfig open = sure().withAudits(new AuditTerms(1, 7, .1, .1, 1, 0, .1, .3, false));
    assertThatThrownBy(() -> new FlowBProtocol().run(open, agents, .1, new SeededRandom(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("commits");
    AgentRoster few = AgentRoster.of(AgentType.RANDOM, 1, 12);
    assertThatThrownBy(() -> new FlowBProtocol().run(sure(), few, .1, new SeededRandom(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("owners");
  }

  /**
   * A lazy agent saves 10 000 a seat and gets no fee of 21 000 or so: with 7 seats in 24 and some
   * 125 committees in 400 tasks at a tenth audited, it loses in every replication.
   */
  @Test
  void simulate_lazyAgentOverTheMachine_loses() {
    SimulationReport report =
        IncentiveSimulator.simulate(
            MechanismConfig.reference(.1, .95),
            AgentType.LAZY_OK,
            2,
            AGENTS,
            SimulationSettings.withDefaults(400, 3, 1),
            new FlowBProtocol());
    assertThat(report.deviationLoses()).as(report.toString()).isTrue();
    assertThat(report.honestStakeLost()).isZero();
  }
}
