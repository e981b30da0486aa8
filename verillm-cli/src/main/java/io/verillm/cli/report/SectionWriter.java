package io.verillm.cli.report;

import io.verillm.cli.report.ReportSection.Bullets;
import io.verillm.cli.report.ReportSection.Chart;
import io.verillm.cli.report.ReportSection.ChartGrid;
import io.verillm.cli.report.ReportSection.Code;
import io.verillm.cli.report.ReportSection.Column;
import io.verillm.cli.report.ReportSection.ColumnKind;
import io.verillm.cli.report.ReportSection.Fact;
import io.verillm.cli.report.ReportSection.Facts;
import io.verillm.cli.report.ReportSection.Fold;
import io.verillm.cli.report.ReportSection.Heading;
import io.verillm.cli.report.ReportSection.LegendEntry;
import io.verillm.cli.report.ReportSection.Table;
import io.verillm.cli.report.ReportSection.Text;
import io.verillm.cli.report.ReportSection.Tree;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Writes the sections of one page, in order. */
final class SectionWriter {
  private final StringBuilder out = new StringBuilder();
  private final List<String> contents = new ArrayList<>();
  private boolean inPart;
  private int charts;

  /** Returns the headings so far. */
  List<String> contents() {
    return Collections.unmodifiableList(contents);
  }

  boolean hasCharts() {
    return charts > 0;
  }

  /** Closes the last part and returns everything. */
  String finish() {
    closePart();
    return out.toString();
  }

  void write(ReportSection section) {
    if (section instanceof Heading heading) {
      closePart();
      contents.add(heading.title());
      String id = "part-" + contents.size();
      out.append("<section aria-labelledby=\"").append(id).append("\">\n<h2 id=\"").append(id);
      out.append("\">").append(HtmlText.escape(heading.title())).append("</h2>\n");
      inPart = true;
    } else if (section instanceof Text text) {
      element("p", "text", text.text());
    } else if (section instanceof Bullets bullets) {
      out.append("<ul>\n");
      bullets.items().forEach(item -> element("li", "text", item));
      out.append("</ul>\n");
    } else if (section instanceof Facts facts) {
      writeFacts(facts);
    } else if (section instanceof Table table) {
      writeTable(table);
    } else if (section instanceof Chart chart) {
      writeChart(chart, "h3");
    } else if (section instanceof ChartGrid grid) {
      writeGrid(grid);
    } else if (section instanceof Tree tree) {
      out.append("<figure class=\"tree\">\n<figcaption>").append(HtmlText.escape(tree.caption()));
      out.append("</figcaption>\n");
      writeTreeKey();
      out.append("<ul>\n");
      writeNode(tree.root(), 0);
      out.append("</ul>\n</figure>\n");
    } else if (section instanceof Code code) {
      out.append("<figure class=\"code\"><figcaption>").append(HtmlText.escape(code.caption()));
      out.append("</figcaption><pre tabindex=\"0\"><code>").append(HtmlText.escape(code.code()));
      out.append("</code></pre></figure>\n");
    } else if (section instanceof Fold fold) {
      out.append("<details class=\"fold\"><summary>").append(HtmlText.escape(fold.summary()));
      out.append("</summary>\n");
      fold.content().forEach(this::write);
      out.append("</details>\n");
    } else {
      throw new IllegalStateException("no writer for " + section.getClass());
    }
  }

  private void closePart() {
    if (inPart) {
      out.append("</section>\n");
      inPart = false;
    }
  }

  private void element(String tag, String css, String text) {
    out.append('<').append(tag).append(" class=\"").append(css).append("\" dir=\"auto\">");
    out.append(HtmlText.escape(text)).append("</").append(tag).append(">\n");
  }

  private void writeFacts(Facts facts) {
    out.append("<dl class=\"facts\">\n");
    for (Fact fact : facts.facts()) {
      out.append("<dt>").append(HtmlText.escape(fact.key())).append("</dt><dd dir=\"auto\">");
      out.append(HtmlText.escape(fact.value())).append("</dd>\n");
    }
    out.append("</dl>\n");
  }

  private void writeTable(Table table) {
    // Words in many columns leave none of them room on a narrow page.
    boolean cards =
        table.columns().stream().anyMatch(c -> c.kind() == ColumnKind.VERDICT)
            || table.columns().stream().filter(c -> c.kind() == ColumnKind.TEXT).count() >= 3;
    String caption = HtmlText.escape(table.caption());
    out.append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
    out.append(caption).append("\">\n");
    // The roles stay when the narrow layout turns the rows into cards, which drops the implied
    // ones.
    out.append("<table role=\"table\"").append(cards ? " class=\"cards\"" : "").append(">\n");
    out.append("<caption>").append(caption).append("</caption>\n<thead role=\"rowgroup\">");
    out.append("<tr role=\"row\">");
    for (Column column : table.columns()) {
      out.append("<th scope=\"col\" role=\"columnheader\"").append(cellClass(column)).append('>');
      out.append(HtmlText.escape(column.title())).append("</th>");
    }
    out.append("</tr></thead>\n<tbody role=\"rowgroup\">\n");
    for (List<String> row : table.rows()) {
      out.append("<tr role=\"row\">");
      for (int c = 0; c < row.size(); c++) {
        writeCell(table.columns().get(c), row.get(c), c == 0);
      }
      out.append("</tr>\n");
    }
    out.append("</tbody></table></div>\n");
  }

