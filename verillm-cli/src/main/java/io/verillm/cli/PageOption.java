package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.cli.report.HtmlReport;
import io.verillm.cli.report.Provenance;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Where a study leaves its page, if anywhere. */
final class PageOption {
  @Option(names = "--report", paramLabel = "FILE.html", description = "write a page with charts")
  private @Nullable Path file;

  /** Writes the page if one is wanted and names it in {@code answer}. */
  void write(CommandSpec spec, ObjectNode answer, Function<Provenance, HtmlReport> page)
      throws IOException {
    Path wanted = file;
    if (wanted == null) {
      return;
    }
    String command =
        "verillm " + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
    Provenance provenance =
        new Provenance(
            command,
            Map.of("verillm", Versions.verillm()),
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    Path target = wanted.toAbsolutePath();
    page.apply(provenance).write(target);
    answer.put("report", target.toString());
  }
}
