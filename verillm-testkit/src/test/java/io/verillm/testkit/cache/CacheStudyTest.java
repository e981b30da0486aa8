package io.verillm.testkit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.cache.layout.KvPart;
import io.verillm.demo.DemoModel;
import io.verillm.exec.RandomModel;
import io.verillm.testkit.cache.CacheMeasurement.Look;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The part of {@code proof-of-cache/RESULTS.md} that no command makes; the tables are left in
 * {@code target}. Seeds follow from the number of a request, so every run gives the same figures.
 */
@Tag("long")
class CacheStudyTest {
  @TempDir Path folder;

  /** Too few requests for a calibration, and enough to see which rows lie apart. */
  @Test
  void fiftyMillion_deviatingRows_lieApartFromHonestOnes() throws Exception {
    Path model = RandomModel.fiftyMillion().writeTo(folder.resolve("model"));
    assertLieApart(
        medians(model, Optional.empty(), 32, 1, "cache-errors-50m.md"),
        List.of("int4 weights", "altered prompt", "window of 16", "layer 1 skipped"));
  }

  @Test
  void demoModel_deviatingRows_lieApartFromHonestOnes() throws Exception {
    Path model = DemoModel.MAIN.copyTo(folder.resolve("model"));
    Path sibling = DemoModel.SIBLING.copyTo(folder.resolve("sibling"));
    Map<String, Double> medians =
        medians(model, Optional.of(sibling), 64, 3, "cache-errors-demo.md");
    assertLieApart(
        medians, List.of("smaller model", "int4 weights", "int4 from layer 3", "window of 16"));
    double honest = Objects.requireNonNull(medians.get("honest"));
    for (String name : List.of("smaller model, honest prefill", "temperature 0.7", "top-p 0.8")) {
      assertThat(medians.get(name)).as(name).isBetween(honest / 1.5, honest * 1.5);
    }
  }

  private static void assertLieApart(Map<String, Double> medians, List<String> names) {
    double honest = Objects.requireNonNull(medians.get("honest"));
    for (String name : names) {
      assertThat(medians.get(name)).as(name).isGreaterThan(3 * honest);
    }
  }

  /** Median error of the same type's look by prover; the table has both and the wrong tokens. */
  private Map<String, Double> medians(
      Path model, Optional<Path> sibling, int tokens, int requests, String file) throws Exception {
    CacheProvers provers = CacheProvers.of(model, sibling, folder.resolve("altered"));
    List<CacheProver> everyone = new ArrayList<>(List.of(provers.honest()));
    everyone.addAll(sibling.isPresent() ? provers.deviating() : provers.deviatingInRows());
    StringBuilder table =
        new StringBuilder(
            "| prover | same type | F32 | largest margin |\n| --- | --- | --- | --- |\n");
    Map<String, Double> medians = new HashMap<>();
    try (CacheMeasurement measurement = new CacheMeasurement(model, tokens, sibling.isPresent())) {
      for (CacheProver prover : everyone) {
        List<Double> sameType = new ArrayList<>();
        List<Double> canonical = new ArrayList<>();
        double margin = 0;
        try (CacheProver.Engines engines = prover.source().open()) {
          for (int number = 0; number < requests; number++) {
            CacheRequest request = measurement.measure(prover, engines, number);
            sameType.add(median(measurement, request, Look.SAME_TYPE));
            canonical.add(median(measurement, request, Look.CANONICAL));
            margin = Math.max(margin, request.largestMicros() / 1e6);
          }
        }
        sameType.sort(null);
        canonical.sort(null);
        medians.put(prover.name(), sameType.get(requests / 2));
        table.append(
            String.format(
                Locale.ROOT,
                "| %s | %.4f | %.4f | %.3f |%n",
                prover.name(),
                sameType.get(requests / 2),
                canonical.get(requests / 2),
                margin));
      }
    }
    Files.createDirectories(Path.of("target"));
    Files.writeString(Path.of("target", file), table);
    return medians;
  }

  /** Of the last layer's rows in the second half of the request. */
  private static double median(CacheMeasurement measurement, CacheRequest request, Look look) {
    float[] all = Objects.requireNonNull(request.errors().get(look));
    List<Double> last = new ArrayList<>();
    int layer = measurement.canonical().dimensions().layers() - 1;
    CacheRequest.Shape shape = measurement.shape();
    for (int position = shape.tokens() / 2; position < shape.tokens(); position++) {
      for (KvPart part : KvPart.values()) {
        last.add((double) all[shape.index(layer, part, position)]);
      }
    }
    last.sort(null);
    return last.get(last.size() / 2);
  }
}
