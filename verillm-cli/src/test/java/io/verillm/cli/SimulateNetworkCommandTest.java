package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.verillm.incentives.money.Micros;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What {@code simulate network} says about money; the network itself is tested where it lives. */
class SimulateNetworkCommandTest extends CommandRun {
  private static final String TINY =
      "simulate network --made-up --workers 12 --jobs 60 --seed 5 --attackers withholding"
          + " --items 0 --coalition-jobs 0 ";

  private int run(String arguments) {
    return super.run(arguments.trim().split(" +"));
  }

  private static JsonNode kind(JsonNode root, String label) {
    for (JsonNode kind : root.get("kinds")) {
      if (kind.get("kind").asText().equals(label)) {
        return kind;
      }
    }
    throw new AssertionError("no " + label);
  }

  @Test
  void json_withholdingWorker_endsBelowHonestOnesByThePriceOfItsSilences() throws Exception {
    assertThat(run(TINY + "--json")).isZero();
    JsonNode root = Json.MAPPER.readTree(out.toString());
    JsonNode withholding = kind(root, "withholding");
    assertThat(withholding.get("silences").asInt())
        .isPositive()
        .isEqualTo(root.get("outcomes").get("silent").asInt());
    // What an opened deviation would have cost: the whole stake of 100 units.
    assertThat(withholding.get("lostToSilenceMicros").asLong()).isEqualTo(100_000_000);
    long lost =
        withholding.get("lostToSilenceMicros").asLong()
            + withholding.get("lostToEvidenceMicros").asLong()
            + withholding.get("lostToProofsMicros").asLong();
    assertThat(withholding.get("stakeLostMicros").asLong()).isEqualTo(lost);
    assertThat(withholding.get("netMicros").asLong())
        .isEqualTo(withholding.get("gainedMicros").asLong() - lost)
        .isLessThan(kind(root, "honest").get("netMicros").asLong());
    assertThat(kind(root, "honest").get("stakeLostMicros").asLong()).isZero();
    assertThat(root.get("falseAccusations").get("honestSlashed").asInt()).isZero();
    assertThat(root.get("evidence").get("epochs").asInt()).isPositive();
    assertThat(root.get("moneyConserved").asBoolean()).isTrue();
  }

  @Test
  void textAndPage_showWhatSilenceCost() throws Exception {
    Path page = folder.resolve("page.html");
    assertThat(run(TINY + "--report " + page)).isZero();
    assertThat(out.toString()).contains("-100.00", "silences priced", "paid for silence");
    assertThat(Files.readString(page)).contains("for silence", "-100.00", "What it paid");
  }

  @Test
  void units_roundsToHundredthsWithoutANegativeZero() {
    assertThat(SimulateNetworkCommand.units(Micros.ZERO.negate())).isEqualTo("0.00");
    assertThat(SimulateNetworkCommand.units(Micros.of(-4_999))).isEqualTo("0.00");
    assertThat(SimulateNetworkCommand.units(Micros.of(-5_001))).isEqualTo("-0.01");
    assertThat(SimulateNetworkCommand.units(Micros.of(1_005_000))).isEqualTo("1.01");
  }
}
