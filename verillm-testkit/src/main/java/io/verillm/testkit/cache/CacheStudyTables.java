package io.verillm.testkit.cache;

import io.verillm.stats.Interval;
import io.verillm.stats.robust.ClopperPearson;
import io.verillm.testkit.cache.CacheMeasurement.Look;
import io.verillm.testkit.cache.CacheStudy.Line;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** A study's lines as Markdown tables: per cent of requests rejected, 95 % intervals. */
public final class CacheStudyTables {
  private static final double GOAL = 0.99;

  private CacheStudyTables() {}

  /**
   * All tables.
   *
   * @param lines the honest prover's first
   * @param tokens positions of a request
   * @param uncalibrated columns without a calibration, with the reason
   */
  public static String of(List<Line> lines, int tokens, Map<String, String> uncalibrated) {
    StringBuilder text = new StringBuilder("### Rejected requests, per cent\n\n");
    List<String> rows = new ArrayList<>();
    List<String> others =
        new ArrayList<>(
            List.of(CacheStudy.HALF_DEPTH, CacheStudy.DRAWN_DEPTH, CacheStudy.OTHER_RULE));
    for (Look look : Look.values()) {
      rows.add(CacheStudy.cells(look, CacheStudy.FEW_CELLS));
    }
    others.addAll(List.of(CacheStudy.POLYNOMIALS, CacheStudy.TOKENS, CacheStudy.COMBINED));
    text.append(rates(lines, rows)).append('\n').append(rates(lines, others));
    text.append("\n### Fewest cells that reject 99 per cent\n\n");
    text.append(fewest(lines, CacheStudy.cellCounts(tokens), CacheStudy::cells));
    text.append("\n### Fewest tokens at which ").append(CacheStudy.FEW_CELLS);
    text.append(" cells reject 99 per cent\n\n");
    text.append(
        fewest(
            lines,
            Stream.concat(CacheStudy.tokenCounts(tokens).stream(), Stream.of(tokens)).toList(),
            (look, count) ->
                count == tokens
                    ? CacheStudy.cells(look, CacheStudy.FEW_CELLS)
                    : CacheStudy.tokens(look, count)));
    if (!uncalibrated.isEmpty()) {
      text.append("\n### Not calibrated\n\n");
      new TreeMap<>(uncalibrated)
          .forEach(
              (column, why) ->
                  text.append("- ").append(column).append(": ").append(why).append('\n'));
    }
    return text.toString();
  }

  private static String rates(List<Line> lines, List<String> columns) {
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
    if (hits < 0 || of < 1) {
      return "–";
    }
    Interval interval = ClopperPearson.interval(hits, of, 0.95);
    return String.format(
        Locale.ROOT,
        "%.2f (%.2f–%.2f)",
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
    Arrays.stream(Look.values())
        .forEach(look -> text.append(' ').append(look.title()).append(" |"));
    text.append("\n| --- |").append(" --- |".repeat(Look.values().length)).append('\n');
    for (Line line : lines.subList(1, lines.size())) {
      text.append("| ").append(line.prover()).append(" |");
      for (Look look : Look.values()) {
        text.append(' ').append(fewest(line, counts, count -> column.of(look, count))).append(" |");
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static String fewest(Line line, List<Integer> counts, IntFunction<String> column) {
    OptionalInt first =
        counts.stream()
            .mapToInt(Integer::intValue)
            .filter(n -> line.rejected(column.apply(n)) >= GOAL * Math.max(1, line.requests()))
            .findFirst();
    int shown = first.orElse(counts.get(counts.size() - 1));
    return (first.isPresent() ? "" : "> ")
        + shown
        + ": "
        + share(line.rejected(column.apply(shown)), line.requests());
  }
}
