package io.verillm.exec.torch;

import io.verillm.core.canonical.RotaryTable;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.exec.LlamaConfig;
import io.verillm.exec.ModelFolder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass in libtorch's operations. Every method runs inside {@link TorchRuntime#run}.
 *
 * <p>All rows of a call share the projections; rotary positions, cache and attention belong to each
 * {@link Slot}. Thread-safe: weights are immutable, the rotary table grows under a lock.
 */
final class TorchModel implements AutoCloseable {
  /** Most logits that are on the way at one time, elements. */
  private static final int MAX_LOGITS_AT_ONCE = 1 << 22;

  private final LlamaConfig config;
  private final TorchNumbers numbers;
  private final TorchWeights weights;
  private final TorchAttention attention;
  private final RotaryTable rotary;
  private final Object rotaryGrowth = new Object();

  /** Cosines and signed sines, F32 [positions, headDim]; grown under {@link #rotaryGrowth}. */
  private Tensor cosines;

  private Tensor sines;

  /** To be called inside {@link TorchRuntime#run}. */
  TorchModel(ModelFolder folder, TorchSettings settings) {
    this.config = folder.config();
    this.numbers = new TorchNumbers(settings);
    this.weights = new TorchWeights(folder, numbers);
    this.attention = new TorchAttention(config, numbers);
    this.rotary = RotaryTable.of(config.ropeScaling(), config.ropeTheta(), config.headDim());
    this.cosines = numbers.allocate(ScalarType.Float, 0, config.headDim());
    this.sines = numbers.allocate(ScalarType.Float, 0, config.headDim());
    cosines.retainReference();
    sines.retainReference();
  }

  TorchNumbers numbers() {
    return numbers;
  }

  TorchWeights weights() {
    return weights;
  }

  /** The next rows of one sequence in a call. */
  record Slot(TorchSequence sequence, int rows) {}

  /** The embeddings of tokens, [tokens, hidden]. */
  Tensor embed(int[] tokens) {
    Tensor table = weights.embedding();
    return tokens.length == 1
        ? table.narrow(0, tokens[0], 1).clone()
        : table.index_select(0, indices(tokens));
  }

