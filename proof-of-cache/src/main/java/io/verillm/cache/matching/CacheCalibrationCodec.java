package io.verillm.cache.matching;

import io.verillm.cache.layout.KvPart;
import io.verillm.cache.matching.CacheCalibration.Cell;
import io.verillm.cache.matching.CacheCalibration.Law;
import io.verillm.cache.matching.CacheCalibration.Scope;
import io.verillm.core.challenge.CellRule;
import io.verillm.core.challenge.Sketches;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.stats.calibration.Power;
import io.verillm.stats.calibration.StatisticCalibration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The bytes of a cache calibration: centres and scores in millionths, floors in billionths. */
final class CacheCalibrationCodec {
  /** Without the rule of the draws. */
  private static final int FIRST_VERSION = 1;

  private static final int VERSION = 2;
  private static final int FIRST_FIELDS = 11;
  private static final int FIELDS = 12;
  private static final int MAX_SEQUENCES = 1 << 20;
  private static final int MAX_LAWS = 1 << 17;
  private static final int MAX_POWER = 64;
  private static final int MAX_NAME = 128;
  private static final long MAX_SCORE = 1L << 50;

  private CacheCalibrationCodec() {}

  static byte[] encode(CacheCalibration calibration) {
    Scope scope = calibration.scope();
    boolean first = scope.drawn().isEmpty();
    CborWriter out = new CborWriter().map(first ? FIRST_FIELDS : FIELDS);
    out.unsigned(1).unsigned(first ? FIRST_VERSION : VERSION);
    out.unsigned(2).digest(scope.model());
    out.unsigned(3).digest(scope.traceProfile());
    scope.prover().encode(out.unsigned(4));
    scope.verifier().encode(out.unsigned(5));
    out.unsigned(6).unsigned(scope.rows());
    out.unsigned(7).unsigned(scope.longestSequence());
    Map<Cell, Law> laws = calibration.laws();
    List<Cell> order = new ArrayList<>(laws.keySet());
    order.sort(Comparator.comparingInt(Cell::layer).thenComparing(Cell::part));
    out.unsigned(8).array(order.size());
    for (Cell cell : order) {
      Law law = Objects.requireNonNull(laws.get(cell));
      out.array(5).unsigned(cell.layer()).unsigned(cell.part().index());
      out.unsigned(Math.round(law.floor() * CacheCalibration.NANO))
          .integer(Math.round(law.centre() * CacheCalibration.MICRO))
          .unsigned(Math.round(law.scale() * CacheCalibration.MICRO));
    }
    write(out.unsigned(9), calibration.mean());
    write(out.unsigned(10), calibration.largest());
    out.unsigned(11).array(calibration.power().size());
    for (Power power : calibration.power()) {
      out.array(3).text(power.deviation()).unsigned(power.requests()).unsigned(power.detected());
    }
    scope
        .drawn()
        .ifPresent(
            drawn -> {
              out.unsigned(12).array(5).unsigned(drawn.cells());
              drawn.rule().encode(out);
              out.unsigned(drawn.sketchOutputs());
            });
    return out.toByteArray();
  }

  private static void write(CborWriter out, StatisticCalibration statistic) {
    out.array(statistic.sequences());
    for (int i = 0; i < statistic.sequences(); i++) {
      out.integer(statistic.score(i));
    }
  }

