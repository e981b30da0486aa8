package io.verillm.exec.torch;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import io.verillm.exec.LlamaConfig;
import io.verillm.exec.ModelFolder;
import io.verillm.exec.RowArguments;
import io.verillm.exec.SharedStepExecutor;
import io.verillm.exec.UnusableModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a Llama-like model on libtorch: fast, and of a numeric class of its own.
 *
 * <p>Rows leave in the executor's type, F32 or BF16; rows that enter may be of any floating-point
 * type and are rounded to it. Equal settings on one machine give equal bits from run to run; decode
 * and prefill, other batch sizes, other thread counts and other processors do not. That a prover
 * names this class does not prove that it ran it.
 *
 * <p>Thread-safe, except that libtorch's thread pools belong to the process: calls of executors
 * with other numbers of threads wait for each other. A session is used by one thread at a time.
 * Native memory is released by {@link #close} of executor and sessions and at the end of each call,
 * not by the garbage collector.
 */
public final class TorchExecutor implements SharedStepExecutor {
  /** Positions that go through the layers together in a prefill. */
  public static final int ROWS_PER_BLOCK = 512;

  /** Name of this engine in execution classes. */
  public static final String ENGINE = "libtorch";

  /** Version of this engine's use of libtorch; changes when any bit may change. */
  public static final String ENGINE_VERSION = "2";

  private final LlamaConfig config;
  private final TorchSettings settings;
  private final TorchModel model;
  private final ExecutionClass executionClass;
  private final Digest32 modelDigest;
  private volatile boolean closed;

  private TorchExecutor(
      LlamaConfig config,
      TorchSettings settings,
      TorchModel model,
      ExecutionClass executionClass,
      Digest32 modelDigest) {
    this.config = config;
    this.settings = settings;
    this.model = model;
    this.executionClass = executionClass;
    this.modelDigest = modelDigest;
  }

  /**
   * Loads a folder.
   *
   * @throws io.verillm.core.spi.AcceleratorException if libtorch or the device is not there, or the
   *     weights do not fit; the message says what to do
   * @throws UnusableModelException if a tied tensor is repeated with other content
   */
  public static TorchExecutor load(ModelFolder folder, TorchSettings settings)
      throws UnusableModelException {
    Libtorch.require();
    Digest32 digest = folder.computeModelDigest();
    return TorchRuntime.run(
        settings.threads(),
        () -> {
          TorchDevice.require(settings);
          TorchModel model = new TorchModel(folder, settings);
          return new TorchExecutor(
              folder.config(),
              settings,
              model,
              TorchDevice.describe(settings, model.numbers()),
              digest);
        });
  }

  /** The loaded architecture. */
  public LlamaConfig config() {
    return config;
  }

  /** Bytes of weights that lie in the mapped files, without a copy. */
  public long mappedBytes() {
    return model.weights().mappedBytes();
  }

  /** Bytes of weights that were converted into memory of their own. */
  public long copiedBytes() {
    return model.weights().copiedBytes();
  }

  @Override
  public ExecutionClass describe() {
    return executionClass;
  }

  @Override
  public ModelDimensions dimensions() {
    return config.dimensions();
  }

  @Override
  public Digest32 modelDigest() {
    return modelDigest;
  }

  private <T> T run(Supplier<T> body) {
    requireOpen();
    return TorchRuntime.run(settings.threads(), body);
  }

  @Override
  public void prefill(
      int[] tokens,
      LayerRange layers,
      @Nullable TensorView boundaryStates,
      CaptureSink capture,
      LogitsSink logits) {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("no tokens");
    }
    requirePositions(tokens.length);
    requireTokens(tokens);
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
    try (TorchSequence sequence = open(layers, tokens.length, capture)) {
      feed(sequence, tokens, boundaryStates, logits);
    }
  }

  @Override
  public DecodeSession openSession(int capacity, CaptureSink capture) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity " + capacity);
    }
    requirePositions(capacity);
    return open(new LayerRange(0, config.layers()), capacity, capture);
  }

  private TorchSequence open(LayerRange layers, int capacity, CaptureSink capture) {
    return run(() -> new TorchSequence(this, config, model.numbers(), layers, capacity, capture));
  }

  @Override
  public float[] decodeStep(DecodeSession session, int token) {
    return decodeStep(List.of(session), new int[] {token})[0];
  }

  /**
   * Feeds one token to each of several sessions, which share the products; the sessions may have
   * different lengths.
   *
   * @param sessions at most as many as the settings' batch, all distinct
   * @param tokens one per session
   * @return logits that follow each token, one array per session
   */
  @Override
  public float[][] decodeStep(List<DecodeSession> sessions, int[] tokens) {
    if (sessions.isEmpty()
        || sessions.size() > settings.batch()
        || sessions.size() != tokens.length) {
      throw new IllegalArgumentException(
          sessions.size()
              + " sessions and "
              + tokens.length
              + " tokens, the batch is "
              + settings.batch());
    }
    requireTokens(tokens);
    List<TorchSequence> own = new ArrayList<>();
    for (DecodeSession session : sessions) {
      TorchSequence sequence = own(session);
      sequence.requireRoom(1);
      if (own.contains(sequence)) {
        throw new IllegalArgumentException("a session twice in one step");
      }
      own.add(sequence);
    }
    int[] rows = Arrays.copyOf(tokens, settings.batch());
    Arrays.fill(rows, tokens.length, rows.length, tokens[0]);
    return run(() -> model.step(own, model.embed(rows)));
  }

  /**
   * Feeds several tokens at once to a session, as a prefill does.
   *
   * @param logits asked for positions from {@code session.length()} on
   */
  @Override
  public void feed(DecodeSession session, int[] tokens, LogitsSink logits) {
    requireTokens(tokens);
    TorchSequence own = own(session);
    own.requireRoom(tokens.length);
    feed(own, tokens, null, logits);
  }

  /** Block by block, so that memory beyond the cache does not grow with the sequence. */
  private void feed(
      TorchSequence sequence, int[] tokens, @Nullable TensorView states, LogitsSink logits) {
    for (int from = 0; from < tokens.length; from += ROWS_PER_BLOCK) {
      int first = from;
      int rows = Math.min(ROWS_PER_BLOCK, tokens.length - from);
      requireOpen();
      TorchRuntime.run(
          settings.threads(),
          () ->
              model.feed(
                  sequence,
                  states == null
                      ? model.embed(Arrays.copyOfRange(tokens, first, first + rows))
                      : model.numbers().upload(part(states, first, rows)),
                  logits));
    }
  }

  private static TensorView part(TensorView states, int first, int rows) {
    int rowBytes = states.rowBytes();
    return TensorView.of(
        states.dtype(),
        Shape.of(rows, states.shape().dimension(1)),
        states.bytes().slice(first * rowBytes, rows * rowBytes));
  }

  private TorchSequence own(DecodeSession session) {
    if (session instanceof TorchSequence sequence && sequence.owner() == this) {
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
    LayerRows collected = new LayerRows(layer, firstPosition, n, config, settings.dtype());
    try (TorchSequence sequence =
        open(new LayerRange(layer, layer + 1), firstPosition + n, collected)) {
      run(
          () -> {
            sequence.preload(keyRows, valueRows, firstPosition);
            return true;
          });
      feed(sequence, new int[n], inputRows, LogitsSink.none());
    }
    return collected.result();
  }

  @Override
  public int mostSessions() {
    return settings.batch();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      TorchRuntime.run(settings.threads(), model::close);
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

  private void requireTokens(int[] tokens) {
    for (int token : tokens) {
      if (token < 0 || token >= config.vocabulary()) {
        throw new IllegalArgumentException(
            "token " + token + " is not in 0.." + (config.vocabulary() - 1));
      }
    }
  }
}
