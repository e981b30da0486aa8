package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** {@code verillm test} and {@code verillm simulate cdv}: exit codes, figures and pages. */
class TestCommandTest extends CommandRun {

  private String file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content).toString();
  }

  /** Four prompts; each token is 0 with probability {@code bias} and else uniform on five. */
  private String tokens(String name, long seed, int answers, double bias) throws IOException {
    Random random = new Random(seed);
    StringBuilder lines = new StringBuilder();
    for (int p = 0; p < 4; p++) {
      for (int i = 0; i < answers; i++) {
        lines.append("{\"prompt\":\"<p").append(p).append(">\",\"model\":\"m\",\"tokens\":[");
        for (int k = 0; k < 12; k++) {
          lines.append(k == 0 ? "" : ",");
          lines.append(random.nextDouble() < bias ? 0 : random.nextInt(5));
        }
        lines.append("]}\n");
      }
    }
    return file(name, lines.toString());
  }

  private String numbers(String name, long seed, double shift) throws IOException {
    Random random = new Random(seed);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      double value = shift + random.nextGaussian();
      lines.append("{\"prompt\":\"p\",\"embedding\":[").append(value).append("]}\n");
    }
    return file(name, lines.toString());
  }

  @Test
  void test_sameLaw_exitsWithZero() throws Exception {
    assertThat(run("test", tokens("a", 1, 8, 0), tokens("b", 2, 8, 0), "--json")).isZero();
    JsonNode result = Json.MAPPER.readTree(out.toString());
    assertThat(result.get("verdict").asText()).isEqualTo("NO_EVIDENCE");
    assertThat(result.get("test").get("pValue").asDouble()).isGreaterThan(0.01);
    assertThat(result.get("prompts")).hasSize(4);
  }

  @Test
  void test_differentLaws_exitsWithOneAndGivesEffectAndInterval() throws Exception {
    String a = tokens("a", 1, 8, 0);
    String b = tokens("b", 2, 8, 0.6);
    assertThat(run("test", a, b, "--json")).isEqualTo(1);
    JsonNode result = Json.MAPPER.readTree(out.toString());
    assertThat(result.get("verdict").asText()).isEqualTo("DIFFERENT");
    assertThat(result.get("test").get("pValue").asDouble()).isLessThanOrEqualTo(0.01);
    assertThat(result.get("interval").get(0).asDouble()).isPositive();
    assertThat(result.get("effect").asDouble())
        .isBetween(
            result.get("interval").get(0).asDouble(), result.get("interval").get(1).asDouble());
    out.getBuffer().setLength(0);
    assertThat(run("test", a, b)).isEqualTo(1);
    assertThat(out.toString()).startsWith("DIFFERENT: mmd-hamming, p = ").contains("interval");
  }

  @Test
  void test_sameSeed_givesTheSameLine() throws Exception {
    String a = tokens("a", 1, 8, 0);
    String b = tokens("b", 2, 8, 0.2);
    run("test", a, b, "--json", "--seed", "5");
    String first = out.toString();
    out.getBuffer().setLength(0);
    run("test", a, b, "--json", "--seed", "5");
    assertThat(out.toString()).isEqualTo(first);
  }

  @Test
  void test_tooFewAnswersForTheLevel_isUndecided() throws Exception {
    String a = file("a", "{\"prompt\":\"p\",\"tokens\":[1]}\n{\"prompt\":\"p\",\"tokens\":[1]}\n");
    String b = file("b", "{\"prompt\":\"p\",\"tokens\":[2]}\n{\"prompt\":\"p\",\"tokens\":[2]}\n");
    assertThat(run("test", a, b, "--json")).isEqualTo(2);
    JsonNode result = Json.MAPPER.readTree(out.toString());
    assertThat(result.get("verdict").asText()).isEqualTo("UNDECIDED");
    // Six splits of four answers, each with its mirror image: no p-value below 2/6.
    assertThat(result.get("reason").asText()).contains("0.333");
    // At a level that can be reached, the same files are decided.
    assertThat(run("test", a, b, "--alpha", "0.4")).isEqualTo(1);
  }

  @Test
  void test_malformedLine_exitsWithFourAndNamesFileAndLine() throws Exception {
    String a = tokens("a", 1, 8, 0);
    String b = file("bad.jsonl", "{\"prompt\":\"p\",\"tokens\":[1]}\n\nnonsense\n");
    assertThat(run("test", a, b)).isEqualTo(4);
    assertThat(err.toString()).contains("bad.jsonl, line 3: not JSON").contains("next: one JSON");
  }

  @Test
  void test_unknownKindOfAnswer_exitsWithFourAndNamesTheLine() throws Exception {
    String a = tokens("a", 1, 8, 0);
    String b = file("bad.jsonl", "{\"prompt\":\"p\",\"answer\":\"x\"}\n");
    assertThat(run("test", a, b)).isEqualTo(4);
    assertThat(err.toString()).contains("bad.jsonl, line 1: needs exactly one of tokens, text");
  }

  @Test
  void test_filesThatCannotBeCompared_exitWithFour() throws Exception {
    String a = tokens("a", 1, 8, 0);
    assertThat(run("test", a, file("empty", "\n"))).isEqualTo(4);
    assertThat(err.toString()).contains("empty holds no observation");
    assertThat(run("test", a, folder.resolve("none").toString())).isEqualTo(4);
    assertThat(err.toString()).contains("there is no file");
    assertThat(run("test", a, numbers("n", 1, 0))).isEqualTo(4);
    assertThat(err.toString()).contains("holds Embedding");
    assertThat(run("test", a, file("other", "{\"prompt\":\"q\",\"tokens\":[1]}"))).isEqualTo(4);
    assertThat(err.toString()).contains("share no prompt");
    String mixed = "{\"prompt\":\"p\",\"tokens\":[1]}\n{\"prompt\":\"p\",\"text\":\"x\"}\n";
    assertThat(run("test", a, file("mixed", mixed))).isEqualTo(4);
    assertThat(err.toString()).contains("mixes Tokens and Text").doesNotContain("\tat ");
  }

  @Test
  void test_levelOutOfRange_isWrongUsage() throws Exception {
    String a = tokens("a", 1, 8, 0);
    for (String alpha : new String[] {"0", "1", "-1", "NaN", "x"}) {
      assertThat(run("test", a, a, "--alpha", alpha)).as(alpha).isEqualTo(3);
    }
  }

  @Test
  void test_report_showsChartsAndEscapesPrompts() throws Exception {
    Path page = folder.resolve("page.html");
    String a = tokens("a", 1, 8, 0);
    assertThat(run("test", a, tokens("b", 2, 8, 0.6), "--report", page.toString())).isEqualTo(1);
    assertThat(Files.readString(page))
        .contains("The two files differ", "What chance alone gives", "Where the files differ")
        .contains("&lt;p0&gt;", "tokens in the answer: 12.0000 in every answer of both files")
        .doesNotContain("<p0>", "Distribution of one number");
  }

  @Test
  void test_reportOfNumbers_showsTheirDistribution() throws Exception {
    Path page = folder.resolve("page.html");
    assertThat(run("test", numbers("a", 1, 0), numbers("b", 2, 2), "--report", page.toString()))
        .isEqualTo(1);
    assertThat(Files.readString(page)).contains("Distribution of one number per answer", "value");
  }

  private JsonNode simulate(String... more) throws Exception {
    out.getBuffer().setLength(0);
    String[] arguments = {"simulate", "cdv", "--nodes", "20", "--epochs", "12", "--json"};
    String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    assertThat(run(all)).isZero();
    return Json.MAPPER.readTree(out.toString());
  }

  @Test
  void simulateCdv_farAttackers_areSelectedAndHonestNodesAreNot() throws Exception {
    Path page = folder.resolve("cdv.html");
    JsonNode far = simulate("--attackers", "3", "--shift", "4", "--report", page.toString());
    assertThat(far.get("power").asDouble()).isEqualTo(1);
    assertThat(far.get("honestSelected").asDouble()).isZero();
    JsonNode last = far.get("byEpoch").get(11);
    assertThat(far.get("byEpoch")).hasSize(12);
    assertThat(last.get("attackers").get("medianLog10E").asDouble()).isGreaterThan(2);
    assertThat(last.get("honest").get("medianLog10E").asDouble()).isLessThan(1);
    assertThat(Files.readString(page))
        .contains("Wealth over time", "Distance by epoch", "Distance by node and epoch")
        .contains("Not searched");
    JsonNode broken = simulate("--breaking-share", "--report", page.toString());
    assertThat(broken.get("breakingShare").asDouble()).isBetween(.2, .6);
    assertThat(Files.readString(page)).contains("Selected nodes over the share of colluders");
    assertThat(simulate("--attackers", "3", "--shift", "4")).isEqualTo(far);
  }

  @Test
  void simulateCdv_withoutAttackers_hasNoPower() throws Exception {
    JsonNode none = simulate("--attackers", "0");
    assertThat(none.get("power").isNull()).isTrue();
    assertThat(none.get("falseDiscoveryRate").asDouble()).isZero();
    assertThat(run("simulate", "cdv", "--nodes", "5", "--attackers", "1", "--epochs", "2"))
        .isZero();
    assertThat(out.toString()).contains("threshold").contains("power ");
  }

  @Test
  void simulate_wrongUsage_exitsWithThree() {
    assertThat(run("simulate")).isEqualTo(3);
    assertThat(run("simulate", "cdv", "--nodes", "2")).isEqualTo(3);
    assertThat(run("simulate", "cdv", "--attackers", "101")).isEqualTo(3);
    assertThat(run("simulate", "cdv", "--nodes", "2000000", "--epochs", "2000000")).isEqualTo(3);
    assertThat(err.toString()).contains("next:").doesNotContain("\tat ");
  }
}
