package io.verillm.testkit.cache;

import io.verillm.core.wire.MalformedMessageException;
import io.verillm.exec.UnusableModelException;
import io.verillm.testkit.cache.CacheProver.Engines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Measures the requests of a cache study and keeps them in a folder, one file per prover. Runs that
 * were ended early are taken up where they stopped. One thread.
 *
 * <p>Requests for calibrations are numbered from 0, those of the prover at place i from 1 000 000 ·
 * (i + 1) on, so that no two provers answer the same request.
 */
public final class CacheStudyRun {
  private static final long NUMBERS = 1_000_000;

  private final CacheMeasurement measurement;
  private final CacheProvers provers;
  private final Path folder;

  /**
   * Prepares a run.
   *
   * @param folder for the errors; made if it is not there
   */
  public CacheStudyRun(CacheMeasurement measurement, CacheProvers provers, Path folder)
      throws IOException {
    this.measurement = measurement;
    this.provers = provers;
    this.folder = folder;
    Files.createDirectories(folder);
  }

  /** The honest prover and the deviating ones that this model can be studied with. */
  public List<CacheProver> everyone() {
    List<CacheProver> everyone = new ArrayList<>(List.of(provers.honest()));
    everyone.addAll(measurement.judgesTokens() ? provers.deviating() : provers.deviatingInRows());
    return everyone;
  }

  /**
   * Honest requests for calibrations.
   *
   * @param progress called with the number of requests so far
   */
  public List<CacheRequest> calibration(int count, IntConsumer progress)
      throws IOException, UnusableModelException, MalformedMessageException {
    return measured(provers.honest(), "calibration", "calibration", 0, count, progress);
  }

  /** Number of a prover's first request. */
  public long firstNumber(CacheProver prover) {
    return NUMBERS * (1 + everyone().indexOf(prover));
  }

  /**
   * Requests of a prover, other ones than those of a calibration.
   *
   * @param prover one of {@link #everyone}
   */
  public List<CacheRequest> requests(CacheProver prover, int count, IntConsumer progress)
      throws IOException, UnusableModelException, MalformedMessageException {
    return measured(prover, prover.id(), prover.name(), firstNumber(prover), count, progress);
  }

  private List<CacheRequest> measured(
      CacheProver prover,
      String fileName,
      String name,
      long firstNumber,
      int count,
      IntConsumer progress)
      throws IOException, UnusableModelException, MalformedMessageException {
    try (CacheErrorFile file =
        CacheErrorFile.open(
            folder.resolve(fileName + ".errors"),
            CacheErrorFile.identity(
                measurement.canonical().modelDigest(), measurement.shape(), name, firstNumber),
            measurement.shape())) {
      progress.accept(Math.min(count, file.records()));
      if (file.records() < count) {
        try (Engines engines = prover.source().open()) {
          while (file.records() < count) {
            file.append(measurement.measure(prover, engines, firstNumber + file.records()));
            progress.accept(file.records());
          }
        }
      }
      return file.read(count);
    }
  }
}
