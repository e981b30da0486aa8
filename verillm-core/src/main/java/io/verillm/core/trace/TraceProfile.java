package io.verillm.core.trace;

import io.verillm.core.tensor.DType;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a prover commits to for every token: which rows, taken where, in which element type, in
 * chunks of which size. The order of the entries is the order of the rows in the token tree.
 *
 * <p>Its digest names it in orders and traces; the names of the factories are aliases. A profile
 * says what is committed, not that anyone checks it. Immutable.
 *
 * @param entries 1 to {@value #MAX_ENTRIES}
 * @param chunkBytes bytes of a row per leaf, 1 to {@link ChunkLeaf#MAX_DATA}
 */
public record TraceProfile(List<Entry> entries, int chunkBytes) {
  /** Most entries. */
  public static final int MAX_ENTRIES = 64;

  private static final int VERSION = 1;

  /**
   * Rows of one sort.
   *
   * @param dtype type in which the rows are committed; nobody converts silently
   */
  public record Entry(TensorKind kind, HookPoint hook, LayerSelection layers, DType dtype) {
    /**
     * Checks that rows of this kind exist at this point.
     *
     * @throws IllegalArgumentException for values after RoPE, keys at a block's input and the like,
     *     for a final norm anywhere but at the last block, and for commitments that are not bytes
     */
    public Entry {
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(layers, "layers");
      Objects.requireNonNull(dtype, "dtype");
      boolean exists = kind == TensorKind.COMMITMENT ? dtype == DType.U8 : kind == hook.kind();
      if (!exists
          || (hook == HookPoint.AFTER_FINAL_NORM && !(layers instanceof LayerSelection.Last))) {
        throw new IllegalArgumentException(
            "no " + kind + " rows of " + dtype + " at " + hook + " of " + layers);
      }
    }
  }

  /** Copies and checks the entries. */
  public TraceProfile {
    entries = List.copyOf(entries);
    if (entries.isEmpty() || entries.size() > MAX_ENTRIES) {
      throw new IllegalArgumentException(entries.size() + " entries");
    }
    if (chunkBytes < 1 || chunkBytes > ChunkLeaf.MAX_DATA) {
      throw new IllegalArgumentException(
          "chunk of " + chunkBytes + " bytes is not in 1.." + ChunkLeaf.MAX_DATA);
    }
  }

  /**
   * The profile {@code default}: keys after RoPE and values as cached of every block, and the last
   * block's output before the final norm.
   */
  public static TraceProfile standard(DType dtype) {
    return new TraceProfile(
        List.of(
            new Entry(TensorKind.KEY, HookPoint.AFTER_ROPE, new LayerSelection.All(), dtype),
            new Entry(TensorKind.VALUE, HookPoint.AS_CACHED, new LayerSelection.All(), dtype),
            new Entry(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, new LayerSelection.Last(), dtype)),
        ChunkLeaf.MAX_DATA);
  }

  /**
   * The profile {@code kv}: keys after RoPE and values as cached of every block, which is what a
   * serving engine keeps anyway.
   */
  public static TraceProfile keysAndValues(DType dtype) {
    return new TraceProfile(
        List.of(
            new Entry(TensorKind.KEY, HookPoint.AFTER_ROPE, new LayerSelection.All(), dtype),
            new Entry(TensorKind.VALUE, HookPoint.AS_CACHED, new LayerSelection.All(), dtype)),
        ChunkLeaf.MAX_DATA);
  }

  /**
   * The profile {@code verillm-8}: hidden states of every eighth layer.
   *
   * <p>The published experiments number the states 0 (the embedding's output) to L (the last
   * block's output) and record 0, 8, 16 and so on. State i below L is the input of block i, hence
   * {@link HookPoint#BLOCK_INPUT} with stride 8; state L is the output of block L − 1. The
   * published choice records state L only where eight divides L and then leaves up to seven blocks
   * at the end unobserved. Here state L is always recorded; where eight divides L the two are the
   * same.
   */
  public static TraceProfile verillm8(DType dtype) {
    return new TraceProfile(
        List.of(
            new Entry(
                TensorKind.HIDDEN, HookPoint.BLOCK_INPUT, new LayerSelection.Stride(8), dtype),
            new Entry(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, new LayerSelection.Last(), dtype)),
        ChunkLeaf.MAX_DATA);
  }

  /**
   * The profile {@code dispute}: every block's input, its keys after RoPE and its values as cached,
   * and the last block's output, so that any one block can be judged alone.
   */
  public static TraceProfile dispute(DType dtype) {
    return new TraceProfile(
        List.of(
            new Entry(TensorKind.HIDDEN, HookPoint.BLOCK_INPUT, new LayerSelection.All(), dtype),
            new Entry(TensorKind.KEY, HookPoint.AFTER_ROPE, new LayerSelection.All(), dtype),
            new Entry(TensorKind.VALUE, HookPoint.AS_CACHED, new LayerSelection.All(), dtype),
            new Entry(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, new LayerSelection.Last(), dtype)),
        ChunkLeaf.MAX_DATA);
  }

  /**
   * The same profile with an algebraic commitment to each of its rows, in leaves of their own after
   * all rows. The rows must be pushed with their commitments, which the module tensor-commitments
   * computes.
   *
   * @throws IllegalArgumentException if it has commitments already, or too many entries
   */
  public TraceProfile withCommitments() {
    List<Entry> all = new ArrayList<>(entries);
    for (Entry entry : entries) {
      if (entry.kind() == TensorKind.COMMITMENT) {
        throw new IllegalArgumentException("the profile has commitments already");
      }
      all.add(new Entry(TensorKind.COMMITMENT, entry.hook(), entry.layers(), DType.U8));
    }
    return new TraceProfile(all, chunkBytes);
  }

  /** Whether commitments are among the rows. */
  public boolean hasCommitments() {
    return entries.stream().anyMatch(entry -> entry.kind() == TensorKind.COMMITMENT);
  }

  /** SHA-256 of {@link #encode}. */
  public Digest32 digest() {
    return Digest32.sha256(encode());
  }

  /** Returns the deterministic CBOR form. */
  public byte[] encode() {
    CborWriter out = new CborWriter();
    out.map(3).unsigned(1).unsigned(VERSION).unsigned(2).unsigned(chunkBytes).unsigned(3);
    out.array(entries.size());
    for (Entry entry : entries) {
      out.array(4).unsigned(entry.kind().code()).unsigned(entry.hook().code());
      entry.layers().write(out);
      out.unsigned(entry.dtype().code());
    }
    return out.toByteArray();
  }

  /**
   * Reads one profile and nothing else.
   *
   * @throws MalformedMessageException if the bytes are not exactly what {@link #encode} gives for
   *     some profile
   */
  public static TraceProfile decode(byte[] bytes) throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    in.mapOf("trace-profile", 3);
    in.key("trace-profile.version", 1);
    if (in.unsigned("trace-profile.version", 255) != VERSION) {
      throw new MalformedMessageException("trace-profile.version", in.offset(), "not version 1");
    }
    in.key("trace-profile.chunk-bytes", 2);
    int chunkBytes = (int) in.unsigned("trace-profile.chunk-bytes", ChunkLeaf.MAX_DATA);
    in.key("trace-profile.entries", 3);
    int count = in.array("trace-profile.entries", MAX_ENTRIES);
    List<Entry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      entries.add(readEntry(in));
    }
    in.end();
    try {
      return new TraceProfile(entries, chunkBytes);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException("trace-profile", 0, String.valueOf(e.getMessage()));
    }
  }

  private static Entry readEntry(CborReader in) throws MalformedMessageException {
    long start = in.offset();
    in.arrayOf("trace-profile.entry", 4);
    int kind = (int) in.unsigned("trace-profile.kind", 255);
    int hook = (int) in.unsigned("trace-profile.hook", 255);
    LayerSelection layers = LayerSelection.read(in);
    int dtype = (int) in.unsigned("trace-profile.dtype", 255);
    try {
      return new Entry(
          TensorKind.ofCode(kind).orElseThrow(() -> unknown("kind", kind)),
          HookPoint.ofCode(hook).orElseThrow(() -> unknown("hook", hook)),
          layers,
          DType.ofCode(dtype).orElseThrow(() -> unknown("dtype", dtype)));
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(
          "trace-profile.entry", start, String.valueOf(e.getMessage()));
    }
  }

  private static IllegalArgumentException unknown(String what, int code) {
    return new IllegalArgumentException("no " + what + " has code " + code);
  }
}
