package io.verillm.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  private long files() throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      return list.count();
    }
  }

  @Test
  void write_newAndExistingFile_leavesTheContentAndNothingElse() throws Exception {
    Path target = folder.resolve("state");
    AtomicFile.write(target, new byte[] {1, 2, 3});
    assertThat(AtomicFile.read(target, 3)).containsExactly(1, 2, 3);
    AtomicFile.write(target, new byte[] {4});
    assertThat(AtomicFile.read(target, 100)).containsExactly(4);
    AtomicFile.write(target, new byte[0]);
    assertThat(AtomicFile.read(target, 0)).isEmpty();
    assertThat(files()).isEqualTo(1);
  }

  @Test
  void write_targetIsAFolder_failsAndLeavesNothing() throws Exception {
    Path target = Files.createDirectory(folder.resolve("taken"));
    Files.writeString(target.resolve("inside"), "x");
    assertThatIOException().isThrownBy(() -> AtomicFile.write(target, new byte[] {1}));
    assertThat(target.resolve("inside")).hasContent("x");
    assertThat(files()).isEqualTo(1);
  }

  @Test
  void write_missingFolder_fails() {
    assertThatIOException()
        .isThrownBy(() -> AtomicFile.write(folder.resolve("no/such"), new byte[] {1}));
  }

  @Test
  void read_sizesAroundTheLimit_refusesWhatIsLarger() throws Exception {
    Path target = folder.resolve("f");
    for (int size : new int[] {0, 1, 63, 64, 65, 1000}) {
      AtomicFile.write(target, new byte[size]);
      assertThat(AtomicFile.read(target, size)).hasSize(size);
      assertThat(AtomicFile.read(target, size + 1)).hasSize(size);
      assertThat(AtomicFile.read(target, Integer.MAX_VALUE)).hasSize(size);
      if (size > 0) {
        assertThatIOException().isThrownBy(() -> AtomicFile.read(target, size - 1));
      }
    }
    assertThatIOException()
        .isThrownBy(() -> AtomicFile.read(folder.resolve("none"), 1))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void read_deviceThatNeverEnds_stopsAboveTheLimit() {
    Path zeros = Path.of("/dev/zero"); // its size is 0
    assumeTrue(Files.isReadable(zeros));
    for (int limit : new int[] {0, 1, 64, 1000}) {
      assertThatIOException()
          .isThrownBy(() -> AtomicFile.read(zeros, limit))
          .withMessageContaining("more than " + limit);
    }
  }
}
