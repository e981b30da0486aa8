package io.verillm.cli.report;

import io.verillm.cli.report.ReportSection.Column;
import io.verillm.cli.report.ReportSection.Fact;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code verillm demo} found, ready to be laid out: provers × prompts, where rows differ, one
 * receipt as a tree, and what was not checked.
 *
 * @param title heading of the page
 * @param lead one sentence: what was checked and what came out
 * @param limit the one thing that these verdicts do not show
 * @param provers in the order of the tables; names distinct
 * @param prompts in the order of the tables; ids distinct
 * @param outcomes at most one per prover and prompt
 * @param maps heat maps, grouped by prompt in the order of {@code prompts}
 * @param receipt a receipt down to its opened rows, if one is shown
 * @param notChecked sentences; never empty, because something always is not
 * @param facts machine, JDK, timings
 * @param provenance the footer
 */
public record DemoReport(
    String title,
    String lead,
    String limit,
    List<Prover> provers,
    List<Prompt> prompts,
    List<Outcome> outcomes,
    List<PromptMap> maps,
    Optional<TreeNode> receipt,
    List<String> notChecked,
    List<Fact> facts,
    Provenance provenance) {

  /** A prover and what it really does, such as "runs the weights rounded to 4 bits". */
  public record Prover(String name, String description) {}

  /** A prompt: a short id for column heads, and its text. */
  public record Prompt(String id, String text) {}

  /**
   * The verdict on one answer.
   *
   * @param prover name of a prover
   * @param prompt id of a prompt
   * @param verdict the verdict
   * @param reason reason, shortfall or cause; empty for ACCEPTED
   * @param layer where it first differs; may be empty
   * @param token where it first differs; may be empty
   * @param coverage what share was compared, in words
   * @param findings one line each
   */
  public record Outcome(
      String prover,
      String prompt,
      VerdictWord verdict,
      String reason,
      String layer,
      String token,
      String coverage,
      List<String> findings) {
    /** Copies the findings. */
    public Outcome {
      Objects.requireNonNull(verdict, "verdict");
      findings = List.copyOf(findings);
    }
  }

  /** A heat map and the id of the prompt that it belongs to. */
  public record PromptMap(String prompt, HeatMap map) {}

  /** Checks that every outcome and map names a known prover and prompt, and none comes twice. */
  public DemoReport {
    provers = List.copyOf(provers);
    prompts = List.copyOf(prompts);
    outcomes = List.copyOf(outcomes);
    maps = List.copyOf(maps);
    notChecked = List.copyOf(notChecked);
    facts = List.copyOf(facts);
    Objects.requireNonNull(receipt, "receipt");
    if (notChecked.isEmpty()) {
      throw new IllegalArgumentException("a report says what was not checked");
    }
    Set<String> names = new HashSet<>();
    for (Prover prover : provers) {
      requireNew(names, prover.name());
    }
    Set<String> ids = new HashSet<>();
    for (Prompt prompt : prompts) {
      requireNew(ids, prompt.id());
    }
    Set<List<String>> pairs = new HashSet<>();
    for (Outcome outcome : outcomes) {
      if (!names.contains(outcome.prover()) || !ids.contains(outcome.prompt())) {
        throw new IllegalArgumentException(
            "outcome of " + outcome.prover() + " on " + outcome.prompt() + ", which is not listed");
      }
      if (!pairs.add(List.of(outcome.prover(), outcome.prompt()))) {
        throw new IllegalArgumentException(
            "two outcomes of " + outcome.prover() + " on " + outcome.prompt());
      }
    }
    for (PromptMap map : maps) {
      if (!names.contains(map.map().prover()) || !ids.contains(map.prompt())) {
        throw new IllegalArgumentException("a heat map of an unlisted prover or prompt");
      }
    }
  }

  /** Returns the page. */
  public HtmlReport toHtml() {
    HtmlReport.Builder page = HtmlReport.builder(title, provenance).lead(lead).limit(limit);
    page.heading("Verdicts").add(overview()).add(details());
    List<ReportSection> findings = findings();
    if (!findings.isEmpty()) {
      page.add(new ReportSection.Fold("All findings, line by line", findings));
    }
    addMaps(page);
    receipt.ifPresent(
        root ->
            page.heading("The receipt and what was opened")
                .text(
                    "Every node is hashed into the one above it, up to the trace head that the "
                        + "prover signed before it knew which rows would be asked for.")
                .add(new ReportSection.Tree("Receipt", root)));
    page.heading("What was not checked").add(new ReportSection.Bullets(notChecked));
    page.heading("Prompts and provers");
    page.add(
        new ReportSection.Facts(prompts.stream().map(p -> new Fact(p.id(), p.text())).toList()));
    page.add(
        new ReportSection.Facts(
            provers.stream().map(p -> new Fact(p.name(), p.description())).toList()));
    page.heading("Machine and timings").add(new ReportSection.Facts(facts));
    return page.build();
  }

  private static void requireNew(Set<String> seen, String name) {
    if (!seen.add(name)) {
      throw new IllegalArgumentException(name + " is listed twice");
    }
  }

  private Optional<Outcome> outcome(Prover prover, Prompt prompt) {
    return outcomes.stream()
        .filter(o -> o.prover().equals(prover.name()) && o.prompt().equals(prompt.id()))
        .findFirst();
  }

  private ReportSection overview() {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.text("Prover"));
    columns.add(Column.text("What it does"));
    prompts.forEach(prompt -> columns.add(Column.verdict(prompt.id())));
    List<List<String>> rows = new ArrayList<>();
    for (Prover prover : provers) {
      List<String> row = new ArrayList<>(List.of(prover.name(), prover.description()));
      prompts.forEach(
          prompt -> row.add(outcome(prover, prompt).map(o -> o.verdict().name()).orElse("")));
      rows.add(row);
    }
    return new ReportSection.Table("Verdict by prover and prompt", columns, rows);
  }

  private ReportSection details() {
    List<Column> columns =
        List.of(
            Column.text("Prover"),
            Column.text("Prompt"),
            Column.verdict("Verdict"),
            Column.mono("Reason"),
            Column.text("First layer"),
            Column.text("First token"),
            Column.text("Coverage"));
    List<List<String>> rows = new ArrayList<>();
    for (Prover prover : provers) {
      for (Prompt prompt : prompts) {
        outcome(prover, prompt)
            .ifPresent(
                o ->
                    rows.add(
                        List.of(
                            o.prover(),
                            o.prompt(),
                            o.verdict().name(),
                            o.reason(),
                            o.layer(),
                            o.token(),
                            o.coverage())));
      }
    }
    return new ReportSection.Fold(
        "Every answer: reason, place and coverage",
        List.of(new ReportSection.Table("Verdict, reason and place per answer", columns, rows)));
  }

  private List<ReportSection> findings() {
    List<ReportSection> blocks = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      if (!outcome.findings().isEmpty()) {
        blocks.add(
            new ReportSection.Code(
                outcome.prover() + ", " + outcome.prompt() + ": " + outcome.verdict(),
                String.join("\n", outcome.findings())));
      }
    }
    return blocks;
  }

  private void addMaps(HtmlReport.Builder page) {
    boolean first = true;
    for (Prompt prompt : prompts) {
      List<HeatMap> group =
          maps.stream().filter(m -> m.prompt().equals(prompt.id())).map(PromptMap::map).toList();
      if (group.isEmpty()) {
        continue;
      }
      ReportSection grid =
          Charts.heatMaps(
              first ? prompt.id() : "",
              group,
              "One row per layer and kind, one column per token; the dashed line is where the "
                  + "answer begins. Blank means not opened: nothing is known there.");
      if (first) {
        page.heading("Where the computation differs").add(grid);
      } else {
        page.add(new ReportSection.Fold(prompt.id(), List.of(grid)));
      }
      first = false;
    }
  }
}
