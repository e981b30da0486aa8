package io.verillm.cache.layout;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KvLayoutsTest {
  @TempDir Path folder;

  private static List<ReferenceCache.Written> everyArrangement(ReferenceCache reference)
      throws Exception {
    List<ReferenceCache.Written> all = new ArrayList<>();
    all.add(reference.huggingFace());
    for (VllmOrder order : VllmOrder.values()) {
      all.add(reference.vllm(order));
    }
    all.add(reference.sglang());
    all.add(reference.jlama());
    all.add(reference.tensorParallel());
    return all;
  }

  private static void assertReadsBack(ReferenceCache reference, KvCache cache) {
    float[] row = new float[ReferenceCache.HEADS * ReferenceCache.DIM];
    byte[] bytes = new byte[cache.rowBytes() + 3];
    for (KvPart part : KvPart.values()) {
      for (int layer = 0; layer < ReferenceCache.LAYERS; layer++) {
        for (int p = 0; p < ReferenceCache.POSITIONS; p++) {
          float[] expected = reference.rows[part.index() * ReferenceCache.LAYERS + layer][p];
          cache.read(part, layer, p, row);
          assertThat(row)
              .as(cache.layout() + " " + part + " layer " + layer + " position " + p)
              .isEqualTo(expected);
          cache.gather(part, layer, p, bytes, 3);
          TensorView canonical =
              TensorView.of(
                  cache.layout().rowDType(),
                  Shape.of(row.length),
                  ByteBuffer.wrap(bytes, 3, cache.rowBytes()));
          assertThat(FloatTensors.toFloats(canonical)).isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
  void read_everyArrangement_givesTheReferenceRows(DType dtype) throws Exception {
    ReferenceCache reference = new ReferenceCache(dtype, 5);
    List<ReferenceCache.Written> all = everyArrangement(reference);
    for (ReferenceCache.Written written : all) {
      KvCache cache = written.bind();
      assertReadsBack(reference, cache);
      assertThat(KvCache.sameRows(cache, all.get(0).bind())).isTrue();
    }
    KvCache other = new ReferenceCache(dtype, 6).huggingFace().bind();
    assertThat(KvCache.sameRows(other, all.get(0).bind())).isFalse();
  }

  @Test
  void open_everyArrangementThroughAFile_givesTheReferenceRows() throws Exception {
    ReferenceCache reference = new ReferenceCache(DType.BF16, 7);
    int number = 0;
    for (ReferenceCache.Written written : everyArrangement(reference)) {
      Path file = folder.resolve("cache" + number++ + ".safetensors");
      KvCacheFile.write(file, written.layout(), written.tensors());
      KvCache cache = KvCacheFile.open(file);
      assertReadsBack(reference, cache);
      assertThat(KvCacheFile.encode(cache.layout()))
          .isEqualTo(KvCacheFile.encode(written.layout()));
    }
  }

  @Test
  void open_fp8StoredAsBytes_isReadAsFp8() throws Exception {
    ReferenceCache reference = new ReferenceCache(DType.F8_E4M3, 7);
    ReferenceCache.Written written = reference.sglang();
    Map<String, TensorView> asBytes = new HashMap<>();
    written
        .tensors()
        .forEach(
            (name, view) -> asBytes.put(name, TensorView.of(DType.U8, view.shape(), view.bytes())));
    Path file = folder.resolve("sglang.safetensors");
    KvCacheFile.write(file, written.layout(), asBytes);
    assertReadsBack(reference, KvCacheFile.open(file));
  }

  /** One factor per head and block, laid out [layer, part, block, head]. */
  @ParameterizedTest
  @ValueSource(strings = {"F8_E4M3", "F8_E5M2"})
  void read_scaledCodes_areMultipliedByTheirOwnFactor(String type) throws Exception {
    ReferenceCache reference = new ReferenceCache(DType.valueOf(type), 9);
    ReferenceCache.Written plain = reference.vllm(VllmOrder.BLHNC);
    int heads = ReferenceCache.HEADS;
    int blocks = ReferenceCache.BLOCKS;
    float[] factors = new float[ReferenceCache.LAYERS * 2 * blocks * heads];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = 0.25f + i / 64f;
    }
    KvPool pool = plain.layout().pools().get(0);
    KvStrides each = new KvStrides(4L * blocks * heads, 8L * blocks * heads, 4L * heads, 4, 0, 0);
    KvLayout layout =
        KvLayout.builder("scaled", reference.dtype)
            .model(ReferenceCache.LAYERS, heads, ReferenceCache.DIM)
            .positions(ReferenceCache.POSITIONS)
            .blocks(ReferenceCache.BLOCK, ReferenceCache.TABLE)
            .pool(
                new KvPool(
                    pool.tensor(),
                    0,
                    pool.parts(),
                    pool.layers(),
                    pool.heads(),
                    0,
                    blocks,
                    pool.strides(),
                    Optional.of(new KvScale("factors", 0, each))))
            .build();
    Map<String, TensorView> tensors = new HashMap<>(plain.tensors());
    tensors.put("factors", TensorView.copyOf(Shape.of(factors.length), factors));
    Path file = folder.resolve("scaled.safetensors");
    KvCacheFile.write(file, layout, tensors);
    KvCache cache = KvCacheFile.open(file);
    assertThat(cache.layout().rowDType()).isEqualTo(DType.F32);
    float[] row = new float[heads * ReferenceCache.DIM];
    byte[] bytes = new byte[cache.rowBytes()];
    for (KvPart part : KvPart.values()) {
      for (int layer = 0; layer < ReferenceCache.LAYERS; layer++) {
        for (int p = 0; p < ReferenceCache.POSITIONS; p++) {
          cache.read(part, layer, p, row);
          cache.gather(part, layer, p, bytes, 0);
          ByteBuffer canonical = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
          for (int i = 0; i < row.length; i++) {
            int head = i / ReferenceCache.DIM;
            int block = ReferenceCache.TABLE[p / ReferenceCache.BLOCK];
            float factor = factors[((layer * 2 + part.index()) * blocks + block) * heads + head];
            float code = reference.at(part.index(), layer, p, head, i % ReferenceCache.DIM);
            assertThat(row[i]).isEqualTo(code * factor);
            assertThat(canonical.getFloat(4 * i)).isEqualTo(code * factor);
          }
        }
      }
    }
  }

  @Test
  void grown_longerTable_readsTheNewPositions() throws Exception {
    ReferenceCache reference = new ReferenceCache(DType.F32, 3);
    KvCache whole = reference.vllm(VllmOrder.LBHNC).bind();
    KvCache shorter = whole.grown(6, 7, 2);
    assertThat(shorter.layout().positions()).isEqualTo(6);
    assertReadsBack(
        reference, shorter.grown(ReferenceCache.POSITIONS, ReferenceCache.TABLE).session());
  }

  @Test
  void isLoaded_prefixAndMarkedBlocks_areNotThisNodesWork() throws Exception {
    KvLayout layout =
        new ReferenceCache(DType.F32, 3)
            .vllm(VllmOrder.LBHNC).layout().toBuilder().cachedPrefix(5).loadedBlock(5).build();
    for (int p = 0; p < ReferenceCache.POSITIONS; p++) {
      assertThat(layout.isLoaded(p)).isEqualTo(p < 5 || (p >= 8 && p < 12));
    }
  }
}
