package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.verillm.core.receipt.ReceiptJournal;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.tensor.DType;
import io.verillm.core.verdict.Submission;
import io.verillm.core.wire.SigningKey;
import io.verillm.demo.DemoModel;
import io.verillm.exec.AnswerGenerator;
import io.verillm.exec.Prover;
import io.verillm.exec.SamplingGenerator;
import io.verillm.testkit.AlteredWeights;
import io.verillm.testkit.CheapDecodeGenerator;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Jobs whose provers commit to nothing but their cache. */
class CacheCommandTest {
  private static final String NETWORK = "local";

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    CommandLine line = Verillm.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return line.execute(arguments);
  }

  private String keys() {
    return folder.resolve("keys").toString();
  }

  private String job() {
    return folder.resolve("job").toString();
  }

  private int prove(String... more) {
    String[] arguments = {
      "prove",
      job(),
      "--keys",
      keys(),
      "--prompt",
      "And God",
      "--max-tokens",
      "8",
      "--capture",
      "kv"
    };
    String[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return run(all);
  }

  private static JsonNode check(JsonNode verdict, String name) {
    for (JsonNode check : verdict.get("checks")) {
      if (check.get("check").asText().equals(name)) {
        return check;
      }
    }
    throw new AssertionError("no check " + name + " in " + verdict);
  }

  @Test
  void verify_honestCache_isAcceptedWithEveryDrawnCellEqual() throws Exception {
    assertThat(prove("--json")).isZero();
    assertThat(Json.MAPPER.readTree(out.toString()).get("capture").asText()).isEqualTo("kv");
    assertThat(run("challenge", job(), "--keys", keys(), "--cells", "12", "--json")).isZero();
    JsonNode challenge = Json.MAPPER.readTree(out.toString());
    assertThat(challenge.get("cells").asInt()).isGreaterThanOrEqualTo(12);
    assertThat(challenge.get("missProbability").get("every cell").asDouble()).isZero();
    assertThat(run("open", job(), "--keys", keys())).isZero();
    assertThat(Files.size(Path.of(job(), Submission.OPENING_FILE)))
        .isLessThan(challenge.get("openingBytesAtMost").asLong() + 4096);

    assertThat(run("verify", job(), "--keys", keys(), "--json", "--cells")).isZero();
    JsonNode verdict = Json.MAPPER.readTree(out.toString());
    assertThat(verdict.get("verdict").asText()).isEqualTo("ACCEPTED");
    JsonNode cache = check(verdict, "CACHE");
    assertThat(cache.get("state").asText()).isEqualTo("HELD");
    int rows = 2 * challenge.get("cells").asInt();
    assertThat(cache.get("statement").asText()).contains("opened cache rows agree bit for bit");
    assertThat(verdict.get("cells").size()).isBetween(rows - 12, rows);
    for (JsonNode cell : verdict.get("cells")) {
      assertThat(cell.get("layer").asInt()).isPositive();
      assertThat(cell.get("kind").asText()).isIn("KEY", "VALUE");
    }
  }

  @Test
  void verify_honestForeignClass_isUndecidedAndNeverRejected() {
    assertThat(prove("--arithmetic", "split-k")).isZero();
    assertThat(run("challenge", job(), "--keys", keys())).isZero();
    assertThat(run("open", job(), "--keys", keys())).isZero();
    assertThat(run("verify", job(), "--keys", keys())).isEqualTo(2);
    assertThat(out.toString()).contains("INCONCLUSIVE UNCALIBRATED");
  }

  /** Answers the order of a job by another generator, as a prover that deviates. */
  private void proveBy(LoadedModel claimed, AnswerGenerator generator) throws Exception {
    Path job = Path.of(job());
    SigningKey prover = new KeyFolder(Path.of(keys())).loadOrCreate("prover");
    byte[] request = "And God".getBytes(StandardCharsets.UTF_8);
    Files.createDirectories(job);
    Files.write(job.resolve(Submission.REQUEST_FILE), request);
    Files.write(
        job.resolve(Submission.ORDER_FILE),
        Orders.order(
                prover.verifyingKey(),
                claimed,
                request,
                Capture.KV.profile(DType.F32),
                SamplingManifest.builder(12)
                    .minTokens(12)
                    .temperatureMicros(SamplingManifest.ONE)
                    .eosIds(claimed.eosIds())
                    .build())
            .sign(new KeyFolder(Path.of(keys())).loadOrCreate("client"), NETWORK)
            .encode());
    try (ReceiptJournal journal = ReceiptJournal.open(folder.resolve("journal"), 0)) {
      new Prover(
              prover,
              NETWORK,
              claimed.executor().modelDigest(),
              generator,
              claimed.tokenizer(),
              Capture.KV.profile(DType.F32),
              journal)
          .answer(job, tokens -> {});
    }
    assertThat(run("challenge", job(), "--keys", keys(), "--network", NETWORK)).isZero();
    assertThat(run("open", job(), "--keys", keys(), "--network", NETWORK)).isZero();
  }

  @Test
  void verify_otherWeights_areRejected() throws Exception {
    Path model = DemoModel.MAIN.copyTo(folder.resolve("model"));
    Path altered = AlteredWeights.int8PerChannel(model, folder.resolve("int8"));
    try (LoadedModel claimed = LoadedModel.load(model, "canonical");
        LoadedModel cheap = LoadedModel.load(altered, "canonical")) {
      proveBy(claimed, new SamplingGenerator(cheap.executor(), claimed.tokenizer()));
    }
    assertThat(run("verify", job(), "--keys", keys(), "--network", NETWORK)).isEqualTo(1);
    assertThat(out.toString()).contains("REJECTED ACTIVATION_MISMATCH");
  }

  /** Every cache row is right, because one honest prefill made it; the tokens are not. */
  @Test
  void verify_cheapDecodingWithHonestPrefill_passesTheCacheCheckAndIsRejected() throws Exception {
    Path model = DemoModel.MAIN.copyTo(folder.resolve("model"));
    Path sibling = DemoModel.SIBLING.copyTo(folder.resolve("sibling"));
    try (LoadedModel claimed = LoadedModel.load(model, "canonical");
        LoadedModel cheap = LoadedModel.load(sibling, "canonical")) {
      proveBy(
          claimed,
          new CheapDecodeGenerator(
              new SamplingGenerator(cheap.executor(), claimed.tokenizer()), claimed.executor()));
    }
    assertThat(run("verify", job(), "--keys", keys(), "--network", NETWORK, "--cells", "--json"))
        .isEqualTo(1);
    JsonNode verdict;
    verdict = Json.MAPPER.readTree(out.toString());
    assertThat(verdict.get("reason").asText()).isEqualTo("TOKEN_MISMATCH");
    for (JsonNode cell : verdict.get("cells")) {
      assertThat(cell.get("unequal").asInt()).isZero();
    }
  }

  @Test
  void run_wrongUsage_saysWhatToDo() throws Exception {
    assertThat(run("prove", job(), "--keys", keys(), "--prompt", "x", "--capture", "everything"))
        .isEqualTo(3);
    assertThat(prove()).isZero();
    assertThat(run("challenge", job(), "--keys", keys(), "--cells", "0")).isEqualTo(3);
    assertThat(run("challenge", job(), "--keys", keys(), "--model", "no-such-folder")).isEqualTo(4);
    assertThat(run("challenge", job(), "--keys", keys())).isZero();
    assertThat(run("open", job(), "--keys", keys())).isZero();
    Path junk = Files.write(folder.resolve("junk.cose"), new byte[] {1, 2, 3});
    assertThat(run("verify", job(), "--keys", keys(), "--cache-calibration", junk.toString()))
        .isEqualTo(3);
    assertThat(err.toString()).contains("next:").doesNotContain("\tat ");
    assertThat(List.of(err.toString().split("\n")).size()).isLessThan(20);
  }
}
