package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.tensor.DType;
import io.verillm.core.wire.Digest32;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ChunkLeafTest {
  private static final RowKey KEY = new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, 0x0102);
  private static final byte[] SALT = HexFormat.of().parseHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");

  @Test
  void encode_writtenByHand_isTheDocumentedLayout() {
    String byHand =
        "00" // leaf prefix
            + "112233" // data
            + "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf" // salt
            + "01" // version
            + "02" // kind KEY
            + "03" // dtype BF16
            + "04" // hook AFTER_ROPE
            + "0102" // layer
            + "01020304" // position
            + "fffe" // chunk
            + "7fffffff"; // row bytes
    byte[] leaf =
        ChunkLeaf.encode(
            new byte[] {0x11, 0x22, 0x33},
            SALT,
            KEY,
            DType.BF16,
            0x01020304,
            0xFFFE,
            Integer.MAX_VALUE);
    assertThat(HexFormat.of().formatHex(leaf)).isEqualTo(byHand);
    assertThat(leaf).hasSize(1 + 3 + ChunkLeaf.SUFFIX_BYTES);
    assertThat(
            ChunkLeaf.hash(
                new byte[] {0x11, 0x22, 0x33},
                SALT,
                KEY,
                DType.BF16,
                0x01020304,
                0xFFFE,
                Integer.MAX_VALUE))
        .isEqualTo(Digest32.sha256(HexFormat.of().parseHex(byHand)));
  }

  @Test
  void encode_outOfRange_isRefused() {
    byte[] data = new byte[4];
    refused(new byte[0], SALT, 0, 0, 4);
    refused(new byte[ChunkLeaf.MAX_DATA + 1], SALT, 0, 0, 4096);
    refused(data, new byte[15], 0, 0, 4);
    refused(data, new byte[17], 0, 0, 4);
    refused(data, SALT, -1, 0, 4);
    refused(data, SALT, 0, -1, 4);
    refused(data, SALT, 0, 0x10000, 4);
    refused(data, SALT, 0, 0, 3);
  }

  private static void refused(byte[] data, byte[] salt, int position, int chunk, int rowBytes) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChunkLeaf.encode(data, salt, KEY, DType.F32, position, chunk, rowBytes));
  }
}
