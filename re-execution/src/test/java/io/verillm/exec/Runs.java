package io.verillm.exec;

import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Records everything that a run shows. */
public final class Runs {
  private Runs() {}

  /** Rows by key text and position, logits by position. */
  public static final class Record implements CaptureSink, LogitsSink {
    public final Map<String, float[]> rows = new TreeMap<>();

    public static String name(RowKey key, int position) {
      return "%s %s %03d @%04d".formatted(key.kind(), key.hook(), key.layer(), position);
    }

    @Override
    public boolean wants(RowKey key) {
      return true;
    }

    @Override
    public void accept(RowKey key, int firstPosition, TensorView view) {
      for (int r = 0; r < view.shape().dimension(0); r++) {
        put(name(key, firstPosition + r), FloatTensors.toFloats(view.row(r)));
      }
    }

    @Override
    public boolean wants(int position) {
      return true;
    }

    @Override
    public void accept(int position, float[] logits) {
      put("logits @%04d".formatted(position), logits.clone());
    }

    public void put(String name, float[] values) {
      if (rows.put(name, values) != null) {
        throw new AssertionError("twice: " + name);
      }
    }

    public float[] logits(int position) {
      return rows.get("logits @%04d".formatted(position));
    }

    /** CRC-32 of names and raw bits in order of the names. */
    public long crc() {
      java.util.zip.CRC32 crc = new java.util.zip.CRC32();
      java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(4);
      rows.forEach(
          (name, values) -> {
            crc.update(name.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            for (float value : values) {
              crc.update(bytes.putFloat(0, value).array());
            }
          });
      return crc.getValue();
    }
  }

  public static int[] tokens(int count, int vocabulary, long seed) {
    return new Random(seed).ints(count, 0, vocabulary).toArray();
  }

  public static Record prefill(ModelExecutor executor, int[] tokens) {
    Record record = new Record();
    executor.prefill(
        tokens, new LayerRange(0, executor.dimensions().layers()), null, record, record);
    return record;
  }

  public static Record decode(ModelExecutor executor, int[] tokens) {
    Record record = new Record();
    try (var session = executor.openSession(tokens.length, record)) {
      for (int p = 0; p < tokens.length; p++) {
        record.accept(p, executor.decodeStep(session, tokens[p]));
      }
    }
    return record;
  }
}