  private Tensor indices(int[] ids) {
    long[] wide = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      wide[i] = ids[i];
    }
    Tensor view =
        torch.from_blob(
            new LongPointer(wide), new long[] {ids.length}, new TensorOptions(ScalarType.Long));
    return numbers.onDevice(view);
  }

  /**
   * Feeds the next rows of one sequence.
   *
   * @param states [rows, hidden]; changed in place
   */
  void feed(TorchSequence sequence, Tensor states, LogitsSink logits) {
    int rows = (int) states.size(0);
    List<Slot> slots = List.of(new Slot(sequence, rows));
    blocks(slots, 0, states);
    if (sequence.layers().end() == config.layers()) {
      finish(states, sequence, rows, logits);
    }
    sequence.advance(rows);
  }

  /**
   * Feeds one row to each of several sequences that run all layers.
   *
   * @param states one row per sequence in their order, then copies of the first that only fill the
   *     call up; changed in place
   * @return logits after each row
   */
  float[][] step(List<TorchSequence> sequences, Tensor states) {
    int fill = (int) states.size(0) - sequences.size();
    List<Slot> slots = sequences.stream().map(sequence -> new Slot(sequence, 1)).toList();
    blocks(slots, fill, states);
    Tensor normed = norm(states, weights.finalNorm());
    emit(slots, TensorKind.HIDDEN, HookPoint.AFTER_FINAL_NORM, config.layers() - 1, normed);
    Tensor all = numbers.wide(linear(normed, weights.head(), null)).cpu().contiguous();
    float[][] logits = new float[sequences.size()][];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = row(all, i, sequences.get(i).length());
    }
    sequences.forEach(sequence -> sequence.advance(1));
    return logits;
  }

  private void blocks(List<Slot> slots, int fill, Tensor x) {
    LayerRange layers = slots.get(0).sequence().layers();
    Rotation rotation = rotation(slots, fill);
    for (int layer = layers.first(); layer < layers.end(); layer++) {
      // what a block needs is released at its end, so that the next one finds memory already mapped
      try (PointerScope scope = new PointerScope()) {
        block(layer, x, slots, fill, rotation);
      }
    }
  }

  /** Runs one block on rows, in place. */
  private void block(int layer, Tensor x, List<Slot> slots, int fill, Rotation rotation) {
    TorchWeights.Block w = weights.block(layer);
    int rows = (int) x.size(0);
    int dim = config.headDim();
    emit(slots, TensorKind.HIDDEN, HookPoint.BLOCK_INPUT, layer, x);
    Tensor h = norm(x, w.inputNorm());
    Tensor q = linear(h, w.query()).view(rows, config.heads(), dim);
    Tensor k = linear(h, w.key()).view(rows, config.keyValueHeads(), dim);
    Tensor v = linear(h, w.value());
    TorchWeights.Norm queryNorm = w.queryNorm();
    TorchWeights.Norm keyNorm = w.keyNorm();
    if (queryNorm != null && keyNorm != null) {
      q = norm(q, queryNorm);
      k = norm(k, keyNorm);
    }
    emit(slots, TensorKind.KEY, HookPoint.BEFORE_ROPE, layer, k);
    q = rotation.turn(q);
    k = rotation.turn(k).view(rows, config.keyValueWidth());
    List<Tensor> attended = new ArrayList<>();
    int at = 0;
    for (Slot slot : slots) {
      int n = slot.rows();
      slot.sequence().append(layer, part(k, at, n), part(v, at, n), n);
      attended.add(attention.attend(slot.sequence(), layer, part(q, at, n), n));
      at += n;
    }
    Tensor all = attended.get(0);
    if (attended.size() + fill > 1) {
      TensorVector parts = new TensorVector(attended.toArray(new Tensor[0]));
      for (int i = 0; i < fill; i++) {
        parts.push_back(attended.get(0));
      }
      all = torch.cat(parts, 0);
    }
    add(x, linear(all, w.output()));
    h = norm(x, w.postNorm());
    Tensor gate = numbers.rounded(torch.silu_(linear(h, w.gate())));
    Tensor gated = numbers.rounded(gate.mul_(linear(h, w.up())));
    add(x, linear(gated, w.down()));
    emit(slots, TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, layer, x);
  }

  private void add(Tensor x, Tensor more) {
    numbers.roundInPlace(x.add_(more));
  }

  private void finish(Tensor x, TorchSequence sequence, int rows, LogitsSink logits) {
    RowKey after = new RowKey(TensorKind.HIDDEN, HookPoint.AFTER_FINAL_NORM, config.layers() - 1);
    int[] wanted =
        IntStream.range(0, rows).filter(r -> logits.wants(sequence.length() + r)).toArray();
    if (wanted.length == 0 && !sequence.wants(after)) {
      return;
    }
    Tensor normed = norm(x, weights.finalNorm());
    sequence.emit(after, normed);
    int atOnce = Math.max(1, MAX_LOGITS_AT_ONCE / config.vocabulary());
    for (int from = 0; from < wanted.length; from += atOnce) {
      int[] part = Arrays.copyOfRange(wanted, from, Math.min(wanted.length, from + atOnce));
      try (PointerScope scope = new PointerScope()) {
        Tensor in = part.length == rows ? normed : normed.index_select(0, indices(part));
        Tensor out = numbers.wide(linear(in, weights.head(), null)).cpu().contiguous();
        for (int i = 0; i < part.length; i++) {
          int position = sequence.length() + part[i];
          logits.accept(position, row(out, i, position));
        }
      }
    }
  }

  private float[] row(Tensor logits, int index, int position) {
    float[] row = new float[config.vocabulary()];
    new FloatPointer(logits.data_ptr()).position((long) index * row.length).get(row);
    for (float value : row) {
      if (!(Math.abs(value) <= Float.MAX_VALUE)) {
        throw new ArithmeticException("non-finite value in logits at position " + position);
      }
    }
    return row;
  }

  private static void emit(
      List<Slot> slots, TensorKind kind, HookPoint hook, int layer, Tensor rows) {
    RowKey key = new RowKey(kind, hook, layer);
    int at = 0;
    for (Slot slot : slots) {
      if (slot.sequence().wants(key)) {
        slot.sequence().emit(key, part(rows, at, slot.rows()));
      }
      at += slot.rows();
    }
  }

  private static Tensor part(Tensor rows, int first, int count) {
    return first == 0 && count == rows.size(0) ? rows : rows.narrow(0, first, count);
  }

  private Tensor linear(Tensor x, TorchWeights.Projection projection) {
    return linear(x, projection.weight(), projection.bias());
  }

  /** One row in F32 goes through the matrix-vector product, which reads weights faster. */
  private Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
    if (x.size(0) == 1 && numbers.computesInF32() && numbers.onCpu()) {
      Tensor flat = x.view(weight.size(1));
      Tensor y = bias == null ? weight.mv(flat) : torch.addmv(bias, weight, flat);
      return numbers.rounded(y.view(1, weight.size(0)));
    }
    Tensor y =
        bias == null ? torch.linear(x, weight) : torch.linear(x, weight, new TensorOptional(bias));
    return numbers.rounded(y);
  }

  private Tensor norm(Tensor x, TorchWeights.Norm norm) {
    return numbers.rounded(
        torch.rms_norm(x, new long[] {norm.width()}, norm.weight(), norm.epsilon()));
  }

  /** Turns rows by the angles of their positions. */
  private record Rotation(TorchNumbers numbers, Tensor cosines, Tensor sines, int half) {
    Tensor turn(Tensor heads) {
      Tensor x = numbers.wide(heads);
      Tensor swapped = x.roll(new long[] {half}, 2);
      return numbers.narrow(x.mul(cosines).addcmul_(swapped, sines));
    }
  }

  private Rotation rotation(List<Slot> slots, int fill) {
    int end = 0;
    for (Slot slot : slots) {
      end = Math.max(end, slot.sequence().length() + slot.rows());
    }
    Tensor cos;
    Tensor sin;
    synchronized (rotaryGrowth) {
      growRotary(end);
      int start = slots.get(0).sequence().length();
      if (slots.size() == 1 && fill == 0) {
        cos = cosines.narrow(0, start, slots.get(0).rows());
        sin = sines.narrow(0, start, slots.get(0).rows());
      } else {
        int[] positions = new int[slots.size() + fill];
        for (int i = 0; i < positions.length; i++) {
          positions[i] = i < slots.size() ? slots.get(i).sequence().length() : start;
        }
        Tensor at = indices(positions);
        cos = cosines.index_select(0, at);
        sin = sines.index_select(0, at);
      }
    }
    return new Rotation(numbers, cos.unsqueeze(1), sin.unsqueeze(1), config.headDim() / 2);
  }

  private void growRotary(int end) {
    int known = (int) cosines.size(0);
    if (known >= end) {
      return;
    }
    int grown = Math.min(config.maxPositions(), Math.max(end, Math.max(64, 2 * known)));
    int dim = config.headDim();
    int half = dim / 2;
    float[] cos = new float[grown * dim];
    float[] sin = new float[grown * dim];
    for (int p = 0; p < grown; p++) {
      float[] row = rotary.row(p);
      for (int i = 0; i < half; i++) {
        cos[p * dim + i] = row[i];
        cos[p * dim + half + i] = row[i];
        sin[p * dim + i] = -row[half + i];
        sin[p * dim + half + i] = row[half + i];
      }
    }
    cosines = replace(cosines, cos, grown);
    sines = replace(sines, sin, grown);
  }

  private Tensor replace(Tensor old, float[] values, int positions) {
    Tensor table =
        numbers.onDevice(
            torch.from_blob(new FloatPointer(values), positions, config.headDim()).clone());
    table.retainReference();
    old.releaseReference();
    return table;
  }

  @Override
  public void close() {
    weights.close();
    synchronized (rotaryGrowth) {
      cosines.releaseReference();
      sines.releaseReference();
    }
  }
}
