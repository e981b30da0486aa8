package io.verillm.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.cli.report.ReportSection.Chart;
import io.verillm.cli.report.ReportSection.ChartGrid;
import io.verillm.cli.report.ReportSection.LegendEntry;
import io.verillm.cli.report.ReportSection.Swatch;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/**
 * Makes charts from plain records. Colours are names that the page's style resolves (Okabe and
 * Ito's categories, an ordered orange scale against blue for the heat maps), so one chart fits the
 * light page, the dark page and paper; series also differ by dash and shape.
 */
public final class Charts {
  /** As many series as the palette tells apart. */
  public static final int MAX_SERIES = 7;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final List<Double> STEP_BOUNDS = List.of(0.01, 0.1, 0.5);

  private Charts() {}

  /**
   * An axis.
   *
   * @param title quantity and unit
   * @param logarithmic base 10; then every value must be positive
   */
  public record Axis(String title, boolean logarithmic) {
    /** Checks the title. */
    public Axis {
      Objects.requireNonNull(title, "title");
    }

    /** Returns a linear axis. */
    public static Axis linear(String title) {
      return new Axis(title, false);
    }

    /** Returns a base-10 logarithmic axis. */
    public static Axis log(String title) {
      return new Axis(title, true);
    }
  }

  /**
   * A measured value with its interval.
   *
   * @param series legend entry
   * @param low lower end of the interval, at most {@code y}
   * @param high upper end, at least {@code y}
   */
  public record IntervalPoint(String series, double x, double y, double low, double high) {
    /** Refuses values that are not finite and intervals that do not hold their value. */
    public IntervalPoint {
      Objects.requireNonNull(series, "series");
      requireInterval(y, low, high);
      requireFinite(x);
    }
  }

  /** A histogram bin {@code [from, to)} with its count. */
  public record Bin(String series, double from, double to, double count) {
    /** Refuses an empty or unbounded bin and a negative count. */
    public Bin {
      Objects.requireNonNull(series, "series");
      requireFinite(from);
      requireFinite(to);
      if (!(from < to) || !(count >= 0) || Double.isInfinite(count)) {
        throw new IllegalArgumentException("bin " + from + ".." + to + " with count " + count);
      }
    }
  }

  /** A labelled vertical line, such as a threshold. */
  public record Marker(double at, String label) {
    /** Refuses a place that is not finite. */
    public Marker {
      requireFinite(at);
      Objects.requireNonNull(label, "label");
    }
  }

  /** A bar with its interval; {@code low = high = value} draws none. */
  public record Bar(String label, double value, double low, double high) {
    /** Refuses values that are not finite and intervals that do not hold their value. */
    public Bar {
      Objects.requireNonNull(label, "label");
      requireInterval(value, low, high);
    }

    /** Returns a bar for an exact value. */
    public static Bar exact(String label, double value) {
      return new Bar(label, value, value, value);
    }
  }

  /** Returns one layer-by-token map per prover under one legend. */
  public static ChartGrid heatMaps(String title, List<HeatMap> maps, String caption) {
    boolean tolerated = maps.stream().anyMatch(m -> m.count(HeatMap.State.TOLERATED) > 0);
    List<LegendEntry> legend = new ArrayList<>();
    legend.add(new LegendEntry(Swatch.EMPTY, "not opened"));
    legend.add(new LegendEntry(Swatch.EQUAL, "equal"));
    if (tolerated) {
      legend.add(new LegendEntry(Swatch.TOLERATED, "differs within tolerance"));
    }
    legend.add(new LegendEntry(Swatch.STEP_1, "differs: up to 1 % of elements"));
    legend.add(new LegendEntry(Swatch.STEP_2, "up to 10 %"));
    legend.add(new LegendEntry(Swatch.STEP_3, "up to 50 %"));
    legend.add(new LegendEntry(Swatch.STEP_4, "more"));
    return new ChartGrid(title, legend, maps.stream().map(Charts::heatMap).toList(), caption);
  }

