package io.verillm.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HtmlReportTest {
  private static final Set<String> VOID =
      Set.of("meta", "path", "circle", "rect", "!doctype", "br", "link", "img");
  private static final Pattern SCRIPT =
      Pattern.compile("<script(?<attributes>[^>]*)>(?<body>.*?)</script>", Pattern.DOTALL);
  private static final Pattern TAG = Pattern.compile("<(/?)([!a-zA-Z][a-zA-Z0-9]*)[^>]*?(/?)>");

  @Test
  void render_demo_closesEveryElementInOrder() {
    requireBalanced(SampleReport.demo("a prompt").render());
    requireBalanced(SampleReport.charts().render());
  }

  @Test
  void render_sameInput_equalBytes() {
    assertThat(SampleReport.demo("a").render()).isEqualTo(SampleReport.demo("a").render());
    assertThat(SampleReport.charts().render()).isEqualTo(SampleReport.charts().render());
  }

  @Test
  void render_demo_staysBelowOneAndAHalfMegabytes() {
    assertThat(SampleReport.demo("a").render().getBytes(StandardCharsets.UTF_8).length)
        .isBetween(800_000, 1_500_000);
  }

  @Test
  void render_reportWithoutCharts_carriesNoChartScript() {
    String page = HtmlReport.builder("t", SampleReport.PROVENANCE).text("x").build().render();
    assertThat(page.length()).isLessThan(40_000);
    assertThat(page).doesNotContain("vegaEmbed=");
  }

  @Test
  void render_demo_hasNoReferenceThatLoads() {
    for (HtmlReport report : new HtmlReport[] {SampleReport.demo("a"), SampleReport.charts()}) {
      String markup = markup(report.render());
      assertThat(markup).doesNotContainPattern("(?i)https?:|src=|@import|url\\(|<link|<iframe");
      assertThat(markup).doesNotContainPattern("href=\"[^#]");
      assertThat(report.render()).doesNotContain("sourceMappingURL");
    }
  }

  @Test
  void render_policy_listsExactlyTheScriptsOfThePage() {
    String page = SampleReport.demo("a").render();
    Matcher policy = Pattern.compile("script-src ([^\"]*)\"").matcher(page);
    assertThat(policy.find()).isTrue();
    StringBuilder expected = new StringBuilder();
    Matcher scripts = SCRIPT.matcher(page);
    while (scripts.find()) {
      if (scripts.group("attributes").isEmpty()) {
        expected.append(' ').append(PageAssets.policySource(scripts.group("body")));
      }
    }
    assertThat(policy.group(1)).isEqualTo(expected.toString().trim());
    assertThat(policy.group(1)).doesNotContain("unsafe").doesNotContain("https");
    assertThat(page).contains("default-src 'none'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title></style></textarea><svg onload=alert(1)>",
        "&lt;script&gt; &amp;",
        "a\u2028b\u2029c",
        "\u202eDETPECCA\u202c \u2066x\u2069 \u200b",
        "nul\u0000 esc\u001b[31m",
        "half \ud800 pair",
        "${1} \\ $0",
        "{\"signal\": \"alert(1)\"}"
      })
  void render_hostileText_staysText(String hostile) {
    String harmless = everywhere("plain words").render();
    String page = everywhere(hostile).render();
    requireBalanced(page);
    assertThat(tags(page)).isEqualTo(tags(harmless));
    String markup = markup(page);
    assertThat(markup).doesNotContain("\u202e", "\u2028", "\u2066", "\u0000", "\u001b");
    assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(page)).isTrue();
    Matcher scripts = SCRIPT.matcher(page);
    while (scripts.find()) {
      if (scripts.group("attributes").contains("json")) {
        assertThat(scripts.group("body")).doesNotContain("<", ">", "\u2028", "\u2029");
      }
    }
  }

  @Property(tries = 300)
  void escape_anyText_leavesNoMarkup(@ForAll String text) {
    text = text + "<\">'\u2028" + text;
    assertThat(HtmlText.escape(text)).doesNotContain("<", ">", "\"", "'", "\u2028", "\u202e");
  }

  @Property(tries = 300)
  void escapeJsonForScript_anyString_readsBackEqual(@ForAll String text) throws IOException {
    text = text + "</script>\u2028&" + text;
    var mapper = new com.fasterxml.jackson.databind.ObjectMapper();
    String json = mapper.writeValueAsString(text);
    String escaped = HtmlText.escapeJsonForScript(json);
    assertThat(escaped).doesNotContain("<", ">", "&", "\u2028", "\u2029");
    assertThat(mapper.readValue(escaped, String.class))
        .isEqualTo(mapper.readValue(json, String.class));
  }

  @Test
  void visible_bidiOverride_isWrittenOut() {
    assertThat(HtmlText.visible("a\u202eb\nc\td\u0007")).isEqualTo("a\\u{202E}b\nc\td\\u{0007}");
    assertThat(HtmlText.visible("Grüße 你好 🙂")).isEqualTo("Grüße 你好 🙂");
    assertThat(HtmlText.visible("a\r\nb\rc")).isEqualTo("a\nb\nc");
  }

  @Test
  void render_everyVerdict_showsItsWordAndShape() {
    for (VerdictWord word : VerdictWord.values()) {
      assertThat(SectionWriter.chip(word)).contains(">" + word + "</span>").contains("<svg");
    }
  }

  @Test
  void render_tables_haveScopesAndChartsHaveText() {
    String page = markup(SampleReport.demo("a").render());
    assertThat(page).contains("<html lang=\"en\">").contains("<th scope=\"col\"");
    assertThat(page).contains("<th scope=\"row\"").contains("<caption>");
    assertThat(page).contains("aria-label=\"int4: 108 of 432 rows opened; 0 equal, ");
    assertThat(count(page, "<h1>")).isEqualTo(1);
  }

  @Test
  void vendoredScripts_holdNothingThatEndsAScriptElement() {
    for (String name : PageAssets.CHART_SCRIPTS) {
      assertThat(PageAssets.text(name)).doesNotContainPattern("(?i)</script|<!--|<script|\r");
    }
    assertThat(PageAssets.text("vendor/THIRD-PARTY.txt")).doesNotContain("-->", "--!>");
  }

  @Test
  void write_existingFile_isReplacedAndNothingElseIsLeft(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("new/report.html");
    SampleReport.charts().write(file);
    SampleReport.demo("second").write(file);
    assertThat(Files.readString(file)).isEqualTo(SampleReport.demo("second").render());
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void samples_areWrittenForLooking() throws IOException {
    SampleReport.main(new String[0]);
    assertThat(Path.of("target/sample-demo-report.html")).isNotEmptyFile();
  }

  /** A page with {@code text} in every place that takes text. */
  private static HtmlReport everywhere(String text) {
    var provenance = new Provenance(text, java.util.Map.of(text, text), text);
    var map =
        new HeatMap(
            text,
            java.util.List.of(text),
            3,
            java.util.OptionalInt.of(1),
            java.util.List.of(new HeatMap.Cell(text, 1, 0.5, HeatMap.State.DIFFERS, text)));
    var point = new Charts.IntervalPoint(text, 1, 2, 1, 3);
    var axis = Charts.Axis.log(text);
    var table =
        new ReportSection.Table(
            text,
            java.util.List.of(ReportSection.Column.text(text), ReportSection.Column.mono(text)),
            java.util.List.of(java.util.List.of(text, text)));
    var node = TreeNode.of(text, text, TreeNode.leaf(text, text, TreeNode.State.MISMATCH));
    var points = java.util.List.of(point);
    return HtmlReport.builder(text, provenance)
        .lead(text)
        .limit(text)
        .heading(text)
        .heading(text)
        .heading(text)
        .text(text)
        .add(new ReportSection.Bullets(java.util.List.of(text)))
        .add(new ReportSection.Facts(java.util.List.of(new ReportSection.Fact(text, text))))
        .add(table)
        .add(new ReportSection.Tree(text, node))
        .add(new ReportSection.Code(text, text))
        .add(new ReportSection.Fold(text, java.util.List.of(table)))
        .add(Charts.heatMaps(text, java.util.List.of(map), text))
        .add(Charts.lineWithInterval(text, points, axis, axis, text, text))
        .add(Charts.scatterWithInterval(text, points, axis, axis, text, text))
        .add(Charts.bars(text, java.util.List.of(Charts.Bar.exact(text, 1)), text, text, text))
        .add(
            Charts.histogram(
                text,
                java.util.List.of(new Charts.Bin(text, 1, 2, 3)),
                java.util.List.of(new Charts.Marker(1, text)),
                axis,
                text,
                text,
                text))
        .build();
  }

  /** The page without what scripts, style and comments hold. */
  private static String markup(String page) {
    String bare = SCRIPT.matcher(page).replaceAll("<script></script>");
    bare = bare.replaceAll("(?s)<!--.*?-->", "");
    return bare.replaceAll("(?s)<style>.*?</style>", "<style></style>");
  }

  private static java.util.List<String> tags(String page) {
    return TAG.matcher(markup(page)).results().map(r -> r.group(1) + r.group(2)).toList();
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }

  private static void requireBalanced(String page) {
    Deque<String> open = new ArrayDeque<>();
    Matcher tags = TAG.matcher(markup(page));
    while (tags.find()) {
      String name = tags.group(2).toLowerCase(java.util.Locale.ROOT);
      if (VOID.contains(name) || !tags.group(3).isEmpty()) {
        continue;
      }
      if (tags.group(1).isEmpty()) {
        open.push(name);
      } else {
        assertThat(open.poll()).as("closed at " + tags.start()).isEqualTo(name);
      }
    }
    assertThat(open).isEmpty();
  }
}
