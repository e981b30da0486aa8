package io.verillm.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordFileTest {
  private static final int MAX = 1000;

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("records");
  }

  private FileCounter counter() {
    return new FileCounter(folder.resolve("counter"));
  }

  private static byte[] record(int number) {
    byte[] bytes = new byte[20 + number];
    Arrays.fill(bytes, (byte) (number + 1));
    return bytes;
  }

  private void write(int count, MonotonicCounter counter) throws Exception {
    try (RecordFile records = RecordFile.open(file(), MAX, counter, (payload, offset) -> {})) {
      for (int i = 0; i < count; i++) {
        records.append(record(i));
      }
    }
  }

  private List<byte[]> read(MonotonicCounter counter) throws Exception {
    List<byte[]> read = new ArrayList<>();
    RecordFile.open(file(), MAX, counter, (payload, offset) -> read.add(payload)).close();
    return read;
  }

  @Test
  void open_afterAppends_givesEveryRecordInOrder() throws Exception {
    write(5, MonotonicCounter.none());
    List<byte[]> read = read(MonotonicCounter.none());
    assertThat(read).hasSize(5);
    for (int i = 0; i < 5; i++) {
      assertThat(read.get(i)).isEqualTo(record(i));
    }
  }

  @Test
  void open_cutAtEveryByte_givesAPrefixAndGoesOn() throws Exception {
    write(4, MonotonicCounter.none());
    byte[] whole = Files.readAllBytes(file());
    for (int length = 0; length <= whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      int before = read(MonotonicCounter.none()).size();
      assertThat(before).isLessThanOrEqualTo(4);
      write(1, MonotonicCounter.none());
      List<byte[]> after = read(MonotonicCounter.none());
      assertThat(after).as("cut at %d", length).hasSize(before + 1);
      assertThat(after.get(before)).isEqualTo(record(0));
    }
  }

  @Test
  void open_anyBitOfTheMiddleFlipped_isRefusedWithItsOffset() throws Exception {
    write(3, MonotonicCounter.none());
    byte[] whole = Files.readAllBytes(file());
    int second = 40 + record(0).length;
    int third = second + 40 + record(1).length;
    for (int at = second; at < third; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x10;
      Files.write(file(), damaged);
      assertThatThrownBy(() -> read(MonotonicCounter.none()))
          .as("byte %d", at)
          .isInstanceOfSatisfying(
              MalformedMessageException.class, e -> assertThat(e.offset()).isEqualTo(second));
    }
  }

  @Test
  void open_restoredBackup_isRefused() throws Exception {
    write(2, counter());
    Path backup = folder.resolve("backup");
    Files.copy(file(), backup);
    write(1, counter());
    Files.copy(backup, file(), StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> read(counter()))
        .isInstanceOf(StaleRecordsException.class)
        .hasMessageContaining("2 records where 3");
  }

  @Test
  void open_crashBetweenRecordAndCount_isNoBackup() throws Exception {
    write(2, counter());
    byte[] counted = Files.readAllBytes(folder.resolve("counter"));
    write(1, counter());
    Files.write(folder.resolve("counter"), counted);
    assertThat(read(counter())).hasSize(3);
    assertThat(counter().read()).isEqualTo(3);
  }

  @Test
  void append_afterAFailedCount_isRefusedUntilOpenedAgain() throws Exception {
    MonotonicCounter failing =
        new MonotonicCounter() {
          @Override
          public long read() {
            return 0;
          }

          @Override
          public void advanceTo(long value) throws IOException {
            if (value > 0) {
              throw new IOException("no");
            }
          }
        };
    try (RecordFile records = RecordFile.open(file(), MAX, failing, (payload, offset) -> {})) {
      assertThatThrownBy(() -> records.append(record(1))).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> records.append(record(2))).isInstanceOf(IllegalStateException.class);
    }
    assertThat(read(MonotonicCounter.none())).hasSize(1);
  }

  @Test
  void append_emptyOrTooLarge_isRefused() throws Exception {
    try (RecordFile records =
        RecordFile.open(file(), MAX, MonotonicCounter.none(), (payload, offset) -> {})) {
      assertThatThrownBy(() -> records.append(new byte[0]))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> records.append(new byte[MAX + 1]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void counter_garbage_isAnError() throws Exception {
    for (String text : new String[] {"", "-1", "x", "99999999999999999999"}) {
      Files.writeString(folder.resolve("counter"), text);
      assertThatThrownBy(() -> counter().read()).isInstanceOf(IOException.class);
    }
  }

  @Test
  void open_twice_isRefused() throws Exception {
    try (RecordFile first =
        RecordFile.open(file(), MAX, MonotonicCounter.none(), (payload, offset) -> {})) {
      assertThat(first.records()).isZero();
      assertThatThrownBy(() -> read(MonotonicCounter.none())).isInstanceOf(IOException.class);
    }
  }
}
