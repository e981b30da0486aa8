package io.verillm.cache.compact;

import io.verillm.cache.layout.KvPart;
import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.ComparisonKernels;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Float16;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.Hkdf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Projects cache rows on random signs whose key follows from a challenge, and keeps each value as a
 * binary16: {@code outputs} values of two bytes per row, exact and the same on every machine.
 *
 * <p>With d the difference of two rows, the mean square of their sketches' difference is ‖d‖² over
 * the choice of key, so errors can be judged from sketches as from rows, with more scatter. Whoever
 * knows the key beforehand can change a row without changing its sketch. Thread-safe.
 */
public final class SketchKernel {
  private static final byte[] INFO = "verillm/kv-sketch/v1".getBytes(StandardCharsets.US_ASCII);

  private final ComparisonKernels kernels;
  private final long keyOfKeys;
  private final long keyOfValues;
  private final int outputs;

  /**
   * Makes a kernel.
   *
   * @param challengeValue the checked value of the challenge's round, bound to the receipt
   * @param receipt digest of the receipt
   * @param outputs values per row, 1 to 64
   */
  public SketchKernel(
      ComparisonKernels kernels, Digest32 challengeValue, Digest32 receipt, int outputs) {
    if (outputs < 1 || outputs > 64) {
      throw new IllegalArgumentException(outputs + " values per row");
    }
    this.kernels = kernels;
    this.outputs = outputs;
    ByteBuffer derived =
        ByteBuffer.wrap(Hkdf.derive(challengeValue.toByteArray(), receipt.toByteArray(), INFO, 16));
    this.keyOfKeys = derived.getLong();
    this.keyOfValues = derived.getLong();
  }

  /** Values per row. */
  public int outputs() {
    return outputs;
  }

  /** Bytes per row. */
  public int rowBytes() {
    return 2 * outputs;
  }

  /**
   * The sketch of a row.
   *
   * @param row shape [width], F32, F16 or BF16
   */
  public short[] sketch(KvPart part, TensorView row) {
    ByteBuffer bytes = row.bytes();
    long[] sums =
        kernels.sketch(
            row.dtype(),
            BufferView.ofHost(bytes, 1, bytes.remaining()),
            part == KvPart.KEY ? keyOfKeys : keyOfValues,
            outputs);
    short[] halves = new short[outputs];
    for (int i = 0; i < outputs; i++) {
      // 2^-16 is the kernel's unit; the cast rounds once and Float16 once more, both exactly
      halves[i] = Float16.fromFloat((float) sums[i] * 0x1p-16f);
    }
    return halves;
  }

  /**
   * The relative error that a claimed sketch shows beside a recomputed row; its square is unbiased
   * up to the rounding of the halves.
   *
   * @param rerun F32 row, shape [width]
   */
  public double error(KvPart part, short[] claimed, TensorView rerun) {
    if (rerun.dtype() != DType.F32 || claimed.length != outputs) {
      throw new IllegalArgumentException(rerun.dtype() + ", " + claimed.length + " values");
    }
    short[] own = sketch(part, rerun);
    double distance = 0;
    for (int i = 0; i < outputs; i++) {
      double d = (double) Float16.toFloat(claimed[i]) - Float16.toFloat(own[i]);
      distance += d * d / outputs;
    }
    double norm = 0;
    for (float x : rerun.toFloats()) {
      norm += (double) x * x;
    }
    return io.verillm.cache.matching.CellError.ratio(distance, norm);
  }
}
