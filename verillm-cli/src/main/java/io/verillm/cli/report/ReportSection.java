package io.verillm.cli.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Objects;

/** One block of a report, top to bottom. Immutable; all text is plain text and gets escaped. */
public sealed interface ReportSection {

  /** Starts a new part of the page, which the contents list links to. */
  record Heading(String title) implements ReportSection {
    /** Checks the title. */
    public Heading {
      Objects.requireNonNull(title, "title");
    }
  }

  /** A paragraph; newlines are kept. */
  record Text(String text) implements ReportSection {
    /** Checks the text. */
    public Text {
      Objects.requireNonNull(text, "text");
    }
  }

  /** Bulleted sentences, such as what was not checked. */
  record Bullets(List<String> items) implements ReportSection {
    /** Copies the items. */
    public Bullets {
      items = List.copyOf(items);
    }
  }

  /** A key and its value. */
  record Fact(String key, String value) {
    /** Checks both. */
    public Fact {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(value, "value");
    }
  }

  /** Keys and values in the given order. */
  record Facts(List<Fact> facts) implements ReportSection {
    /** Copies the facts. */
    public Facts {
      facts = List.copyOf(facts);
    }
  }

  /** How a table column is set. */
  enum ColumnKind {
    /** Left-aligned text. */
    TEXT,
    /** Right-aligned, tabular figures. */
    NUMBER,
    /** Fixed-width face: hashes, ids. */
    MONO,
    /** The name of a {@link VerdictWord}, shown as a chip; an empty cell stays empty. */
    VERDICT
  }

  /** A table column. */
  record Column(String title, ColumnKind kind) {
    /** Checks both. */
    public Column {
      Objects.requireNonNull(title, "title");
      Objects.requireNonNull(kind, "kind");
    }

    /** Returns a text column. */
    public static Column text(String title) {
      return new Column(title, ColumnKind.TEXT);
    }

    /** Returns a number column. */
    public static Column number(String title) {
      return new Column(title, ColumnKind.NUMBER);
    }

    /** Returns a fixed-width column. */
    public static Column mono(String title) {
      return new Column(title, ColumnKind.MONO);
    }

    /** Returns a verdict column. */
    public static Column verdict(String title) {
      return new Column(title, ColumnKind.VERDICT);
    }
  }

  /**
   * A table; the first column heads its rows.
   *
   * @param caption what it shows
   * @param columns at least one
   * @param rows each as long as {@code columns}
   */
  record Table(String caption, List<Column> columns, List<List<String>> rows)
      implements ReportSection {
    /** Checks the shape; throws IllegalArgumentException for a ragged row or an unknown verdict. */
    public Table {
      Objects.requireNonNull(caption, "caption");
      columns = List.copyOf(columns);
      rows = rows.stream().map(List::copyOf).toList();
      if (columns.isEmpty()) {
        throw new IllegalArgumentException("a table needs a column");
      }
      for (List<String> row : rows) {
        if (row.size() != columns.size()) {
          throw new IllegalArgumentException(
              "row has " + row.size() + " cells, table has " + columns.size() + " columns");
        }
        for (int c = 0; c < row.size(); c++) {
          if (columns.get(c).kind() == ColumnKind.VERDICT && !row.get(c).isEmpty()) {
            VerdictWord.valueOf(row.get(c));
          }
        }
      }
    }
  }

  /**
   * A Vega-Lite chart.
   *
   * @param title short heading above it; may be empty
   * @param specJson a Vega-Lite specification: one JSON object, data inline
   * @param caption what to read from it; may be empty
   * @param altText what it says, for readers who cannot see it; not blank
   */
  record Chart(String title, String specJson, String caption, String altText)
      implements ReportSection {
    /** Checks that the specification is one JSON object and the alternative text is there. */
    public Chart {
      Objects.requireNonNull(title, "title");
      Objects.requireNonNull(caption, "caption");
      if (altText.isBlank()) {
        throw new IllegalArgumentException("a chart needs an alternative text");
      }
      try {
        ObjectMapper strict =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        if (!strict.readTree(specJson).isObject()) {
          throw new IllegalArgumentException("a chart specification is a JSON object");
        }
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException("the chart specification is not JSON", e);
      }
    }
  }

  /**
   * An entry of a legend.
   *
   * @param swatch CSS class of the mark, from the closed set of {@link Swatch}
   */
  record LegendEntry(Swatch swatch, String label) {
    /** Checks both. */
    public LegendEntry {
      Objects.requireNonNull(swatch, "swatch");
      Objects.requireNonNull(label, "label");
    }
  }

  /** Marks of the heat maps, each with its own colour in the light and in the dark page. */
  enum Swatch {
    /** Nothing drawn. */
    EMPTY("empty"),
    /** Hollow square. */
    EQUAL("equal"),
    /** Half-filled square. */
    TOLERATED("tolerated"),
    /** Lightest step of the sequential scale. */
    STEP_1("h1"),
    /** Second step. */
    STEP_2("h2"),
    /** Third step. */
    STEP_3("h3"),
    /** Strongest step. */
    STEP_4("h4");

    private final String css;

    Swatch(String css) {
      this.css = css;
    }

    String cssClass() {
      return "sw-" + css;
    }

    String colour() {
      return "var(--" + css + ")";
    }
  }

  /** Small multiples side by side (one column on a phone) under one legend. */
  record ChartGrid(String title, List<LegendEntry> legend, List<Chart> charts, String caption)
      implements ReportSection {
    /** Copies the lists. */
    public ChartGrid {
      Objects.requireNonNull(title, "title");
      Objects.requireNonNull(caption, "caption");
      legend = List.copyOf(legend);
      charts = List.copyOf(charts);
    }
  }

  /** A collapsible tree. */
  record Tree(String caption, TreeNode root) implements ReportSection {
    /** Checks both. */
    public Tree {
      Objects.requireNonNull(caption, "caption");
      Objects.requireNonNull(root, "root");
    }
  }

  /** A code block, shown as it is. */
  record Code(String caption, String code) implements ReportSection {
    /** Checks both. */
    public Code {
      Objects.requireNonNull(caption, "caption");
      Objects.requireNonNull(code, "code");
    }
  }

  /** Blocks behind a summary line that a reader opens; headings inside are refused. */
  record Fold(String summary, List<ReportSection> content) implements ReportSection {
    /** Checks and copies the content. */
    public Fold {
      Objects.requireNonNull(summary, "summary");
      content = List.copyOf(content);
      if (content.stream().anyMatch(Heading.class::isInstance)) {
        throw new IllegalArgumentException("a fold holds no heading");
      }
    }
  }
}
