package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.verillm.cache.compact.EvidenceForm;
import io.verillm.cache.compact.SketchKernel;
import io.verillm.cache.layout.KvPart;
import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.Sketches;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.OpenedPosition;
import io.verillm.core.trace.OpenedRow;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.verdict.Submission;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.demo.DemoModel;
import io.verillm.exec.AnswerGenerator;
import io.verillm.exec.Prover;
import io.verillm.exec.SamplingGenerator;
import io.verillm.testkit.GarbageRowsExecutor;
import io.verillm.testkit.cache.CacheRows;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is shown of a cache in place of its rows, and what is committed in place of it. */
class SketchCommandTest extends CacheJobs {
  /** Cells, sketches, spots, rows: each file follows from the one before. */
  @Test
  void verify_sketchesOfAnHonestCache_areAcceptedAfterTheSecondRound() throws Exception {
    assertThat(prove("--evidence", "sketches")).as(err.toString()).isZero();
    assertThat(challenge()).isZero();
    assertThat(open("--json")).isZero();
    JsonNode sketched = Json.MAPPER.readTree(out.toString());
    assertThat(sketched.get("file").asText()).isEqualTo(Submission.SKETCHES_FILE);
    assertThat(file(Submission.OPENING_FILE)).doesNotExist();
    assertThat(verify()).isEqualTo(2);
    assertThat(out.toString()).contains("NO_CHALLENGE", "sketches were shown and no spots drawn");

    assertThat(challenge("--spots", "0")).isEqualTo(3);
    assertThat(err.toString()).contains("--spots 0");
    assertThat(challenge("--spots", "2", "--json")).isZero();
    JsonNode spots = Json.MAPPER.readTree(out.toString());
    assertThat(spots.get("spots").asInt()).isEqualTo(2);
    assertThat(spots.get("round").asLong()).isEqualTo(4); // two after the challenge's own
    assertThat(verify()).isEqualTo(2);
    assertThat(out.toString()).contains("NO_OPENING");

    assertThat(open("--json")).isZero();
    assertThat(Json.MAPPER.readTree(out.toString()).get("openingBytes").asLong())
        .isEqualTo(Files.size(file(Submission.OPENING_FILE)));
    assertThat(verify()).isEqualTo(2);
    assertThat(out.toString())
        .contains("COVERAGE", "of sketched rows only the spots are opened: draw more of them");
    assertThat(verify("--largest-miss", "TENTH_OF_TOKENS=1.5")).isEqualTo(3);
    assertThat(err.toString()).contains("a probability from 0 to 1");
    assertThat(verify("--largest-miss", "SOME_TOKENS=0.5")).isEqualTo(3);
    assertThat(
            verify("--largest-miss", "TENTH_OF_TOKENS=0.99", "--policy", file("none").toString()))
        .isEqualTo(3);
    assertThat(verify("--largest-miss", "TENTH_OF_TOKENS=0.99")).as(out.toString()).isZero();
    assertThat(out.toString())
        .contains("2 of ", " sketched positions are opened, drawn from round 4")
        .contains("sketched cache rows agree bit for bit");
    for (String name : List.of(Submission.SKETCHES_FILE, Submission.SPOTS_FILE)) {
      assertThat(run("inspect", file(name).toString())).isZero();
      assertThat(Json.MAPPER.readTree(out.toString()).get("signatureHolds").asBoolean()).isTrue();
    }
  }

