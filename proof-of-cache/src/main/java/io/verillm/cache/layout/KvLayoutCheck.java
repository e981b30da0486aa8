package io.verillm.cache.layout;

import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rules that a descriptor must keep, axis by axis. */
final class KvLayoutCheck {
  /** An axis of some length: an axis of a pool, or equal pools at equal distances. */
  private record Step(KvAxis axis, long stride, long extent) {}

  private final KvLayout layout;
  private final int elementBytes;

  KvLayoutCheck(KvLayout layout) {
    this.layout = layout;
    this.elementBytes = layout.dtype().bytes();
  }

  void check() throws MalformedMessageException {
    checkSizes();
    checkTable();
    for (KvPool pool : layout.pools()) {
      checkPool(pool);
    }
    checkCover();
    checkSharing();
  }

  private void checkSizes() throws MalformedMessageException {
    require(KvAxis.LAYER, layout.layers(), 1, 1 << 16);
    require(KvAxis.HEAD, layout.heads(), 1, 1 << 16);
    require(KvAxis.CHANNEL, layout.headDim(), 1, 1 << 16);
    if ((long) layout.layers() * layout.heads() > KvLayout.MAX_LAYER_HEADS) {
      throw KvAxis.HEAD.refuse(layout.layers() + " layers of " + layout.heads() + " heads");
    }
    if ((long) layout.heads() * layout.headDim() * elementBytes > KvMemory.LONGEST_RUN / 4) {
      throw KvAxis.CHANNEL.refuse(
          "rows of " + layout.heads() + " × " + layout.headDim() + " elements are too long");
    }
  }

  private void checkTable() throws MalformedMessageException {
    int[] table = layout.blockTable();
    require(KvAxis.TOKEN, layout.blockSize(), 1, 1 << 30);
    require(KvAxis.TOKEN, layout.positions(), 1, Integer.MAX_VALUE - 1);
    require(KvAxis.BLOCK, layout.reservedBlocks(), 0, Integer.MAX_VALUE - 1);
    long needed = (layout.positions() + (long) layout.blockSize() - 1) / layout.blockSize();
    if (table.length != needed || table.length > KvLayout.MAX_TABLE) {
      throw KvAxis.TOKEN.refuse(
          layout.positions()
              + " positions in blocks of "
              + layout.blockSize()
              + " need a table of "
              + needed
              + " blocks, there are "
              + table.length);
    }
    if (layout.firstValid() < 0 || layout.firstValid() >= layout.positions()) {
      throw KvAxis.TOKEN.refuse(
          "first valid position " + layout.firstValid() + " of " + layout.positions());
    }
    if (layout.cachedPrefix() < 0 || layout.cachedPrefix() > layout.positions()) {
      throw KvAxis.TOKEN.refuse(
          "a cached prefix of " + layout.cachedPrefix() + " of " + layout.positions());
    }
    BitSet used = new BitSet();
    for (int i = 0; i < table.length; i++) {
      boolean evicted = ((long) i + 1) * layout.blockSize() <= layout.firstValid();
      if (table[i] == -1 && evicted) {
        continue;
      }
      if (table[i] < 0) {
        throw KvAxis.BLOCK.refuse(
            "a hole: position " + (long) i * layout.blockSize() + " has no block");
      }
      if (table[i] < layout.reservedBlocks()) {
        throw KvAxis.BLOCK.refuse("block " + table[i] + " is reserved");
      }
      if (table[i] > (1 << 30)) {
        throw KvAxis.BLOCK.refuse("block " + table[i] + " is out of range");
      }
      if (used.get(table[i])) {
        throw KvAxis.BLOCK.refuse("block " + table[i] + " serves two stretches of positions");
      }
      used.set(table[i]);
    }
  }

