package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the figures say depends on the machine; that they hang together does not. */
class BenchCommandTest extends CommandRun {

  @Test
  void bench_twoBatches_measuresEachAndWritesThePage() throws Exception {
    Path page = folder.resolve("bench.html");
    assertThat(
            run(
                "bench",
                "--shapes",
                "8/6,400/400",
                "--batches",
                "1,2",
                "--repeats",
                "1",
                "--json",
                "--report",
                page.toString()))
        .as("%s", err)
        .isZero();
    JsonNode answer = Json.MAPPER.readTree(out.toString());
    assertThat(answer.get("readBytesPerSecond").asDouble()).isPositive();
    assertThat(answer.get("bytesPerWeight").asDouble()).isEqualTo(4);
    assertThat(answer.get("leftOut")).hasSize(1);
    assertThat(answer.get("results")).hasSize(2);
    double unit = 0;
    for (JsonNode row : answer.get("results")) {
      assertThat(row.get("decodeSeconds").asDouble()).isPositive();
      assertThat(row.get("commitShareSerial").asDouble()).isNotNegative();
      assertThat(row.get("ratio").asDouble())
          .isEqualTo(row.get("verifySeconds").asDouble() / row.get("decodeSeconds").asDouble());
      // The law is linear in the batch: B (n / n_out) (2 / 4) (BW / F), with 13 of 14 tokens fed.
      unit =
          13.0
              / 6
              * 0.5
              * answer.get("readBytesPerSecond").asDouble()
              / answer.get("productFlops").asDouble();
      assertThat(row.get("law").asDouble() / row.get("batch").asDouble())
          .isCloseTo(unit, org.assertj.core.data.Offset.offset(1e-12 + unit * 1e-9));
      // The demo model by hand: 4 layers, 256 wide, 4 heads of 64 on 2, 768 inner, 2048 tokens.
      double block = 256 * (2 * 256 + 2 * 128) + 3 * 256 * 768;
      double head = 2048 * 256;
      double step = row.get("decodeSeconds").asDouble() * row.get("batch").asInt() / 6;
      assertThat(row.get("decodeShareOfReadRate").asDouble())
          .isCloseTo(
              4 * (4 * block + head) / answer.get("readBytesPerSecond").asDouble() / step,
              withinPercentage(1e-6));
      double products = 2 * (13 * 4 * block + 6 * head) / row.get("prefillSeconds").asDouble();
      assertThat(row.get("prefillShareOfProductRate").asDouble())
          .isCloseTo(products / answer.get("productFlops").asDouble(), withinPercentage(1e-6));
      assertThat(row.get("receiptBytes").asInt()).isBetween(300, 5000);
      assertThat(row.get("openingBytes").asInt()).isGreaterThan(row.get("receiptBytes").asInt());
    }
    assertThat(Files.readString(page)).contains("What verifying costs");
  }

  @Test
  void bench_wrongUsage_exitsWithThree() {
    assertThat(run("bench", "--shapes", "8")).isEqualTo(3);
    assertThat(run("bench", "--shapes", "8/1")).isEqualTo(3);
    assertThat(run("bench", "--shapes", "8/x")).isEqualTo(3);
    assertThat(run("bench", "--batches", "0")).isEqualTo(3);
    assertThat(run("bench", "--repeats", "0")).isEqualTo(3);
    assertThat(run("bench", "--random-50m", "--model", folder.toString())).isEqualTo(3);
    assertThat(run("bench", "--model", folder.resolve("none").toString())).isEqualTo(4);
    assertThat(err.toString()).contains("next:").doesNotContain("\tat ");
  }
}