  /** The prover knows the cells and signs sketches of other rows than it committed. */
  @Test
  void verify_sketchesOfOtherRowsThanCommitted_areRejectedAtTheSpot() throws Exception {
    assertThat(prove("--evidence", "sketches")).isZero();
    assertThat(challenge()).isZero();
    assertThat(open()).isZero();
    Sketches honest =
        Sketches.decode(
            SignedMessage.decode(Files.readAllBytes(file(Submission.SKETCHES_FILE))).payload());
    byte[] values = honest.values();
    for (int i = 1; i < values.length; i += 2) {
      values[i] ^= 1;
    }
    Files.write(
        file(Submission.SKETCHES_FILE),
        new Sketches(honest.challenge(), honest.outputs(), values)
            .sign(new KeyFolder(Path.of(keys())).load("prover"), "demo")
            .encode());
    assertThat(challenge()).isZero();
    assertThat(open()).isZero();
    assertThat(verify()).isEqualTo(1);
    assertThat(out.toString())
        .contains("REJECTED SKETCH_MISMATCH", "does not give the sketch that was signed for it");
    // Drawn again among other sketches, the spots are none of these.
    Files.delete(file(Submission.SPOTS_FILE));
    assertThat(verify()).isEqualTo(2);
    assertThat(out.toString()).contains("NO_CHALLENGE");
  }

  /** The rows that an honest prefill of the answer gives: what a prover can still compute later. */
  private CacheRows recomputed(LoadedModel model) throws Exception {
    JobOrder order =
        JobOrder.decode(
            SignedMessage.decode(Files.readAllBytes(file(Submission.ORDER_FILE))).payload());
    TokenIds output = Answer.decode(Files.readAllBytes(file(Prover.ANSWER_FILE))).output();
    int[] fed = order.prompt().concat(output.prefix(output.size() - 1)).toArray();
    ModelDimensions sizes = model.executor().dimensions();
    CacheRows rows = new CacheRows(sizes, fed.length);
    model.executor().prefill(fed, new LayerRange(0, sizes.layers()), null, rows, LogitsSink.none());
    return rows;
  }

  private static TensorView at(CacheRows rows, TraceLayout layout, int index, int position) {
    RowKey key = layout.row(index).key();
    KvPart part = key.kind() == TensorKind.KEY ? KvPart.KEY : KvPart.VALUE;
    return rows.view(part, key.layer(), position);
  }

  /**
   * Noise is committed, and the rows are computed once a challenge has drawn them: neither the
   * noise, nor the right rows in its place, nor sketches of the right rows are accepted.
   */
  @Test
  void verify_garbageCommittedAndRowsComputedLater_isRejectedWhateverIsOpened() throws Exception {
    Path model = DemoModel.MAIN.copyTo(folder.resolve("model"));
    SigningKey prover = new KeyFolder(Path.of(keys())).loadOrCreate("prover");
    try (LoadedModel claimed = LoadedModel.load(model, "canonical")) {
      AnswerGenerator garbage =
          new SamplingGenerator(new GarbageRowsExecutor(claimed.executor()), claimed.tokenizer());
      TraceLayout layout =
          TraceLayout.of(Capture.KV.profile(DType.F32), claimed.executor().dimensions());
      proveBy(claimed, garbage);
      assertThat(run("verify", job(), "--keys", keys(), "--network", NETWORK)).isEqualTo(1);
      assertThat(out.toString()).contains("REJECTED").contains("_MISMATCH");

      CacheRows right = recomputed(claimed);
      Opening committed =
          Opening.decode(
              SignedMessage.decode(Files.readAllBytes(file(Submission.OPENING_FILE))).payload());
      List<OpenedPosition> forged = new ArrayList<>();
      for (OpenedPosition position : committed.trace().positions()) {
        List<OpenedRow> rows = new ArrayList<>();
        for (OpenedRow row : position.rows()) {
          TensorView value = at(right, layout, row.rowIndex(), position.entry().position());
          byte[] data = new byte[row.dataLength()];
          value.bytes().get(data);
          rows.add(OpenedRow.copyOf(row.rowIndex(), data, row.salts()));
        }
        forged.add(new OpenedPosition(position.entry(), rows, position.tokenProof()));
      }
      TraceOpening trace =
          new TraceOpening(
              committed.trace().id(),
              committed.trace().leafCount(),
              forged,
              committed.trace().logProof());
      Files.write(
          file(Submission.OPENING_FILE),
          new Opening(committed.receipt(), committed.challenge(), committed.answer(), trace)
              .sign(prover, NETWORK)
              .encode());
      assertThat(run("verify", job(), "--keys", keys(), "--network", NETWORK)).isEqualTo(1);
      assertThat(out.toString()).contains("REJECTED BAD_PATH");

      Folders.delete(Path.of(job()));
      form = new EvidenceForm(EvidenceForm.Kind.SKETCHES, 4, Optional.empty());
      proveBy(claimed, garbage);
      sketchAgain(recomputed(claimed), layout, prover);
      String[] network = {"--keys", keys(), "--network", NETWORK};
      assertThat(run(joined(new String[] {"challenge", job()}, network))).isZero();
      assertThat(run(joined(new String[] {"open", job()}, network))).isZero();
      assertThat(run(joined(new String[] {"verify", job()}, network))).isEqualTo(1);
      // The spot's committed rows are noise, whatever its sketch is.
      assertThat(out.toString()).contains("REJECTED ACTIVATION_MISMATCH", "1 of 14 sketched");
    }
  }