  /**
   * Returns one layer-by-token map without a legend. Rows that were not opened stay blank: nothing
   * is known about them, so nothing is drawn.
   */
  public static Chart heatMap(HeatMap map) {
    ObjectNode spec = base(12 + 15 * map.layers().size());
    ArrayNode values = values(spec);
    boolean noted = map.cells().stream().anyMatch(cell -> !cell.note().isEmpty());
    for (HeatMap.Cell cell : map.cells()) {
      if (cell.state() != HeatMap.State.NOT_OPENED) {
        ObjectNode value = values.addObject();
        value.put("token position", cell.position());
        value.put("row", HtmlText.visible(cell.layer()));
        value.put("state", stateLabel(cell.state()));
        value.put("unequal elements", percent(cell.unequalFraction()));
        if (noted) {
          value.put("note", HtmlText.visible(cell.note()));
        }
        value.put("step", swatch(cell).name());
      }
    }
    ObjectNode encoding = spec.putObject("encoding");
    ObjectNode x = encoding.putObject("x").put("field", "token position").put("type", "ordinal");
    ArrayNode domain = x.putObject("scale").put("padding", 0.06).putArray("domain");
    for (int p = 0; p < map.positions(); p++) {
      domain.add(p);
    }
    int every = tickStep(map.positions());
    ObjectNode xAxis = x.putObject("axis").put("title", "token position").put("labelAngle", 0);
    ArrayNode ticks = xAxis.put("labelOverlap", true).putArray("values");
    for (int p = 0; p < map.positions(); p += every) {
      ticks.add(p);
    }
    ObjectNode y = encoding.putObject("y").put("field", "row").put("type", "nominal");
    ArrayNode rows = y.putObject("scale").put("padding", 0.12).putArray("domain");
    map.layers().forEach(layer -> rows.add(HtmlText.visible(layer)));
    y.putObject("axis").putNull("title").put("ticks", false).put("labelLimit", 110);

    ArrayNode layers = spec.putArray("layer");
    ObjectNode marks = layers.addObject();
    marks.putObject("mark").put("type", "rect").put("cornerRadius", 1).put("tooltip", true);
    ObjectNode markEncoding = marks.putObject("encoding");
    ObjectNode colour = markEncoding.putObject("fill").put("field", "step");
    colour.put("type", "nominal").putNull("legend");
    ObjectNode scale = colour.putObject("scale");
    ArrayNode names = scale.putArray("domain");
    ArrayNode colours = scale.putArray("range");
    for (Swatch step : Swatch.values()) {
      if (step != Swatch.EMPTY) {
        names.add(step.name());
        colours.add(step.colour());
      }
    }
    tooltip(markEncoding, "token position", "row", "state", "unequal elements");
    if (noted) {
      ((ArrayNode) markEncoding.get("tooltip")).addObject().put("field", "note");
    }
    // Tolerated rows are thin bars: their shape says so where the colour does not.
    ObjectNode thin = marks.deepCopy();
    String tolerated = "datum.step == '" + Swatch.TOLERATED + "'";
    marks.putArray("transform").addObject().put("filter", "!(" + tolerated + ")");
    thin.putArray("transform").addObject().put("filter", tolerated);
    ((ObjectNode) thin.get("mark")).putObject("height").put("band", 0.4);
    layers.add(thin);
    if (map.firstOutputPosition().isPresent()) {
      ObjectNode rule = layers.addObject();
      rule.putObject("data").putArray("values").addObject();
      rule.putObject("mark").put("type", "rule").put("color", "var(--ink-soft)");
      ((ObjectNode) rule.get("mark")).putArray("strokeDash").add(3).add(3);
      ObjectNode ruleEncoding = rule.putObject("encoding");
      ruleEncoding
          .putObject("x")
          .put("datum", map.firstOutputPosition().getAsInt())
          .put("type", "ordinal")
          .put("bandPosition", 0);
      ruleEncoding.putNull("y");
    }
    long opened = map.cells().size() - map.count(HeatMap.State.NOT_OPENED);
    String alt =
        String.format(
            Locale.ROOT,
            "%s: %d of %d rows opened; %d equal, %d within tolerance, %d differ.",
            map.prover(),
            opened,
            (long) map.layers().size() * map.positions(),
            map.count(HeatMap.State.EQUAL),
            map.count(HeatMap.State.TOLERATED),
            map.count(HeatMap.State.DIFFERS));
    String caption = alt.substring(map.prover().length() + 2);
    return new Chart(map.prover(), spec.toString(), caption, alt);
  }

