package io.verillm.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** How a command talks: to people, or as JSON to programs. */
final class OutputOption {
  @Option(names = "--json", description = "one JSON object a line on standard output")
  private boolean json;

  boolean json() {
    return json;
  }

  void print(CommandSpec spec, JsonNode node) {
    spec.commandLine().getOut().println(node);
    spec.commandLine().getOut().flush();
  }

  void say(CommandSpec spec, String line) {
    if (!json) {
      spec.commandLine().getOut().println(line);
      spec.commandLine().getOut().flush();
    }
  }

  /** A progress bar on a terminal, nothing elsewhere. */
  Progress progress(CommandSpec spec, String task, long total) {
    return Progress.of(task, total, !json);
  }
}
