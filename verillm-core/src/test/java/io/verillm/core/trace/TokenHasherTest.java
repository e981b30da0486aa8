package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TokenHasherTest {
  @Property(tries = 150)
  void root_anyShape_equalsTheDefinition(
      @ForAll @IntRange(min = 1, max = 4) int layers,
      @ForAll @IntRange(min = 1, max = 700) int hidden,
      @ForAll @IntRange(min = 1, max = 300) int width,
      @ForAll @IntRange(min = 1, max = 1024) int chunkBytes,
      @ForAll @IntRange(max = 1 << 20) int position) {
    TraceLayout layout =
        TraceLayout.of(
            new TraceProfile(TraceProfile.dispute(DType.BF16).entries(), chunkBytes),
            new ModelDimensions(layers, hidden, width, width, 10, 10));
    byte[] rows = TraceFixtures.rowBytes(layout, position);
    assertThat(hasher(layout).root(position, ByteBuffer.wrap(rows)))
        .isEqualTo(TokenTreeReference.root(layout, salts(), position, rows));
  }

  @Test
  void root_directAndOffsetBuffers_areReadFromPositionToLimit() {
    TraceLayout layout = TraceFixtures.LAYOUT;
    byte[] rows = TraceFixtures.rowBytes(layout, 3);
    ByteBuffer direct = ByteBuffer.allocateDirect(rows.length + 9);
    direct.position(4).put(rows).flip().position(4);
    assertThat(hasher(layout).root(3, direct))
        .isEqualTo(TokenTreeReference.root(layout, salts(), 3, rows));
    assertThat(direct.position()).isEqualTo(4);
  }

  @Test
  void root_anyByteOrPositionChanged_isAnotherRoot() {
    TraceLayout layout = TraceFixtures.LAYOUT;
    TokenHasher hasher = hasher(layout);
    byte[] rows = TraceFixtures.rowBytes(layout, 3);
    Object root = hasher.root(3, ByteBuffer.wrap(rows));
    assertThat(hasher.root(4, ByteBuffer.wrap(rows))).isNotEqualTo(root);
    for (int at = 0; at < rows.length; at++) {
      rows[at] ^= 1;
      assertThat(hasher.root(3, ByteBuffer.wrap(rows))).isNotEqualTo(root);
      rows[at] ^= 1;
    }
    assertThat(hasher.root(3, ByteBuffer.wrap(rows))).isEqualTo(root);
  }

  @Test
  void root_wrongLengthOrPosition_isRefused() {
    TokenHasher hasher = hasher(TraceFixtures.LAYOUT);
    assertThatIllegalArgumentException().isThrownBy(() -> hasher.root(0, ByteBuffer.allocate(59)));
    assertThatIllegalArgumentException().isThrownBy(() -> hasher.root(0, ByteBuffer.allocate(61)));
    assertThatIllegalArgumentException().isThrownBy(() -> hasher.root(-1, ByteBuffer.allocate(60)));
  }

  private static TokenHasher hasher(TraceLayout layout) {
    return new TokenHasher(layout, salts());
  }

  private static TraceSalts salts() {
    return new TraceSalts(TraceFixtures.SECRET, TraceFixtures.ID);
  }
}