  /** Returns lines with shaded intervals. */
  public static Chart lineWithInterval(
      String title, List<IntervalPoint> points, Axis x, Axis y, String caption, String altText) {
    ObjectNode spec = intervalBase(points, x, y);
    ArrayNode layers = spec.putArray("layer");
    ObjectNode band = layers.addObject();
    band.putObject("mark").put("type", "area").put("opacity", 0.18);
    ObjectNode bandEncoding = band.putObject("encoding");
    range(bandEncoding, y);
    series(bandEncoding, "fill", seriesOf(points));
    ObjectNode line = layers.addObject();
    line.putObject("mark").put("type", "line").put("strokeWidth", 2);
    ObjectNode lineEncoding = line.putObject("encoding");
    value(lineEncoding, y);
    series(lineEncoding, "stroke", seriesOf(points));
    lineEncoding.putObject("strokeDash").setAll(seriesDash(seriesOf(points)));
    addPoints(layers, points, y);
    return new Chart(title, spec.toString(), caption, altText);
  }

  /** Returns points with vertical interval bars. */
  public static Chart scatterWithInterval(
      String title, List<IntervalPoint> points, Axis x, Axis y, String caption, String altText) {
    ObjectNode spec = intervalBase(points, x, y);
    ArrayNode layers = spec.putArray("layer");
    ObjectNode rule = layers.addObject();
    rule.putObject("mark").put("type", "rule").put("strokeWidth", 1.5);
    ObjectNode ruleEncoding = rule.putObject("encoding");
    range(ruleEncoding, y);
    series(ruleEncoding, "stroke", seriesOf(points));
    addPoints(layers, points, y);
    return new Chart(title, spec.toString(), caption, altText);
  }

  /** Returns a histogram, series overlaid, with labelled vertical lines. */
  public static Chart histogram(
      String title,
      List<Bin> bins,
      List<Marker> markers,
      Axis x,
      String countTitle,
      String caption,
      String altText) {
    ObjectNode spec = base(220);
    Set<String> names = new LinkedHashSet<>();
    ArrayNode values = values(spec);
    for (Bin bin : bins) {
      if (x.logarithmic() && !(bin.from() > 0)) {
        throw new IllegalArgumentException("a logarithmic axis starts above 0");
      }
      names.add(HtmlText.visible(bin.series()));
      ObjectNode value = values.addObject().put("series", HtmlText.visible(bin.series()));
      value.put("from", bin.from()).put("to", bin.to()).put("count", bin.count());
    }
    ArrayNode layers = spec.putArray("layer");
    ObjectNode bars = layers.addObject();
    bars.putObject("mark").put("type", "rect").put("opacity", 0.55).put("strokeWidth", 1);
    ObjectNode encoding = bars.putObject("encoding");
    quantity(encoding.putObject("x").put("field", "from"), x, true);
    encoding.putObject("x2").put("field", "to");
    quantity(encoding.putObject("y").put("field", "count"), Axis.linear(countTitle), false);
    encoding.putObject("y2").put("datum", 0);
    series(encoding, "fill", names);
    series(encoding, "stroke", names);
    tooltip(encoding, "series", "from", "to", "count");
    if (!markers.isEmpty()) {
      ObjectNode lines = layers.addObject();
      ArrayNode places = lines.putObject("data").putArray("values");
      markers.forEach(
          m -> places.addObject().put("at", m.at()).put("label", HtmlText.visible(m.label())));
      ObjectNode at = lines.putObject("encoding");
      quantity(at.putObject("x").put("field", "at"), x, true);
      ArrayNode parts = lines.putArray("layer");
      ObjectNode rule = parts.addObject().putObject("mark").put("type", "rule");
      rule.put("color", "var(--ink)").put("strokeWidth", 1.5).putArray("strokeDash").add(5).add(3);
      ObjectNode label = parts.addObject();
      label
          .putObject("mark")
          .put("type", "text")
          .put("color", "var(--ink)")
          .put("align", "right")
          .put("baseline", "top")
          .put("dx", -5)
          .put("dy", 2)
          .put("fontSize", 11);
      ObjectNode labelEncoding = label.putObject("encoding");
      labelEncoding.putObject("text").put("field", "label");
      labelEncoding.putObject("y").put("value", 0);
    }
    return new Chart(title, spec.toString(), caption, altText);
  }