  /** Signs sketches of rows that were computed after the challenge. */
  private void sketchAgain(CacheRows right, TraceLayout layout, SigningKey prover)
      throws Exception {
    SignedMessage receipt = SignedMessage.decode(Files.readAllBytes(file(Submission.RECEIPT_FILE)));
    Challenge challenge =
        Challenge.decode(
            SignedMessage.decode(Files.readAllBytes(file(Submission.CHALLENGE_FILE))).payload());
    Receipt claimed = Receipt.decode(receipt.payload());
    Digest32 value =
        new VrfRandomness(new KeyFolder(Path.of(keys())).load("beacon").verifyingKey())
            .check(challenge.randomness())
            .orElseThrow();
    SketchKernel kernel = new SketchKernel(SketchedJob.kernels(), value, receipt.id(), 4);
    ByteBuffer values = ByteBuffer.allocate(1 << 16);
    int fed = claimed.promptTokens() + claimed.outputTokens() - 1;
    challenge
        .draw(value, layout, fed)
        .forEach(
            (position, rows) -> {
              for (int row : rows) {
                KvPart part =
                    layout.row(row).key().kind() == TensorKind.KEY ? KvPart.KEY : KvPart.VALUE;
                for (short half : kernel.sketch(part, at(right, layout, row, position))) {
                  values.putShort(half);
                }
              }
            });
    Files.write(
        file(Submission.SKETCHES_FILE),
        new Sketches(challenge.digest(), 4, Arrays.copyOf(values.array(), values.position()))
            .sign(prover, NETWORK)
            .encode());
  }

  @Test
  void verify_sketchesOfACacheByOtherWeights_areRejected() throws Exception {
    form = new EvidenceForm(EvidenceForm.Kind.SKETCHES, 4, Optional.empty());
    proveByInt8Weights();
    assertThat(run("verify", job(), "--keys", keys(), "--network", NETWORK)).isEqualTo(1);
    assertThat(out.toString()).contains("REJECTED");
    assertThat(run("verify", job(), "--keys", keys(), "--network", NETWORK, "--json")).isEqualTo(1);
    // The spots' rows differ from re-execution too; every check that saw them says so.
    assertThat(Json.MAPPER.readTree(out.toString()).get("reason").asText()).endsWith("_MISMATCH");
  }

  @Test
  void prove_evidenceThatIsNotKnown_isRefused() {
    assertThat(prove("--evidence", "polynomials")).isEqualTo(3);
    assertThat(prove("--evidence", "sketches", "--sketch-values", "0")).isEqualTo(3);
    assertThat(prove("--evidence", "sketches", "--sketch-values", "65")).isEqualTo(3);
    assertThat(run("prove", job(), "--keys", keys(), "--prompt", "x", "--evidence", "sketches"))
        .isEqualTo(3);
    assertThat(err.toString()).contains("sketches with --capture kv");
    assertThat(Path.of(job())).doesNotExist();
  }
}
