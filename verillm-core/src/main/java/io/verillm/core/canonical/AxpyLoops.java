package io.verillm.core.canonical;

/**
 * The inner loops: rows of outputs, each updated by a few consecutive steps of k.
 *
 * <p>The shapes are the ones that the JIT compiler turns into vector code: one array per k, the
 * same index on both sides, at most six steps in a body. With a flat array and an offset, or with
 * more steps, it falls back to scalar code without a word (five to ten times slower), so measure
 * before changing a loop here. Every shape does the same additions in the same order.
 */
final class AxpyLoops {
  private AxpyLoops() {}

  static void add1x1(float[] y, float[] w, float a, int from, int to) {
    for (int j = from; j < to; j++) {
      y[j] = y[j] + a * w[j];
    }
  }

  static void add1x4(
      float[] y,
      float[] w0,
      float[] w1,
      float[] w2,
      float[] w3,
      float a0,
      float a1,
      float a2,
      float a3,
      int from,
      int to) {
    for (int j = from; j < to; j++) {
      float c = y[j];
      c = c + a0 * w0[j];
      c = c + a1 * w1[j];
      c = c + a2 * w2[j];
      c = c + a3 * w3[j];
      y[j] = c;
    }
  }

  static void add2x1(float[] y, float[] z, float[] w, float a, float b, int from, int to) {
    for (int j = from; j < to; j++) {
      float v = w[j];
      y[j] = y[j] + a * v;
      z[j] = z[j] + b * v;
    }
  }

  static void add2x3(
      float[] y,
      float[] z,
      float[] w0,
      float[] w1,
      float[] w2,
      float a0,
      float a1,
      float a2,
      float b0,
      float b1,
      float b2,
      int from,
      int to) {
    for (int j = from; j < to; j++) {
      float c = y[j];
      float d = z[j];
      float v = w0[j];
      c = c + a0 * v;
      d = d + b0 * v;
      v = w1[j];
      c = c + a1 * v;
      d = d + b1 * v;
      v = w2[j];
      c = c + a2 * v;
      d = d + b2 * v;
      y[j] = c;
      z[j] = d;
    }
  }
}
