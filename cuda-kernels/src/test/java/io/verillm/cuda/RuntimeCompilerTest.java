package io.verillm.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeCompilerTest {
  private static final byte[] BINARY = {1, 2, 3};
  @TempDir private Path folder;

  @Test
  void cached_secondTime_compilesNothing() {
    Path file = folder.resolve("new/kernel.cubin");
    assertThat(RuntimeCompiler.cached(file, () -> BINARY)).isEqualTo(BINARY);
    assertThat(
            RuntimeCompiler.cached(
                file,
                () -> {
                  throw new AssertionError("compiled again");
                }))
        .isEqualTo(BINARY);
  }

  @Test
  void cached_damagedShortOrEmptyFile_isCompiledAgainAndMended() throws Exception {
    Path file = folder.resolve("kernel.cubin");
    RuntimeCompiler.cached(file, () -> BINARY);
    byte[] whole = Files.readAllBytes(file);
    List<byte[]> damaged = new ArrayList<>(List.of(new byte[0], new byte[32], new byte[31]));
    for (int at : new int[] {0, 31, 32, whole.length - 1}) {
      byte[] flipped = whole.clone();
      flipped[at] ^= 1;
      damaged.add(flipped);
    }
    for (byte[] bytes : damaged) {
      Files.write(file, bytes);
      assertThat(RuntimeCompiler.cached(file, () -> BINARY)).isEqualTo(BINARY);
      assertThat(Files.readAllBytes(file)).isEqualTo(whole);
    }
  }

  @Test
  void cached_folderThatCannotBeMade_stillGivesTheBinary() throws Exception {
    Path notAFolder = Files.createFile(folder.resolve("file"));
    assertThat(RuntimeCompiler.cached(notAFolder.resolve("kernel.cubin"), () -> BINARY))
        .isEqualTo(BINARY);
  }

  @Test
  void cached_manyAtOnce_everyoneGetsAWholeBinary() throws Exception {
    Path file = folder.resolve("kernel.cubin");
    byte[] large = new byte[1 << 20];
    java.util.Arrays.fill(large, (byte) 7);
    AtomicInteger compilations = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Callable<byte[]>> calls = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        calls.add(
            () ->
                RuntimeCompiler.cached(
                    file,
                    () -> {
                      compilations.incrementAndGet();
                      return large;
                    }));
      }
      for (Future<byte[]> result : pool.invokeAll(calls)) {
        assertThat(result.get()).isEqualTo(large);
      }
    } finally {
      pool.shutdown();
    }
    assertThat(compilations.get()).isPositive();
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void key_everythingThatGoesIn_changesIt() {
    String key = RuntimeCompiler.key("commit", 75, "nvrtc-13.1");
    assertThat(key).isEqualTo(RuntimeCompiler.key("commit", 75, "nvrtc-13.1"));
    assertThat(RuntimeCompiler.key("commit", 80, "nvrtc-13.1")).isNotEqualTo(key);
    assertThat(RuntimeCompiler.key("gather", 75, "nvrtc-13.1")).isNotEqualTo(key);
    assertThat(RuntimeCompiler.key("commit", 75, "nvrtc-13.0")).isNotEqualTo(key);
  }
}
