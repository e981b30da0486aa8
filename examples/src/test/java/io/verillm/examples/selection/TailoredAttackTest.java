package io.verillm.examples.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.SafetensorsReader;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.demo.DemoModel;
import io.verillm.exec.ModelFolder;
import io.verillm.exec.TransformerExecutor;
import io.verillm.stats.cdv.RelativeDistance;
import io.verillm.stats.robust.ClopperPearson;
import io.verillm.tensorcommit.selection.DetectionPower;
import io.verillm.tensorcommit.selection.LayerSelection;
import io.verillm.tensorcommit.selection.LayerSelector;
import io.verillm.tensorcommit.selection.WeightScores;
import io.verillm.testkit.AlteredWeights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Attacks confined to the matrices that a selection leaves out, at equal verifier budget, against
 * every selection.
 *
 * <p>A unit is one matrix of the demo model. A prover that cheats in a unit rounds it to 4 bits. A
 * verifier that has the unit re-executes its block from the claimed input rows and sees a relative
 * distance of the output rows; it detects if that is above what rounding honest input rows to BF16
 * gives. Both are measured here for every unit and every sequence of tokens; a trial draws a
 * sequence and four units of those that the attacker knows to be left out.
 */
@Tag("long")
class TailoredAttackTest {
  private static final int SEQUENCES = 24;
  private static final int TOKENS = 48;
  private static final int TRIALS = 2000;
  private static final int ATTACKED = 4;
  private static final int VERIFIERS = 3;
  private static final double BUDGET_SHARE = 0.1;
  private static final List<String> MATRICES =
      List.of(
          "self_attn.q_proj",
          "self_attn.k_proj",
          "self_attn.v_proj",
          "self_attn.o_proj",
          "mlp.gate_proj",
          "mlp.up_proj",
          "mlp.down_proj");

  @TempDir private Path scratch;

  private final List<String> names = new ArrayList<>();
  private long[] costs = new long[0];
  private long[] budgets = new long[0];
  private ModelExecutor honest;
  private TensorView[][] inputs; // [sequence][block]
  private double[][][] outputs;
  private boolean[][] visible; // [unit][sequence]

  @Test
  void attacksOutsideASelection_againstEverySelection_areCaughtByRandomOnesOnly() throws Exception {
    Path folder = DemoModel.MAIN.copyTo(scratch.resolve("model"));
    SafetensorsReader weights = SafetensorsReader.open(folder);
    try (ModelExecutor executor = load(folder)) {
      honest = executor;
      for (int block = 0; block < executor.dimensions().layers(); block++) {
        for (String matrix : MATRICES) {
          names.add("model.layers." + block + "." + matrix + ".weight");
        }
      }
      costs = names.stream().mapToLong(n -> weights.entry(n).shape().elements()).toArray();
      long budget = (long) (BUDGET_SHARE * Arrays.stream(costs).sum());
      budgets = new long[VERIFIERS];
      Arrays.fill(budgets, budget);
      runHonestly();
      measureVisibility(folder);
    }
    Map<String, LayerSelection> selections = new LinkedHashMap<>();
    double[] exponents =
        names.stream()
            .mapToDouble(name -> WeightScores.spectralExponent(weights.tensor(name)))
            .toArray();
    selections.put("spectral", select(WeightScores.significance(exponents, costs)));
    selections.put(
        "L1",
        select(names.stream().mapToDouble(n -> WeightScores.l1(weights.tensor(n))).toArray()));
    selections.put(
        "L2",
        select(names.stream().mapToDouble(n -> WeightScores.l2(weights.tensor(n))).toArray()));
    selections.put("measured power", select(power()));
    report(selections);
  }

  private static ModelExecutor load(Path folder) throws Exception {
    return TransformerExecutor.load(ModelFolder.open(folder), CanonicalKernels.singleThreaded());
  }

  private LayerSelection select(double[] scores) {
    return new LayerSelector(scores, costs).selectAnyOrder(budgets);
  }

  /** Sequences are drawn by the model itself, at temperature 1. */
  private void runHonestly() {
    int blocks = honest.dimensions().layers();
    inputs = new TensorView[SEQUENCES][blocks];
    outputs = new double[SEQUENCES][blocks][];
    for (int s = 0; s < SEQUENCES; s++) {
      int[] tokens = sample(new SplittableRandom(100 + s));
      int sequence = s;
      honest.prefill(
          tokens,
          new LayerRange(0, blocks),
          null,
          new CaptureSink() {
            @Override
            public boolean wants(RowKey key) {
              return key.kind() == TensorKind.HIDDEN && key.hook() != HookPoint.AFTER_FINAL_NORM;
            }

            @Override
            public void accept(RowKey key, int first, TensorView rows) {
              if (key.hook() == HookPoint.BLOCK_INPUT) {
                inputs[sequence][key.layer()] =
                    TensorView.copyOf(rows.shape(), FloatTensors.toFloats(rows));
              } else {
                outputs[sequence][key.layer()] = doubles(rows);
              }
            }
          },
          LogitsSink.none());
    }
  }

