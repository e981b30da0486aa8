package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.verillm.demo.DemoModel;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Calibration and study on a tiny size. */
class StudyCommandTest extends CommandRun {
  private static final int RUNS = 700;

  @TempDir static Path shared;

  private static JsonNode profile;

  @BeforeAll
  static void calibrate() throws Exception {
    Path model = DemoModel.SIBLING.copyTo(shared.resolve("model"));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Verillm.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    String[] arguments = {
      "calibrate",
      shared.resolve("profile.cose").toString(),
      "--model=" + model,
      "--arithmetic=split-k-fp32",
      "--tokens=24",
      "--sequences=" + RUNS,
      "--longest=8",
      "--power-requests=0",
      "--confirm-runs=0",
      "--keys=" + shared.resolve("keys"),
      "--json"
    };
    assertThat(line.execute(arguments)).as(err.toString()).isZero();
    profile = Json.MAPPER.readTree(out.toString());
  }

  private int study(String... more) {
    String[] first = {
      "study",
      "--subject=SIBLING",
      "--calibration=" + shared.resolve("profile.cose"),
      "--tokens=24",
      "--honest=8",
      "--requests=4",
      "--only=honest,int4-weights,foreign-class",
      "--json"
    };
    String[] all = java.util.Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return run(all);
  }

  @Test
  void study_twice_givesTheSameVerdictsAndCounts() throws Exception {
    assertThat(profile.get("prover").asText()).contains("fp32-split4-v1");
    assertThat(profile.get("admissible").asBoolean()).isFalse();
    assertThat(profile.get("objection").asText()).contains(RUNS + " runs");

    Path page = folder.resolve("study.html");
    Path rows = folder.resolve("rows.jsonl");
    assertThat(study("--report=" + page, "--rows=" + rows)).as(err.toString()).isZero();
    String first = out.toString();
    JsonNode answer = Json.MAPPER.readTree(first);
    assertThat(answer.get("honest").get("requests").asInt()).isEqualTo(8);
    assertThat(answer.get("honest").get("falseRejects").asInt()).isZero();
    JsonNode int4 = answer.get("deviations").get(0);
    assertThat(int4.get("name").asText()).isEqualTo("int4-weights");
    assertThat(int4.get("requests").asInt()).isEqualTo(4);
    assertThat(int4.get("detected").asInt()).isEqualTo(4);
    assertThat(int4.get("tokensTo99").asInt()).isEqualTo(24);
    JsonNode foreign = answer.get("deviations").get(1);
    assertThat(foreign.get("detected").asInt()).isZero();
    assertThat(foreign.get("tokensTo99").asInt()).isEqualTo(-1);
    assertThat(int4.get("publishedJudged").asInt()).isEqualTo(4);
    assertThat(int4.get("publishedRejects").asInt()).isEqualTo(4);
    assertThat(answer.get("honest").get("publishedRejects").asInt()).isZero();
    assertThat(Files.readString(page)).contains("int4-weights");

    // A study that is cut short leaves the rows that were judged.
    List<String> kept = Files.readAllLines(rows);
    assertThat(kept).hasSize(3);
    assertThat(Json.MAPPER.readTree(kept.get(0))).isEqualTo(answer.get("honest"));
    assertThat(Json.MAPPER.readTree(kept.get(1))).isEqualTo(int4);
    assertThat(Json.MAPPER.readTree(kept.get(2))).isEqualTo(foreign);

    assertThat(study("--report=" + page)).isZero();
    assertThat(out.toString()).isEqualTo(first);
  }

  /** Whoever measures again must be neither the verifier nor the prover; said before any run. */
  @ParameterizedTest
  @CsvSource({"split-k-fp32, prover", "canonical, verifier", "split-k-fp33, unknown arithmetic"})
  void calibrate_confirmedByOneOfThePair_isAUsageError(String second, String why) {
    Path file = folder.resolve("none.cose");
    assertThat(
            run(
                "calibrate",
                file.toString(),
                "--model=" + shared.resolve("model"),
                "--arithmetic=split-k-fp32",
                "--confirm-by=descending," + second,
                "--keys=" + shared.resolve("keys")))
        .isEqualTo(3);
    assertThat(err.toString()).contains(why);
    assertThat(file).doesNotExist();
  }

  @Test
  void study_profileOfAnotherClass_isAnError() {
    assertThat(study("--class=bf16")).isEqualTo(4);
    assertThat(err.toString()).contains("another class");
  }

  @Test
  void verify_profileThatIsNotAdmissible_isRefusedWithTheReason() {
    String job = folder.resolve("job").toString();
    String keys = shared.resolve("keys").toString();
    assertThat(run("prove", job, "--keys", keys, "--prompt", "And God", "--max-tokens", "4"))
        .isZero();
    assertThat(run("challenge", job, "--keys", keys)).isZero();
    assertThat(run("open", job, "--keys", keys)).isZero();
    String profile = shared.resolve("profile.cose").toString();
    assertThat(run("verify", job, "--keys", keys, "--profile", profile)).isEqualTo(4);
    assertThat(err.toString()).contains(RUNS + " runs, 2995 are needed");
  }
}
