package io.verillm.exec;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.canonical.RotaryTable;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.ArithmeticKernels.RowBlock;
import io.verillm.core.spi.ArithmeticKernels.WeightVector;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.wire.Digest32;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs a Llama-like model on any {@link ArithmeticKernels}; with canonical ones it is the canonical
 * executor.
 *
 * <p>Prefill, decode, {@link #layer} and chained layer ranges share one code path, and no output
 * row depends on the rows beside it: with canonical kernels all of them give the same bits, with
 * any number of threads. Prefill works in blocks of {@value #ROWS_PER_BLOCK} positions through all
 * layers, so that captured rows come block by block and memory beyond the KV cache does not grow
 * with the sequence.
 *
 * <p>Thread-safe: weights are immutable and every call has its own scratch space. A session belongs
 * to one thread. Equal rows say that the same function was computed on the same tokens, not that
 * the tokens were drawn as ordered.
 */
public final class TransformerExecutor implements SharedStepExecutor {
  /** Positions that go through the layers together. */
  public static final int ROWS_PER_BLOCK = 128;

  /** Name of this engine in execution classes. */
  public static final String ENGINE = "verillm-exec";

  /** Version of what this engine computes; changes when any bit may change. */
  public static final String ENGINE_VERSION = "1";

  private static final int MAX_LOGITS_AT_ONCE = 1 << 22;

  private final LlamaConfig config;
  private final ArithmeticKernels kernels;
  private final LlamaWeights weights;
  private final RotaryTable rotary;
  private final Digest32 modelDigest;
  private volatile boolean closed;

  private TransformerExecutor(
      LlamaConfig config, ArithmeticKernels kernels, LlamaWeights weights, Digest32 modelDigest) {
    this.config = config;
    this.kernels = kernels;
    this.weights = weights;
    this.rotary = config.rotaryTable();
    this.modelDigest = modelDigest;
  }

  /** Loads a folder for canonical arithmetic on the calling thread. */
  public static TransformerExecutor loadCanonical(ModelFolder folder)
      throws IOException, UnusableModelException {
    return load(folder, CanonicalKernels.singleThreaded());
  }

  /**
   * Loads a folder.
   *
   * @param kernels stays open when the executor closes
   * @throws UnusableModelException if a tied tensor is repeated with other content
   */
  public static TransformerExecutor load(ModelFolder folder, ArithmeticKernels kernels)
      throws IOException, UnusableModelException {
    Objects.requireNonNull(kernels, "kernels");
    Digest32 digest = folder.computeModelDigest();
    return new TransformerExecutor(
        folder.config(), kernels, new LlamaWeights(folder, kernels), digest);
  }

  /** The loaded architecture. */
  public LlamaConfig config() {
    return config;
  }

  @Override
  public ExecutionClass describe() {
    return new ExecutionClass(
        ENGINE,
        ENGINE_VERSION,
        kernels.arithmetic(),
        kernels.dtype(),
        kernels.name(),
        kernels.device(),
        "1");
  }

  @Override
  public ModelDimensions dimensions() {
    return config.dimensions();
  }

  @Override
  public Digest32 modelDigest() {
    return modelDigest;
  }

  @Override
  public void prefill(
      int[] tokens,
      LayerRange layers,
      @Nullable TensorView boundaryStates,
      CaptureSink capture,
      LogitsSink logits) {
    requireOpen();
    if (tokens.length == 0) {
      throw new IllegalArgumentException("no tokens");
    }
    requirePositions(tokens.length);
    if (layers.end() > config.layers()) {
      throw new IllegalArgumentException(layers + " of " + config.layers() + " layers");
    }
    if ((layers.first() == 0) != (boundaryStates == null)) {
      throw new IllegalArgumentException(
          "boundary states belong to ranges that start above 0, this one starts at "
              + layers.first());
    }
    if (boundaryStates != null) {
      RowArguments.require(boundaryStates, tokens.length, config.hidden(), "boundary states");
    }
    try (Sequence sequence = new Sequence(layers, tokens.length, capture)) {
      sequence.feed(tokens, boundaryStates, logits);
    }
  }

  @Override
  public DecodeSession openSession(int capacity, CaptureSink capture) {
    requireOpen();
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity " + capacity);
    }
    requirePositions(capacity);
    return new Sequence(new LayerRange(0, config.layers()), capacity, capture);
  }

  @Override
  public float[] decodeStep(DecodeSession session, int token) {
    requireOpen();
    return own(session).step(token);
  }

  /**
   * Feeds several tokens at once to a session, faster than one by one and with the same bits.
   *
   * @param logits asked for positions from {@code session.length()} on
   */
  @Override
  public void feed(DecodeSession session, int[] tokens, LogitsSink logits) {
    requireOpen();
    own(session).feed(tokens, null, logits);
  }

  /**
   * Feeds one token to each of several sessions, faster than one session after the other and with
   * the same bits: no output row depends on the rows beside it.
   *
   * @param sessions distinct sessions of this executor, of any lengths
   * @param tokens one per session
   * @return logits per session, in the same order; the caller's to keep
   */
  @Override
  public float[][] decodeStep(List<DecodeSession> sessions, int[] tokens) {
    requireOpen();
    if (sessions.isEmpty() || sessions.size() != tokens.length) {
      throw new IllegalArgumentException(
          sessions.size() + " sessions, " + tokens.length + " tokens");
    }
    Sequence[] own = new Sequence[tokens.length];
    for (int i = 0; i < own.length; i++) {
      own[i] = own(sessions.get(i));
      own[i].requireTokens(new int[] {tokens[i]});
      own[i].requireRoom(1);
    }
    try (Scratch together = new Scratch(own.length)) {
      return new Batch(own, together).step(tokens);
    }
  }

  private Sequence own(DecodeSession session) {
    if (session instanceof Sequence sequence && sequence.owner() == this) {
      return sequence;
    }
    throw new IllegalArgumentException("session of another executor");
  }

  @Override
  public LayerResult layer(
      int layer,
      int firstPosition,
      TensorView inputRows,
      TensorView keyRows,
      TensorView valueRows) {
    requireOpen();
    if (layer < 0 || layer >= config.layers()) {
      throw new IllegalArgumentException("layer " + layer + " of " + config.layers());
    }
    if (firstPosition < 0 || inputRows.shape().rank() != 2 || inputRows.shape().elements() == 0) {
      throw new IllegalArgumentException(
          "input rows " + inputRows.shape() + " at position " + firstPosition);
    }
    int n = Math.toIntExact(inputRows.shape().dimension(0));
    requirePositions(Math.addExact(firstPosition, n));
    RowArguments.require(inputRows, n, config.hidden(), "input rows");
    RowArguments.require(keyRows, firstPosition, config.keyValueWidth(), "key rows");
    RowArguments.require(valueRows, firstPosition, config.keyValueWidth(), "value rows");
    RowCollector collector = new RowCollector(layer, n, firstPosition, config);
    LayerRange range = new LayerRange(layer, layer + 1);
    try (Sequence sequence = new Sequence(range, firstPosition + n, collector)) {
      sequence.preload(firstPosition, keyRows, valueRows);
      sequence.feedStates(n, inputRows, LogitsSink.none());
    }
    return collector.result();
  }

  @Override
  public int mostSessions() {
    return Integer.MAX_VALUE;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      weights.close();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the executor is closed");
    }
  }

  private void requirePositions(int count) {
    if (count > config.maxPositions()) {
      throw new IllegalArgumentException(
          count + " positions, the model takes " + config.maxPositions());
    }
  }

  /** A KV cache of some layers, with scratch space: what a prefill or a session runs on. */
  private final class Sequence implements DecodeSession {
    private final LayerRange layers;
    private final int capacity;
    private final CaptureSink capture;
    private final RowBlock[] keys;
    private final RowBlock[] values;
    private final float[] state = new float[config.hidden()];
    private @Nullable Scratch scratch;
    private float @Nullable [] stepLogits;
    private int length;
    private boolean released;

    Sequence(LayerRange layers, int capacity, CaptureSink capture) {
      this.layers = layers;
      this.capacity = capacity;
      this.capture = Objects.requireNonNull(capture, "capture");
      int count = layers.end() - layers.first();
      this.keys = new RowBlock[count];
      this.values = new RowBlock[count];
      for (int i = 0; i < count; i++) {
        keys[i] = kernels.allocate(capacity, config.keyValueWidth());
        values[i] = kernels.allocate(capacity, config.keyValueWidth());
      }
    }

    TransformerExecutor owner() {
      return TransformerExecutor.this;
    }

    @Override
    public int length() {
      return length;
    }

    /** Fills the cache of a single layer. */
    void preload(int count, TensorView keyRows, TensorView valueRows) {
      if (count > 0) {
        int width = config.keyValueWidth();
        float[] k = FloatTensors.toFloats(keyRows);
        float[] v = FloatTensors.toFloats(valueRows);
        for (int p = 0; p < count; p++) {
          kernels.put(k, p * width, keys[0], p);
          kernels.put(v, p * width, values[0], p);
        }
      }
      length = count;
    }

    float[] step(int token) {
      if (stepLogits == null) {
        stepLogits = new float[config.vocabulary()];
      }
      float[] target = stepLogits;
      feed(
          new int[] {token},
          null,
          new LogitsSink() {
            @Override
            public boolean wants(int position) {
              return true;
            }

            @Override
            public void accept(int position, float[] logits) {
              System.arraycopy(logits, 0, target, 0, target.length);
            }
          });
      return target;
    }

    void requireTokens(int[] tokens) {
      for (int token : tokens) {
        if (token < 0 || token >= config.vocabulary()) {
          throw new IllegalArgumentException(
              "token " + token + " is not in 0.." + (config.vocabulary() - 1));
        }
      }
    }

    void feed(int[] tokens, @Nullable TensorView states, LogitsSink logits) {
      requireTokens(tokens);
      if (states != null) {
        feedStates(tokens.length, states, logits);
        return;
      }
      requireRoom(tokens.length);
      for (int from = 0; from < tokens.length; from += ROWS_PER_BLOCK) {
        int rows = Math.min(ROWS_PER_BLOCK, tokens.length - from);
        Scratch s = scratch(rows);
        for (int r = 0; r < rows; r++) {
          weights.embed(tokens[from + r], state);
          kernels.put(state, 0, s.x, r);
        }
        advance(s, rows, logits);
      }
    }

    void feedStates(int n, TensorView states, LogitsSink logits) {
      requireRoom(n);
      for (int from = 0; from < n; from += ROWS_PER_BLOCK) {
        int rows = Math.min(ROWS_PER_BLOCK, n - from);
        Scratch s = scratch(rows);
        for (int r = 0; r < rows; r++) {
          kernels.put(FloatTensors.toFloats(states.row(from + r)), 0, s.x, r);
        }
        advance(s, rows, logits);
      }
    }

    private void requireRoom(int more) {
      if (released) {
        throw new IllegalStateException("the session is closed");
      }
      if (more > capacity - length) {
        throw new IllegalArgumentException(
            more + " tokens after " + length + ", the session holds " + capacity);
      }
    }

    private Scratch scratch(int rows) {
      if (scratch == null || scratch.x.capacity() < rows) {
        if (scratch != null) {
          scratch.close();
        }
        scratch = new Scratch(rows);
      }
      return scratch;
    }

    private void advance(Scratch s, int rows, LogitsSink logits) {
      for (int layer = layers.first(); layer < layers.end(); layer++) {
        block(s, rows, layer);
      }
      if (layers.end() == config.layers()) {
        finish(s, rows, logits);
      }
      length += rows;
    }

    private void block(Scratch s, int rows, int layer) {
      LlamaWeights.Block w = weights.block(layer);
      emit(TensorKind.HIDDEN, HookPoint.BLOCK_INPUT, layer, s.x, rows);
      project(s, rows, w);
      attend(s, rows, layer);
      feedForward(s, rows, w);
      emit(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, layer, s.x, rows);
    }

    /** From projected queries, keys and values to attended rows; the only step across positions. */
    private void attend(Scratch s, int rows, int layer) {
      RowBlock layerKeys = keys[layer - layers.first()];
      RowBlock layerValues = values[layer - layers.first()];
      emit(TensorKind.KEY, HookPoint.BEFORE_ROPE, layer, s.keys, rows);
      kernels.rope(s.queries, rows, length, rotary);
      kernels.rope(s.keys, rows, length, rotary);
      emit(TensorKind.KEY, HookPoint.AFTER_ROPE, layer, s.keys, rows);
      emit(TensorKind.VALUE, HookPoint.AS_CACHED, layer, s.values, rows);
      kernels.copy(s.keys, 0, layerKeys, length, rows);
      kernels.copy(s.values, 0, layerValues, length, rows);
      attendTo(s, rows, layerKeys, layerValues);
    }

    private void attendTo(Scratch s, int rows, RowBlock layerKeys, RowBlock layerValues) {
      int window = config.slidingWindow();
      if (length + rows <= window) {
        kernels.attention(
            s.queries, rows, length, layerKeys, layerValues, config.headDim(), s.attended);
        return;
      }
      // Each row sees another run of positions: the run is moved to the front, where the same
      // operation sees all of it. Turned keys do not depend on where they lie.
      int most = Math.min(window, length + rows);
      try (RowBlock runKeys = kernels.allocate(most, config.keyValueWidth());
          RowBlock runValues = kernels.allocate(most, config.keyValueWidth());
          RowBlock query = kernels.allocate(1, config.queryWidth());
          RowBlock attended = kernels.allocate(1, config.queryWidth())) {
        for (int r = 0; r < rows; r++) {
          int end = length + r + 1;
          int seen = Math.min(window, end);
          kernels.copy(layerKeys, end - seen, runKeys, 0, seen);
          kernels.copy(layerValues, end - seen, runValues, 0, seen);
          kernels.copy(s.queries, r, query, 0, 1);
          kernels.attention(query, 1, seen - 1, runKeys, runValues, config.headDim(), attended);
          kernels.copy(attended, 0, s.attended, r, 1);
        }
      }
    }

    private void finish(Scratch s, int rows, LogitsSink logits) {
      RowKey after = new RowKey(TensorKind.HIDDEN, HookPoint.AFTER_FINAL_NORM, config.layers() - 1);
      int wanted = 0;
      for (int r = 0; r < rows; r++) {
        if (logits.wants(length + r)) {
          wanted++;
        }
      }
      if (wanted == 0 && !capture.wants(after)) {
        return;
      }
      kernels.rmsNorm(s.x, rows, weights.finalNorm(), config.normEpsilon(), s.normed);
      emit(after.kind(), after.hook(), after.layer(), s.normed, rows);
      if (wanted == 0) {
        return;
      }
      int atOnce =
          Math.min(wanted, Math.max(1, Math.min(rows, MAX_LOGITS_AT_ONCE / config.vocabulary())));
      float[] row = new float[config.vocabulary()];
      try (RowBlock in = kernels.allocate(atOnce, config.hidden());
          RowBlock out = kernels.allocate(atOnce, config.vocabulary())) {
        int[] positions = new int[atOnce];
        int filled = 0;
        for (int r = 0; r < rows; r++) {
          if (logits.wants(length + r)) {
            positions[filled] = length + r;
            kernels.copy(s.normed, r, in, filled, 1);
            filled++;
          }
          if (filled == atOnce || (r == rows - 1 && filled > 0)) {
            kernels.gemm(in, filled, weights.head(), out);
            for (int i = 0; i < filled; i++) {
              kernels.get(out, i, row, 0);
              requireFinite(row, "logits at position " + positions[i]);
              logits.accept(positions[i], row);
            }
            filled = 0;
          }
        }
      }
    }

    private void emit(TensorKind kind, HookPoint hook, int layer, RowBlock rows, int count) {
      RowKey key = new RowKey(kind, hook, layer);
      if (!capture.wants(key)) {
        return;
      }
      int width = rows.width();
      float[] all = new float[count * width];
      for (int r = 0; r < count; r++) {
        kernels.get(rows, r, all, r * width);
      }
      requireFinite(all, hook + " of layer " + layer);
      capture.accept(key, length, TensorView.copyOf(Shape.of(count, width), all));
    }

    @Override
    public void close() {
      if (!released) {
        released = true;
        for (int i = 0; i < keys.length; i++) {
          keys[i].close();
          values[i].close();
        }
        if (scratch != null) {
          scratch.close();
        }
      }
    }
  }

  private void project(Scratch s, int rows, LlamaWeights.Block w) {
    float epsilon = config.normEpsilon();
    kernels.rmsNorm(s.x, rows, w.inputNorm(), epsilon, s.normed);
    kernels.gemm(s.normed, rows, w.query(), s.queries);
    kernels.gemm(s.normed, rows, w.key(), s.keys);
    kernels.gemm(s.normed, rows, w.value(), s.values);
    WeightVector queryNorm = w.queryNorm();
    WeightVector keyNorm = w.keyNorm();
    if (queryNorm != null && keyNorm != null) {
      kernels.rmsNorm(s.queries, rows, queryNorm, epsilon, s.queries);
      kernels.rmsNorm(s.keys, rows, keyNorm, epsilon, s.keys);
    }
  }

  private void feedForward(Scratch s, int rows, LlamaWeights.Block w) {
    kernels.gemm(s.attended, rows, w.output(), s.delta);
    kernels.add(s.x, rows, s.delta);
    kernels.rmsNorm(s.x, rows, w.postNorm(), config.normEpsilon(), s.normed);
    kernels.gemm(s.normed, rows, w.gate(), s.gate);
    kernels.gemm(s.normed, rows, w.up(), s.up);
    kernels.swiGlu(s.gate, s.up, rows, s.gate);
    kernels.gemm(s.gate, rows, w.down(), s.delta);
    kernels.add(s.x, rows, s.delta);
  }

  /** One step of several sequences: row i belongs to sequence i. */
  private final class Batch {
    private final Sequence[] sequences;
    private final Scratch s;

    Batch(Sequence[] sequences, Scratch together) {
      this.sequences = sequences;
      this.s = together;
    }

    float[][] step(int[] tokens) {
      int rows = sequences.length;
      float[] state = new float[config.hidden()];
      for (int r = 0; r < rows; r++) {
        weights.embed(tokens[r], state);
        kernels.put(state, 0, s.x, r);
      }
      for (int layer = 0; layer < config.layers(); layer++) {
        emit(TensorKind.HIDDEN, HookPoint.BLOCK_INPUT, layer);
        LlamaWeights.Block w = weights.block(layer);
        project(s, rows, w);
        for (int r = 0; r < rows; r++) {
          Scratch one = sequences[r].scratch(1);
          kernels.copy(s.queries, r, one.queries, 0, 1);
          kernels.copy(s.keys, r, one.keys, 0, 1);
          kernels.copy(s.values, r, one.values, 0, 1);
          sequences[r].attend(one, 1, layer);
          kernels.copy(one.attended, 0, s.attended, r, 1);
        }
        feedForward(s, rows, w);
        emit(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, layer);
      }
      kernels.rmsNorm(s.x, rows, weights.finalNorm(), config.normEpsilon(), s.normed);
      float[][] logits = new float[rows][config.vocabulary()];
      try (RowBlock out = kernels.allocate(rows, config.vocabulary())) {
        kernels.gemm(s.normed, rows, weights.head(), out);
        for (int r = 0; r < rows; r++) {
          kernels.get(out, r, logits[r], 0);
          requireFinite(logits[r], "logits of sequence " + r);
        }
      }
      for (int r = 0; r < rows; r++) {
        Scratch one = sequences[r].scratch(1);
        kernels.copy(s.normed, r, one.normed, 0, 1);
        sequences[r].emit(
            TensorKind.HIDDEN, HookPoint.AFTER_FINAL_NORM, config.layers() - 1, one.normed, 1);
        sequences[r].length++;
      }
      return logits;
    }

    private void emit(TensorKind kind, HookPoint hook, int layer) {
      RowKey key = new RowKey(kind, hook, layer);
      for (int r = 0; r < sequences.length; r++) {
        if (sequences[r].capture.wants(key)) {
          Scratch one = sequences[r].scratch(1);
          kernels.copy(s.x, r, one.x, 0, 1);
          sequences[r].emit(kind, hook, layer, one.x, 1);
        }
      }
    }
  }

  /** Infinities and NaN have no canonical bits, so nothing can be decided about such a run. */
  private static void requireFinite(float[] values, String what) {
    for (float value : values) {
      if (!(Math.abs(value) <= Float.MAX_VALUE)) {
        throw new ArithmeticException("non-finite value in " + what);
      }
    }
  }

  /** Rows of one block of positions between the operations of a layer. */
  private final class Scratch implements AutoCloseable {
    private final RowBlock x;
    private final RowBlock normed;
    private final RowBlock queries;
    private final RowBlock keys;
    private final RowBlock values;
    private final RowBlock attended;
    private final RowBlock delta;
    private final RowBlock gate;
    private final RowBlock up;

    Scratch(int rows) {
      x = kernels.allocate(rows, config.hidden());
      normed = kernels.allocate(rows, config.hidden());
      queries = kernels.allocate(rows, config.queryWidth());
      keys = kernels.allocate(rows, config.keyValueWidth());
      values = kernels.allocate(rows, config.keyValueWidth());
      attended = kernels.allocate(rows, config.queryWidth());
      delta = kernels.allocate(rows, config.hidden());
      gate = kernels.allocate(rows, config.intermediate());
      up = kernels.allocate(rows, config.intermediate());
    }

    @Override
    public void close() {
      for (RowBlock block :
          new RowBlock[] {x, normed, queries, keys, values, attended, delta, gate, up}) {
        block.close();
      }
    }
  }

  /** Collects what {@link #layer} returns. */
  private static final class RowCollector implements CaptureSink {
    private final int layer;
    private final int firstPosition;
    private final int n;
    private final float[] outputs;
    private final float[] keys;
    private final float[] values;

    RowCollector(int layer, int n, int firstPosition, LlamaConfig config) {
      this.layer = layer;
      this.firstPosition = firstPosition;
      this.n = n;
      this.outputs = new float[Math.multiplyExact(n, config.hidden())];
      this.keys = new float[Math.multiplyExact(n, config.keyValueWidth())];
      this.values = new float[keys.length];
    }

    private float @Nullable [] target(RowKey key) {
      if (key.layer() != layer) {
        return null;
      }
      return switch (key.hook()) {
        case BLOCK_OUTPUT -> outputs;
        case AFTER_ROPE -> keys;
        case AS_CACHED -> values;
        default -> null;
      };
    }

    @Override
    public boolean wants(RowKey key) {
      return target(key) != null;
    }

    @Override
    public void accept(RowKey key, int first, TensorView rows) {
      float[] target = Objects.requireNonNull(target(key), "target");
      float[] part = rows.toFloats();
      int width = target.length / n;
      System.arraycopy(part, 0, target, (first - firstPosition) * width, part.length);
    }

    LayerResult result() {
      return new LayerResult(view(outputs), view(keys), view(values));
    }

    private TensorView view(float[] all) {
      return TensorView.copyOf(Shape.of(n, all.length / n), all);
    }
  }
}
