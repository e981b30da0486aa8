package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.verdict.Submission;
import io.verillm.core.wire.SignedMessage;
import io.verillm.tensorcommit.TensorRoot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commit, open, verify: tensors of files, and the commitments of jobs. */
class TensorCommandsTest extends CommandRun {
  private static final String NONCE = "5a".repeat(32);

  private Path weights;

  @BeforeEach
  void write() throws Exception {
    weights = folder.resolve("weights.safetensors");
    Files.write(weights, safetensors(header(), 7));
  }

  private static String header() {
    return "{\"layer.0.w\":{\"dtype\":\"BF16\",\"shape\":[6,10],\"data_offsets\":[0,120]},"
        + "\"floats\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[120,136]}}";
  }

  private static byte[] safetensors(String header, int seed) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    byte[] data = new byte[136];
    new Random(seed).nextBytes(data);
    for (int i = 1; i < 120; i += 2) {
      data[i] &= 0x3F; // no NaN among the BF16 values
    }
    return ByteBuffer.allocate(8 + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data)
        .array();
  }

  private JsonNode json() throws Exception {
    return Json.MAPPER.readTree(out.toString());
  }

  private String root() {
    return weights + ".layer.0.w.root";
  }

  private String opening() {
    return weights + ".layer.0.w.opening";
  }

  private void commitAndOpen(String scheme, String region) {
    assertThat(run("commit", weights.toString(), "--tensor", "layer.0.w", "--scheme", scheme))
        .as(err.toString())
        .isZero();
    assertThat(
            run(
                "open",
                weights.toString(),
                "--tensor",
                "layer.0.w",
                "--scheme",
                scheme,
                "--at",
                region,
                "--nonce",
                NONCE))
        .as(err.toString())
        .isZero();
  }

  private int verify(String region, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "verify",
                root(),
                "--tensor",
                "layer.0.w",
                "--opening",
                opening(),
                "--at",
                region,
                "--nonce",
                NONCE,
                "--json"));
    all.addAll(Arrays.asList(more));
    return run(all.toArray(new String[0]));
  }

  @ParameterizedTest
  @CsvSource({
    "merkle,0",
    "kzg,0",
    "terkle-kzg,0",
    "terkle-grid,2",
    "multivariate,2",
    "multilinear,2"
  })
  void verify_everyScheme_holdsAndSaysUnderWhichSetup(String scheme, int code) throws Exception {
    commitAndOpen(scheme, "2,3:7");
    assertThat(verify("2,3:7", "--against", weights.toString())).isEqualTo(code);
    assertThat(json().get("verified").asBoolean()).isTrue();
    assertThat(json().get("insecureSetup").asBoolean()).isEqualTo(code == 2);
    assertThat(json().get("statement").asText()).contains("nothing is said about how");
    assertThat(verify("2,3:7", "--insecure")).isZero();
  }

  @Test
  void verify_otherRegionNonceNameSchemeOrFile_isNotVerified() throws Exception {
    commitAndOpen("kzg", "2,3:7");
    assertThat(verify("2,3:7")).isZero();
    assertThat(verify("2,2:6")).isEqualTo(1);
    assertThat(json().get("outcome").asText()).isEqualTo("WRONG_REGION");
    assertThat(verify("2,3:7", "--scheme", "merkle")).isEqualTo(1);
    String[] other = {
      "verify", root(), "--tensor", "layer.0.w", "--opening", opening(), "--at", "2,3:7"
    };
    assertThat(run(other)).isEqualTo(1); // another nonce
    assertThat(out.toString()).contains("WRONG_NONCE");
    other[3] = "layer.1.w";
    assertThat(run(other)).isEqualTo(1);
    assertThat(out.toString()).contains("not one to a tensor of the name layer.1.w");
    Path changed = folder.resolve("changed.safetensors");
    Files.write(changed, safetensors(header(), 8));
    assertThat(verify("2,3:7", "--against", changed.toString())).isEqualTo(1);
    assertThat(json().get("statement").asText()).contains("are not those of layer.0.w");
  }

  @Test
  void open_ofAnotherTensor_doesNotVerifyUnderTheFirstOnesRoot() throws Exception {
    commitAndOpen("terkle-kzg", "1,:");
    Files.write(weights, safetensors(header(), 9));
    assertThat(
            run(
                "open",
                weights.toString(),
                "--tensor",
                "layer.0.w",
                "--scheme",
                "terkle-kzg",
                "--at",
                "1,:",
                "--nonce",
                NONCE))
        .isZero();
    assertThat(verify("1,:")).isEqualTo(1);
    assertThat(json().get("outcome").asText()).isEqualTo("PAIRING_MISMATCH");
  }

  @Test
  void commit_inSteps_isTheSameRootAsAtOnce() throws Exception {
    int rows = 130; // more than the steps that progress is shown in
    byte[] json =
        ("{\"w\":{\"dtype\":\"U8\",\"shape\":[" + rows + ",3],\"data_offsets\":[0,390]}}")
            .getBytes(StandardCharsets.UTF_8);
    byte[] data = new byte[390];
    new Random(3).nextBytes(data);
    Files.write(
        weights,
        ByteBuffer.allocate(8 + json.length + 390)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(json.length)
            .put(json)
            .put(data)
            .array());
    for (String scheme : List.of("merkle", "terkle-kzg")) {
      assertThat(run("commit", weights.toString(), "--tensor", "w", "--scheme", scheme)).isZero();
      TensorRoot stepped = TensorRoot.decode(Files.readAllBytes(Path.of(weights + ".w.root")));
      var shape = stepped.statement().shape();
      var atOnce =
          TensorFile.scheme(scheme, shape)
              .commit(
                  io.verillm.core.tensor.TensorView.of(
                      io.verillm.core.tensor.DType.U8, shape, ByteBuffer.wrap(data)),
                  TensorFile.context("w"));
      assertThat(stepped).isEqualTo(atOnce.root());
    }
  }

  @Test
  void commit_wrongUse_exitsWithThreeAndSaysWhatToDo() {
    String file = weights.toString();
    assertThat(run("commit", file)).isEqualTo(3);
    assertThat(err.toString()).contains("which of the 2 tensors").contains("layer.0.w");
    assertThat(run("commit", file, "--tensor", "none")).isEqualTo(3);
    assertThat(err.toString()).contains("has no tensor none");
    assertThat(run("commit", file, "--tensor", "layer.0.w", "--scheme", "kgz")).isEqualTo(3);
    assertThat(err.toString()).contains("terkle-kzg");
    assertThat(run("commit", file, "--tensor", "floats", "--scheme", "kzg")).isEqualTo(3);
    assertThat(err.toString()).contains("merkle");
    assertThat(run("open", file, "--tensor", "layer.0.w")).isEqualTo(3);
    assertThat(err.toString()).contains("--at 0,:");
    assertThat(run("open", file, "--tensor", "layer.0.w", "--at", "9,:")).isEqualTo(3);
    assertThat(run("open", file, "--tensor", "layer.0.w", "--at", "1,:", "--nonce", "xy"))
        .isEqualTo(3);
    assertThat(run("verify", root(), "--tensor", "layer.0.w")).isEqualTo(3);
    assertThat(run("open", folder.toString(), "--scheme", "merkle")).isEqualTo(3);
    assertThat(err.toString()).contains("next:").doesNotContain("\tat ");
  }

  /** Every prefix and random damage of each of the three files: the documented exit codes. */
  @Test
  void hostileFiles_exitWithFourOrAnHonestNo() throws Exception {
    commitAndOpen("kzg", "2,:");
    Random random = new Random(4);
    for (Path file : List.of(Path.of(root()), Path.of(opening()), weights)) {
      byte[] good = Files.readAllBytes(file);
      for (int i = 0; i < 24; i++) {
        byte[] bad = good.clone();
        if (i % 2 == 0) {
          bad = Arrays.copyOf(bad, random.nextInt(bad.length));
        } else {
          bad[random.nextInt(Math.min(bad.length, 200))] ^= (byte) (1 << random.nextInt(8));
        }
        Files.write(file, bad);
        int code =
            file.equals(weights)
                ? run("commit", weights.toString(), "--tensor", "layer.0.w", "--out", folder + "/x")
                : verify("2,:");
        assertThat(code)
            .as("%s, case %d: %s", file, i, err)
            .isIn(file.equals(weights) ? List.of(0, 3, 4) : List.of(1, 3, 4));
        assertThat(err.toString()).doesNotContain("\tat ").doesNotContain("--stacktrace");
      }
      Files.write(file, good);
    }
    assertThat(verify("2,:")).isZero();
    assertThat(run("commit", folder.resolve("none").toString(), "--tensor", "w")).isEqualTo(4);
  }

  /** The commitments of a job, from prove to verify, and without the files that carry them. */
  @Test
  void job_withCommitments_isCheckedAndADamagedOpeningAccusesNobody() throws Exception {
    String job = folder.resolve("job").toString();
    String keys = folder.resolve("keys").toString();
    assertThat(
            run(
                "prove",
                job,
                "--keys",
                keys,
                "--prompt",
                "And God",
                "--max-tokens",
                "6",
                "--scheme",
                "kzg"))
        .as(err.toString())
        .isZero();
    Receipt receipt =
        Receipt.decode(
            SignedMessage.decode(Files.readAllBytes(Path.of(job, Submission.RECEIPT_FILE)))
                .payload());
    assertThat(receipt.commitments()).hasSize(1);
    assertThat(TensorRoot.ofReceipt(receipt.commitments().get(0)).statement().scheme())
        .isEqualTo("terkle-kzg");
    assertThat(run("challenge", job, "--keys", keys)).isZero();
    assertThat(run("open", job, "--keys", keys, "--scheme", "kzg")).as(err.toString()).isZero();
    assertThat(run("verify", job, "--keys", keys)).as(out + "\n" + err).isZero();
    assertThat(out.toString())
        .contains("8 rows in the receipt's terkle-kzg root")
        .contains("committed points are those of the rows beside them");
    Path file = Path.of(job, CommittedJob.OPENING_FILE);
    byte[] good = Files.readAllBytes(file);
    assertThat(run("challenge", job, "--keys", keys, "--round", "5")).isZero();
    assertThat(run("open", job, "--keys", keys)).isZero(); // the root's opening is the old one
    assertThat(run("verify", job, "--keys", keys)).isEqualTo(2);
    assertThat(out.toString()).contains("INCONCLUSIVE NO_OPENING");
    Files.write(file, Arrays.copyOf(good, good.length - 1));
    assertThat(run("verify", job, "--keys", keys)).isEqualTo(4);
    Files.delete(file);
    assertThat(run("verify", job, "--keys", keys)).isZero();
    assertThat(out.toString()).contains("tensor roots were not opened");
  }
}
