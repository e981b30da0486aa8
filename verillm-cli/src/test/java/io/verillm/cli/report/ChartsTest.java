package io.verillm.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.verillm.cli.report.HeatMap.Cell;
import io.verillm.cli.report.HeatMap.State;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChartsTest {
  private static final Charts.Axis LINEAR = Charts.Axis.linear("v");

  @ParameterizedTest
  @CsvSource({
    "0.01,STEP_1",
    "0.0101,STEP_2",
    "0.1,STEP_2",
    "0.5,STEP_3",
    "0.51,STEP_4",
    "1,STEP_4"
  })
  void heatMap_unequalFraction_fallsIntoItsStep(double fraction, String step) throws IOException {
    var map = map(Cell.of("a", 0, fraction, State.DIFFERS));
    var spec = new ObjectMapper().readTree(Charts.heatMap(map).specJson());
    assertThat(spec.at("/data/values/0/step").asText()).isEqualTo(step);
  }

  @Test
  void heatMap_unopenedRow_isNotDrawnAndNotCountedAsEqual() throws IOException {
    var chart = Charts.heatMap(map(Cell.of("a", 0, 0, State.NOT_OPENED)));
    assertThat(new ObjectMapper().readTree(chart.specJson()).at("/data/values")).isEmpty();
    assertThat(chart.altText())
        .isEqualTo("p: 0 of 2 rows opened; 0 equal, 0 within tolerance, 0 differ.");
  }

  @Test
  void heatMap_cellOutsideOrTwice_isRefused() {
    assertThatThrownBy(() -> map(Cell.of("b", 0, 0, State.EQUAL)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> map(Cell.of("a", 2, 0, State.EQUAL)))
        .isInstanceOf(IllegalArgumentException.class);
    Cell cell = Cell.of("a", 1, 0, State.EQUAL);
    assertThatThrownBy(() -> map(cell, cell)).hasMessageContaining("twice");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, -0.1, 1.1, Double.POSITIVE_INFINITY})
  void cell_fractionOutsideUnitInterval_isRefused(double fraction) {
    assertThatThrownBy(() -> Cell.of("a", 0, fraction, State.DIFFERS))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void cell_equalWithUnequalElements_isRefused() {
    assertThatThrownBy(() -> Cell.of("a", 0, 0.1, State.EQUAL))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void interval_notHoldingItsValueOrNotFinite_isRefused() {
    assertThatThrownBy(() -> new Charts.Bar("a", 1, 2, 3)).hasMessageContaining("interval");
    assertThatThrownBy(() -> new Charts.Bar("a", Double.NaN, 0, 3))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Charts.IntervalPoint("s", 0, 1, 0, Double.POSITIVE_INFINITY))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void lineWithInterval_logAxisWithZero_isRefused() {
    var points = List.of(new Charts.IntervalPoint("s", 1, 1, 0, 2));
    assertThatThrownBy(
            () -> Charts.lineWithInterval("", points, LINEAR, Charts.Axis.log("y"), "", "alt"))
        .hasMessageContaining("logarithmic");
  }

  @Test
  void lineWithInterval_moreSeriesThanColours_isRefused() {
    List<Charts.IntervalPoint> points = new ArrayList<>();
    for (int s = 0; s <= Charts.MAX_SERIES; s++) {
      points.add(new Charts.IntervalPoint("s" + s, 1, 1, 1, 1));
    }
    assertThatThrownBy(() -> Charts.lineWithInterval("", points, LINEAR, LINEAR, "", "alt"))
        .hasMessageContaining("series");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{} {}", "null"})
  void chart_specThatIsNoJsonObject_isRefused(String spec) {
    assertThatThrownBy(() -> new ReportSection.Chart("", spec, "", "alt"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void chart_withoutAlternativeText_isRefused() {
    assertThatThrownBy(() -> new ReportSection.Chart("", "{}", "", " "))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void table_raggedRowOrUnknownVerdict_isRefused() {
    var column = List.of(ReportSection.Column.verdict("v"));
    assertThatThrownBy(() -> new ReportSection.Table("", column, List.of(List.of("ACCEPTED", "x"))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ReportSection.Table("", column, List.of(List.of("accepted?"))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static HeatMap map(Cell... cells) {
    return new HeatMap("p", List.of("a"), 2, OptionalInt.empty(), List.of(cells));
  }
}
