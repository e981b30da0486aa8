package io.verillm.cli;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.KernelSelection;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;
import io.verillm.demo.DemoModel;
import io.verillm.exec.ModelFolder;
import io.verillm.exec.RandomModel;
import io.verillm.exec.TransformerExecutor;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A program that runs one model on the kernels {@code java} and {@code cuda} and compares every row
 * of every layer and every logit, of a prefill and of decoding after it.
 */
final class CompareExecutors {
  private static final int PREFILL = 20;
  private static final int DECODED = 3;

  private CompareExecutors() {}

  /** Rows and logits of one run, by name, as raw bits. */
  private static final class Bits implements CaptureSink, LogitsSink {
    private final Map<String, ByteBuffer> rows = new LinkedHashMap<>();
    private int logits;
    private int offset;

    @Override
    public boolean wants(RowKey key) {
      return true;
    }

    @Override
    public void accept(RowKey key, int firstPosition, TensorView view) {
      for (int i = 0; i < view.shape().dimension(0); i++) {
        keep(key + " at " + (offset + firstPosition + i), view.row(i).bytes());
      }
    }

    @Override
    public boolean wants(int position) {
      return true;
    }

    @Override
    public void accept(int position, float[] values) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
      for (float value : values) {
        bytes.putInt(Float.floatToRawIntBits(value));
      }
      keep("logits " + (offset + position), bytes.flip());
      logits += values.length;
    }

    private void keep(String name, ByteBuffer bytes) {
      ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
      if (rows.put(name, copy) != null) {
        throw new IllegalStateException("twice: " + name);
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory("compare");
    try {
      if (arguments[0].equals("demo")) {
        DemoModel.MAIN.copyTo(folder);
      } else {
        // one layer of a Llama: 16 heads on 4 KV heads
        RandomModel.of("llama").sizes(1, 1024, 2816).heads(16, 4, 64).writeTo(folder);
      }
      ModelFolder model = ModelFolder.open(folder);
      Bits expected;
      Bits actual;
      try (ArithmeticKernels java = CanonicalKernels.singleThreaded();
          ArithmeticKernels cuda = KernelSelection.load().require("cuda").openArithmetic()) {
        expected = run(model, java);
        actual = run(model, cuda);
      }
      if (!expected.rows.keySet().equals(actual.rows.keySet())) {
        throw new IllegalStateException("other rows: " + actual.rows.keySet());
      }
      for (Map.Entry<String, ByteBuffer> row : expected.rows.entrySet()) {
        if (!row.getValue().equals(actual.rows.get(row.getKey()))) {
          throw new IllegalStateException("differs: " + row.getKey());
        }
      }
      System.out.println(
          "equal in " + expected.rows.size() + " rows and " + expected.logits + " logits");
    } finally {
      Folders.delete(folder);
    }
  }

  private static Bits run(ModelFolder model, ArithmeticKernels kernels) throws Exception {
    Bits bits = new Bits();
    try (TransformerExecutor executor = TransformerExecutor.load(model, kernels)) {
      int[] tokens = new int[PREFILL];
      for (int i = 0; i < PREFILL; i++) {
        tokens[i] = (i * 37 + 11) % executor.dimensions().vocabulary();
      }
      executor.prefill(tokens, new LayerRange(0, executor.dimensions().layers()), null, bits, bits);
      bits.offset = 1000;
      try (DecodeSession session = executor.openSession(DECODED, bits)) {
        for (int i = 0; i < DECODED; i++) {
          bits.accept(i, executor.decodeStep(session, tokens[i]));
        }
      }
    }
    return bits;
  }
}
