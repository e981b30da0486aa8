package io.verillm.tensorcommit;

import io.verillm.core.tensor.Shape;
import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.vector.InsecureSetup;
import io.verillm.tensorcommit.vector.KzgSetup;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * The schemes by name, each with the sizes that fit a shape, so that prover and verifier who agree
 * on name and shape have the same one. Thread-safe.
 */
public final class TensorSchemes {
  /** The names; the last three stand on an {@link InsecureSetup}. */
  public static final List<String> NAMES =
      List.of("merkle", "kzg", "terkle-kzg", "terkle-grid", "multivariate", "multilinear");

  /** Cells of a row's polynomial and most children of a node over the ceremony. */
  private static final int CELLS = KzgSetup.MAX_CELLS;

  /** Most cells of a node over an insecure grid. */
  private static final int GRID_NODE_CELLS = 256;

  private static final byte[] SEED =
      "verillm insecure setup, known to everybody".getBytes(StandardCharsets.US_ASCII);

  private TensorSchemes() {}

  /**
   * The scheme of a name for tensors of a shape. The insecure setups are made on the spot from a
   * seed that everybody knows, which takes about 30 seconds for a million elements.
   *
   * @param ceremony asked only for the schemes that stand on it, because loading takes about a
   *     second
   * @throws IllegalArgumentException if there is no such scheme, or it cannot take the shape
   */
  public static TensorCommitmentScheme of(
      String name, Shape shape, CurveBackend curve, Supplier<KzgSetup> ceremony) {
    TensorStatement.requireShape(shape);
    return switch (name) {
      case "merkle" -> new MerkleTensors();
      case "kzg" -> new RowTensors(ceremony.get().scheme(CELLS));
      case "terkle-kzg" -> new TerkleTensors(ceremony.get().scheme(CELLS), arity(shape, CELLS));
      case "terkle-grid" -> {
        int[] arity = arity(shape, GRID_NODE_CELLS);
        yield new TerkleTensors(InsecureSetup.generate(arity, SEED, curve).scheme(), arity);
      }
      case "multivariate" ->
          GridTensors.multivariate(
              InsecureSetup.generate(GridTensors.dimensions(shape, false), SEED, curve).scheme(),
              shape);
      case "multilinear" ->
          GridTensors.multilinear(
              InsecureSetup.generate(GridTensors.dimensions(shape, true), SEED, curve).scheme(),
              shape);
      default ->
          throw new IllegalArgumentException(
              "there is no tensor scheme " + name + ", only " + String.join(", ", NAMES));
    };
  }

  /**
   * Children per axis of a tree over tensors of a shape: as even as the rank allows.
   *
   * @param cells most children of a node, at least 2 to the power of the rank
   */
  static int[] arity(Shape shape, int cells) {
    int[] arity = new int[shape.rank()];
    int side = 2;
    while (Math.pow(side + 1, shape.rank()) <= cells) {
      side++;
    }
    Arrays.fill(arity, side);
    long product = (long) Math.pow(side, shape.rank());
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      if (product / side * (side + 1) <= cells) {
        product = product / side * (side + 1);
        arity[axis] = side + 1;
      }
    }
    return arity;
  }
}
