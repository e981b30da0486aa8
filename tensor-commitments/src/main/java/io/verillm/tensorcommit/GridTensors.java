package io.verillm.tensorcommit;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.curve.Scalars;
import io.verillm.tensorcommit.vector.Cells;
import io.verillm.tensorcommit.vector.GridScheme;
import io.verillm.tensorcommit.vector.SliceClaim;
import io.verillm.tensorcommit.vector.Transcript;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The schemes {@code multivariate} and {@code multilinear}: one polynomial for the whole tensor.
 *
 * <p>Multivariate: the polynomial's variables are the tensor's axes, except those of length one.
 * Multilinear: every axis is padded to a power of two and has one variable per bit of its index,
 * the highest first. The root is one point. A slice along any axis is opened with one quotient; a
 * block is opened as the slices that it consists of.
 */
public final class GridTensors extends AlgebraicTensors<GridTensors.Grid> {
  private final GridScheme grid;
  private final boolean multilinear;
  private final Shape shape;

  /** First variable of each axis; as many variables as {@link #widths} says. */
  private final int[] first;

  private final int[] widths;

  private GridTensors(GridScheme grid, Shape shape, boolean multilinear) {
    super(Grid.class);
    this.grid = grid;
    this.shape = shape;
    this.multilinear = multilinear;
    this.first = new int[shape.rank()];
    this.widths = new int[shape.rank()];
    int next = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      first[axis] = next;
      widths[axis] = multilinear ? bits(shape.dimension(axis)) : shape.dimension(axis) > 1 ? 1 : 0;
      next += widths[axis];
    }
    int[] needed = dimensions(shape, multilinear);
    if (!Arrays.equals(needed, grid.dimensions())) {
      throw new IllegalArgumentException(
          "a tensor of shape "
              + shape
              + " needs a grid of "
              + Arrays.toString(needed)
              + ", the setup has "
              + Arrays.toString(grid.dimensions()));
    }
  }

  /** The scheme whose variables are the axes of tensors of a shape. */
  public static GridTensors multivariate(GridScheme grid, Shape shape) {
    return new GridTensors(grid, shape, false);
  }

  /** The scheme whose variables are the bits of the indices. */
  public static GridTensors multilinear(GridScheme grid, Shape shape) {
    return new GridTensors(grid, shape, true);
  }

  private static int bits(long length) {
    return 64 - Long.numberOfLeadingZeros(length - 1);
  }

  /**
   * The grid that tensors of a shape need.
   *
   * @throws IllegalArgumentException if the tensor has one element only
   */
  public static int[] dimensions(Shape shape, boolean multilinear) {
    List<Integer> out = new ArrayList<>();
    for (long length : shape.toArray()) {
      if (multilinear) {
        for (int bit = 0; bit < bits(length); bit++) {
          out.add(2);
        }
      } else if (length > 1) {
        out.add(Math.toIntExact(length));
      }
    }
    if (out.isEmpty()) {
      throw new IllegalArgumentException("a tensor of one element has no grid");
    }
    return out.stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public String name() {
    return multilinear ? "multilinear" : "multivariate";
  }

  @Override
  public Digest32 setupId() {
    return grid.setupId();
  }

  private List<Integer> parameters() {
    return Arrays.stream(grid.dimensions()).boxed().toList();
  }

  @Override
  public SchemeCost cost(DType dtype, Shape wanted) {
    ElementCodec.requireAlgebraic(dtype);
    requireFits(wanted);
    int variables = grid.dimensions().length;
    return new SchemeCost(
        shape.elements(),
        multilinear ? grid.cells() - 1L : 2L * grid.cells(),
        variables * G1Point.BYTES,
        variables + 1,
        1,
        0);
  }

  @Override
  boolean isInsecure() {
    return grid.isInsecure();
  }

  @Override
  void requireFits(Shape wanted) {
    if (!fits(wanted)) {
      throw new IllegalArgumentException(
          "the setup is for tensors of shape " + shape + ", not " + wanted);
    }
  }

  /** Multilinear: every shape that is padded to the same grid. */
  private boolean fits(Shape wanted) {
    if (wanted.rank() != shape.rank()) {
      return false;
    }
    for (int axis = 0; axis < shape.rank(); axis++) {
      long length = wanted.dimension(axis);
      if (multilinear
          ? length < 1 || bits(length) != widths[axis]
          : length != shape.dimension(axis)) {
        return false;
      }
    }
    return true;
  }

  @Override
  Grid commit(TensorBytes bytes, Digest32 context) {
    return new Grid(bytes, context);
  }

  /** The grid cell of an element. */
  private int gridCell(long[] index) {
    int cell = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      int length = multilinear ? 1 << widths[axis] : (int) shape.dimension(axis);
      cell = cell * length + (int) index[axis];
    }
    return cell;
  }

  private Cells cells(TensorBytes bytes) {
    long[] out = new long[grid.cells()];
    int[] element = {0};
    Region.all(bytes.shape()).forEach(index -> out[gridCell(index)] = bytes.cell(element[0]++));
    return Cells.of(out);
  }

  /** A tensor and its one point. */
  final class Grid extends AlgebraicTensors.Committed {
    private G1Point point;

    private Grid(TensorBytes bytes, Digest32 context) {
      super(bytes, context);
      this.point = grid.commit(cells(bytes).toScalars());
    }

    @Override
    public TensorRoot root() {
      TensorStatement statement =
          new TensorStatement(
              name(), bytes.dtype(), bytes.shape(), setupId(), context, parameters());
      return new TensorRoot(statement, point.encode());
    }

    @Override
    void grow(long[] index, long delta) {
      point = grid.moved(point, gridCell(index), delta);
    }

    @Override
    void settle() {}

    /** Multilinear only, up to the power of two that the first axis is padded to. */
    @Override
    public void append(TensorView rows) {
      long before = bytes.shape().dimension(0);
      long room = (multilinear ? 1L << widths[0] : before) - before;
      if (rows.shape().rank() == 0 || rows.shape().dimension(0) > room) {
        throw new IllegalArgumentException(
            "the grid has room for "
                + room
                + " more along the first axis; append to a Terkle tree instead");
      }
      take(rows);
      int first = (int) before * (grid.cells() >>> widths[0]);
      long[] added = new long[(int) rows.shape().dimension(0) * (grid.cells() >>> widths[0])];
      int[] element = {(int) (before * (bytes.shape().elements() / bytes.shape().dimension(0)))};
      long[] start = new long[shape.rank()];
      long[] count = bytes.shape().toArray();
      start[0] = before;
      count[0] -= before;
      Region.block(start, count)
          .forEach(index -> added[gridCell(index) - first] = bytes.cell(element[0]++));
      point = grid.curve().add(point, grid.commitFrom(first, Scalars.ofLongs(added)));
    }
  }

  /** The slices that make up a region: axes that it spans are free, the others are enumerated. */
  private List<SliceClaim> slices(
      int vector, Region region, Shape shape, DType dtype, byte[] values) {
    int fixed = 0;
    long[] start = new long[shape.rank()];
    long[] count = new long[shape.rank()];
    long[] freeCount = new long[shape.rank()];
    for (int axis = 0; axis < shape.rank(); axis++) {
      boolean whole = region.count(axis) == shape.dimension(axis);
      start[axis] = whole ? 0 : region.start(axis);
      count[axis] = whole ? 1 : region.count(axis);
      freeCount[axis] = whole ? shape.dimension(axis) : 1;
      if (!whole) {
        fixed |= ((1 << widths[axis]) - 1) << first[axis];
      }
    }
    int axes = fixed;
    List<SliceClaim> out = new ArrayList<>();
    Region.block(start, count)
        .forEach(
            place -> {
              long[] sliceStart = place.clone();
              Cells cells =
                  sliceCells(region, Region.block(sliceStart, freeCount), shape, dtype, values);
              out.add(new SliceClaim(vector, axes, coordinates(place, axes), cells));
            });
    return out;
  }

  private int[] coordinates(long[] place, int axes) {
    int[] out = new int[grid.dimensions().length];
    for (int axis = 0; axis < shape.rank(); axis++) {
      for (int k = 0; k < widths[axis]; k++) {
        int variable = first[axis] + k;
        if ((axes >>> variable & 1) != 0) {
          out[variable] =
              multilinear ? (int) (place[axis] >>> (widths[axis] - 1 - k)) & 1 : (int) place[axis];
        }
      }
    }
    return out;
  }

  /** The values of one slice, padded along its free axes as the grid is. */
  private Cells sliceCells(Region region, Region slice, Shape shape, DType dtype, byte[] values) {
    int size = 1;
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (slice.count(axis) == shape.dimension(axis)) {
        size *= multilinear ? 1 << widths[axis] : (int) shape.dimension(axis);
      }
    }
    long[] out = new long[size];
    slice.forEach(
        index -> {
          int cell = 0;
          int from = 0;
          for (int axis = 0; axis < shape.rank(); axis++) {
            from = from * (int) region.count(axis) + (int) (index[axis] - region.start(axis));
            if (slice.count(axis) == shape.dimension(axis)) {
              int length = multilinear ? 1 << widths[axis] : (int) shape.dimension(axis);
              cell = cell * length + (int) index[axis];
            }
          }
          out[cell] = ElementCodec.cell(dtype, values, from * dtype.bytes());
        });
    return Cells.of(out);
  }

  private static boolean isWhole(Region region, Shape shape) {
    return region.equals(Region.all(shape));
  }

  @Override
  TensorOpening open(List<Grid> tensors, List<OpenedRegion> opened, Digest32 nonce) {
    List<Cells> vectors = new ArrayList<>();
    List<SliceClaim> slices = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      TensorBytes bytes = tensors.get(i).bytes;
      OpenedRegion values = opened.get(i);
      if (!isWhole(values.region(), bytes.shape())) {
        slices.addAll(
            slices(vectors.size(), values.region(), bytes.shape(), bytes.dtype(), values.values()));
        vectors.add(cells(bytes));
      }
    }
    return new TensorOpening(
        name(), nonce, opened, grid.proveSlices(vectors, slices), List.of(), List.of());
  }

  @Override
  TensorOutcome check(List<Claim> claims, Digest32 nonce, TensorOpening opening) {
    if (!opening.hashes().isEmpty() || !opening.leaves().isEmpty()) {
      return TensorOutcome.WRONG_PROOF_SIZE;
    }
    List<G1Point> commitments = new ArrayList<>();
    List<SliceClaim> slices = new ArrayList<>();
    for (int i = 0; i < claims.size(); i++) {
      TensorStatement statement = claims.get(i).root().statement();
      if (!ElementCodec.isAlgebraic(statement.dtype())
          || !statement.parameters().equals(parameters())
          || !fits(statement.shape())) {
        return TensorOutcome.WRONG_STATEMENT;
      }
      G1Point point;
      try {
        point = grid.curve().decodeG1(claims.get(i).root().root(), "root");
      } catch (MalformedMessageException e) {
        return TensorOutcome.WRONG_ROOT;
      }
      Region region = claims.get(i).region();
      byte[] values = opening.opened().get(i).values();
      if (isWhole(region, statement.shape())) {
        Cells cells = sliceCells(region, region, statement.shape(), statement.dtype(), values);
        if (!grid.commit(cells.toScalars()).equals(point)) {
          return TensorOutcome.ROW_MISMATCH;
        }
      } else {
        slices.addAll(
            slices(commitments.size(), region, statement.shape(), statement.dtype(), values));
        commitments.add(point);
      }
    }
    if (slices.isEmpty()) {
      return opening.points().isEmpty() ? TensorOutcome.VERIFIED : TensorOutcome.WRONG_PROOF_SIZE;
    }
    Transcript transcript = OpeningChecks.transcript(name(), claims, opening.opened(), nonce);
    return OpeningChecks.outcome(
        grid.verifySlices(commitments, slices, opening.points(), transcript));
  }
}
