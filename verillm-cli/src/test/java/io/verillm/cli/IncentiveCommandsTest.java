package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The verbs about pay: what they print, and the exit codes that scripts rely on. */
class IncentiveCommandsTest extends CommandRun {
  private static final String TINY = "simulate incentives --tasks 200 --replications 2 ";

  private int run(String arguments) {
    return super.run(arguments.trim().split(" +"));
  }

  private JsonNode json() throws Exception {
    return Json.MAPPER.readTree(out.toString());
  }

  @Test
  void payoff_defaults_printTableBudgetMarginsAndWhatStaysOpen() {
    assertThat(run("payoff")).isZero();
    assertThat(out.toString())
        .contains("peer: flag", "budget", "verifying beats saying ok unseen")
        .contains("everybody flags unseen");
  }

  @Test
  void payoff_json_meetsEveryRequirementItNames() throws Exception {
    assertThat(run("payoff --json")).isZero();
    JsonNode root = json();
    assertThat(root.get("feasible").asBoolean()).isTrue();
    assertThat(root.get("budget").asDouble()).isGreaterThanOrEqualTo(0.15 - 1e-9);
    assertThat(root.get("table").size()).isEqualTo(4);
    assertThat(root.get("requirements")).hasSize(5);
    for (JsonNode one : root.get("requirements")) {
      assertThat(one.get("value").asDouble())
          .isGreaterThanOrEqualTo(one.get("needed").asDouble() - 1e-7);
    }
    assertThat(root.get("landscape").get("zeroContour")).isNotEmpty();
  }

  @Test
  void payoff_uselessSignal_saysSoInWordsAndExitsWithTwo() throws Exception {
    assertThat(run("payoff --accuracy 0.5")).isEqualTo(2);
    assertThat(out.toString()).contains("no payments meet", "short by", "says nothing");
    assertThat(run("payoff --accuracy 0.5 --json")).isEqualTo(2);
    assertThat(json().get("feasible").asBoolean()).isFalse();
    assertThat(json().get("violated")).isNotEmpty();
    assertThat(json().has("table")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "payoff --fraud-rate NaN",
        "payoff --fraud-rate 0",
        "payoff --accuracy 1.1",
        "payoff --cost -1",
        "payoff --margin 0",
        "payoff --margin Infinity",
        "payoff --power NaN",
        "payoff --stake -1",
        "payoff --cost much",
        "simulate",
        "simulate nonsense",
        "simulate incentives --tasks 0",
        "simulate incentives --tasks -1",
        "simulate incentives --replications 1",
        "simulate incentives --agents 9",
        "simulate incentives --coalition NaN",
        "simulate incentives --accuracy NaN",
        "simulate incentives --attacker honest",
        "simulate incentives --attacker nobody",
        "simulate incentives --protocol paper",
        "simulate incentives --seed x"
      })
  void run_wrongValue_exitsWithThreeAndSaysWhatToDo(String arguments) {
    assertThat(run(arguments)).as(err.toString()).isEqualTo(3);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains("next:").doesNotContain("\tat ");
  }

  @Test
  void simulate_sameSeed_printsTheSameTwiceAndAnotherSeedOther() {
    assertThat(run(TINY + "--attacker random --seed 7")).isZero();
    String first = out.toString();
    assertThat(run(TINY + "--attacker random --seed 7")).isZero();
    assertThat(out.toString()).isEqualTo(first).contains("random", "power of the test");
    assertThat(run(TINY + "--attacker random --seed 8")).isZero();
    assertThat(out.toString()).isNotEqualTo(first);
  }

  @Test
  void simulate_json_hasEveryDeviantWithAnIntervalAroundItsGain() throws Exception {
    assertThat(run(TINY + "--json")).isZero();
    assertThat(json().get("attackers")).hasSize(11);
    for (JsonNode one : json().get("attackers")) {
      JsonNode gain = one.get("gain");
      assertThat(gain.get("mean").asDouble())
          .isBetween(gain.get("low").asDouble(), gain.get("high").asDouble());
      assertThat(one.get("finding").asText())
          .isEqualTo(
              gain.get("high").asDouble() < 0
                  ? "loses"
                  : gain.get("low").asDouble() > 0 ? "gains" : "undecided");
    }
    assertThat(json().get("power")).hasSize(5);
    json().get("power").forEach(sweep -> assertThat(sweep.get("points")).hasSize(5));
  }

  /** Twenty tasks hold some two or three committees: enough to go through the machine. */
  @Test
  void simulate_overTheMachine_saysSoAndSweepsNothing() throws Exception {
    Path page = folder.resolve("machine.html");
    String few =
        "simulate incentives --protocol machine --attacker lazy-ok --tasks 20 --replications 2 ";
    assertThat(run(few + "--json --report " + page)).isZero();
    assertThat(json().get("protocol").asText()).isEqualTo("machine");
    assertThat(json().get("attackers")).hasSize(1);
    assertThat(json().get("power")).isEmpty();
    assertThat(Files.readString(page)).contains("the machine of flow B", "Payoff landscape");
    assertThat(run(TINY + "--json")).isZero();
    assertThat(json().get("protocol").asText()).isEqualTo("model");
  }

  @Test
  void report_bothVerbs_writeAPageWithCharts() throws Exception {
    Path payoff = folder.resolve("payoff.html");
    Path market = folder.resolve("market.html");
    assertThat(run("payoff --accuracy 0.5 --report " + payoff)).isEqualTo(2);
    assertThat(Files.readString(payoff)).contains("What cannot be met", "says nothing");
    assertThat(run("payoff --json --report " + payoff)).isZero();
    assertThat(json().get("report").asText()).endsWith("payoff.html");
    assertThat(Files.readString(payoff)).contains("Gain of cheating per epoch", "peer flags");
    assertThat(run(TINY + "--attacker late-turncoat --report " + market)).isZero();
    assertThat(out.toString()).contains("Report: ");
    assertThat(Files.readString(market))
        .contains("Gain over having been honest", "Payoff landscape", "Stake over time", "seed 1");
  }
}
