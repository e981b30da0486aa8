package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.core.trace.TraceProfile;
import io.verillm.demo.DemoModel;
import io.verillm.exec.LlamaConfig;
import io.verillm.exec.RandomModel;
import io.verillm.exec.SharedStepExecutor;
import io.verillm.exec.cost.CostMeasurement;
import io.verillm.exec.cost.MachineRates;
import io.verillm.exec.cost.RequestCost;
import io.verillm.exec.cost.RequestShape;
import io.verillm.exec.torch.TorchExecutor;
import io.verillm.exec.torch.TorchProductRate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what verification costs here. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures what committing and verifying cost beside generating, on this machine, and",
      "compares with the law B x (n/n_out) x (2/bytes per weight) x (BW/F).",
      "Run it on a quiet machine: these are wall-clock times."
    })
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      description = "Hugging Face folder of the Llama family; default: the shipped demo model")
  private @Nullable Path model;

  @Option(
      names = "--random-50m",
      description = "a model of 50 million random parameters, for the cost at a more real size")
  private boolean random;

  @Option(
      names = "--shapes",
      split = ",",
      defaultValue = "128/128,512/128,128/512",
      description = "prompt/answer tokens; default 128/128,512/128,128/512")
  private List<String> shapes;

  @Option(
      names = "--batches",
      split = ",",
      defaultValue = "1,4,16",
      description = "requests that share a decode step of the prover; default 1,4,16")
  private List<Integer> batches;

  @Option(names = "--repeats", defaultValue = "3", description = "takes of each time; default 3")
  private int repeats;

  @Mixin private EngineOption engine;
  @Mixin private OutputOption output;
  @Mixin private PageOption page;

  /**
   * One measured shape beside what the law says.
   *
   * @param decodeShare of the rate at which memory gives weights
   * @param prefillShare of the rate of large products
   */
  record Line(RequestCost cost, double law, double decodeShare, double prefillShare) {}

  /** Everything that a page needs. */
  record Result(
      String executionClass,
      MachineRates rates,
      double bytesPerWeight,
      List<Line> lines,
      List<String> leftOut) {}

  @Override
  public Integer call() throws IOException {
    List<RequestShape> wanted = wanted();
    Path temporary = Files.createTempDirectory("verillm-bench");
    try {
      Result result = measure(folder(temporary), wanted);
      ObjectNode answer = json(result);
      page.write(spec, answer, provenance -> BenchPage.of(result, provenance));
      if (output.json()) {
        output.print(spec, answer);
      } else {
        say(result);
        if (answer.has("report")) {
          output.say(spec, "report: " + answer.get("report").asText());
        }
      }
    } finally {
      Folders.delete(temporary);
    }
    return ExitCode.ACCEPTED;
  }

  private List<RequestShape> wanted() {
    if (repeats < 1 || repeats > 100) {
      throw new CommandFailure(ExitCode.USAGE, "--repeats " + repeats, "a number from 1 to 100");
    }
    List<RequestShape> wanted = new ArrayList<>();
    for (int batch : batches) {
      for (String shape : shapes) {
        String[] parts = shape.split("/", -1);
        try {
          if (parts.length != 2 || batch > 1024) {
            throw new IllegalArgumentException();
          }
          wanted.add(
              new RequestShape(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), batch));
        } catch (IllegalArgumentException e) {
          throw new CommandFailure(
              ExitCode.USAGE,
              "no shape: " + shape + " in batches of " + batch,
              "--shapes 128/128,128/512 --batches 1,4; at least 2 tokens each, batches 1 to 1024");
        }
      }
    }
    return wanted;
  }

  private Path folder(Path temporary) throws IOException {
    Path given = model;
    if (given != null && random) {
      throw new CommandFailure(
          ExitCode.USAGE, "--model and --random-50m exclude each other", "leave one of them out");
    }
    if (given != null) {
      ModelOption.require(given);
      return given;
    }
    return random
        ? RandomModel.fiftyMillion().writeTo(temporary)
        : DemoModel.MAIN.copyTo(temporary);
  }

  private Result measure(Path folder, List<RequestShape> wanted) throws IOException {
    try (LoadedModel single = engine.load(folder, "canonical", 1);
        Progress progress = output.progress(spec, "measuring", wanted.size() + 1L)) {
      SharedStepExecutor alone = (SharedStepExecutor) single.executor();
      MachineRates rates =
          new MachineRates(
              MachineRates.readRate(engine.threads()),
              engine.isTorch()
                  ? TorchProductRate.measure(engine.threads())
                  : MachineRates.canonicalProductRate(engine.threads()));
      progress.step();
      CostMeasurement measurement =
          new CostMeasurement(
              single.tokenizer(),
              single.eosIds(),
              TraceProfile.standard(single.rowType()),
              repeats);
      double bytesPerWeight = bytesPerWeight(alone, single.config());
      long weightsPerStep = single.config().blockWeights() + single.config().headWeights();
      List<Line> lines = new ArrayList<>();
      List<String> leftOut = new ArrayList<>();
      for (RequestShape shape : wanted) {
        int most = alone.dimensions().maxPositions();
        if (shape.prompt() + shape.answer() > most) {
          leftOut.add(
              shape.prompt() + "/" + shape.answer() + ": the model takes " + most + " positions");
        } else {
          RequestCost cost = measure(folder, shape, measurement, alone);
          lines.add(
              new Line(
                  cost,
                  cost.law(rates, bytesPerWeight),
                  cost.decodeShareOfReadRate(rates, bytesPerWeight * weightsPerStep),
                  cost.prefillShareOfProductRate(rates, single.config())));
        }
        progress.step();
      }
      return new Result(
          alone.describe().toString(),
          rates,
          bytesPerWeight,
          lines,
          leftOut.stream().distinct().toList());
    }
  }

  /** libtorch's executor is made for one batch size, which is part of its class. */
  private RequestCost measure(
      Path folder, RequestShape shape, CostMeasurement measurement, SharedStepExecutor alone)
      throws IOException {
    if (!engine.isTorch() || shape.batch() == 1) {
      return measurement.measure(shape, alone, alone);
    }
    try (LoadedModel serving =
        LoadedModel.loadTorch(folder, engine.torch().withBatch(shape.batch()))) {
      return measurement.measure(shape, (SharedStepExecutor) serving.executor(), alone);
    }
  }

  /** Of the weights that a decode step reads, as they lie in memory. */
  private double bytesPerWeight(SharedStepExecutor executor, LlamaConfig config) {
    if (!engine.isTorch()) {
      return Float.BYTES;
    }
    TorchExecutor torch = (TorchExecutor) executor;
    long all = config.blockWeights() + (config.tiedEmbeddings() ? 1 : 2) * config.headWeights();
    return Math.rint((double) (torch.mappedBytes() + torch.copiedBytes()) / all);
  }

  private ObjectNode json(Result result) {
    ObjectNode root = Json.object();
    root.put("class", result.executionClass());
    root.put("readBytesPerSecond", result.rates().readBytesPerSecond());
    root.put("productFlops", result.rates().productFlops());
    root.put("bytesPerWeight", result.bytesPerWeight());
    ArrayNode rows = root.putArray("results");
    for (Line line : result.lines()) {
      RequestCost cost = line.cost();
      rows.addObject()
          .put("prompt", cost.shape().prompt())
          .put("answer", cost.shape().answer())
          .put("batch", cost.shape().batch())
          .put("decodeSeconds", cost.decodeSeconds())
          .put("decodeSerialSeconds", cost.serialSeconds())
          .put("decodeOverlappedSeconds", cost.overlappedSeconds())
          .put("commitShareSerial", cost.serialShare())
          .put("commitShareOverlapped", cost.overlappedShare())
          .put("prefillSeconds", cost.prefillSeconds())
          .put("verifySeconds", cost.verifySeconds())
          .put("halfLayersSeconds", cost.halfLayersSeconds())
          .put("receiptBytes", cost.receiptBytes())
          .put("openingBytes", cost.openingBytes())
          .put("receiptBytesPerToken", (double) cost.receiptBytes() / cost.shape().answer())
          .put("openingBytesPerToken", (double) cost.openingBytes() / cost.shape().answer())
          .put("ratio", cost.ratio())
          .put("law", line.law())
          .put("decodeShareOfReadRate", line.decodeShare())
          .put("prefillShareOfProductRate", line.prefillShare())
          .put("shareForOnePercent", cost.shareForOnePercent());
    }
    ArrayNode left = root.putArray("leftOut");
    result.leftOut().forEach(left::add);
    return root;
  }

  private void say(Result result) {
    output.say(spec, result.executionClass());
    output.say(
        spec,
        String.format(
            Locale.ROOT,
            "memory read %.1f GB/s, products %.1f GFLOP/s, %.0f bytes per weight",
            result.rates().readBytesPerSecond() / 1e9,
            result.rates().productFlops() / 1e9,
            result.bytesPerWeight()));
    output.say(
        spec,
        "prompt/answer batch   decode s (of floor)  commit serial/overlapped  verify s (of products)"
            + "  ratio    law  receipt+opening B/token  verify 1 in");
    for (Line line : result.lines()) {
      RequestCost cost = line.cost();
      output.say(
          spec,
          String.format(
              Locale.ROOT,
              "%13s %5d %10.3f %7.0f %%   %11.3f %% /%8.3f %% %9.3f %11.0f %%  %6.3f %6.3f"
                  + "  %10.1f + %9.1f %12.0f",
              cost.shape().prompt() + "/" + cost.shape().answer(),
              cost.shape().batch(),
              cost.decodeSeconds(),
              100 * line.decodeShare(),
              100 * cost.serialShare(),
              100 * cost.overlappedShare(),
              cost.verifySeconds(),
              100 * line.prefillShare(),
              cost.ratio(),
              line.law(),
              (double) cost.receiptBytes() / cost.shape().answer(),
              (double) cost.openingBytes() / cost.shape().answer(),
              1 / cost.shareForOnePercent()));
    }
    result.leftOut().forEach(line -> output.say(spec, "left out " + line));
    output.say(
        spec,
        "of floor: reading the weights once at the memory's rate, over the time of a decode step; of"
            + " products: the prefill's, over the rate of large ones. Above 100 % another type or"
            + " another moment was faster.");
    output.say(
        spec,
        "verify 1 in: verifying one answer in so many costs 1 % of generating. Sampling answers"
            + " keeps every check on those; running fewer layers would drop the token check.");
  }
}
