package io.verillm.benchmarks.tensor;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Five panels of lines over the number of elements, both axes logarithmic, as an SVG. */
final class GrowthPicture {
  private static final int PANEL_WIDTH = 300;
  private static final int PANEL_HEIGHT = 230;
  private static final int LEFT = 62;
  private static final int TOP = 34;
  private static final List<String> COLOURS = List.of("#0072B2", "#D55E00", "#009E73");
  private static final List<String> DASHES = List.of("", "6 3", "2 3");

  private record Panel(String title, ToDoubleFunction<GrowthFigures.Row> value) {}

  private GrowthPicture() {}

  static String svg(List<GrowthFigures.Row> rows) {
    List<Panel> panels =
        List.of(
            new Panel("build, ms", row -> GrowthFigures.middle(row.build())),
            new Panel("open one entry, ms", row -> GrowthFigures.middle(row.open())),
            new Panel("verify it, ms", row -> GrowthFigures.middle(row.verify())),
            new Panel("change one entry, ms", row -> GrowthFigures.middle(row.update())),
            new Panel("proof of one entry, bytes", GrowthFigures.Row::proofBytes));
    List<String> schemes =
        new ArrayList<>(new LinkedHashSet<>(rows.stream().map(GrowthFigures.Row::scheme).toList()));
    StringBuilder out = new StringBuilder();
    int width = 3 * (PANEL_WIDTH + LEFT) + 20;
    int height = 2 * (PANEL_HEIGHT + TOP + 40) + 10;
    out.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                + " font-family=\"sans-serif\" font-size=\"12\">%n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
            width,
            height));
    for (int p = 0; p < panels.size(); p++) {
      panel(
          out,
          panels.get(p),
          rows,
          schemes,
          LEFT + p % 3 * (PANEL_WIDTH + LEFT),
          TOP + p / 3 * (PANEL_HEIGHT + TOP + 40));
    }
    int x = LEFT + 2 * (PANEL_WIDTH + LEFT);
    int y = TOP + PANEL_HEIGHT + TOP + 40;
    for (int s = 0; s < schemes.size(); s++) {
      out.append(line(x, y + 30 + 24 * s, x + 40, y + 30 + 24 * s, s));
      out.append(text(x + 48, y + 34 + 24 * s, "start", schemes.get(s)));
    }
    return out.append("</svg>\n").toString();
  }

  private static void panel(
      StringBuilder out,
      Panel panel,
      List<GrowthFigures.Row> rows,
      List<String> schemes,
      int left,
      int top) {
    double low = Math.floor(rows.stream().mapToDouble(row -> log(panel, row)).min().orElse(0));
    double high = Math.ceil(rows.stream().mapToDouble(row -> log(panel, row)).max().orElse(1));
    high = Math.max(high, low + 1);
    out.append(text(left, top - 12, "start", panel.title()));
    for (int tick = (int) low; tick <= high; tick++) {
      double y = y(tick, low, high, top);
      out.append(
          String.format(
              Locale.ROOT,
              "<path d=\"M%d %.1fh%d\" stroke=\"#ccc\" fill=\"none\"/>%n",
              left,
              y,
              PANEL_WIDTH));
      out.append(text(left - 6, y + 4, "end", label(tick)));
    }
    for (int k = 10; k <= 20; k += 2) {
      out.append(text(x(k, left), top + PANEL_HEIGHT + 16, "middle", "2^" + k));
    }
    for (int s = 0; s < schemes.size(); s++) {
      StringBuilder path = new StringBuilder();
      for (GrowthFigures.Row row : rows) {
        if (row.scheme().equals(schemes.get(s))) {
          double px = x(Math.log(row.elements()) / Math.log(2), left);
          double py = y(log(panel, row), low, high, top);
          path.append(
              String.format(Locale.ROOT, "%s%.1f %.1f", path.isEmpty() ? "M" : "L", px, py));
          out.append(
              String.format(
                  Locale.ROOT,
                  "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n",
                  px,
                  py,
                  COLOURS.get(s)));
        }
      }
      out.append(stroke(path.toString(), s));
    }
  }

  private static double log(Panel panel, GrowthFigures.Row row) {
    return Math.log10(Math.max(1e-4, panel.value().applyAsDouble(row)));
  }

  private static String label(int exponent) {
    return exponent >= 0 && exponent <= 3
        ? Integer.toString((int) Math.pow(10, exponent))
        : "10^" + exponent;
  }

  private static double x(double exponent, int left) {
    return left + PANEL_WIDTH * (exponent - 10) / 10;
  }

  private static double y(double log, double low, double high, int top) {
    return top + PANEL_HEIGHT * (high - log) / (high - low);
  }

  private static String line(int x1, int y1, int x2, int y2, int series) {
    return stroke("M" + x1 + " " + y1 + "L" + x2 + " " + y2, series);
  }

  private static String stroke(String path, int series) {
    return String.format(
        Locale.ROOT,
        "<path d=\"%s\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\" fill=\"none\"/>%n",
        path,
        COLOURS.get(series),
        DASHES.get(series));
  }

  private static String text(double x, double y, String anchor, String content) {
    return String.format(
        Locale.ROOT,
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"#222\">%s</text>%n",
        x,
        y,
        anchor,
        content);
  }
}