  private void writeCell(Column column, String cell, boolean first) {
    String tag = first ? "th" : "td";
    out.append('<').append(tag);
    out.append(first ? " scope=\"row\" role=\"rowheader\"" : " role=\"cell\"");
    out.append(" data-label=\"").append(HtmlText.escape(column.title())).append('"');
    out.append(cellClass(column)).append("><div dir=\"auto\">");
    if (column.kind() == ColumnKind.VERDICT && !cell.isEmpty()) {
      out.append(chip(VerdictWord.valueOf(cell)));
    } else {
      out.append(HtmlText.escape(cell));
    }
    out.append("</div></").append(tag).append('>');
  }

  private static String cellClass(Column column) {
    return " class=\"k-" + column.kind().name().toLowerCase(Locale.ROOT) + "\"";
  }

  /** Returns a chip: the word and a shape of its own, so that it reads without colour. */
  static String chip(VerdictWord word) {
    String shape =
        switch (word) {
          case ACCEPTED ->
              "<circle cx=\"8\" cy=\"8\" r=\"7\"/><path d=\"M4.6 8.3l2.4 2.4 4.4-5\"/>";
          case REJECTED ->
              "<path class=\"s\" d=\"M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z\"/>"
                  + "<path d=\"M5.4 5.4l5.2 5.2m0-5.2l-5.2 5.2\"/>";
          case INCONCLUSIVE ->
              "<path class=\"s\" d=\"M8 .6L15.4 8 8 15.4.6 8z\"/>"
                  + "<path d=\"M6.2 6.4c0-2.4 3.6-2.3 3.6 0 0 1.5-1.8 1.4-1.8 2.9m0 1.7v.6\"/>";
          case ABSTAINED ->
              "<rect class=\"s\" x=\"1.2\" y=\"1.2\" width=\"13.6\" height=\"13.6\" rx=\"2\"/>"
                  + "<path d=\"M4.6 8h6.8\"/>";
        };
    return "<span class=\"chip "
        + word.cssClass()
        + "\"><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\">"
        + shape
        + "</svg>"
        + word
        + "</span>";
  }

  private void writeGrid(ChartGrid grid) {
    out.append("<div class=\"multiples\">\n");
    if (!grid.title().isEmpty()) {
      out.append("<h3>").append(HtmlText.escape(grid.title())).append("</h3>\n");
    }
    if (!grid.legend().isEmpty()) {
      out.append("<ul class=\"legend\" aria-label=\"Legend\">");
      for (LegendEntry entry : grid.legend()) {
        out.append("<li><i class=\"").append(entry.swatch().cssClass()).append("\"></i>");
        out.append(HtmlText.escape(entry.label())).append("</li>");
      }
      out.append("</ul>\n");
    }
    out.append("<div class=\"grid\">\n");
    grid.charts().forEach(chart -> writeChart(chart, "h4"));
    out.append("</div>\n");
    if (!grid.caption().isEmpty()) {
      element("p", "caption", grid.caption());
    }
    out.append("</div>\n");
  }

  private void writeChart(Chart chart, String headingTag) {
    charts++;
    String alt = HtmlText.escape(chart.altText());
    out.append("<figure class=\"chart\">\n");
    if (!chart.title().isEmpty()) {
      out.append('<').append(headingTag).append(" dir=\"auto\">");
      out.append(HtmlText.escape(chart.title()));
      out.append("</").append(headingTag).append(">\n");
    }
    out.append("<div class=\"plot\" role=\"img\" aria-label=\"").append(alt).append("\"></div>\n");
    out.append("<noscript><p>").append(alt).append("</p></noscript>\n");
    out.append("<figcaption dir=\"auto\">").append(HtmlText.escape(chart.caption()));
    out.append("</figcaption>\n<details class=\"data\" hidden><summary>Data</summary></details>\n");
    out.append("<script type=\"application/json\" class=\"spec\">");
    out.append(HtmlText.escapeJsonForScript(chart.specJson()));
    out.append("</script>\n</figure>\n");
  }

  private void writeTreeKey() {
    out.append("<p class=\"key\">");
    for (TreeNode.State state :
        List.of(TreeNode.State.OPENED, TreeNode.State.PRUNED, TreeNode.State.MISMATCH)) {
      out.append(stateMark(state)).append(' ');
    }
    out.append("</p>\n");
  }

  private static String stateMark(TreeNode.State state) {
    return switch (state) {
      case NONE -> "";
      case OPENED -> "<span class=\"mark n-opened\">\u2713 opened</span>";
      case PRUNED -> "<span class=\"mark n-pruned\">\u00b7 hash only</span>";
      case MISMATCH -> "<span class=\"mark n-mismatch\">\u2260 mismatch</span>";
    };
  }

  private void writeNode(TreeNode node, int depth) {
    out.append("<li class=\"").append(node.state().cssClass()).append("\">");
    String line =
        "<span class=\"node\"><span dir=\"auto\">"
            + HtmlText.escape(node.label())
            + "</span> <code dir=\"auto\">"
            + HtmlText.escape(node.detail())
            + "</code> "
            + stateMark(node.state())
            + "</span>";
    if (node.children().isEmpty()) {
      out.append(line).append("</li>\n");
      return;
    }
    boolean open = depth < 2 || node.holdsMismatch();
    out.append("<details").append(open ? " open" : "").append("><summary>").append(line);
    out.append("</summary>\n<ul>\n");
    node.children().forEach(child -> writeNode(child, depth + 1));
    out.append("</ul></details></li>\n");
  }
}