  private void checkPool(KvPool pool) throws MalformedMessageException {
    if (pool.offset() < 0 || pool.firstBlock() < 0 || pool.blocks() < 1) {
      throw KvAxis.BLOCK.refuse(
          pool.tensor() + ": blocks " + pool.firstBlock() + " + " + pool.blocks());
    }
    requireDistinct(KvAxis.PART, pool.parts().stream().map(KvPart::index).toList(), 2);
    requireDistinct(KvAxis.LAYER, pool.layers(), layout.layers());
    requireDistinct(KvAxis.HEAD, pool.heads(), layout.heads());
    List<Step> steps = new ArrayList<>();
    for (KvAxis axis : KvAxis.values()) {
      if (pool.extent(axis, layout) > 1) {
        steps.add(new Step(axis, pool.strides().of(axis), pool.extent(axis, layout)));
      }
    }
    requireNested(steps);
    span(pool);
    if (pool.scale().isPresent() != layout.isScaled()) {
      throw KvAxis.CHANNEL.refuse("some pools have factors and some have none");
    }
    if (pool.scale().isPresent()) {
      KvScale scale = pool.scale().get();
      for (KvAxis axis : KvAxis.values()) {
        long stride = scale.strides().of(axis);
        boolean wrong = stride < 0 || (axis == KvAxis.CHANNEL && stride != 0) || scale.offset() < 0;
        if (wrong) {
          throw axis.refuse("factors of " + pool.tensor() + " have a stride of " + stride);
        }
      }
    }
  }

  /** Every axis must step over all that lies inside it, or two elements would share a byte. */
  private void requireNested(List<Step> steps) throws MalformedMessageException {
    steps.sort(Comparator.comparingLong(Step::stride).thenComparing(Step::axis));
    long inner = elementBytes;
    try {
      for (Step step : steps) {
        if (step.stride() < inner) {
          throw step.axis()
              .refuse(
                  "a stride of "
                      + step.stride()
                      + " bytes overlaps the "
                      + inner
                      + " bytes inside it");
        }
        inner = Math.addExact(inner, Math.multiplyExact(step.extent() - 1, step.stride()));
      }
    } catch (ArithmeticException e) {
      throw steps.get(steps.size() - 1).axis().refuse("strides reach beyond 2^63 bytes");
    }
  }

  /** Bytes from a pool's first to behind its last element. */
  private long span(KvPool pool) throws MalformedMessageException {
    return span(layout, pool, pool.strides(), elementBytes);
  }

  static long span(KvLayout layout, KvPool pool, KvStrides strides, int elementBytes)
      throws MalformedMessageException {
    long bytes = elementBytes;
    for (KvAxis axis : KvAxis.values()) {
      try {
        bytes =
            Math.addExact(
                bytes, Math.multiplyExact(pool.extent(axis, layout) - 1, strides.of(axis)));
      } catch (ArithmeticException e) {
        throw axis.refuse("strides reach beyond 2^63 bytes");
      }
    }
    return bytes;
  }

  /** Every part, layer, head and used block must lie in exactly one pool. */
  private void checkCover() throws MalformedMessageException {
    int cells = layout.layers() * layout.heads() * KvPart.values().length;
    List<List<KvPool>> owners = new ArrayList<>(cells);
    for (int i = 0; i < cells; i++) {
      owners.add(new ArrayList<>(1));
    }
    for (KvPool pool : layout.pools()) {
      for (KvPart part : pool.parts()) {
        for (int layer : pool.layers()) {
          for (int head : pool.heads()) {
            owners.get((part.index() * layout.layers() + layer) * layout.heads() + head).add(pool);
          }
        }
      }
    }
    for (KvPart part : KvPart.values()) {
      for (int layer = 0; layer < layout.layers(); layer++) {
        for (int head = 0; head < layout.heads(); head++) {
          List<KvPool> own =
              owners.get((part.index() * layout.layers() + layer) * layout.heads() + head);
          checkBlocks(own, part, layer, head);
        }
      }
    }
  }

