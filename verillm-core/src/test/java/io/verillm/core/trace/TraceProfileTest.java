package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TraceProfileTest {
  private static final TraceProfile EVERY_SELECTION =
      new TraceProfile(
          List.of(
              entry(TensorKind.KEY, HookPoint.BEFORE_ROPE, new LayerSelection.All()),
              entry(TensorKind.HIDDEN, HookPoint.AFTER_FINAL_NORM, new LayerSelection.Last()),
              entry(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, new LayerSelection.Stride(300)),
              entry(
                  TensorKind.VALUE,
                  HookPoint.AS_CACHED,
                  new LayerSelection.Listed(List.of(0, 5, 65535)))),
          77);

  @Test
  void encode_writtenByHand_isTheDocumentedForm() {
    String byHand =
        "a3" // map of three
            + "0101" // 1: version 1
            + "02190400" // 2: chunks of 1024 bytes
            + "0383" // 3: three entries
            + "840204810003" // KEY, AFTER_ROPE, [0] all, BF16
            + "840305810003" // VALUE, AS_CACHED, [0] all, BF16
            + "840102810103"; // HIDDEN, BLOCK_OUTPUT, [1] last, BF16
    assertThat(HexFormat.of().formatHex(TraceProfile.standard(DType.BF16).encode()))
        .isEqualTo(byHand);
  }

  @Test
  void decode_encoded_isTheSameProfile() throws MalformedMessageException {
    for (TraceProfile profile :
        List.of(
            EVERY_SELECTION,
            TraceProfile.standard(DType.F16),
            TraceProfile.verillm8(DType.F32),
            TraceProfile.dispute(DType.BF16))) {
      assertThat(TraceProfile.decode(profile.encode())).isEqualTo(profile);
    }
  }

  /** The commitments come after all rows, one for each. */
  @Test
  void withCommitments_writtenByHand_isTheDocumentedForm() throws MalformedMessageException {
    TraceProfile committed = TraceProfile.standard(DType.BF16).withCommitments();
    String byHand =
        "a3010102190400" // version 1, chunks of 1024 bytes
            + "0386840204810003840305810003840102810103" // the rows, as without
            + "840404810007" // COMMITMENT, AFTER_ROPE, [0] all, U8
            + "840405810007"
            + "840402810107";
    assertThat(HexFormat.of().formatHex(committed.encode())).isEqualTo(byHand);
    assertThat(TraceProfile.decode(committed.encode())).isEqualTo(committed);
    assertThat(committed.hasCommitments()).isTrue();
    assertThat(TraceProfile.standard(DType.BF16).hasCommitments()).isFalse();
    assertThatIllegalArgumentException().isThrownBy(committed::withCommitments);
  }

  @Test
  void commitment_ofAnotherTypeThanBytes_isRefused() {
    for (DType dtype : List.of(DType.F32, DType.I8, DType.BF16)) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  new TraceProfile.Entry(
                      TensorKind.COMMITMENT,
                      HookPoint.BLOCK_OUTPUT,
                      new LayerSelection.All(),
                      dtype));
    }
  }

  /** A commitment covers 4096 words of 16 bits with 48 bytes, and needs its row before it. */
  @Test
  void layout_ofCommitments_hasTheirWidthsAndRefusesThemAlone() {
    TraceProfile.Entry hidden =
        new TraceProfile.Entry(
            TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, new LayerSelection.All(), DType.BF16);
    TraceProfile.Entry point =
        new TraceProfile.Entry(
            TensorKind.COMMITMENT, HookPoint.BLOCK_OUTPUT, new LayerSelection.All(), DType.U8);
    int[][] wordsAndPoints = {{1, 1}, {4096, 1}, {4097, 2}, {8192, 2}, {8193, 3}};
    for (int[] sizes : wordsAndPoints) {
      ModelDimensions model = new ModelDimensions(2, sizes[0], 3, 2, 100, 64);
      TraceLayout layout = TraceLayout.of(new TraceProfile(List.of(hidden, point), 1024), model);
      RowKey row = new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, 1);
      assertThat(row.commitment().committed()).isEqualTo(row);
      TraceLayout.Row found = layout.row(layout.indexOf(row.commitment()).orElseThrow());
      assertThat(found.rowBytes()).isEqualTo(48 * sizes[1]);
      assertThat(found.chunks()).isEqualTo(1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TraceLayout.of(new TraceProfile(List.of(point, hidden), 1024), model))
          .withMessageContaining("before it");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> TraceLayout.of(new TraceProfile(List.of(point), 1024), TraceFixtures.DIMENSIONS));
  }

  @Test
  void digest_anyDifference_isAnotherDigest() {
    assertThat(
            List.of(
                TraceProfile.standard(DType.F32).digest(),
                TraceProfile.standard(DType.BF16).digest(),
                TraceProfile.verillm8(DType.F32).digest(),
                TraceProfile.dispute(DType.F32).digest(),
                new TraceProfile(TraceProfile.standard(DType.F32).entries(), 512).digest()))
        .doesNotHaveDuplicates();
  }

  @Test
  void decode_truncatedOrExtended_isMalformed() {
    byte[] good = EVERY_SELECTION.encode();
    for (int length = 0; length <= good.length + 1; length++) {
      byte[] bytes = Arrays.copyOf(good, length);
      if (length != good.length) {
        malformed(bytes);
      }
    }
  }

  @Test
  void decode_anyByteChanged_isMalformedOrAnotherProfile() {
    byte[] good = EVERY_SELECTION.encode();
    for (int at = 0; at < good.length; at++) {
      for (int value = 0; value < 256; value++) {
        byte[] bytes = good.clone();
        bytes[at] = (byte) value;
        try {
          assertThat(TraceProfile.decode(bytes).encode()).isEqualTo(bytes);
        } catch (MalformedMessageException e) {
          assertThat(bytes).isNotEqualTo(good);
        }
      }
    }
  }

  @Test
  void decode_eachRuleBroken_isMalformed() {
    String good = "a301010208" + "0381" + "840204810003";
    malformed(HexFormat.of().parseHex(good.replace("a30101", "a30102"))); // version
    malformed(HexFormat.of().parseHex(good.replace("0208", "0200"))); // no chunk
    malformed(HexFormat.of().parseHex(good.replace("0208", "02190401"))); // 1025 bytes
    malformed(HexFormat.of().parseHex("a3010102080380")); // no entries
    malformed(HexFormat.of().parseHex(good.replace("840204", "840404"))); // no such kind
    malformed(HexFormat.of().parseHex(good.replace("840204", "840200"))); // no such hook
    malformed(HexFormat.of().parseHex(good.replace("840204", "840304"))); // values after RoPE
    malformed(HexFormat.of().parseHex(good.replace("810003", "810000"))); // no such dtype
    malformed(HexFormat.of().parseHex(good.replace("810003", "8003"))); // no selection
    malformed(HexFormat.of().parseHex(good.replace("810003", "82000003"))); // all, with an argument
    malformed(HexFormat.of().parseHex(good.replace("810003", "810203"))); // stride without step
    malformed(HexFormat.of().parseHex(good.replace("810003", "82020003"))); // stride 0
    malformed(HexFormat.of().parseHex(good.replace("810003", "82038003"))); // empty list
    malformed(HexFormat.of().parseHex(good.replace("810003", "820382010103"))); // layer twice
    malformed(HexFormat.of().parseHex(good.replace("810003", "820382020103"))); // descending
    malformed(HexFormat.of().parseHex(good.replace("a301010208", "a302080101"))); // key order
  }

  @Test
  void entry_rowsThatDoNotExist_areRefused() {
    refused(TensorKind.VALUE, HookPoint.AFTER_ROPE, new LayerSelection.All());
    refused(TensorKind.KEY, HookPoint.BLOCK_INPUT, new LayerSelection.All());
    refused(TensorKind.KEY, HookPoint.AS_CACHED, new LayerSelection.All());
    refused(TensorKind.HIDDEN, HookPoint.BEFORE_ROPE, new LayerSelection.All());
    refused(TensorKind.HIDDEN, HookPoint.AFTER_FINAL_NORM, new LayerSelection.All());
  }

  @Test
  void layout_standard_hasKeysThenValuesThenTheLastOutput() {
    TraceLayout layout = TraceFixtures.LAYOUT;
    assertThat(layout.rows())
        .extracting(TraceLayout.Row::key)
        .containsExactly(
            new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, 0),
            new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, 1),
            new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, 0),
            new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, 1),
            new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, 1));
    assertThat(layout.rows())
        .extracting(TraceLayout.Row::rowBytes)
        .containsExactly(12, 12, 8, 8, 20);
    assertThat(layout.rows()).extracting(TraceLayout.Row::chunks).containsExactly(2, 2, 1, 1, 3);
    assertThat(layout.rows()).extracting(TraceLayout.Row::firstLeaf).containsExactly(0, 2, 4, 5, 6);
    assertThat(layout.rows())
        .extracting(TraceLayout.Row::byteOffset)
        .containsExactly(0, 12, 24, 32, 40);
    assertThat(layout.leavesPerToken()).isEqualTo(9);
    assertThat(layout.bytesPerToken()).isEqualTo(60);
    assertThat(IntStream.range(0, 3).map(c -> layout.chunkLength(layout.row(4), c)))
        .containsExactly(8, 8, 4);
    assertThat(layout.indexOf(new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, 2))).isEmpty();
    assertThat(layout.indexOf(new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, 1))).hasValue(3);
  }

  @Test
  void layout_verillm8_isThePublishedChoicePlusTheLastState() {
    // Published for 28 layers: states 0, 8, 16, 24 of 0..28; for 32 layers: 0, 8, 16, 24, 32.
    assertThat(states(28)).containsExactly(0, 8, 16, 24, 28);
    assertThat(states(32)).containsExactly(0, 8, 16, 24, 32);
    assertThat(states(1)).containsExactly(0, 1);
  }

  private static List<Integer> states(int layers) {
    return TraceLayout.of(
            TraceProfile.verillm8(DType.BF16), new ModelDimensions(layers, 4, 4, 4, 10, 10))
        .rows()
        .stream()
        .map(
            row ->
                row.key().hook() == HookPoint.BLOCK_INPUT
                    ? row.key().layer()
                    : row.key().layer() + 1)
        .toList();
  }

  @Test
  void layout_profileThatDoesNotFit_isRefused() {
    TraceProfile twice =
        new TraceProfile(
            List.of(
                entry(TensorKind.KEY, HookPoint.AFTER_ROPE, new LayerSelection.All()),
                entry(TensorKind.KEY, HookPoint.AFTER_ROPE, new LayerSelection.Last())),
            8);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TraceLayout.of(twice, TraceFixtures.DIMENSIONS));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TraceLayout.of(EVERY_SELECTION, TraceFixtures.DIMENSIONS));
    TraceProfile tinyChunks = new TraceProfile(TraceProfile.standard(DType.F32).entries(), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TraceLayout.of(tinyChunks, new ModelDimensions(1, 20000, 1, 1, 10, 10)));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TraceLayout.of(
                    TraceProfile.standard(DType.F32),
                    new ModelDimensions(60000, 1 << 20, 1 << 20, 1 << 20, 10, 10)));
  }

  private static TraceProfile.Entry entry(TensorKind kind, HookPoint hook, LayerSelection layers) {
    return new TraceProfile.Entry(kind, hook, layers, DType.F32);
  }

  private static void refused(TensorKind kind, HookPoint hook, LayerSelection layers) {
    assertThatIllegalArgumentException().isThrownBy(() -> entry(kind, hook, layers));
  }

  private static void malformed(byte[] bytes) {
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> TraceProfile.decode(bytes));
  }
}
