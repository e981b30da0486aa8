package io.verillm.cli.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A plane of rectangles in a few ordered steps, each with its own colour and name, and an optional
 * line across it. One object, one thread.
 */
public final class StepMap {
  private final List<String> steps;
  private final List<String> colours;
  private final String xTitle;
  private final String yTitle;
  private final String valueTitle;
  private final ArrayNode cells = JsonNodeFactory.instance.arrayNode();
  private final List<double[]> line = new ArrayList<>();

  /**
   * Starts without cells.
   *
   * @param steps names of the steps, in order
   * @param colours a colour of the page's style for each, such as {@code var(--h1)}
   * @param xTitle quantity of the horizontal axis
   * @param yTitle quantity of the vertical axis
   * @param valueTitle what is shown in steps
   */
  public StepMap(
      List<String> steps, List<String> colours, String xTitle, String yTitle, String valueTitle) {
    if (steps.isEmpty() || steps.size() != colours.size()) {
      throw new IllegalArgumentException("a map needs steps and a colour for each");
    }
    this.steps = List.copyOf(steps);
    this.colours = List.copyOf(colours);
    this.xTitle = xTitle;
    this.yTitle = yTitle;
    this.valueTitle = valueTitle;
  }

  /** Adds the rectangle from (x, y) to (x2, y2). */
  public void cell(double x, double x2, double y, double y2, double value, int step, String note) {
    cells
        .addObject()
        .put("x", x)
        .put("x2", x2)
        .put("y", y)
        .put("y2", y2)
        .put("step", steps.get(step))
        .put("place", HtmlText.visible(note))
        .put(valueTitle, String.format(Locale.ROOT, "%.4g", value));
  }

  /** Adds a point to the line. */
  public void linePoint(double x, double y) {
    line.add(new double[] {x, y});
  }

  /** Returns the chart. */
  public ReportSection.Chart chart(String title, String caption, String altText) {
    ObjectNode spec = JsonNodeFactory.instance.objectNode();
    spec.put("width", "container").put("height", 320);
    ArrayNode layers = spec.putArray("layer");
    ObjectNode plane = layers.addObject();
    plane.putObject("data").set("values", cells);
    plane.putObject("mark").put("type", "rect");
    ObjectNode encoding = plane.putObject("encoding");
    axis(encoding.putObject("x"), "x", xTitle);
    encoding.putObject("x2").put("field", "x2");
    axis(encoding.putObject("y"), "y", yTitle);
    encoding.putObject("y2").put("field", "y2");
    ObjectNode fill = encoding.putObject("fill").put("field", "step").put("type", "nominal");
    fill.put("title", valueTitle);
    fill.putObject("legend").put("orient", "top").put("columns", 2).put("labelLimit", 260);
    ObjectNode scale = fill.putObject("scale");
    ArrayNode domain = scale.putArray("domain");
    steps.forEach(domain::add);
    ArrayNode range = scale.putArray("range");
    colours.forEach(range::add);
    ArrayNode tooltip = encoding.putArray("tooltip");
    for (String field : List.of("place", valueTitle, "step")) {
      tooltip.addObject().put("field", field);
    }
    if (!line.isEmpty()) {
      ObjectNode across = layers.addObject();
      ArrayNode points = across.putObject("data").putArray("values");
      line.forEach(point -> points.addObject().put("x", point[0]).put("y", point[1]));
      across.putObject("mark").put("type", "line").put("color", "var(--ink)").put("strokeWidth", 2);
      ObjectNode lineEncoding = across.putObject("encoding");
      axis(lineEncoding.putObject("x"), "x", xTitle);
      axis(lineEncoding.putObject("y"), "y", yTitle);
    }
    return new ReportSection.Chart(title, spec.toString(), caption, altText);
  }

  private static void axis(ObjectNode channel, String field, String title) {
    channel.put("field", field).put("type", "quantitative").put("title", title);
    channel.putObject("scale").put("nice", false).put("zero", false);
  }
}
