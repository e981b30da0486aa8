package io.verillm.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a verb of this command in a process of its own, which shares files with us and nothing. */
final class ChildJvm {
  private ChildJvm() {}

  /**
   * Runs a verb and returns its standard output, line by line.
   *
   * @param log file for standard error
   * @throws CommandFailure if the exit code is that of a usage or environment error
   */
  static List<String> run(Path log, List<String> arguments) throws IOException {
    List<String> command = command(arguments);
    Path out = Path.of(log + ".out");
    Process process =
        new ProcessBuilder(command)
            .redirectError(log.toFile())
            .redirectOutput(out.toFile())
            .start();
    try {
      int exit = process.waitFor();
      if (exit >= ExitCode.USAGE) {
        throw new CommandFailure(
            ExitCode.ENVIRONMENT,
            "verillm "
                + arguments.get(0)
                + " ended with code "
                + exit
                + ": "
                + Files.readString(log, StandardCharsets.UTF_8).strip(),
            "see " + log);
      }
      return Files.readAllLines(out, StandardCharsets.UTF_8);
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for verillm " + arguments.get(0), e);
    }
  }

  /**
   * Starts a verb that talks over its standard streams.
   *
   * @param log file for standard error
   */
  static Process start(Path log, List<String> arguments) throws IOException {
    return new ProcessBuilder(command(arguments)).redirectError(log.toFile()).start();
  }

  private static List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseSerialGC");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Verillm.class.getName());
    command.addAll(arguments);
    return command;
  }
}
