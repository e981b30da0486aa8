package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills writing processes at random moments and looks at what they left. */
@Tag("long")
class TraceFileKilledTest {
  private static final long SEED = 20260101;
  @TempDir Path directory;

  /** Writes one trace file after the other until it is killed. */
  static final class EndlessWriter {
    private EndlessWriter() {}

    public static void main(String[] arguments) throws Exception {
      Path directory = Path.of(arguments[0]);
      for (int i = 0; ; i++) {
        try (TraceFileWriter writer =
            TraceFileWriter.create(directory.resolve(arguments[1] + "-" + i + ".vtrace"))) {
          TraceFixtures.fill(TraceFixtures.recorder(writer), 40);
          writer.finish();
        }
      }
    }
  }

  @Test
  void write_killedAtRandomMoments_leavesNoFileOrACompleteOne() throws Exception {
    Random random = new Random(SEED);
    for (int run = 0; run < 12; run++) {
      Process child =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  EndlessWriter.class.getName(),
                  directory.toString(),
                  "run" + run)
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("log" + run).toFile())
              .start();
      Path first = directory.resolve("run" + run + "-0.vtrace");
      while (!Files.exists(first) && child.isAlive()) {
        Thread.sleep(1);
      }
      Thread.sleep(random.nextInt(60));
      child.destroyForcibly();
      assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(directory.resolve("log" + run)).isEmptyFile();
    }
    TraceHead head = TraceFixtures.trace(40).head();
    List<Path> left;
    try (Stream<Path> files = Files.list(directory)) {
      left = files.filter(file -> file.toString().endsWith(".vtrace")).toList();
    }
    assertThat(left).hasSizeGreaterThanOrEqualTo(12);
    for (Path file : left) {
      assertThat(TraceFile.open(file).head()).as("%s", file).isEqualTo(head);
    }
  }
}
