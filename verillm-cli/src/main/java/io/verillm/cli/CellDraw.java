package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.cache.sampling.CacheDeviation;
import io.verillm.cache.sampling.SamplingPlan;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Which cells of a cache a challenge draws, with what that costs and misses, known beforehand. */
final class CellDraw {
  private final SamplingPlan plan;
  private final SamplingPlan.Estimate estimate;

  private CellDraw(SamplingPlan plan, SamplingPlan.Estimate estimate) {
    this.plan = plan;
    this.estimate = estimate;
  }

  /**
   * Plans a draw.
   *
   * @param folder the ordered model's; null for the demo model
   * @param cells at least this many
   */
  static CellDraw of(Receipt receipt, @Nullable Path folder, int cells) throws IOException {
    if (cells < 1) {
      throw new CommandFailure(
          ExitCode.USAGE, "--cells " + cells + " opens nothing", "give a number from 1 on");
    }
    ModelDimensions model = ModelOption.dimensions(folder);
    // The last sampled token is never fed and has no rows.
    int committed = receipt.promptTokens() + receipt.outputTokens() - 1;
    DType dtype =
        receipt.profile().equals(TraceProfile.keysAndValues(DType.BF16).digest())
            ? DType.BF16
            : DType.F32;
    TraceLayout layout = TraceLayout.of(TraceProfile.keysAndValues(dtype), model);
    SamplingPlan plan = SamplingPlan.covering(cells, committed, model.layers());
    return new CellDraw(plan, plan.estimate(layout, committed));
  }

  ChallengePlan plan() {
    return plan.challengePlan();
  }

  private static String name(CacheDeviation deviation) {
    if (deviation instanceof CacheDeviation.EveryCell) {
      return "every cell";
    }
    if (deviation instanceof CacheDeviation.Suffix suffix) {
      return "all layers from " + suffix.layer() + " on";
    }
    if (deviation instanceof CacheDeviation.Positions some) {
      return some.count() + " positions in the last layer";
    }
    return "one cell";
  }

  void report(ObjectNode line) {
    line.put("cells", estimate.cells());
    line.put("openingBytesAtMost", estimate.openingBytes());
    line.put("matchOperations", estimate.matchOperations());
    ObjectNode misses = line.putObject("missProbability");
    for (Map.Entry<CacheDeviation, Double> miss : estimate.missProbability().entrySet()) {
      misses.put(name(miss.getKey()), miss.getValue());
    }
  }

  void report(Consumer<String> say) {
    say.accept(
        "draws "
            + estimate.cells()
            + " cells; the opening takes at most "
            + estimate.openingBytes()
            + " bytes");
    estimate.missProbability().entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(
            miss ->
                say.accept(
                    String.format(
                        Locale.ROOT,
                        "misses a deviation in %s with probability %.4f",
                        name(miss.getKey()),
                        miss.getValue())));
  }
}
