package io.verillm.cache.matching;

import io.verillm.cache.layout.KvPart;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.PositionEntry;
import io.verillm.core.trace.RowKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures opened cache rows against those of a running prefill. Layer 0 is left out: its rows
 * follow from the token alone. So are rows that the prover declared as loaded. One prefill, one
 * thread.
 */
public final class CellErrors implements CellMeasurement.Errors {
  private static final class Claim {
    private final float[] values;
    private final DType dtype;

    Claim(float[] values, DType dtype) {
      this.values = values;
      this.dtype = dtype;
    }
  }

  private final Map<RowKey, Map<Integer, Claim>> claimed = new HashMap<>();
  private final List<CellError> errors = new ArrayList<>();
  private final List<CellError> unequal = new ArrayList<>();
  private int expected;

  /** Begins with nothing; {@link #claim} adds rows. */
  public CellErrors() {}

  /** Begins with the key and value rows of an opening whose paths were checked. */
  public static CellErrors of(OpeningOutcome.Verified opened) {
    CellErrors errors = new CellErrors();
    for (PositionEntry entry : opened.entries()) {
      if (entry.loaded()) {
        continue;
      }
      for (RowKey key : opened.rowsAt(entry.position())) {
        if (key.layer() > 0 && key.kind().isCached()) {
          TensorView row = opened.row(entry.position(), key).orElseThrow();
          errors.claim(key, entry.position(), FloatTensors.toFloats(row), row.dtype());
        }
      }
    }
    return errors;
  }

  /** Adds an F32 row that the prover claims; the array is kept. */
  public void claim(RowKey key, int position, float[] values) {
    claim(key, position, values, DType.F32);
  }

  private void claim(RowKey key, int position, float[] values, DType dtype) {
    part(key);
    claimed.computeIfAbsent(key, k -> new HashMap<>()).put(position, new Claim(values, dtype));
    expected++;
  }

  private static KvPart part(RowKey key) {
    return switch (key.kind()) {
      case KEY -> KvPart.KEY;
      case VALUE -> KvPart.VALUE;
      default -> throw new IllegalArgumentException(key + " is no cache row");
    };
  }

  @Override
  public boolean wants(RowKey key) {
    return claimed.containsKey(key);
  }

  @Override
  public void accept(RowKey key, int firstPosition, TensorView rows) {
    Map<Integer, Claim> wanted = claimed.getOrDefault(key, Map.of());
    int count = Math.toIntExact(rows.shape().dimension(0));
    for (int i = 0; i < count; i++) {
      Claim claim = wanted.get(firstPosition + i);
      if (claim != null) {
        float[] row = claim.values;
        float[] rerun = rows.row(i).toFloats();
        if (rerun.length != row.length) {
          throw new IllegalStateException(
              key + " has " + rerun.length + " elements, claimed were " + row.length);
        }
        CellError error =
            new CellError(
                key.layer(),
                part(key),
                firstPosition + i,
                CellError.relative(row, rerun, row.length));
        errors.add(error);
        if (!Arrays.equals(row, inType(rerun, claim.dtype))) {
          unequal.add(error);
        }
      }
    }
  }

  /** Executors give F32; a prover may have committed the 16-bit values that it attended to. */
  private static float[] inType(float[] values, DType dtype) {
    return dtype == DType.F32
        ? values
        : FloatTensors.toFloats(FloatTensors.ofFloats(dtype, Shape.of(values.length), values));
  }

  /** Number of rows that were claimed. */
  public int expected() {
    return expected;
  }

  @Override
  public List<CellError> complete() {
    if (errors.size() != expected) {
      throw new IllegalStateException(
          "the executor gave " + errors.size() + " of " + expected + " opened cache rows");
    }
    return errors();
  }

  /** The errors so far, by position, layer and part. */
  public List<CellError> errors() {
    return inOrder(errors);
  }

  /**
   * Those of rows that differ in a bit, zeros of different sign included: what an exact comparison
   * counts. NaN equals NaN here; an error cannot say that.
   */
  public List<CellError> unequal() {
    return inOrder(unequal);
  }

  /** The order in which checks draw: by position, layer and part. */
  public static List<CellError> inOrder(List<CellError> errors) {
    return errors.stream()
        .sorted(
            Comparator.comparingInt(CellError::position)
                .thenComparingInt(CellError::layer)
                .thenComparing(CellError::part))
        .toList();
  }
}
