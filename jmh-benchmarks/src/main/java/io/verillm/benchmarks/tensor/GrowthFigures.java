package io.verillm.benchmarks.tensor;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import io.verillm.tensorcommit.CommittedTensor;
import io.verillm.tensorcommit.GridTensors;
import io.verillm.tensorcommit.MerkleTensors;
import io.verillm.tensorcommit.Region;
import io.verillm.tensorcommit.TensorCommitmentScheme;
import io.verillm.tensorcommit.TensorCommitmentScheme.Claim;
import io.verillm.tensorcommit.TensorCommitmentScheme.OpenRequest;
import io.verillm.tensorcommit.TensorOpening;
import io.verillm.tensorcommit.TensorStatement;
import io.verillm.tensorcommit.TerkleTensors;
import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.CurveBackends;
import io.verillm.tensorcommit.vector.InsecureSetup;
import io.verillm.tensorcommit.vector.KzgSetup;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * What commitments cost as tensors grow, and on the shapes of the published example. Runs of
 * seconds to minutes, each a few times: a program that reports medians and ranges of thread CPU
 * time, beside the JMH benchmarks of the short operations.
 *
 * <p>Arguments: {@code growth} with the binary logarithm of the smallest size (10 if left out), or
 * {@code cubes}; or {@code picture TABLE SVG} to draw what {@code growth} printed.
 */
public final class GrowthFigures {
  private static final Digest32 NONCE = Digest32.sha256(new byte[1]);
  private static final int WIDTH = 1024;
  private static final CurveBackend CURVE = CurveBackends.best();
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private GrowthFigures() {}

  /** One scheme on one size; times in milliseconds, smallest, middle and largest of the runs. */
  record Row(
      String scheme,
      long elements,
      double setup,
      double[] build,
      double[] open,
      double[] verify,
      double[] update,
      int proofBytes) {
    String line() {
      return String.format(
          Locale.ROOT,
          "| %s | %d | %.0f | %s | %s | %s | %s | %d |",
          scheme,
          elements,
          setup,
          text(build),
          text(open),
          text(verify),
          text(update),
          proofBytes);
    }

    /** A line of the table, as far as the picture needs it. */
    static Row parse(String line) {
      String[] cells = line.split("\\|");
      double[][] middles = new double[4][];
      for (int i = 0; i < middles.length; i++) {
        middles[i] = new double[] {Double.parseDouble(cells[i + 4].strip().split(" ")[0])};
      }
      return new Row(
          cells[1].strip(),
          Long.parseLong(cells[2].strip()),
          Double.parseDouble(cells[3].strip()),
          middles[0],
          middles[1],
          middles[2],
          middles[3],
          Integer.parseInt(cells[8].strip()));
    }

    private static String text(double[] times) {
      return times.length == 1
          ? String.format(Locale.ROOT, "%.4g (once)", times[0])
          : String.format(
              Locale.ROOT, "%.4g (%.4g–%.4g)", middle(times), times[0], times[times.length - 1]);
    }
  }

  /** The middle of sorted times. */
  static double middle(double[] sorted) {
    return sorted[sorted.length / 2];
  }

  private interface Source {
    TensorCommitmentScheme make();
  }

  /** Measures or draws. */
  public static void main(String[] arguments) throws IOException {
    if (arguments[0].equals("picture")) {
      List<Row> rows = new ArrayList<>();
      for (String line : Files.readAllLines(Path.of(arguments[1]))) {
        if (line.startsWith("| ") && Character.isDigit(line.split("\\|")[2].strip().charAt(0))) {
          rows.add(Row.parse(line));
        }
      }
      Files.writeString(Path.of(arguments[2]), GrowthPicture.svg(rows));
      return;
    }
    System.out.println(
        "| scheme | elements | setup ms | build ms | open ms | verify ms | update ms | proof bytes"
            + " |");
    System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- |");
    if (arguments[0].equals("cubes")) {
      cubes();
    } else {
      growth(arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10);
    }
  }