  /** Returns horizontal bars from zero, each with its interval. */
  public static Chart bars(
      String title, List<Bar> bars, String valueTitle, String caption, String altText) {
    ObjectNode spec = base(10 + 28 * Math.max(1, bars.size()));
    ArrayNode values = values(spec);
    Set<String> labels = new LinkedHashSet<>();
    for (Bar bar : bars) {
      String label = HtmlText.visible(bar.label());
      if (!labels.add(label)) {
        throw new IllegalArgumentException("two bars are labelled " + label);
      }
      ObjectNode value = values.addObject().put("label", label).put("value", bar.value());
      value.put("low", bar.low()).put("high", bar.high());
    }
    ObjectNode encoding = spec.putObject("encoding");
    ObjectNode y = encoding.putObject("y").put("field", "label").put("type", "nominal");
    y.putObject("axis").putNull("title").put("ticks", false).put("labelLimit", 130);
    y.putNull("sort");
    tooltip(encoding, "label", "value", "low", "high");
    ArrayNode layers = spec.putArray("layer");
    ObjectNode bar = layers.addObject();
    bar.putObject("mark").put("type", "bar").put("color", "var(--c1)").put("cornerRadiusEnd", 2);
    quantity(
        bar.putObject("encoding").putObject("x").put("field", "value"),
        Axis.linear(valueTitle),
        false);
    ObjectNode interval = layers.addObject();
    interval.putArray("transform").addObject().put("filter", "datum.high > datum.low");
    interval.putObject("mark").put("type", "rule").put("color", "var(--ink)").put("strokeWidth", 2);
    ObjectNode intervalEncoding = interval.putObject("encoding");
    quantity(intervalEncoding.putObject("x").put("field", "low"), Axis.linear(valueTitle), false);
    intervalEncoding.putObject("x2").put("field", "high");
    return new Chart(title, spec.toString(), caption, altText);
  }

  private static ObjectNode base(int height) {
    return JSON.objectNode().put("width", "container").put("height", height);
  }

  private static ArrayNode values(ObjectNode spec) {
    return spec.putObject("data").putArray("values");
  }

  private static ObjectNode intervalBase(List<IntervalPoint> points, Axis x, Axis y) {
    ObjectNode spec = base(240);
    ArrayNode values = values(spec);
    for (IntervalPoint point : points) {
      if ((x.logarithmic() && !(point.x() > 0)) || (y.logarithmic() && !(point.low() > 0))) {
        throw new IllegalArgumentException("a logarithmic axis shows positive values: " + point);
      }
      ObjectNode value = values.addObject().put("series", HtmlText.visible(point.series()));
      value.put("x", point.x()).put("y", point.y());
      value.put("low", point.low()).put("high", point.high());
    }
    ObjectNode encoding = spec.putObject("encoding");
    quantity(encoding.putObject("x").put("field", "x"), x, true);
    return spec;
  }

  private static void addPoints(ArrayNode layers, List<IntervalPoint> points, Axis y) {
    ObjectNode dots = layers.addObject();
    dots.putObject("mark").put("type", "point").put("filled", true).put("size", 45);
    ObjectNode encoding = dots.putObject("encoding");
    value(encoding, y);
    Set<String> names = seriesOf(points);
    series(encoding, "fill", names);
    ObjectNode shape = encoding.putObject("shape").put("field", "series").put("type", "nominal");
    shape.putNull("title");
    ArrayNode domain = shape.putObject("scale").putArray("domain");
    names.forEach(domain::add);
    if (names.size() < 2) {
      shape.putNull("legend");
    }
    tooltip(encoding, "series", "x", "y", "low", "high");
  }

