package io.verillm.network.simulation;

import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.wire.Digest32;
import io.verillm.incentives.simulation.SeededRandom;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntToLongFunction;

/** Traces of rows that follow from a seed instead of a model. F32 profiles only. */
final class InventedRows {
  private InventedRows() {}

  /**
   * Records a trace.
   *
   * @param tokens all tokens, the last sampled one included
   * @param seeds seed of the rows of each position; equal seeds give equal rows
   */
  static MemoryTrace record(TraceLayout layout, TraceId id, int[] tokens, IntToLongFunction seeds) {
    MemoryTrace trace = new MemoryTrace();
    TraceRecorder recorder =
        new TraceRecorder(
            layout.profile(),
            layout.dimensions(),
            id,
            JobSecret.copyOf(Digest32.sha256(id.digest().toByteArray()).toByteArray()),
            trace);
    for (int position = 0; position < tokens.length - 1; position++) {
      recorder.push(position, tokens[position], rows(layout, seeds.applyAsLong(position)));
    }
    recorder.pushUnfed(tokens.length - 1, tokens[tokens.length - 1]);
    return trace;
  }

  private static Map<RowKey, TensorView> rows(TraceLayout layout, long seed) {
    ByteBuffer values = ByteBuffer.allocate(layout.bytesPerToken()).order(ByteOrder.LITTLE_ENDIAN);
    SeededRandom random = new SeededRandom(seed);
    while (values.hasRemaining()) {
      values.putFloat((float) random.nextDouble() - 0.5f);
    }
    Map<RowKey, TensorView> rows = new HashMap<>();
    for (TraceLayout.Row row : layout.rows()) {
      rows.put(
          row.key(),
          TensorView.of(
              row.dtype(), Shape.of(row.width()), values.slice(row.byteOffset(), row.rowBytes())));
    }
    return rows;
  }
}