  private void checkBlocks(List<KvPool> own, KvPart part, int layer, int head)
      throws MalformedMessageException {
    String where = part + " of layer " + layer + ", head " + head;
    if (own.isEmpty()) {
      KvAxis axis =
          layout.pools().stream().noneMatch(pool -> pool.parts().contains(part))
              ? KvAxis.PART
              : layout.pools().stream().noneMatch(pool -> pool.layers().contains(layer))
                  ? KvAxis.LAYER
                  : KvAxis.HEAD;
      throw axis.refuse("a hole: no pool holds " + where);
    }
    own.sort(Comparator.comparingInt(KvPool::firstBlock));
    for (int i = 1; i < own.size(); i++) {
      if (own.get(i).firstBlock() < own.get(i - 1).firstBlock() + (long) own.get(i - 1).blocks()) {
        throw (own.get(i).firstBlock() == own.get(i - 1).firstBlock() ? KvAxis.HEAD : KvAxis.BLOCK)
            .refuse("two pools hold " + where);
      }
    }
    if (own.size() == 1) {
      // The usual case without a search per block.
      KvPool only = own.get(0);
      for (int block : layout.blockTable()) {
        if (block >= 0
            && (block < only.firstBlock() || block - only.firstBlock() >= only.blocks())) {
          throw KvAxis.BLOCK.refuse(
              "block " + block + " is not among the " + only.blocks() + " of " + only.tensor());
        }
      }
      return;
    }
    for (int block : layout.blockTable()) {
      if (block >= 0
          && own.stream()
              .noneMatch(
                  pool ->
                      block >= pool.firstBlock() && block - pool.firstBlock() < pool.blocks())) {
        throw KvAxis.BLOCK.refuse("a hole: no pool holds block " + block + " of " + where);
      }
    }
  }

  /** Pools in one tensor lie one after the other, or interleave like one more axis. */
  private void checkSharing() throws MalformedMessageException {
    Map<String, List<KvPool>> byTensor = new LinkedHashMap<>();
    for (KvPool pool : layout.pools()) {
      byTensor.computeIfAbsent(pool.tensor(), name -> new ArrayList<>()).add(pool);
    }
    for (List<KvPool> sharing : byTensor.values()) {
      sharing.sort(Comparator.comparingLong(KvPool::offset));
      for (int i = 1; i < sharing.size(); i++) {
        KvPool before = sharing.get(i - 1);
        if (sharing.get(i).offset() - before.offset() < span(before)) {
          requireInterleaved(sharing);
          break;
        }
      }
    }
  }

  private void requireInterleaved(List<KvPool> sharing) throws MalformedMessageException {
    KvPool first = sharing.get(0);
    long distance = sharing.get(1).offset() - first.offset();
    KvAxis axis = first.layers().equals(sharing.get(1).layers()) ? KvAxis.PART : KvAxis.LAYER;
    List<Step> steps = new ArrayList<>();
    for (KvAxis each : KvAxis.values()) {
      long extent = first.extent(each, layout);
      for (KvPool pool : sharing) {
        if (pool.extent(each, layout) != extent
            || (extent > 1 && pool.strides().of(each) != first.strides().of(each))) {
          throw each.refuse("pools of different strides overlap in " + first.tensor());
        }
      }
      if (extent > 1) {
        steps.add(new Step(each, first.strides().of(each), extent));
      }
    }
    for (int i = 1; i < sharing.size(); i++) {
      if (sharing.get(i).offset() - sharing.get(i - 1).offset() != distance) {
        throw axis.refuse("pools overlap in " + first.tensor());
      }
    }
    steps.add(new Step(axis, distance, sharing.size()));
    requireNested(steps);
  }

  private static void require(KvAxis axis, long value, long low, long high)
      throws MalformedMessageException {
    if (value < low || value > high) {
      throw axis.refuse("length " + value + " is not in " + low + ".." + high);
    }
  }

  private static void requireDistinct(KvAxis axis, List<Integer> ids, int limit)
      throws MalformedMessageException {
    BitSet seen = new BitSet();
    for (int id : ids) {
      if (id < 0 || id >= limit) {
        throw axis.refuse("index " + id + " is not in 0.." + (limit - 1));
      }
      if (seen.get(id)) {
        throw axis.refuse("index " + id + " is named twice");
      }
      seen.set(id);
    }
    if (ids.isEmpty()) {
      throw axis.refuse("a pool of nothing");
    }
  }
}
