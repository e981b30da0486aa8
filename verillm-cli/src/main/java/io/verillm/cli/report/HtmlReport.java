package io.verillm.cli.report;

import io.verillm.core.wire.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A report as one HTML file without any external reference. Equal input renders to equal bytes.
 *
 * <p>Immutable and safe to share; the builder belongs to one thread. A report is a view for people:
 * it is not signed, and whoever holds the file can change it.
 */
public final class HtmlReport {
  private final String title;
  private final String lead;
  private final String limit;
  private final List<ReportSection> sections;
  private final Provenance provenance;

  private HtmlReport(
      String title,
      String lead,
      String limit,
      List<ReportSection> sections,
      Provenance provenance) {
    this.title = title;
    this.lead = lead;
    this.limit = limit;
    this.sections = sections;
    this.provenance = provenance;
  }

  /**
   * Starts a report.
   *
   * @param title page title and first heading
   * @param provenance what the footer says
   */
  public static Builder builder(String title, Provenance provenance) {
    return new Builder(title, provenance);
  }

  /** Collects the parts of a report in order. */
  public static final class Builder {
    private final String title;
    private final Provenance provenance;
    private final List<ReportSection> sections = new ArrayList<>();
    private String lead = "";
    private String limit = "";

    private Builder(String title, Provenance provenance) {
      this.title = Objects.requireNonNull(title, "title");
      this.provenance = Objects.requireNonNull(provenance, "provenance");
    }

    /** Sets the sentence under the title: what was checked and what came out. */
    public Builder lead(String sentence) {
      this.lead = Objects.requireNonNull(sentence, "sentence");
      return this;
    }

    /** Sets the one thing that a reader could take from this report and must not. */
    public Builder limit(String sentence) {
      this.limit = Objects.requireNonNull(sentence, "sentence");
      return this;
    }

    /** Appends a section. */
    public Builder add(ReportSection section) {
      sections.add(Objects.requireNonNull(section, "section"));
      return this;
    }

    /** Appends a heading. */
    public Builder heading(String heading) {
      return add(new ReportSection.Heading(heading));
    }

    /** Appends a paragraph. */
    public Builder text(String paragraph) {
      return add(new ReportSection.Text(paragraph));
    }

    /** Returns the report. */
    public HtmlReport build() {
      return new HtmlReport(title, lead, limit, List.copyOf(sections), provenance);
    }
  }

  /** Returns the page. */
  public String render() {
    SectionWriter body = new SectionWriter();
    sections.forEach(body::write);
    String content = body.finish();

    List<String> scripts = new ArrayList<>();
    if (body.hasCharts()) {
      PageAssets.CHART_SCRIPTS.forEach(name -> scripts.add(PageAssets.text(name)));
    }
    scripts.add(PageAssets.text("report.js"));
    String themeScript = PageAssets.text("theme.js");

    StringBuilder policy = new StringBuilder("default-src 'none'; style-src 'unsafe-inline'; ");
    policy.append("img-src data:; base-uri 'none'; form-action 'none'; script-src ");
    policy.append(PageAssets.policySource(themeScript));
    scripts.forEach(script -> policy.append(' ').append(PageAssets.policySource(script)));

    StringBuilder out = new StringBuilder(content.length() + (1 << 20));
    out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.append("<meta http-equiv=\"Content-Security-Policy\" content=\"");
    out.append(policy).append("\">\n");
    out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.append("<meta name=\"color-scheme\" content=\"light dark\">\n");
    out.append("<meta name=\"referrer\" content=\"no-referrer\">\n");
    out.append("<title>").append(HtmlText.escape(title)).append("</title>\n");
    out.append("<style>\n").append(PageAssets.text("report.css")).append("\n</style>\n");
    appendScript(out, themeScript);
    out.append("</head>\n<body>\n<a class=\"skip\" href=\"#content\">Skip to the content</a>\n");
    appendHeader(out, body);
    out.append("<main id=\"content\">\n").append(content).append("</main>\n");
    appendFooter(out);
    if (body.hasCharts()) {
      // Whoever passes the file on passes the scripts on: their licences go with them.
      out.append("<!--\n").append(PageAssets.text("vendor/THIRD-PARTY.txt")).append("\n-->\n");
    }
    scripts.forEach(script -> appendScript(out, script));
    return out.append("</body>\n</html>\n").toString();
  }

  /**
   * Writes the page; a reader sees the old file or the whole new one. Reports hold prompts and
   * answers: where the file system knows permissions, only the owner can read a new one.
   *
   * @throws IOException if the folder cannot be written
   */
  public void write(Path file) throws IOException {
    Path target = file.toAbsolutePath();
    Files.createDirectories(Objects.requireNonNull(target.getParent(), "a file has a folder"));
    AtomicFile.write(target, render().getBytes(StandardCharsets.UTF_8));
  }

  private void appendHeader(StringBuilder out, SectionWriter body) {
    out.append("<header class=\"top\">\n<div class=\"bar\"><span class=\"brand\">verillm</span>");
    out.append("<button type=\"button\" id=\"theme\" hidden>Theme</button></div>\n<h1>");
    out.append(HtmlText.escape(title)).append("</h1>\n");
    if (!lead.isEmpty()) {
      out.append("<p class=\"lead\">").append(HtmlText.escape(lead)).append("</p>\n");
    }
    if (!limit.isEmpty()) {
      out.append("<p class=\"limit\"><strong>What this does not show.</strong> ");
      out.append(HtmlText.escape(limit)).append("</p>\n");
    }
    if (body.contents().size() > 2) {
      out.append("<nav aria-label=\"Contents\"><ol>");
      int number = 1;
      for (String heading : body.contents()) {
        out.append("<li><a href=\"#part-").append(number++).append("\">");
        out.append(HtmlText.escape(heading)).append("</a></li>");
      }
      out.append("</ol></nav>\n");
    }
    out.append("</header>\n");
  }

  private void appendFooter(StringBuilder out) {
    out.append("<footer>\n<dl class=\"facts\"><dt>Command</dt><dd><code>");
    out.append(HtmlText.escape(provenance.command())).append("</code></dd>");
    provenance
        .versions()
        .forEach(
            (name, version) ->
                out.append("<dt>")
                    .append(HtmlText.escape(name))
                    .append("</dt><dd>")
                    .append(HtmlText.escape(version))
                    .append("</dd>"));
    out.append("<dt>Written</dt><dd>").append(HtmlText.escape(provenance.time()));
    out.append("</dd></dl>\n<p>This file is complete: it loads nothing and sends nothing. ");
    out.append("It is not signed; the signed messages that it describes are.</p>\n</footer>\n");
  }

  private static void appendScript(StringBuilder out, String script) {
    out.append("<script>").append(script).append("</script>\n");
  }
}
