package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.cache.compact.EvidenceForm;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Jobs whose provers commit to nothing but their cache, in steps. */
abstract class CacheJobs extends CommandRun {
  static final String NETWORK = "local";

  /** What the orders of {@link #proveBy} ask for. */
  int temperatureMicros = SamplingManifest.ONE;

  /** What its provers offer. */
  EvidenceForm form = EvidenceForm.ROWS;

  static String[] joined(String[] first, String[] more) {
    String[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }

  String keys() {
    return folder.resolve("keys").toString();
  }

  String job() {
    return folder.resolve("job").toString();
  }

  int prove(String... more) {
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
    return run(joined(arguments, more));
  }

  int verify(String... more) {
    return run(joined(new String[] {"verify", job(), "--keys", keys()}, more));
  }

  int challenge(String... more) {
    return run(joined(new String[] {"challenge", job(), "--keys", keys()}, more));
  }

  int open(String... more) {
    return run(joined(new String[] {"open", job(), "--keys", keys()}, more));
  }

  Path file(String name) {
    return Path.of(job()).resolve(name);
  }

  /** Answers the order of a job by another generator, as a prover that deviates. */
  void proveBy(LoadedModel claimed, AnswerGenerator generator) throws Exception {
    proveBy(claimed, generator, NETWORK, 12);
  }

  void proveBy(
      LoadedModel claimed, AnswerGenerator generator, String network, int length, String... draw)
      throws Exception {
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
                SamplingManifest.builder(length)
                    .minTokens(length)
                    .temperatureMicros(temperatureMicros)
                    .eosIds(claimed.eosIds())
                    .build())
            .sign(new KeyFolder(Path.of(keys())).loadOrCreate("client"), network)
            .encode());
    try (ReceiptJournal journal = ReceiptJournal.open(folder.resolve("journal"), 0)) {
      Prover answering =
          new Prover(
              prover,
              network,
              claimed.executor().modelDigest(),
              generator,
              claimed.tokenizer(),
              Capture.KV.profile(DType.F32),
              journal);
      if (form.kind() != EvidenceForm.Kind.ROWS) {
        answering = answering.committingTensors(trace -> List.of(form.toCommitment()));
      }
      answering.answer(job, tokens -> {});
    }
    String[] challenge = {"challenge", job(), "--keys", keys(), "--network", network};
    assertThat(run(joined(challenge, draw))).isZero();
    assertThat(run("open", job(), "--keys", keys(), "--network", network)).isZero();
    if (form.kind() == EvidenceForm.Kind.SKETCHES) {
      assertThat(run(challenge)).isZero();
      assertThat(run("open", job(), "--keys", keys(), "--network", network)).isZero();
    }
  }

  /** A prover that claims the ordered model and runs it with weights of 8 bits. */
  void proveByInt8Weights() throws Exception {
    Path model = DemoModel.MAIN.copyTo(folder.resolve("model"));
    Path altered = AlteredWeights.int8PerChannel(model, folder.resolve("int8"));
    try (LoadedModel claimed = LoadedModel.load(model, "canonical");
        LoadedModel cheap = LoadedModel.load(altered, "canonical")) {
      proveBy(claimed, new SamplingGenerator(cheap.executor(), claimed.tokenizer()));
    }
  }
}
