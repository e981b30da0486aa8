package io.verillm.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDigestTest {
  @TempDir Path folder;

  private static TensorView u8(int... values) {
    byte[] raw = new byte[values.length];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = (byte) values[i];
    }
    return TensorView.of(DType.U8, Shape.of(raw.length), ByteBuffer.wrap(raw));
  }

  @Test
  void root_threeTensors_equalsIndependentlyComputedValue() {
    // Computed with Python's hashlib and CBOR written out by hand:
    // leaf = SHA256(00 84 <name> <dtype code> <shape> 5820 <sha256>), split at the power of two.
    Digest32 root =
        new ModelDigest()
            .add("b", u8(1, 2, 3))
            .add("a", TensorView.copyOf(Shape.of(1, 2), new float[] {1f, -2f}))
            .add("model.embed_tokens.weight", u8(new int[300]))
            .root(Map.of());
    assertThat(root.toString())
        .isEqualTo("2d9734bcefdf7e53aa7d7b7e37bdb56cd54eaffd12b6581d42798a6c9696a712");
  }

  @Test
  void root_oneTensor_isItsLeafHash() {
    assertThat(new ModelDigest().add("b", u8(1, 2, 3)).root(Map.of()).toString())
        .isEqualTo("2a128aa2ab1b1e837e0c748156159152dddaab3c24d75d6f9eb3d4bc9be2587f");
  }

  @Test
  void of_shardedAndSingle_areEqual() throws Exception {
    Map<String, TensorView> all = Map.of("a", u8(1), "b", u8(2, 3), "c", u8(4));
    Path single = folder.resolve("s.safetensors");
    SafetensorsWriter.write(single, all, Map.of("note", "x"));
    SafetensorsWriter.write(
        folder.resolve("p1.safetensors"), Map.of("c", u8(4), "a", u8(1)), Map.of());
    SafetensorsWriter.write(folder.resolve("p2.safetensors"), Map.of("b", u8(2, 3)), Map.of());
    Files.writeString(
        folder.resolve(SafetensorsReader.INDEX_FILE),
        "{\"weight_map\":{\"a\":\"p1.safetensors\",\"b\":\"p2.safetensors\","
            + "\"c\":\"p1.safetensors\"}}");
    Digest32 expected = ModelDigest.of(SafetensorsReader.open(single));
    assertThat(ModelDigest.of(SafetensorsReader.open(folder))).isEqualTo(expected);
    ModelDigest inMemory = new ModelDigest();
    all.forEach(inMemory::add);
    assertThat(inMemory.root(Map.of())).isEqualTo(expected);
  }

  @Test
  void root_anyChangedPart_differs() {
    Digest32 base = new ModelDigest().add("a", u8(1, 2)).add("b", u8(3)).root(Map.of());
    List<Digest32> others =
        List.of(
            new ModelDigest().add("a", u8(1, 3)).add("b", u8(3)).root(Map.of()),
            new ModelDigest().add("a", u8(3)).add("b", u8(1, 2)).root(Map.of()),
            new ModelDigest().add("A", u8(1, 2)).add("b", u8(3)).root(Map.of()),
            new ModelDigest().add("a", u8(1, 2)).root(Map.of()),
            new ModelDigest()
                .add("a", TensorView.of(DType.U8, Shape.of(2, 1), u8(1, 2).bytes()))
                .add("b", u8(3))
                .root(Map.of()),
            new ModelDigest()
                .add("a", TensorView.of(DType.I8, Shape.of(2), u8(1, 2).bytes()))
                .add("b", u8(3))
                .root(Map.of()));
    assertThat(others).doesNotContain(base).doesNotHaveDuplicates();
  }

  @Test
  void root_tiedTensor_isNoLeafWhetherRepeatedOrNot() {
    Map<String, String> tied = ModelDigest.TIED_WORD_EMBEDDINGS;
    Digest32 without = new ModelDigest().add("model.embed_tokens.weight", u8(5, 6)).root(tied);
    Digest32 repeated =
        new ModelDigest()
            .add("model.embed_tokens.weight", u8(5, 6))
            .add("lm_head.weight", u8(5, 6))
            .root(tied);
    assertThat(repeated).isEqualTo(without);
    Digest32 untied =
        new ModelDigest()
            .add("model.embed_tokens.weight", u8(5, 6))
            .add("lm_head.weight", u8(5, 6))
            .root(Map.of());
    assertThat(untied).isNotEqualTo(without);
  }

  @Test
  void root_tieThatDoesNotHold_isRefused() {
    ModelDigest other =
        new ModelDigest()
            .add("model.embed_tokens.weight", u8(5, 6))
            .add("lm_head.weight", u8(5, 7));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> other.root(ModelDigest.TIED_WORD_EMBEDDINGS));
    ModelDigest missing = new ModelDigest().add("lm_head.weight", u8(5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> missing.root(ModelDigest.TIED_WORD_EMBEDDINGS));
    ModelDigest circle = new ModelDigest().add("a", u8(1)).add("b", u8(1));
    assertThatIllegalArgumentException().isThrownBy(() -> circle.root(Map.of("a", "b", "b", "a")));
  }

  @Test
  void add_sameNameTwiceOrNoTensor_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ModelDigest().add("a", u8(1)).add("a", u8(1)));
    assertThatIllegalArgumentException().isThrownBy(() -> new ModelDigest().root(Map.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> new ModelDigest().add("\uDC00", u8(1)));
  }

  @Test
  void of_progress_reachesTheTotalInOrder() throws Exception {
    Path path = folder.resolve("m.safetensors");
    SafetensorsWriter.write(
        path, Map.of("a", u8(1), "b", u8(new int[(1 << 24) + 5]), "c", u8()), Map.of());
    List<String> seen = new ArrayList<>();
    ModelDigest.of(
        SafetensorsReader.open(path),
        Map.of(),
        (tensor, done, total) -> seen.add(tensor + " " + done + "/" + total));
    long total = 1 + (1 << 24) + 5;
    assertThat(seen)
        .containsExactly(
            "a 1/" + total, "b " + ((1 << 24) + 1) + "/" + total, "b " + total + "/" + total);
  }
}
