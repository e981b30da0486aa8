package io.verillm.cache.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.MalformedMessageException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KvLayoutRefusalTest {
  private static final int ELEMENT = 4;

  private static KvLayout good() {
    try {
      return new ReferenceCache(DType.F32, 1).vllm(VllmOrder.LBHNC).layout();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static KvLayout.Builder withoutPools() {
    return KvLayout.builder("test", DType.F32)
        .model(ReferenceCache.LAYERS, ReferenceCache.HEADS, ReferenceCache.DIM)
        .positions(ReferenceCache.POSITIONS)
        .blocks(ReferenceCache.BLOCK, ReferenceCache.TABLE);
  }

  private static KvPool with(KvPool pool, KvStrides strides) {
    return new KvPool(
        pool.tensor(),
        pool.offset(),
        pool.parts(),
        pool.layers(),
        pool.heads(),
        pool.firstBlock(),
        pool.blocks(),
        strides,
        pool.scale());
  }

  private static KvPool holding(
      String tensor,
      long offset,
      List<KvPart> parts,
      List<Integer> layers,
      List<Integer> heads,
      KvStrides strides) {
    return new KvPool(
        tensor, offset, parts, layers, heads, 0, ReferenceCache.BLOCKS, strides, Optional.empty());
  }

  private static void assertRefused(KvLayout.Builder layout, KvAxis axis) {
    MalformedMessageException refusal =
        catchThrowableOfType(MalformedMessageException.class, layout::build);
    assertThat(refusal).as("built " + axis).isNotNull();
    assertThat(refusal.field()).as(refusal.getMessage()).isEqualTo("axis " + axis);
  }

  /** Each stride one byte too small, so that two elements share bytes. */
  @ParameterizedTest
  @CsvSource({"PART", "LAYER", "BLOCK", "HEAD", "TOKEN", "CHANNEL"})
  void build_strideTooSmall_namesTheAxis(KvAxis axis) {
    KvPool pool = good().pools().get(0);
    long[] s = new long[6];
    for (KvAxis each : KvAxis.values()) {
      s[each.ordinal()] = pool.strides().of(each);
    }
    s[axis.ordinal()] -= 1;
    KvStrides wrong = new KvStrides(s[0], s[1], s[2], s[3], s[4], s[5]);
    assertRefused(withoutPools().pool(with(pool, wrong)), axis);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -4, Long.MIN_VALUE})
  void build_strideNotPositive_isRefused(long stride) {
    KvStrides s = good().pools().get(0).strides();
    KvStrides wrong = new KvStrides(s.part(), stride, s.block(), s.head(), s.token(), s.channel());
    assertRefused(withoutPools().pool(with(good().pools().get(0), wrong)), KvAxis.LAYER);
  }

  @Test
  void build_strideBeyondAnyMemory_isRefused() {
    KvStrides s = good().pools().get(0).strides();
    KvStrides wrong =
        new KvStrides(s.part(), Long.MAX_VALUE / 2, s.block(), s.head(), s.token(), s.channel());
    assertRefused(withoutPools().pool(with(good().pools().get(0), wrong)), KvAxis.LAYER);
  }

  @Test
  void build_tableContradictions_nameBlockOrToken() {
    assertRefused(good().toBuilder().blocks(4, 7, 2, 5, 7, 8, 3), KvAxis.BLOCK); // block twice
    assertRefused(good().toBuilder().blocks(4, 7, 2, -1, 0, 8, 3), KvAxis.BLOCK); // hole
    assertRefused(good().toBuilder().blocks(4, 7, 2, 9, 0, 8, 3), KvAxis.BLOCK); // beyond the pool
    assertRefused(good().toBuilder().blocks(4, 7, 2, -2, 0, 8, 3), KvAxis.BLOCK);
    assertRefused(good().toBuilder().blocks(4, 7, 2, Integer.MAX_VALUE, 0, 8, 3), KvAxis.BLOCK);
    assertRefused(good().toBuilder().reservedBlocks(1), KvAxis.BLOCK); // block 0 is in the table
    assertRefused(good().toBuilder().blocks(4, 7, 2, 5, 0, 8), KvAxis.TOKEN); // too short
    assertRefused(good().toBuilder().blocks(4, 7, 2, 5, 0, 8, 3, 1), KvAxis.TOKEN); // too long
    assertRefused(good().toBuilder().positions(25), KvAxis.TOKEN);
    assertRefused(good().toBuilder().positions(0), KvAxis.TOKEN);
    assertRefused(good().toBuilder().positions(Integer.MAX_VALUE), KvAxis.TOKEN);
    assertRefused(good().toBuilder().firstValid(21), KvAxis.TOKEN);
    assertRefused(good().toBuilder().firstValid(-1), KvAxis.TOKEN);
    assertRefused(good().toBuilder().cachedPrefix(22), KvAxis.TOKEN);
    assertRefused(good().toBuilder().blocks(0, 7, 2, 5, 0, 8, 3), KvAxis.TOKEN);
  }

  @Test
  void build_slotOutOfRangeOrDumpSlot_isRefused() throws Exception {
    KvLayout layout = new ReferenceCache(DType.F32, 1).sglang().layout();
    int[] table = layout.blockTable();
    table[3] = 40;
    assertRefused(layout.toBuilder().blocks(1, table), KvAxis.BLOCK);
    table[3] = 0;
    assertRefused(layout.toBuilder().blocks(1, table), KvAxis.BLOCK);
    table[3] = table[4];
    assertRefused(layout.toBuilder().blocks(1, table), KvAxis.BLOCK);
  }

  @Test
  void build_evictedStretch_isNoHole() throws Exception {
    KvLayout windowed = good().toBuilder().firstValid(10).blocks(4, -1, -1, 5, 0, 8, 3).build();
    assertThat(windowed.firstValid()).isEqualTo(10);
    assertRefused(good().toBuilder().firstValid(7).blocks(4, -1, -1, 5, 0, 8, 3), KvAxis.BLOCK);
  }

  @Test
  void build_sizesOutOfRange_nameTheAxis() {
    KvPool pool = good().pools().get(0);
    assertRefused(withoutPools().pool(pool).model(0, 2, 8), KvAxis.LAYER);
    assertRefused(withoutPools().pool(pool).model(4, 2, 8), KvAxis.LAYER); // layer 3 is nowhere
    assertRefused(withoutPools().pool(pool).model(3, 3, 8), KvAxis.HEAD);
    assertRefused(withoutPools().pool(pool).model(3, 1, 8), KvAxis.HEAD); // pool names head 1
    assertRefused(withoutPools().pool(pool).model(3, 2, 0), KvAxis.CHANNEL);
    assertRefused(withoutPools().pool(pool).model(65536, 65536, 8), KvAxis.HEAD);
    assertRefused(withoutPools().pool(pool).model(1, 65536, 65536), KvAxis.CHANNEL);
  }

  @Test
  void build_holeInCover_namesTheAxis() {
    KvStrides s = good().pools().get(0).strides();
    List<KvPart> both = List.of(KvPart.KEY, KvPart.VALUE);
    assertRefused(
        withoutPools()
            .pool(holding("a", 0, List.of(KvPart.KEY), List.of(0, 1, 2), List.of(0, 1), s)),
        KvAxis.PART);
    assertRefused(
        withoutPools().pool(holding("a", 0, both, List.of(0, 2), List.of(0, 1), s)), KvAxis.LAYER);
    assertRefused(
        withoutPools()
            .pool(holding("a", 0, both, List.of(0, 1, 2), List.of(0), s))
            .pool(holding("b", 0, both, List.of(0, 1), List.of(1), s)),
        KvAxis.HEAD);
  }

  @Test
  void build_sameRowsTwice_isRefused() {
    KvPool pool = good().pools().get(0);
    KvPool copy = holding("other", 0, pool.parts(), pool.layers(), List.of(1), pool.strides());
    assertRefused(withoutPools().pool(pool).pool(copy), KvAxis.HEAD);
    KvPool twice = holding("x", 0, pool.parts(), List.of(0, 1, 1), pool.heads(), pool.strides());
    assertRefused(withoutPools().pool(twice), KvAxis.LAYER);
  }

  /** Strided views of one buffer, one pool per layer: good at the right distance only. */
  @Test
  void build_poolsShareATensor_onlyIfTheyInterleave() throws Exception {
    KvLayout shared = new ReferenceCache(DType.F32, 1).vllm(VllmOrder.BLHNC).layout();
    KvPool all = shared.pools().get(0);
    long layerBytes = all.strides().layer();
    KvLayout.Builder right = withoutPools();
    KvLayout.Builder wrong = withoutPools();
    KvLayout.Builder uneven = withoutPools();
    for (int layer = 0; layer < ReferenceCache.LAYERS; layer++) {
      List<Integer> one = List.of(layer);
      right.pool(holding("kv", layer * layerBytes, all.parts(), one, all.heads(), all.strides()));
      wrong.pool(
          holding("kv", layer * (layerBytes - 4), all.parts(), one, all.heads(), all.strides()));
      uneven.pool(
          holding(
              "kv",
              layer * layerBytes + (layer == 2 ? 4 : 0),
              all.parts(),
              one,
              all.heads(),
              all.strides()));
    }
    assertThat(right.build().pools()).hasSize(3);
    assertRefused(wrong, KvAxis.LAYER);
    assertRefused(uneven, KvAxis.LAYER);
  }

  @Test
  void build_typesThatAreNoNumbers_areRefused() {
    assertThatThrownBy(
            () -> KvLayout.builder("x", DType.I8).model(1, 1, 1).positions(1).blocks(1, 0).build())
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("CHANNEL");
  }

  @Test
  void bind_memoryShorterThanClaimed_namesTheOutermostAxis() throws Exception {
    ReferenceCache.Written written = new ReferenceCache(DType.F32, 1).vllm(VllmOrder.BLHNC);
    ByteBuffer bytes = written.tensors().get("kv").bytes();
    bytes.limit(bytes.limit() - 1);
    MalformedMessageException refusal =
        catchThrowableOfType(
            MalformedMessageException.class,
            () -> KvCache.bind(written.layout(), Map.of("kv", KvMemory.of(bytes))));
    assertThat(refusal.field()).isEqualTo("axis BLOCK");
    assertThatThrownBy(() -> KvCache.bind(written.layout(), Map.of()))
        .isInstanceOf(MalformedMessageException.class);
  }

  @Test
  void bind_factorsShorterThanClaimed_isRefused() throws Exception {
    ReferenceCache.Written plain = new ReferenceCache(DType.F8_E4M3, 1).vllm(VllmOrder.LBHNC);
    KvPool pool = plain.layout().pools().get(0);
    KvPool scaled =
        new KvPool(
            pool.tensor(),
            0,
            pool.parts(),
            pool.layers(),
            pool.heads(),
            0,
            pool.blocks(),
            pool.strides(),
            Optional.of(new KvScale("f", 0, new KvStrides(4, 8, 0, 0, 0, 0))));
    KvLayout layout =
        KvLayout.builder("scaled", DType.F8_E4M3)
            .model(ReferenceCache.LAYERS, ReferenceCache.HEADS, ReferenceCache.DIM)
            .positions(ReferenceCache.POSITIONS)
            .blocks(ReferenceCache.BLOCK, ReferenceCache.TABLE)
            .pool(scaled)
            .build();
    KvMemory codes = KvMemory.of(plain.tensors().get("kv").bytes());
    Map<String, KvMemory> memory = new HashMap<>(Map.of("kv", codes));
    memory.put("f", KvMemory.of(ByteBuffer.allocate(24)));
    assertThat(KvCache.bind(layout, memory)).isNotNull();
    memory.put("f", KvMemory.of(ByteBuffer.allocate(23)));
    assertThatThrownBy(() -> KvCache.bind(layout, memory)).hasMessageContaining("axis LAYER");
  }

  @Test
  void read_evictedPosition_isTheCallersMistake() throws Exception {
    ReferenceCache.Written written = new ReferenceCache(DType.F32, 1).vllm(VllmOrder.LBHNC);
    KvLayout windowed =
        written.layout().toBuilder().firstValid(10).blocks(4, -1, -1, 5, 0, 8, 3).build();
    KvCache cache = new ReferenceCache.Written(windowed, written.tensors()).bind();
    float[] row = new float[ReferenceCache.HEADS * ReferenceCache.DIM];
    cache.read(KvPart.KEY, 1, 10, row);
    assertThatThrownBy(() -> cache.read(KvPart.KEY, 1, 9, row))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("evicted");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"version\":2}",
        "{\"version\":1,\"version\":1}",
        "{\"version\":1} x",
        "null"
      })
  void decode_noDescriptor_isMalformed(String text) {
    assertThatThrownBy(() -> KvCacheFile.decode(text))
        .isInstanceOf(MalformedMessageException.class);
  }

  @Test
  void decode_unknownField_isMalformed() {
    String text = KvCacheFile.encode(good());
    assertThatThrownBy(() -> KvCacheFile.decode(text.replaceFirst("\\{", "{\"more\":1,")))
        .hasMessageContaining("unknown field more");
    assertThatThrownBy(() -> KvCacheFile.decode(text.replace("\"part\":", "\"party\":1,\"part\":")))
        .hasMessageContaining("unknown field party");
  }

  /** Whatever is done to a descriptor: it is read or refused, and nothing else escapes. */
  @Property(tries = 3000)
  void decode_anyDamage_onlyTheDocumentedExceptionEscapes(
      @ForAll @IntRange(max = 1 << 20) int at, @ForAll @IntRange(max = 127) int replacement)
      throws Exception {
    String text = KvCacheFile.encode(good());
    int index = at % text.length();
    String damaged = text.substring(0, index) + (char) replacement + text.substring(index + 1);
    KvLayout read;
    try {
      read = KvCacheFile.decode(damaged);
    } catch (MalformedMessageException e) {
      return;
    }
    // A layout that passes reads without leaving its memory, or is refused when bound.
    TensorView kv = new ReferenceCache(DType.F32, 1).vllm(VllmOrder.LBHNC).tensors().get("kv");
    KvCache cache;
    try {
      cache = KvCache.bind(read, Map.of("kv", KvMemory.of(kv.bytes())));
    } catch (MalformedMessageException e) {
      return;
    }
    float[] row = new float[read.rowWidth()];
    for (int p = read.firstValid(); p < read.positions(); p++) {
      cache.read(KvPart.VALUE, read.layers() - 1, p, row);
    }
    assertThat(row.length * ELEMENT).isPositive();
  }
}
