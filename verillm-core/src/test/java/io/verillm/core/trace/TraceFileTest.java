package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceFileTest {
  private static final TraceLayout LAYOUT = TraceFixtures.LAYOUT;
  @TempDir Path directory;

  private Path write(int positions) throws IOException {
    Path target = directory.resolve("answer.vtrace");
    try (TraceFileWriter writer = TraceFileWriter.create(target)) {
      TraceFixtures.fill(TraceFixtures.recorder(writer), positions);
      writer.finish();
    }
    return target;
  }

  @Test
  void open_finishedFile_isTheTraceThatWasRecorded() throws Exception {
    TraceFile file = TraceFile.open(write(9));
    MemoryTrace memory = TraceFixtures.trace(9);
    assertThat(file.id()).isEqualTo(TraceFixtures.ID);
    assertThat(file.layout()).isEqualTo(LAYOUT);
    assertThat(file.secret()).isEqualTo(TraceFixtures.SECRET);
    assertThat(file.head()).isEqualTo(memory.head());
    assertThat(file.positions()).isEqualTo(9);
    for (int position : new int[] {0, 2, 3, 4, 5, 6, 7}) {
      assertThat(file.entry(position)).isEqualTo(memory.entry(position));
      assertThat(file.rows(position)).isEqualTo(memory.rows(position));
      assertThat(file.row(position, 4).bytes()).isEqualTo(memory.row(position, 4).bytes());
    }
    assertThatIllegalArgumentException().isThrownBy(() -> file.rows(1));
    assertThatIllegalArgumentException().isThrownBy(() -> file.rows(8));
    assertThat(TraceOpening.open(file, TraceFixtures.request()))
        .isEqualTo(TraceOpening.open(memory, TraceFixtures.request()));
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).hasSize(1);
    }
  }

  @Test
  void open_traceWithoutRows_works() throws Exception {
    assertThat(TraceFile.open(write(1)).head()).isEqualTo(TraceFixtures.trace(1).head());
  }

  @Test
  void open_traceWithoutPositions_works() throws Exception {
    assertThat(TraceFile.open(write(0)).head()).isEqualTo(TraceFixtures.trace(0).head());
  }

  @Test
  void create_notFinished_leavesNothingBehind() throws Exception {
    Path target = directory.resolve("answer.vtrace");
    try (TraceFileWriter writer = TraceFileWriter.create(target)) {
      TraceFixtures.fill(TraceFixtures.recorder(writer), 5);
      assertThat(target).doesNotExist();
      writer.close();
      writer.close();
      assertThatIllegalStateException().isThrownBy(writer::finish);
    }
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void create_targetExists_isRefused() throws Exception {
    Path target = write(3);
    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> TraceFileWriter.create(target));
  }

  @Test
  void finish_targetAppearedMeanwhile_isRefusedAndLeavesItAlone() throws Exception {
    Path target = directory.resolve("answer.vtrace");
    try (TraceFileWriter writer = TraceFileWriter.create(target)) {
      TraceFixtures.fill(TraceFixtures.recorder(writer), 3);
      Files.writeString(target, "mine");
      assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(writer::finish);
    }
    assertThat(target).hasContent("mine");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).hasSize(1);
    }
  }

  @Test
  void writer_outOfOrderUse_isRefused() throws Exception {
    try (TraceFileWriter writer = TraceFileWriter.create(directory.resolve("a"))) {
      assertThatIllegalStateException().isThrownBy(writer::finish);
      PositionEntry first = new PositionEntry(0, 1, null, true);
      assertThatIllegalStateException().isThrownBy(() -> writer.append(first, null));
      writer.begin(TraceFixtures.ID, LAYOUT, TraceFixtures.SECRET);
      assertThatIllegalStateException()
          .isThrownBy(() -> writer.begin(TraceFixtures.ID, LAYOUT, TraceFixtures.SECRET));
      assertThatIllegalStateException()
          .isThrownBy(() -> writer.append(new PositionEntry(1, 1, null, true), null));
      assertThatIllegalStateException()
          .isThrownBy(() -> writer.append(first, ByteBuffer.allocate(60)));
      PositionEntry rooted = new PositionEntry(0, 1, Digest32.sha256(), true);
      assertThatIllegalStateException()
          .isThrownBy(() -> writer.append(rooted, ByteBuffer.allocate(59)));
      assertThatIllegalStateException().isThrownBy(() -> writer.append(rooted, null));
    }
  }

  @Test
  void open_truncatedAtEveryByte_isMalformed() throws Exception {
    byte[] good = Files.readAllBytes(write(5));
    Path cut = directory.resolve("cut");
    for (int length = 0; length < good.length; length++) {
      Files.write(cut, Arrays.copyOf(good, length));
      malformed(cut);
    }
    Files.write(cut, Arrays.copyOf(good, good.length + 1));
    malformed(cut);
  }

  @Test
  void open_anyByteChanged_isMalformedOrRefusedWhenOpened() throws Exception {
    byte[] good = Files.readAllBytes(write(5));
    Path changed = directory.resolve("changed");
    int rowsChanged = 0;
    for (int at = 0; at < good.length; at++) {
      byte[] bytes = good.clone();
      bytes[at] ^= 0x21;
      Files.write(changed, bytes);
      TraceFile file;
      try {
        file = TraceFile.open(changed);
      } catch (MalformedMessageException e) {
        continue;
      }
      rowsChanged++;
      boolean refused = false;
      for (int position : new int[] {0, 2, 3}) {
        try {
          TraceOpening opening = TraceOpening.open(file, Map.of(position, List.of(0)));
          assertThat(opening.id()).isEqualTo(TraceFixtures.ID);
        } catch (IllegalStateException e) {
          refused = true;
        }
      }
      assertThat(refused).as("byte %d", at).isTrue();
    }
    assertThat(rowsChanged).isEqualTo(3 * LAYOUT.bytesPerToken()); // and no other byte passes
  }

  @Test
  void open_blockRemovedDoubledOrInserted_isMalformed() throws Exception {
    byte[] good = Files.readAllBytes(write(5));
    int headerLength = ByteBuffer.wrap(good).getInt(8);
    int start = 12 + headerLength;
    int block = LAYOUT.bytesPerToken();
    Path changed = directory.resolve("changed");
    Files.write(changed, concat(good, 0, start, start + block, good.length));
    malformed(changed);
    Files.write(changed, concat(good, 0, start + block, start, good.length));
    malformed(changed);
    Files.write(changed, concat(good, 0, start, start + 1, good.length));
    malformed(changed);
  }

  @Test
  void open_wellFormedFooterThatLies_isMalformed() throws Exception {
    byte[] good = Files.readAllBytes(write(5));
    TraceFile file = TraceFile.open(directory.resolve("answer.vtrace"));
    List<PositionEntry> entries = file.entries();
    Digest32 root = TraceFileFormat.logRoot(file.id(), entries);
    PositionEntry two = entries.get(2);
    // with recomputed checksum, so that only the named rule can refuse
    lie(good, entries, Digest32.sha256());
    lieWith(good, entries, 2, new PositionEntry(3, two.tokenId(), two.tokenRoot(), false));
    lieWith(good, entries, 2, new PositionEntry(2, 100, two.tokenRoot(), false));
    lieWith(good, entries, 2, new PositionEntry(2, 12, null, false));
    lieWith(good, entries, 2, new PositionEntry(2, 12, null, true)); // one block too many
    List<PositionEntry> swapped = new ArrayList<>(entries);
    java.util.Collections.swap(swapped, 2, 3);
    lie(good, swapped, TraceFileFormat.logRoot(file.id(), swapped));
    lie(good, entries.subList(0, 4), root);
    Files.write(directory.resolve("same"), rebuilt(good, entries, root));
    assertThat(TraceFile.open(directory.resolve("same")).head()).isEqualTo(file.head());
  }

  private void lieWith(byte[] good, List<PositionEntry> entries, int at, PositionEntry entry)
      throws Exception {
    List<PositionEntry> changed = new ArrayList<>(entries);
    changed.set(at, entry);
    lie(good, changed, TraceFileFormat.logRoot(TraceFixtures.ID, changed));
  }

  private void lie(byte[] good, List<PositionEntry> entries, Digest32 root) throws Exception {
    Path changed = directory.resolve("lie");
    Files.write(changed, rebuilt(good, entries, root));
    malformed(changed);
  }

  private static byte[] rebuilt(byte[] good, List<PositionEntry> entries, Digest32 root) {
    int footerLength = (int) ByteBuffer.wrap(good).getLong(good.length - 48);
    int footerStart = good.length - 48 - footerLength;
    byte[] header = Arrays.copyOfRange(good, 12, 12 + ByteBuffer.wrap(good).getInt(8));
    byte[] footer = new TraceFileFormat.Footer(entries, root).encode();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(good, 0, footerStart);
    out.writeBytes(footer);
    out.writeBytes(ByteBuffer.allocate(8).putLong(footer.length).array());
    out.writeBytes(Digest32.sha256(header, footer).toByteArray());
    out.writeBytes(TraceFileFormat.END);
    return out.toByteArray();
  }

  @Test
  void open_lengthsThatOverflow_areMalformed() throws Exception {
    byte[] good = Files.readAllBytes(write(3));
    Path changed = directory.resolve("changed");
    for (int length : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 0, 1 << 20}) {
      byte[] bytes = good.clone();
      ByteBuffer.wrap(bytes).putInt(8, length);
      Files.write(changed, bytes);
      malformed(changed);
    }
    for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 0, 1L << 40}) {
      byte[] bytes = good.clone();
      ByteBuffer.wrap(bytes).putLong(bytes.length - 48, length);
      Files.write(changed, bytes);
      malformed(changed);
    }
  }

  private static byte[] concat(byte[] bytes, int from1, int to1, int from2, int to2) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, from1, to1 - from1);
    out.write(bytes, from2, to2 - from2);
    return out.toByteArray();
  }

  private static void malformed(Path file) {
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> TraceFile.open(file));
  }
}