  private int[] sample(SplittableRandom random) {
    int[] tokens = new int[TOKENS];
    tokens[0] = 1 + random.nextInt(500);
    try (var session = honest.openSession(TOKENS, CaptureSink.none())) {
      for (int i = 1; i < TOKENS; i++) {
        float[] logits = honest.decodeStep(session, tokens[i - 1]);
        double best = Double.NEGATIVE_INFINITY;
        for (int id = 0; id < logits.length; id++) {
          double value = logits[id] - Math.log(-Math.log(random.nextDouble()));
          if (value > best) {
            best = value;
            tokens[i] = id;
          }
        }
      }
    }
    return tokens;
  }

  private static double[] doubles(TensorView rows) {
    float[] values = FloatTensors.toFloats(rows);
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private double[] rerun(ModelExecutor executor, int block, TensorView input) {
    TensorView none = TensorView.copyOf(Shape.of(0, honest.dimensions().keyWidth()), new float[0]);
    TensorView noValues =
        TensorView.copyOf(Shape.of(0, honest.dimensions().valueWidth()), new float[0]);
    return doubles(executor.layer(block, 0, input, none, noValues).outputRows());
  }

  private void measureVisibility(Path folder) throws Exception {
    double[] tolerance = new double[honest.dimensions().layers()];
    for (int s = 0; s < SEQUENCES; s++) {
      for (int block = 0; block < tolerance.length; block++) {
        TensorView rounded =
            FloatTensors.ofFloats(
                DType.BF16, inputs[s][block].shape(), FloatTensors.toFloats(inputs[s][block]));
        double distance = RelativeDistance.of(outputs[s][block], rerun(honest, block, rounded));
        tolerance[block] = Math.max(tolerance[block], distance);
      }
    }
    visible = new boolean[names.size()][SEQUENCES];
    for (int unit = 0; unit < names.size(); unit++) {
      int block = unit / MATRICES.size();
      Path altered =
          AlteredWeights.int4Matrix(folder, scratch.resolve("unit" + unit), names.get(unit));
      try (ModelExecutor cheating = load(altered)) {
        for (int s = 0; s < SEQUENCES; s++) {
          double[] claimed = rerun(cheating, block, inputs[s][block]);
          assertThat(claimed).isNotEqualTo(outputs[s][block]); // exact classes see every bit
          visible[unit][s] = RelativeDistance.of(claimed, outputs[s][block]) > tolerance[block];
        }
      }
    }
  }

  /** Measured power per unit, through the file that a study would leave. */
  private double[] power() throws Exception {
    StringBuilder file = new StringBuilder("# unit, share of sequences in which it shows\n");
    for (int unit = 0; unit < names.size(); unit++) {
      int shown = 0;
      for (boolean one : visible[unit]) {
        shown += one ? 1 : 0;
      }
      file.append(unit).append(',').append((double) shown / SEQUENCES).append('\n');
      System.out.println(names.get(unit) + " shows in " + shown + " of " + SEQUENCES);
    }
    return DetectionPower.parse(file.toString(), names.size());
  }

  private void report(Map<String, LayerSelection> selections) {
    selections.forEach(
        (name, selection) -> {
          long covered =
              IntStream.range(0, names.size())
                  .filter(selection::contains)
                  .mapToLong(unit -> costs[unit])
                  .sum();
          System.out.printf(
              Locale.ROOT,
              "%s has %s, %.3f of the parameters%n",
              name,
              selection.intervals(),
              (double) covered / Arrays.stream(costs).sum());
        });
    List<String> verifiers = new ArrayList<>(selections.keySet());
    verifiers.add("random");
    System.out.println(
        "| attack confined to what is left out by | " + String.join(" | ", verifiers) + " |");
    for (String known : selections.keySet()) {
      StringBuilder line = new StringBuilder("| " + known + " |");
      for (String verifier : verifiers) {
        int hits = 0;
        SplittableRandom random = new SplittableRandom(9000);
        for (int trial = 0; trial < TRIALS; trial++) {
          LayerSelection checked =
              verifier.equals("random")
                  ? select(WeightScores.random(names.size(), random.nextLong()))
                  : selections.get(verifier);
          hits += isCaught(selections.get(known), checked, random) ? 1 : 0;
        }
        var interval = ClopperPearson.interval(hits, TRIALS, 0.95);
        line.append(
            String.format(
                Locale.ROOT,
                " %.3f (%.3f–%.3f) |",
                (double) hits / TRIALS,
                interval.lower(),
                interval.upper()));
        if (verifier.equals(known)) {
          assertThat(hits).as("an attack outside %s, seen by it", known).isZero();
        } else if (verifier.equals("random")) {
          assertThat(interval.lower()).as("an attack outside %s, random", known).isGreaterThan(0.2);
        }
      }
      System.out.println(line);
    }
  }

  private boolean isCaught(LayerSelection known, LayerSelection checked, SplittableRandom random) {
    List<Integer> free =
        new ArrayList<>(
            IntStream.range(0, names.size()).filter(u -> !known.contains(u)).boxed().toList());
    int sequence = random.nextInt(SEQUENCES);
    boolean caught = false;
    for (int i = 0; i < ATTACKED; i++) {
      int unit = free.remove(random.nextInt(free.size()));
      caught |= checked.contains(unit) && visible[unit][sequence];
    }
    return caught;
  }
}
