package io.verillm.cache.compact;

import io.verillm.cache.layout.KvPart;
import io.verillm.cache.matching.CellError;
import io.verillm.core.challenge.DrawStream;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.Trace;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Sketches of the rows that a challenge drew, in place of the rows. Four steps: rows are committed;
 * a round of randomness after the ack draws cells and directions; the prover signs the sketches; a
 * later round draws spots, whose whole rows must lead to the committed head and give exactly the
 * sketches that were signed.
 *
 * <p>The second round must be one that the prover cannot know when it signs: a digest of the
 * sketches themselves would let it try until the spots fall where it did not lie. Sketches of
 * {@code m} wrong rows escape {@code k} spots with the probability that {@link #escape} states.
 * Immutable.
 */
public final class SketchOpening {
  private static final int VERSION = 1;
  private static final byte[] SPOT_TAG = "verillm/kv-spots/v1".getBytes(StandardCharsets.US_ASCII);

  private final Digest32 challenge;
  private final int outputs;
  private final byte[] values;

  private SketchOpening(Digest32 challenge, int outputs, byte[] values) {
    this.challenge = challenge;
    this.outputs = outputs;
    this.values = values;
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

  /**
   * Sketches the rows that were drawn, as the prover.
   *
   * @param challenge digest of the challenge
   * @throws IOException if the trace cannot be read
   */
  public static SketchOpening of(
      Digest32 challenge, SketchKernel kernel, Trace trace, SortedMap<Integer, List<Integer>> drawn)
      throws IOException {
    List<Map.Entry<Integer, TraceLayout.Row>> order = order(drawn, trace.layout());
    ByteBuffer values = ByteBuffer.allocate(order.size() * kernel.rowBytes());
    for (Map.Entry<Integer, TraceLayout.Row> cell : order) {
      TensorView row = trace.row(cell.getKey(), cell.getValue().index());
      for (short half : kernel.sketch(part(cell.getValue().key()), row)) {
        values.putShort(half);
      }
    }
    return new SketchOpening(challenge, kernel.outputs(), values.array());
  }

  /** Digest of the challenge that is answered. */
  public Digest32 challenge() {
    return challenge;
  }

  /** Values per row. */
  public int outputs() {
    return outputs;
  }

  /** Bytes of all sketches. */
  public int valueBytes() {
    return values.length;
  }

  /** SHA-256 of {@link #encode}. */
  public Digest32 digest() {
    return Digest32.sha256(encode());
  }

  /** Returns the deterministic CBOR form, which the prover signs. */
  public byte[] encode() {
    return new CborWriter()
        .array(4)
        .unsigned(VERSION)
        .digest(challenge)
        .unsigned(outputs)
        .bytes(values)
        .toByteArray();
  }

  /**
   * Reads one opening and nothing else.
   *
   * @throws MalformedMessageException if the bytes are not what {@link #encode} gives
   */
  public static SketchOpening decode(byte[] bytes) throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    in.arrayOf("sketch-opening", 4);
    if (in.unsigned("sketch-opening.version", 255) != VERSION) {
      throw new MalformedMessageException("sketch-opening.version", in.offset(), "not version 1");
    }
    Digest32 challenge = in.digest("sketch-opening.challenge");
    int offset = in.offset();
    int outputs = (int) in.unsigned("sketch-opening.outputs", 64);
    byte[] values = in.bytes("sketch-opening.values", bytes.length);
    in.end();
    if (outputs == 0 || values.length % (2 * outputs) != 0) {
      throw new MalformedMessageException(
          "sketch-opening.values", offset, values.length + " bytes in rows of " + outputs);
    }
    return new SketchOpening(challenge, outputs, values);
  }

  /**
   * The positions whose whole rows must be opened.
   *
   * @param laterValue checked value of a round that is later than the signature on this opening
   * @param count spots; all positions if there are fewer
   * @return rows by position, a part of {@code drawn}
   */
  public SortedMap<Integer, List<Integer>> spots(
      Digest32 laterValue, SortedMap<Integer, List<Integer>> drawn, int count) {
    List<Integer> positions = new ArrayList<>(drawn.keySet());
    DrawStream stream =
        new DrawStream(Digest32.sha256(SPOT_TAG, laterValue.toByteArray(), digest().toByteArray()));
    SortedMap<Integer, List<Integer>> spots = new TreeMap<>();
    for (int index : stream.sample(positions.size(), Math.min(count, positions.size()))) {
      spots.put(positions.get(index), drawn.get(positions.get(index)));
    }
    return spots;
  }

  /**
   * The probability that no spot hits one of {@code wrong} lied positions.
   *
   * @param positions drawn positions
   */
  public static double escape(int positions, int wrong, int spots) {
    double probability = 1;
    for (int i = 0; i < Math.min(spots, positions); i++) {
      probability *= Math.max(0, positions - wrong - i) / (double) (positions - i);
    }
    return probability;
  }

  /** Whether there is one sketch for every cache row of a draw. */
  public boolean fits(SortedMap<Integer, List<Integer>> drawn, TraceLayout layout) {
    return values.length == order(drawn, layout).size() * 2 * outputs;
  }

  /**
   * The first spot whose row does not give its sketch, or nothing. A difference is an objective
   * fault: row and sketch both carry the prover's signature.
   *
   * @param opened rows whose paths were checked; all spots must be among them
   * @throws IllegalArgumentException if the sketches do not fit the draw or a spot was not opened
   */
  public Optional<RowKey> wrongSpot(
      SketchKernel kernel,
      SortedMap<Integer, List<Integer>> drawn,
      SortedMap<Integer, List<Integer>> spots,
      OpeningOutcome.Verified opened) {
    Map<Integer, Map<RowKey, short[]>> sketches = sketches(drawn, opened.layout());
    for (Map.Entry<Integer, TraceLayout.Row> cell : order(spots, opened.layout())) {
      RowKey key = cell.getValue().key();
      TensorView row =
          opened
              .row(cell.getKey(), key)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "spot " + cell.getKey() + ", " + key + " was not opened"));
      short[] claimed = sketches.getOrDefault(cell.getKey(), Map.of()).get(key);
      if (!Arrays.equals(claimed, kernel.sketch(part(key), row))) {
        return Optional.of(key);
      }
    }
    return Optional.empty();
  }

  private Map<Integer, Map<RowKey, short[]>> sketches(
      SortedMap<Integer, List<Integer>> drawn, TraceLayout layout) {
    if (!fits(drawn, layout)) {
      throw new IllegalArgumentException(values.length + " bytes are not one sketch per drawn row");
    }
    Map<Integer, Map<RowKey, short[]>> sketches = new HashMap<>();
    ByteBuffer in = ByteBuffer.wrap(values);
    for (Map.Entry<Integer, TraceLayout.Row> cell : order(drawn, layout)) {
      short[] halves = new short[outputs];
      for (int i = 0; i < outputs; i++) {
        halves[i] = in.getShort();
      }
      sketches
          .computeIfAbsent(cell.getKey(), p -> new HashMap<>())
          .put(cell.getValue().key(), halves);
    }
    return sketches;
  }

  /** Measures the sketches against the rows of a running prefill; layer 0 is left out. */
  public Errors errors(
      SketchKernel kernel, SortedMap<Integer, List<Integer>> drawn, TraceLayout layout) {
    return new Errors(kernel, sketches(drawn, layout));
  }

  /** The errors of sketches along one prefill. One thread. */
  public static final class Errors implements CaptureSink {
    private final SketchKernel kernel;
    private final Map<Integer, Map<RowKey, short[]>> sketches;
    private final List<CellError> errors = new ArrayList<>();

    private Errors(SketchKernel kernel, Map<Integer, Map<RowKey, short[]>> sketches) {
      this.kernel = kernel;
      this.sketches = sketches;
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
          double error = kernel.error(part(key), claimed, rows.row(i));
          errors.add(new CellError(key.layer(), part(key), firstPosition + i, error));
        }
      }
    }

    /** The errors so far. */
    public List<CellError> errors() {
      return List.copyOf(errors);
    }
  }
}