  static CacheCalibration decode(byte[] bytes) throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    int fields = in.map("cache-calibration", FIELDS);
    in.key("cache-calibration.version", 1);
    long version = in.unsigned("cache-calibration.version", 255);
    if (version < FIRST_VERSION || version > VERSION) {
      throw new MalformedMessageException(
          "cache-calibration.version",
          in.offset(),
          version + ", known are " + FIRST_VERSION + " and " + VERSION);
    }
    int expected = version == FIRST_VERSION ? FIRST_FIELDS : FIELDS;
    if (fields != expected) {
      throw new MalformedMessageException(
          "cache-calibration", 0, fields + " fields, version " + version + " has " + expected);
    }
    try {
      Scope scope = scope(in);
      in.key("cache-calibration.laws", 8);
      Map<Cell, Law> laws = laws(in);
      in.key("cache-calibration.means", 9);
      long[] means = read(in, "cache-calibration.means");
      in.key("cache-calibration.largest", 10);
      long[] largest = read(in, "cache-calibration.largest");
      in.key("cache-calibration.power", 11);
      List<Power> power = new ArrayList<>();
      int figures = in.array("cache-calibration.power", MAX_POWER);
      for (int i = 0; i < figures; i++) {
        in.arrayOf("cache-calibration.power", 3);
        power.add(
            new Power(
                in.text("cache-calibration.power", MAX_NAME),
                (int) in.unsigned("cache-calibration.power", Integer.MAX_VALUE),
                (int) in.unsigned("cache-calibration.power", Integer.MAX_VALUE)));
      }
      if (version > FIRST_VERSION) {
        scope = scope.by(drawn(in));
      }
      in.end();
      if (means.length != largest.length) {
        throw new MalformedMessageException(
            "cache-calibration", 0, means.length + " means, " + largest.length + " largest");
      }
      return new CacheCalibration(scope, laws, means, largest, power);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(
          "cache-calibration", in.offset(), String.valueOf(e.getMessage()));
    }
  }

  private static Scope scope(CborReader in) throws MalformedMessageException {
    in.key("cache-calibration.model", 2);
    Digest32 model = in.digest("cache-calibration.model");
    in.key("cache-calibration.trace-profile", 3);
    Digest32 traceProfile = in.digest("cache-calibration.trace-profile");
    in.key("cache-calibration.prover", 4);
    ExecutionClass prover = ExecutionClass.decode(in);
    in.key("cache-calibration.verifier", 5);
    ExecutionClass verifier = ExecutionClass.decode(in);
    in.key("cache-calibration.rows", 6);
    int rows = (int) in.unsigned("cache-calibration.rows", 1 << 20);
    in.key("cache-calibration.longest", 7);
    int longest = (int) in.unsigned("cache-calibration.longest", Integer.MAX_VALUE);
    return new Scope(model, traceProfile, prover, verifier, rows, longest, Optional.empty());
  }

  private static DrawnCells drawn(CborReader in) throws MalformedMessageException {
    in.key("cache-calibration.drawn", 12);
    in.arrayOf("cache-calibration.drawn", 5);
    int cells = (int) in.unsigned("cache-calibration.cells", DrawnCells.MAX_CELLS);
    CellRule rule = CellRule.decode(in);
    int outputs = (int) in.unsigned("cache-calibration.sketch", Sketches.MAX_OUTPUTS);
    return new DrawnCells(cells, rule, outputs);
  }

  private static Map<Cell, Law> laws(CborReader in) throws MalformedMessageException {
    int count = in.array("cache-calibration.laws", MAX_LAWS);
    Map<Cell, Law> laws = new HashMap<>();
    int previous = -1;
    for (int i = 0; i < count; i++) {
      int offset = in.offset();
      in.arrayOf("cache-calibration.law", 5);
      int layer = (int) in.unsigned("cache-calibration.layer", 0xFFFF);
      int part = (int) in.unsigned("cache-calibration.part", 1);
      double floor = in.unsigned("cache-calibration.floor", 1L << 40) / CacheCalibration.NANO;
      double centre = bounded(in, "cache-calibration.centre") / CacheCalibration.MICRO;
      double scale =
          in.unsigned("cache-calibration.scale", Integer.MAX_VALUE) / CacheCalibration.MICRO;
      if (2 * layer + part <= previous || scale < CacheCalibration.SMALLEST_SCALE || !(floor > 0)) {
        throw new MalformedMessageException(
            "cache-calibration.law", offset, "out of order, or a scale of " + scale);
      }
      previous = 2 * layer + part;
      laws.put(
          new Cell(layer, part == 0 ? KvPart.KEY : KvPart.VALUE), new Law(floor, centre, scale));
    }
    if (laws.isEmpty()) {
      throw new MalformedMessageException("cache-calibration.laws", in.offset(), "there are none");
    }
    return laws;
  }

  private static long[] read(CborReader in, String field) throws MalformedMessageException {
    int offset = in.offset();
    int count = in.array(field, MAX_SEQUENCES);
    List<Long> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long value = bounded(in, field);
      if (i > 0 && value < values.get(i - 1)) {
        throw new MalformedMessageException(field, offset, "is not ascending");
      }
      values.add(value);
    }
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  private static long bounded(CborReader in, String field) throws MalformedMessageException {
    int offset = in.offset();
    long value = in.integer(field);
    if (value < -MAX_SCORE || value > MAX_SCORE) {
      throw new MalformedMessageException(field, offset, value + " is out of range");
    }
    return value;
  }
}