  private static void value(ObjectNode encoding, Axis y) {
    quantity(encoding.putObject("y").put("field", "y"), y, true);
  }

  private static void range(ObjectNode encoding, Axis y) {
    quantity(encoding.putObject("y").put("field", "low"), y, true);
    encoding.putObject("y2").put("field", "high");
  }

  /** Types a channel; positions need not start at zero, lengths of bars do. */
  private static void quantity(ObjectNode channel, Axis axis, boolean position) {
    channel.put("type", "quantitative").put("title", HtmlText.visible(axis.title()));
    ObjectNode scale = channel.putObject("scale");
    if (axis.logarithmic()) {
      scale.put("type", "log").put("nice", false);
    } else if (position) {
      scale.put("zero", false);
    }
  }

  private static Set<String> seriesOf(List<IntervalPoint> points) {
    Set<String> names = new LinkedHashSet<>();
    points.forEach(point -> names.add(HtmlText.visible(point.series())));
    return names;
  }

  private static void series(ObjectNode encoding, String channel, Set<String> names) {
    if (names.size() > MAX_SERIES) {
      throw new IllegalArgumentException(
          names.size() + " series, a reader tells " + MAX_SERIES + " apart");
    }
    ObjectNode colour = encoding.putObject(channel).put("field", "series").put("type", "nominal");
    colour.putNull("title");
    if (names.size() < 2) {
      colour.putNull("legend");
    }
    ObjectNode scale = colour.putObject("scale");
    ArrayNode domain = scale.putArray("domain");
    ArrayNode range = scale.putArray("range");
    int index = 1;
    for (String name : names) {
      domain.add(name);
      range.add("var(--c" + index++ + ")");
    }
  }

  private static ObjectNode seriesDash(Set<String> names) {
    ObjectNode dash = JSON.objectNode().put("field", "series").put("type", "nominal");
    dash.putNull("title");
    if (names.size() < 2) {
      dash.putNull("legend");
    }
    ArrayNode domain = dash.putObject("scale").putArray("domain");
    names.forEach(domain::add);
    return dash;
  }

  private static void tooltip(ObjectNode encoding, String... fields) {
    ArrayNode list = encoding.putArray("tooltip");
    for (String field : fields) {
      list.addObject().put("field", field);
    }
  }

  private static Swatch swatch(HeatMap.Cell cell) {
    return switch (cell.state()) {
      case NOT_OPENED -> Swatch.EMPTY;
      case EQUAL -> Swatch.EQUAL;
      case TOLERATED -> Swatch.TOLERATED;
      case DIFFERS -> {
        double f = cell.unequalFraction();
        yield f <= STEP_BOUNDS.get(0)
            ? Swatch.STEP_1
            : f <= STEP_BOUNDS.get(1)
                ? Swatch.STEP_2
                : f <= STEP_BOUNDS.get(2) ? Swatch.STEP_3 : Swatch.STEP_4;
      }
    };
  }

  private static String stateLabel(HeatMap.State state) {
    return switch (state) {
      case NOT_OPENED -> "not opened";
      case EQUAL -> "equal";
      case TOLERATED -> "differs within tolerance";
      case DIFFERS -> "differs";
    };
  }

  private static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * fraction);
  }

  private static int tickStep(int positions) {
    int step = 1;
    for (int[] next = {2, 5, 10}; positions / step > 10; step *= 10) {
      for (int factor : next) {
        if (positions / (step * factor) <= 10) {
          return step * factor;
        }
      }
    }
    return step;
  }

  private static void requireFinite(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(value + " cannot be drawn");
    }
  }

  private static void requireInterval(double value, double low, double high) {
    requireFinite(value);
    requireFinite(low);
    requireFinite(high);
    if (!(low <= value && value <= high)) {
      throw new IllegalArgumentException(value + " is not in its interval " + low + ".." + high);
    }
  }
}
