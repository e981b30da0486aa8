package io.verillm.core.trace;

import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A small model whose rows have one, two and three chunks, the last one short. */
final class TraceFixtures {
  static final ModelDimensions DIMENSIONS = new ModelDimensions(2, 5, 3, 2, 100, 64);
  static final TraceProfile PROFILE =
      new TraceProfile(TraceProfile.standard(DType.F32).entries(), 8);
  static final TraceLayout LAYOUT = TraceLayout.of(PROFILE, DIMENSIONS);
  static final JobSecret SECRET = JobSecret.copyOf(filled(32, 7));
  static final TraceId ID =
      TraceId.compute(
          Digest32.sha256(filled(3, 1)), filled(32, 2), TraceRole.PROVER, PROFILE.digest());

  private TraceFixtures() {}

  static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  static byte[] rowBytes(TraceLayout layout, int position) {
    byte[] bytes = new byte[layout.bytesPerToken()];
    new Random(1000 + position).nextBytes(bytes);
    return bytes;
  }

  static Map<RowKey, TensorView> rows(TraceLayout layout, int position) {
    byte[] all = rowBytes(layout, position);
    Map<RowKey, TensorView> rows = new LinkedHashMap<>();
    for (TraceLayout.Row row : layout.rows()) {
      rows.put(
          row.key(),
          TensorView.of(
              row.dtype(),
              Shape.of(row.width()),
              ByteBuffer.wrap(all, row.byteOffset(), row.rowBytes())));
    }
    return rows;
  }

  static TraceRecorder recorder(TraceStore store) {
    return new TraceRecorder(PROFILE, DIMENSIONS, ID, SECRET, store);
  }

  /** Positions 0 and 1 loaded (1 without rows), then fed ones, the last one unfed. */
  static void fill(TraceRecorder recorder, int positions) {
    for (int position = 0; position < positions; position++) {
      if (position == positions - 1) {
        recorder.pushUnfed(position, 10 + position);
      } else if (position == 0) {
        recorder.pushLoaded(position, 10, rows(LAYOUT, 0));
      } else if (position == 1) {
        recorder.pushLoaded(position, 11);
      } else {
        recorder.push(position, 10 + position, rows(LAYOUT, position));
      }
    }
  }

  static MemoryTrace trace(int positions) {
    MemoryTrace trace = new MemoryTrace();
    fill(recorder(trace), positions);
    return trace;
  }

  static Map<Integer, List<Integer>> request() {
    return Map.of(0, List.of(0), 3, List.of(0, 2, 4), 4, List.of(), 6, List.of(4), 8, List.of());
  }
}
