package io.verillm.cache.layout;

import io.verillm.core.tensor.BFloat16;
import io.verillm.core.tensor.Float16;
import io.verillm.core.tensor.Float8E4M3;
import io.verillm.core.tensor.Float8E5M2;
import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One sequence's rows, read where an engine keeps them: nothing is copied but the row that is asked
 * for, and nothing is allocated per row.
 *
 * <p>A row is canonical: all heads of a token in one layer, head by head, little-endian, in {@link
 * KvLayout#rowDType}. That equal rows come out of two layouts says that they hold the same numbers,
 * not that a model computed them. Borrows the memory. One thread each: {@link #session} gives
 * another thread its own reader.
 */
public final class KvCache {
  /** A run of bytes that is contiguous in memory and in the row. */
  private record Run(KvMemory memory, long base, long block, long token, int at, int bytes) {}

  /** Factors of one head. */
  private record Factor(KvMemory memory, long base, long block, long token) {
    float at(int block, int token) {
      return memory.getFloat(base + block * this.block + token * this.token);
    }
  }

  /** All heads of one part and layer over a range of blocks. */
  private record Plane(int firstBlock, List<Run> runs, @Nullable List<Factor> factors) {}

  private final KvLayout layout;
  private final Plane[][] planes;
  private final int storedBytes;
  private final byte[] scratch;

  private KvCache(KvLayout layout, Plane[][] planes) {
    this.layout = layout;
    this.planes = planes;
    this.storedBytes = layout.rowWidth() * layout.dtype().bytes();
    this.scratch = new byte[storedBytes];
  }

  /**
   * Binds a layout to memory.
   *
   * @param memory by the names that the pools and their factors use
   * @throws MalformedMessageException if a name is missing or a pool reaches beyond its memory; the
   *     field names the axis whose length or stride is the largest
   */
  public static KvCache bind(KvLayout layout, Map<String, KvMemory> memory)
      throws MalformedMessageException {
    for (KvPool pool : layout.pools()) {
      int element = layout.dtype().bytes();
      requireFits(layout, pool, pool.tensor(), element, pool.offset(), pool.strides(), memory);
      if (pool.scale().isPresent()) {
        KvScale scale = pool.scale().get();
        requireFits(
            layout, pool, scale.tensor(), Float.BYTES, scale.offset(), scale.strides(), memory);
      }
    }
    int parts = KvPart.values().length;
    Plane[][] planes = new Plane[parts * layout.layers()][];
    for (KvPart part : KvPart.values()) {
      for (int layer = 0; layer < layout.layers(); layer++) {
        planes[part.index() * layout.layers() + layer] = planes(layout, memory, part, layer);
      }
    }
    return new KvCache(layout, planes);
  }

  private static void requireFits(
      KvLayout layout,
      KvPool pool,
      String name,
      int element,
      long offset,
      KvStrides strides,
      Map<String, KvMemory> memory)
      throws MalformedMessageException {
    KvMemory bytes = memory.get(name);
    if (bytes == null) {
      throw new MalformedMessageException("tensor " + name, 0, "is named and not there");
    }
    long span = KvLayoutCheck.span(layout, pool, strides, element);
    if (offset > bytes.size() - span) {
      KvAxis outermost = KvAxis.CHANNEL;
      for (KvAxis axis : KvAxis.values()) {
        if ((pool.extent(axis, layout) - 1) * strides.of(axis)
            > (pool.extent(outermost, layout) - 1) * strides.of(outermost)) {
          outermost = axis;
        }
      }
      throw outermost.refuse(
          name
              + " has "
              + bytes.size()
              + " bytes, its lengths and strides reach "
              + (offset > Long.MAX_VALUE - span ? "beyond 2^63" : offset + span));
    }
  }

  private static Plane[] planes(
      KvLayout layout, Map<String, KvMemory> memory, KvPart part, int layer)
      throws MalformedMessageException {
    List<KvPool> own = new ArrayList<>();
    for (KvPool pool : layout.pools()) {
      if (pool.parts().contains(part) && pool.layers().contains(layer)) {
        own.add(pool);
      }
    }
    own.sort(Comparator.comparingInt(KvPool::firstBlock));
    List<Plane> planes = new ArrayList<>();
    for (int i = 0; i < own.size(); ) {
      int next = i;
      while (next < own.size() && own.get(next).firstBlock() == own.get(i).firstBlock()) {
        if (own.get(next).blocks() != own.get(i).blocks()) {
          throw KvAxis.BLOCK.refuse(
              "heads of layer " + layer + " lie in pools of different numbers of blocks");
        }
        next++;
      }
      planes.add(plane(layout, memory, own.subList(i, next), part, layer));
      i = next;
    }
    return planes.toArray(new Plane[0]);
  }

  private static Plane plane(
      KvLayout layout, Map<String, KvMemory> memory, List<KvPool> pools, KvPart part, int layer)
      throws MalformedMessageException {
    int element = layout.dtype().bytes();
    List<Run> runs = new ArrayList<>();
    List<Factor> factors = new ArrayList<>();
    for (int head = 0; head < layout.heads(); head++) {
      KvPool pool = null;
      for (KvPool each : pools) {
        pool = each.heads().contains(head) ? each : pool;
      }
      if (pool == null) {
        throw KvAxis.HEAD.refuse("head " + head + " of layer " + layer + " lies in other blocks");
      }
      KvMemory bytes = Objects.requireNonNull(memory.get(pool.tensor()));
      KvStrides s = pool.strides();
      long base = pool.offset() + offset(pool, s, part, layer, head);
      boolean dense = layout.headDim() == 1 || s.channel() == element;
      int pieces = dense ? 1 : layout.headDim();
      int length = dense ? layout.headDim() * element : element;
      for (int piece = 0; piece < pieces; piece++) {
        int at = head * layout.headDim() * element + piece * element;
        append(runs, new Run(bytes, base + piece * s.channel(), s.block(), s.token(), at, length));
      }
      if (pool.scale().isPresent()) {
        KvScale scale = pool.scale().get();
        KvStrides f = scale.strides();
        factors.add(
            new Factor(
                Objects.requireNonNull(memory.get(scale.tensor())),
                scale.offset() + offset(pool, f, part, layer, head),
                f.block(),
                f.token()));
      }
    }
    return new Plane(
        pools.get(0).firstBlock(),
        List.copyOf(runs),
        factors.isEmpty() ? null : List.copyOf(factors));
  }

  private static long offset(KvPool pool, KvStrides s, KvPart part, int layer, int head) {
    return pool.parts().indexOf(part) * s.part()
        + pool.layers().indexOf(layer) * s.layer()
        + pool.heads().indexOf(head) * s.head();
  }

  /** Joins a run to the last one where both memory and row go on without a gap. */
  private static void append(List<Run> runs, Run next) {
    if (!runs.isEmpty()) {
      Run last = runs.get(runs.size() - 1);
      if (last.memory() == next.memory()
          && last.base() + last.bytes() == next.base()
          && last.block() == next.block()
          && last.token() == next.token()
          && last.at() + last.bytes() == next.at()) {
        runs.set(
            runs.size() - 1,
            new Run(
                last.memory(),
                last.base(),
                last.block(),
                last.token(),
                last.at(),
                last.bytes() + next.bytes()));
        return;
      }
    }
    runs.add(next);
  }

  /** The same cache with its own scratch space, for another thread. */
  public KvCache session() {
    return new KvCache(layout, planes);
  }

  /**
   * The same memory with more positions, as a sequence grows.
   *
   * @throws MalformedMessageException if the table does not fit
   */
  public KvCache grown(int positions, int... blockTable) throws MalformedMessageException {
    KvLayout longer =
        layout.toBuilder().positions(positions).blocks(layout.blockSize(), blockTable).build();
    return new KvCache(longer, planes);
  }

  /** The layout. */
  public KvLayout layout() {
    return layout;
  }

  /** Bytes of a canonical row. */
  public int rowBytes() {
    return layout.rowWidth() * layout.rowDType().bytes();
  }

  /**
   * Copies a canonical row.
   *
   * @param at index of {@code into} that receives the first of {@link #rowBytes} bytes
   * @throws IllegalArgumentException if the position was evicted
   */
  public void gather(KvPart part, int layer, int position, byte[] into, int at) {
    Plane plane = plane(part, layer, position);
    if (plane.factors() == null) {
      copy(plane, position, into, at);
      return;
    }
    copy(plane, position, scratch, 0);
    for (int i = 0; i < layout.rowWidth(); i++) {
      int bits = Float.floatToRawIntBits(value(scratch, i) * factor(plane, position, i));
      into[at + 4 * i] = (byte) bits;
      into[at + 4 * i + 1] = (byte) (bits >>> 8);
      into[at + 4 * i + 2] = (byte) (bits >>> 16);
      into[at + 4 * i + 3] = (byte) (bits >>> 24);
    }
  }

  /**
   * Reads a row as floats; exact, factors applied.
   *
   * @param into receives {@link KvLayout#rowWidth} values
   */
  public void read(KvPart part, int layer, int position, float[] into) {
    Plane plane = plane(part, layer, position);
    copy(plane, position, scratch, 0);
    boolean scaled = plane.factors() != null;
    for (int i = 0; i < layout.rowWidth(); i++) {
      float value = value(scratch, i);
      into[i] = scaled ? value * factor(plane, position, i) : value;
    }
  }

  private float factor(Plane plane, int position, int element) {
    Factor factor = Objects.requireNonNull(plane.factors()).get(element / layout.headDim());
    return factor.at(layout.block(position) - plane.firstBlock(), position % layout.blockSize());
  }

  private float value(byte[] bytes, int i) {
    return switch (layout.dtype()) {
      case F32 -> Float.intBitsToFloat((bits16(bytes, 4 * i + 2) << 16) | bits16(bytes, 4 * i));
      case BF16 -> BFloat16.toFloat((short) bits16(bytes, 2 * i));
      case F16 -> Float16.toFloat((short) bits16(bytes, 2 * i));
      case F8_E4M3 -> Float8E4M3.toFloat(bytes[i]);
      case F8_E5M2 -> Float8E5M2.toFloat(bytes[i]);
      default -> throw new AssertionError(layout.dtype());
    };
  }

  private static int bits16(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) | (bytes[at + 1] & 0xFF) << 8;
  }

  private Plane plane(KvPart part, int layer, int position) {
    Objects.checkIndex(layer, layout.layers());
    Objects.checkIndex(position, layout.positions());
    if (position < layout.firstValid()) {
      throw new IllegalArgumentException(
          "position " + position + " was evicted, the first valid one is " + layout.firstValid());
    }
    Plane[] candidates = planes[part.index() * layout.layers() + layer];
    int low = 0;
    int high = candidates.length - 1;
    int block = layout.block(position);
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (candidates[middle].firstBlock() <= block) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return candidates[low];
  }

  private void copy(Plane plane, int position, byte[] into, int at) {
    long block = (long) layout.block(position) - plane.firstBlock();
    long token = position % layout.blockSize();
    List<Run> runs = plane.runs();
    for (int i = 0; i < runs.size(); i++) { // by index: an iterator per row would be garbage
      Run run = runs.get(i);
      run.memory()
          .get(
              run.base() + block * run.block() + token * run.token(),
              into,
              at + run.at(),
              run.bytes());
    }
  }

  /** Whether two caches hold the same numbers at the same positions. */
  public static boolean sameRows(KvCache a, KvCache b) {
    KvLayout one = a.layout();
    KvLayout two = b.layout();
    if (one.layers() != two.layers()
        || one.rowWidth() != two.rowWidth()
        || one.positions() != two.positions()
        || one.firstValid() != two.firstValid()) {
      return false;
    }
    float[] x = new float[one.rowWidth()];
    float[] y = new float[one.rowWidth()];
    for (int position = one.firstValid(); position < one.positions(); position++) {
      for (int layer = 0; layer < one.layers(); layer++) {
        for (KvPart part : KvPart.values()) {
          a.read(part, layer, position, x);
          b.read(part, layer, position, y);
          if (!Arrays.equals(x, y)) {
            return false;
          }
        }
      }
    }
    return true;
  }
}
