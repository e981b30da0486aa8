package io.verillm.cache.compact;

import io.verillm.cache.layout.KvPart;
import io.verillm.cache.matching.CellError;
import io.verillm.cache.matching.CellErrors;
import io.verillm.cache.matching.CellMeasurement;
import io.verillm.core.challenge.Sketches;
import io.verillm.core.spi.ComparisonKernels;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.Trace;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.wire.Digest32;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * Sketches of the rows that a challenge drew, in place of the rows. Four steps: rows are committed;
 * a round of randomness after the ack draws cells and directions; the prover signs the sketches; a
 * later round draws spots, whose whole rows must lead to the committed head and give exactly the
 * sketches that were signed.
 *
 * <p>The second round must be one that the prover cannot know when it signs: a digest of the
 * sketches themselves would let it try until the spots fall where it did not lie. Sketches of
 * {@code m} wrong rows escape {@code k} spots with the probability that {@link Sketches#escape}
 * states. Immutable.
 */
public final class SketchOpening {
  private final Sketches sketches;

  private SketchOpening(Sketches sketches) {
    this.sketches = sketches;
  }

  /** What a verifier received. */
  public static SketchOpening of(Sketches sketches) {
    return new SketchOpening(sketches);
  }

  /** The cache rows of a draw in the order of their sketches: by position, then by row index. */
  private static List<Map.Entry<Integer, TraceLayout.Row>> order(
      SortedMap<Integer, List<Integer>> drawn, TraceLayout layout) {
    List<Map.Entry<Integer, TraceLayout.Row>> order = new ArrayList<>();
    drawn.forEach(
        (position, rows) -> {
          for (int index : new TreeSet<>(rows)) {
            TraceLayout.Row row = layout.row(index);
            if (row.key().kind().isCached()) {
              order.add(Map.entry(position, row));
            }
          }
        });
    return order;
  }

  private static KvPart part(RowKey key) {
    return key.kind() == TensorKind.KEY ? KvPart.KEY : KvPart.VALUE;
  }

  /** Reads a row of the trace or of an opening. */
  private interface RowReader {
    TensorView at(int position, TraceLayout.Row row) throws IOException;
  }

  /**
   * Sketches the rows that were drawn, as the prover.
   *
   * @param challenge digest of the challenge
   * @throws IllegalArgumentException if a drawn row was loaded: opened whole it would count as
   *     unchecked, but nothing in a sketch says so, and it would be judged as computed
   * @throws IOException if the trace cannot be read
   */
  public static SketchOpening of(
      Digest32 challenge, SketchKernel kernel, Trace trace, SortedMap<Integer, List<Integer>> drawn)
      throws IOException {
    for (int position : drawn.keySet()) {
      if (trace.entry(position).loaded()) {
        throw new IllegalArgumentException(
            "position " + position + " was loaded from a cache: show whole rows of this answer");
      }
    }
    return of(
        challenge,
        kernel,
        order(drawn, trace.layout()),
        (position, row) -> trace.row(position, row.index()));
  }

  /**
   * Sketches whole rows that a prover opened: what its sketches would have been. For calibrating
   * sketches on runs that open rows.
   *
   * @param drawn rows that were opened
   */
  public static SketchOpening ofOpened(
      Digest32 challenge,
      SketchKernel kernel,
      OpeningOutcome.Verified opened,
      SortedMap<Integer, List<Integer>> drawn) {
    try {
      return of(
          challenge,
          kernel,
          order(drawn, opened.layout()),
          (position, row) -> opened.row(position, row.key()).orElseThrow());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SketchOpening of(
      Digest32 challenge,
      SketchKernel kernel,
      List<Map.Entry<Integer, TraceLayout.Row>> order,
      RowReader rows)
      throws IOException {
    ByteBuffer values = ByteBuffer.allocate(order.size() * kernel.rowBytes());
    for (Map.Entry<Integer, TraceLayout.Row> cell : order) {
      TensorView row = rows.at(cell.getKey(), cell.getValue());
      for (short half : kernel.sketch(part(cell.getValue().key()), row)) {
        values.putShort(half);
      }
    }
    return new SketchOpening(new Sketches(challenge, kernel.outputs(), values.array()));
  }

  /** The message that the prover signs. */
  public Sketches message() {
    return sketches;
  }

  /**
   * Measures sketches of opened rows along a prefill, for calibrating what sketches of honest rows
   * look like.
   *
   * @param outputs values per row
   */
  public static Errors measuring(ReplaySubject subject, ComparisonKernels kernels, int outputs) {
    SketchKernel kernel =
        new SketchKernel(kernels, subject.drawn().value(), subject.receipt().digest(), outputs);
    return ofOpened(subject.receipt().digest(), kernel, subject.opened(), subject.drawn().rows())
        .errors(kernel, subject.drawn().rows(), subject.opened().layout());
  }

  /**
   * The first spot whose row does not give its sketch, or nothing. A difference is an objective
   * fault: row and sketch both carry the prover's signature.
   *
   * @param opened rows whose paths were checked; all spots must be among them
   * @throws IllegalArgumentException if the sketches do not fit the draw or a spot was not opened
   */
  public Optional<Spot> wrongSpot(
      SketchKernel kernel,
      SortedMap<Integer, List<Integer>> drawn,
      SortedMap<Integer, List<Integer>> spots,
      OpeningOutcome.Verified opened) {
    Map<Integer, Map<RowKey, short[]>> signed = sketches(drawn, opened.layout());
    for (Map.Entry<Integer, TraceLayout.Row> cell : order(spots, opened.layout())) {
      RowKey key = cell.getValue().key();
      TensorView row =
          opened
              .row(cell.getKey(), key)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "spot " + cell.getKey() + ", " + key + " was not opened"));
      short[] claimed = signed.getOrDefault(cell.getKey(), Map.of()).get(key);
      if (!Arrays.equals(claimed, kernel.sketch(part(key), row))) {
        return Optional.of(new Spot(cell.getKey(), key));
      }
    }
    return Optional.empty();
  }

  private Map<Integer, Map<RowKey, short[]>> sketches(
      SortedMap<Integer, List<Integer>> drawn, TraceLayout layout) {
    List<Map.Entry<Integer, TraceLayout.Row>> order = order(drawn, layout);
    if (sketches.rows() != order.size()) {
      throw new IllegalArgumentException(sketches.rows() + " sketches are not one per drawn row");
    }
    Map<Integer, Map<RowKey, short[]>> signed = new HashMap<>();
    int outputs = sketches.outputs();
    ByteBuffer in = ByteBuffer.wrap(sketches.values());
    for (Map.Entry<Integer, TraceLayout.Row> cell : order) {
      short[] halves = new short[outputs];
      for (int i = 0; i < outputs; i++) {
        halves[i] = in.getShort();
      }
      signed
          .computeIfAbsent(cell.getKey(), p -> new HashMap<>())
          .put(cell.getValue().key(), halves);
    }
    return signed;
  }

  /**
   * A sketched row.
   *
   * @param position of the row
   * @param key of the row
   */
  public record Spot(int position, RowKey key) {}

  /** Measures the sketches against the rows of a running prefill; layer 0 is left out. */
  public Errors errors(
      SketchKernel kernel, SortedMap<Integer, List<Integer>> drawn, TraceLayout layout) {
    return new Errors(kernel, sketches(drawn, layout), layout);
  }

  /** The errors of sketches along one prefill. One thread. */
  public static final class Errors implements CellMeasurement.Errors {
    private final SketchKernel kernel;
    private final Map<Integer, Map<RowKey, short[]>> sketches;
    private final TraceLayout layout;
    private final List<CellError> errors = new ArrayList<>();
    private final List<CellError> unequal = new ArrayList<>();

    private Errors(
        SketchKernel kernel, Map<Integer, Map<RowKey, short[]>> sketches, TraceLayout layout) {
      this.kernel = kernel;
      this.sketches = sketches;
      this.layout = layout;
    }

    @Override
    public boolean wants(RowKey key) {
      return key.layer() > 0 && sketches.values().stream().anyMatch(at -> at.containsKey(key));
    }

    @Override
    public void accept(RowKey key, int firstPosition, TensorView rows) {
      for (int i = 0; i < rows.shape().dimension(0); i++) {
        short[] claimed = sketches.getOrDefault(firstPosition + i, Map.of()).get(key);
        if (claimed != null) {
          CellError error =
              new CellError(
                  key.layer(),
                  part(key),
                  firstPosition + i,
                  kernel.error(part(key), claimed, rows.row(i)));
          errors.add(error);
          if (!Arrays.equals(claimed, kernel.sketch(part(key), committed(key, rows.row(i))))) {
            unequal.add(error);
          }
        }
      }
    }

    /** Executors give F32; a prover sketches rows in the type in which it committed them. */
    private TensorView committed(RowKey key, TensorView row) {
      DType dtype = layout.row(layout.indexOf(key).orElseThrow()).dtype();
      return dtype == DType.F32 ? row : FloatTensors.ofFloats(dtype, row.shape(), row.toFloats());
    }

    /** The errors so far, by position, layer and part. */
    public List<CellError> errors() {
      return CellErrors.inOrder(errors);
    }

    /**
     * Those of sketches that differ in a bit from those of the rerun rows in the committed type.
     */
    public List<CellError> unequal() {
      return CellErrors.inOrder(unequal);
    }

    @Override
    public List<CellError> complete() {
      long expected =
          sketches.values().stream()
              .flatMap(at -> at.keySet().stream())
              .filter(key -> key.layer() > 0)
              .count();
      if (errors.size() != expected) {
        throw new IllegalStateException(
            "the executor gave " + errors.size() + " of " + expected + " sketched cache rows");
      }
      return errors();
    }
  }
}