  private static void growth(int smallest) {
    KzgSetup ceremony = KzgSetup.ethereum(CURVE);
    ceremony.scheme(WIDTH);
    measure("warm-up", Shape.of(64, WIDTH), MerkleTensors::new, 3);
    measure("warm-up", Shape.of(4, WIDTH), () -> tree(ceremony, 8, 128), 3);
    for (int k = smallest; k <= 20; k += 2) {
      Shape shape = Shape.of(1L << (k - 10), WIDTH);
      int repeats = k >= 18 ? 3 : 5;
      print(measure("Merkle tree", shape, MerkleTensors::new, repeats));
      print(measure("Terkle tree", shape, () -> tree(ceremony, 8, 128), repeats));
      print(
          measure(
              "flat, one polynomial",
              shape,
              () ->
                  GridTensors.multilinear(
                      InsecureSetup.generate(
                              GridTensors.dimensions(shape, true), new byte[16], CURVE)
                          .scheme(),
                      shape),
              repeats));
    }
  }

  private static TensorCommitmentScheme tree(KzgSetup setup, int... arity) {
    return new TerkleTensors(setup.scheme(1024), arity);
  }

  private static void cubes() {
    KzgSetup ceremony = KzgSetup.ethereum(CURVE);
    ceremony.scheme(1024);
    measure("warm-up", Shape.of(64, 64), () -> tree(ceremony, 32, 32), 3);
    Shape two = Shape.of(1296, 1296);
    Shape four = Shape.of(36, 36, 36, 36);
    Shape eight = Shape.of(6, 6, 6, 6, 6, 6, 6, 6);
    print(measure("terkle-kzg, 1296², arity 32²", two, () -> tree(ceremony, 32, 32), 3));
    print(measure("terkle-kzg, 36⁴, arity 6²·5²", four, () -> tree(ceremony, 6, 6, 5, 5), 3));
    print(
        measure(
            "terkle-kzg, 6⁸, arity 3²·2⁶", eight, () -> tree(ceremony, 3, 3, 2, 2, 2, 2, 2, 2), 3));
    for (Shape shape : List.of(eight, four, two)) {
      print(
          measure(
              "multivariate, one polynomial, " + shape,
              shape,
              () ->
                  GridTensors.multivariate(
                      InsecureSetup.generate(
                              GridTensors.dimensions(shape, false), new byte[16], CURVE)
                          .scheme(),
                      shape),
              1));
    }
  }

  private static void print(Row row) {
    System.out.println(row.line());
    System.out.flush();
  }

  private static Row measure(String name, Shape shape, Source source, int repeats) {
    byte[] bytes = new byte[Math.toIntExact(2 * shape.elements())];
    new Random(3).nextBytes(bytes);
    TensorView tensor = TensorView.of(DType.U16, shape, ByteBuffer.wrap(bytes));
    long start = THREADS.getCurrentThreadCpuTime();
    TensorCommitmentScheme scheme = source.make();
    double setup = (THREADS.getCurrentThreadCpuTime() - start) / 1e6;
    CommittedTensor[] committed = new CommittedTensor[1];
    double[] build =
        times(repeats, i -> committed[0] = scheme.commit(tensor, TensorStatement.NONE));
    Random random = new Random(4);
    Region[] entry = new Region[1];
    TensorOpening[] opening = new TensorOpening[1];
    entry[0] = entry(shape, random);
    scheme.open(List.of(new OpenRequest(committed[0], entry[0])), NONCE); // tables on first use
    double[] open =
        times(
            repeats,
            i -> {
              entry[0] = entry(shape, random);
              opening[0] = scheme.open(List.of(new OpenRequest(committed[0], entry[0])), NONCE);
            });
    List<Claim> claims = List.of(new Claim(committed[0].root(), entry[0]));
    double[] verify =
        times(
            20,
            i -> {
              if (!scheme.verify(claims, NONCE, opening[0]).verified()) {
                throw new IllegalStateException("would time a wrong answer");
              }
            });
    double[] update =
        times(
            10 * repeats, i -> committed[0].update(entry(shape, random), new byte[] {(byte) i, 1}));
    return new Row(
        name, shape.elements(), setup, build, open, verify, update, opening[0].proofBytes());
  }

  private static Region entry(Shape shape, Random random) {
    long[] index = new long[shape.rank()];
    for (int axis = 0; axis < index.length; axis++) {
      index[axis] = random.nextInt((int) shape.dimension(axis));
    }
    return Region.entry(index);
  }

  private interface Run {
    void run(int number);
  }

  private static double[] times(int count, Run run) {
    double[] times = new double[count];
    for (int i = 0; i < count; i++) {
      long start = THREADS.getCurrentThreadCpuTime();
      run.run(i);
      times[i] = (THREADS.getCurrentThreadCpuTime() - start) / 1e6;
    }
    Arrays.sort(times);
    return times;
  }
}
