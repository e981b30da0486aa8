package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class TraceHeadTest {
  private static final Digest32 ROOT = Digest32.sha256(new byte[] {9});
  private static final TraceId ID = TraceFixtures.ID;

  @Test
  void payload_writtenByHand_isTheDocumentedForm() throws Exception {
    byte[] payload = new TraceHead(ROOT, 300).payload(ID);
    assertThat(HexFormat.of().formatHex(payload))
        .isEqualTo("a3015820" + ID.digest() + "025820" + ROOT + "0319012c");
    assertThat(TraceHead.Payload.decode(payload))
        .isEqualTo(new TraceHead.Payload(ID, new TraceHead(ROOT, 300)));
  }

  @Test
  void decode_truncatedExtendedOrOutOfRange_isMalformed() {
    byte[] good = new TraceHead(ROOT, 300).payload(ID);
    for (int length = 0; length <= good.length + 1; length++) {
      byte[] bytes = Arrays.copyOf(good, length);
      if (length != good.length) {
        malformed(bytes);
      }
    }
    String hex = HexFormat.of().formatHex(good);
    malformed(HexFormat.of().parseHex(hex.replace("0319012c", "0300"))); // no leaf 0
    malformed(HexFormat.of().parseHex(hex.replace("0319012c", "031a80000001"))); // too many
    malformed(HexFormat.of().parseHex(hex.replace("0319012c", "031900ff"))); // not shortest
    malformed(HexFormat.of().parseHex(hex.replace("0319012c", "0320"))); // negative
  }

  private static void malformed(byte[] bytes) {
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> TraceHead.Payload.decode(bytes));
  }

  @Test
  void construct_outOfRange_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new TraceHead(ROOT, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TraceHead(ROOT, TraceHead.MAX_LEAVES + 1));
    assertThat(new TraceHead(ROOT, 1).positions()).isZero();
  }

  @Test
  void leaves_writtenByHand_areTheDocumentedForm() {
    assertThat(HexFormat.of().formatHex(TraceLog.leafZero(ID)))
        .isEqualTo("8300015820" + ID.digest());
    assertThat(TraceLog.leafZeroHash(ID))
        .isEqualTo(Digest32.sha256(new byte[1], TraceLog.leafZero(ID)));
    assertThat(HexFormat.of().formatHex(new PositionEntry(7, 500, ROOT, true).encode()))
        .isEqualTo("8501071901f45820" + ROOT + "01");
    assertThat(HexFormat.of().formatHex(new PositionEntry(7, 500, null, false).encode()))
        .isEqualTo("8501071901f4f600");
    assertThatIllegalArgumentException().isThrownBy(() -> new PositionEntry(-1, 0, null, false));
    assertThatIllegalArgumentException().isThrownBy(() -> new PositionEntry(0, -1, null, false));
  }

  @Test
  void traceId_everyPart_changesIt() {
    Digest32 order = Digest32.sha256(new byte[] {1});
    Digest32 profile = Digest32.sha256(new byte[] {2});
    byte[] key = TraceFixtures.filled(32, 3);
    byte[] tag = "verillm trace id v1".getBytes(StandardCharsets.US_ASCII);
    TraceId id = TraceId.compute(order, key, TraceRole.PROVER, profile);
    assertThat(id.digest())
        .isEqualTo(
            Digest32.sha256(
                HexFormat.of()
                    .parseHex(
                        "8573"
                            + HexFormat.of().formatHex(tag)
                            + "5820"
                            + order
                            + "5820"
                            + HexFormat.of().formatHex(key)
                            + "01"
                            + "5820"
                            + profile)));
    assertThat(
            List.of(
                id,
                TraceId.compute(profile, key, TraceRole.PROVER, profile),
                TraceId.compute(order, TraceFixtures.filled(32, 4), TraceRole.PROVER, profile),
                TraceId.compute(order, key, TraceRole.VERIFIER, profile),
                TraceId.compute(order, key, TraceRole.PROVER, order)))
        .doesNotHaveDuplicates();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TraceId.compute(order, new byte[31], TraceRole.PROVER, profile));
    assertThat(TraceRole.ofCode(2)).contains(TraceRole.VERIFIER);
    assertThat(TraceRole.ofCode(0)).isEmpty();
    assertThat(TraceRole.ofCode(3)).isEmpty();
  }
}
