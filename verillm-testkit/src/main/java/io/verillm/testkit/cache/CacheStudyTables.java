package io.verillm.testkit.cache;

import io.verillm.stats.Interval;
import io.verillm.stats.robust.ClopperPearson;
import io.verillm.testkit.cache.CacheMeasurement.Look;
import io.verillm.testkit.cache.CacheStudy.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/** The study's lines as Markdown tables: percent of requests rejected, 95 % intervals. */
public final class CacheStudyTables {
  private static final double GOAL = 0.99;

  private CacheStudyTables() {}

  /** All tables. */
  public static String of(List<Line> lines, int tokens, boolean judgesTokens) {
    return "### Rejected requests, per cent\n\n"
        + attacks(lines, judgesTokens)
        + "\n### Fewest cells that reject 99 per cent\n\n"
        + fewest(lines, cells(tokens), CacheStudy::cells)
        + "\n### Fewest tokens at which "
        + CacheStudy.COMBINED_CELLS
        + " cells reject 99 per cent\n\n"
        + fewest(lines, tokenCounts(tokens), CacheStudy::tokens);
  }

  private static List<Integer> cells(int tokens) {
    List<Integer> cells = new ArrayList<>();
    for (int n = 1; n <= Math.min(32, tokens); n *= 2) {
      cells.add(n);
    }
    return cells;
  }

  private static List<Integer> tokenCounts(int tokens) {
    List<Integer> counts = new ArrayList<>();
    for (int n = CacheStudy.COMBINED_CELLS; n < tokens; n += 8) {
      counts.add(n);
    }
    return counts;
  }

  private static String attacks(List<Line> lines, boolean judgesTokens) {
    List<String> columns = new ArrayList<>();
    for (Look look : Look.values()) {
      columns.add(CacheStudy.cells(look, CacheStudy.COMBINED_CELLS));
    }
    columns.add(CacheStudy.HALF_DEPTH);
    columns.add(CacheStudy.DRAWN_DEPTH);
    columns.add(CacheStudy.POLYNOMIALS);
    if (judgesTokens) {
      columns.add(CacheStudy.TOKENS);
      columns.add(CacheStudy.COMBINED);
    }
    StringBuilder text = new StringBuilder("| prover | requests | ");
    text.append(String.join(" | ", columns)).append(" |\n| --- | --- |");
    text.append(" --- |".repeat(columns.size())).append('\n');
    for (Line line : lines) {
      text.append("| ").append(line.prover()).append(" | ").append(line.requests()).append(" |");
      for (String column : columns) {
        text.append(' ').append(share(line.rejected(column), line.requests())).append(" |");
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** Per cent with its 95 % interval. */
  static String share(int hits, int of) {
    if (hits < 0) {
      return "–";
    }
    Interval interval = ClopperPearson.interval(hits, of, 0.95);
    return String.format(
        Locale.ROOT,
        "%.1f (%.1f–%.1f)",
        100.0 * hits / of,
        100 * interval.lower(),
        100 * interval.upper());
  }

  /** Names a column of a look and a count. */
  private interface Column {
    String of(Look look, int count);
  }

  private static String fewest(List<Line> lines, List<Integer> counts, Column column) {
    StringBuilder text = new StringBuilder("| prover |");
    for (Look look : Look.values()) {
      text.append(' ').append(look.title()).append(" |");
    }
    text.append("\n| --- |").append(" --- |".repeat(Look.values().length)).append('\n');
    for (Line line : lines.subList(1, lines.size())) {
      text.append("| ").append(line.prover()).append(" |");
      for (Look look : Look.values()) {
        IntFunction<String> named = count -> column.of(look, count);
        OptionalInt first =
            counts.stream()
                .mapToInt(Integer::intValue)
                .filter(n -> line.rejected(named.apply(n)) >= GOAL * line.requests())
                .findFirst();
        if (first.isPresent()) {
          text.append(' ').append(first.getAsInt()).append(": ");
          text.append(share(line.rejected(named.apply(first.getAsInt())), line.requests()));
        } else {
          int most = counts.get(counts.size() - 1);
          text.append(" none up to ").append(most).append(": ");
          text.append(share(line.rejected(named.apply(most)), line.requests()));
        }
        text.append(" |");
      }
      text.append('\n');
    }
    return text.toString();
  }
}
