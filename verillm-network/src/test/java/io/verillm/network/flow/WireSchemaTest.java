package io.verillm.network.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborType;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MessageType;
import io.verillm.network.dispute.BisectionMove;
import io.verillm.network.message.Commitment;
import io.verillm.network.message.Dispute;
import io.verillm.network.message.Fragments;
import io.verillm.network.message.LogHead;
import io.verillm.network.message.Objection;
import io.verillm.network.message.Randomness;
import io.verillm.network.message.Reveal;
import io.verillm.network.message.StageReport;
import io.verillm.network.message.StageRequest;
import io.verillm.network.message.TermsAcceptance;
import io.verillm.network.message.Vote;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds {@code docs/wire.cddl} to what the network's messages encode: names, keys, counts. */
class WireSchemaTest {
  private static final String SCHEMA = read();

  record Example(String rule, byte[] payload) {
    @Override
    public String toString() {
      return rule;
    }
  }

  private static String read() {
    try {
      return Files.readString(Path.of("..", "docs", "wire.cddl")).replaceAll(";[^\n]*", "");
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static Stream<Example> examples() {
    JobFixture job = new JobFixture();
    Digest32 id = job.context.job();
    SortedMap<Integer, List<Integer>> rows = new TreeMap<>(Map.of(0, List.of(0)));
    JobFixture.Member member =
        job.new Member(JobFixture.key(100).verifyingKey(), 1, 0, Vote.ACCEPT);
    return Stream.of(
        new Example("job-terms", job.terms.encode()),
        new Example("terms-acceptance", new TermsAcceptance(id).encode()),
        new Example("dispute", new Dispute(id).encode()),
        new Example("stage-request", new StageRequest(id).encode()),
        new Example(
            "randomness", new Randomness(id, new RandomnessValue(id, 7, new byte[48])).encode()),
        new Example("commitment", new Commitment(id, 2, id).encode()),
        new Example("reveal", new Reveal(id, 1, member.finding(), Optional.empty()).encode()),
        new Example("reveal", member.reveal(rows).payload()),
        new Example(
            "fragments", new Fragments(id, 1, JobFixture.open(job.proverTrace, rows)).encode()),
        new Example("objection", new Objection(id, new byte[3]).encode()),
        new Example("log-head", new LogHead(id, id, 5, 6).encode()),
        new Example("stage-report", new StageReport(id, 3, false, id).encode()));
  }

  /** Keys of a map rule, those that may be absent with a question mark. */
  private static Set<String> keys(String rule) {
    Matcher found = Pattern.compile("(?m)^" + Pattern.quote(rule) + "\\s*=\\s*\\{").matcher(SCHEMA);
    assertThat(found.find()).as("a rule named %s", rule).isTrue();
    StringBuilder top = new StringBuilder();
    int depth = 1;
    for (int at = found.end(); depth > 0; at++) {
      char c = SCHEMA.charAt(at);
      depth += "{[(".indexOf(c) >= 0 ? 1 : "}])".indexOf(c) >= 0 ? -1 : 0;
      if (depth == 1) {
        top.append(c);
      }
    }
    Set<String> keys = new HashSet<>();
    Matcher key = Pattern.compile("(?:^|,)\\s*(\\?)?\\s*(\\d+)\\s*:").matcher(top);
    while (key.find()) {
      keys.add((key.group(1) == null ? "" : "?") + key.group(2));
    }
    return keys;
  }

  @ParameterizedTest
  @MethodSource("examples")
  void body_keys_areThoseOfTheSchema(Example example) throws Exception {
    Set<String> schema = keys(example.rule());
    assertThat(schema).isNotEmpty();
    CborReader in = CborReader.of(example.payload());
    Set<String> encoded = new HashSet<>();
    for (int n = in.map("body", 64); n > 0; n--) {
      String key = String.valueOf(in.nextKey("key"));
      assertThat(schema).as("key %s", key).containsAnyOf(key, "?" + key);
      encoded.add(key);
      skip(in);
    }
    in.end();
    assertThat(encoded).containsAll(schema.stream().filter(key -> !key.startsWith("?")).toList());
  }

  @Test
  void body_optionalFields_areShownWithAndWithout() throws Exception {
    List<Integer> sizes =
        examples()
            .filter(example -> example.rule().equals("reveal"))
            .map(WireSchemaTest::mapSize)
            .toList();
    assertThat(sizes).containsExactly(4, 5);
  }

  private static int mapSize(Example example) {
    try {
      return CborReader.of(example.payload()).map("body", 64);
    } catch (io.verillm.core.wire.MalformedMessageException e) {
      throw new AssertionError(e);
    }
  }

  private static void skip(CborReader in) throws Exception {
    CborType type = in.nextType("value");
    switch (type) {
      case UNSIGNED, NEGATIVE -> in.integer("value");
      case BYTES -> in.bytes("value", 1 << 20);
      case TEXT -> in.text("value", 1 << 20);
      case BOOL -> in.bool("value");
      case NULL -> in.nul("value");
      case ARRAY -> {
        for (int n = in.array("value", 1 << 16); n > 0; n--) {
          skip(in);
        }
      }
      case MAP -> throw new AssertionError("no message nests maps");
    }
  }

  @Test
  void bisection_everyMove_hasAsManyItemsAsTheSchemaSays() throws Exception {
    Digest32 id = Digest32.sha256();
    JobFixture job = new JobFixture();
    SortedMap<Integer, List<Integer>> rows = new TreeMap<>(Map.of(0, List.of(0)));
    List<BisectionMove> moves =
        List.of(
            new BisectionMove.Open(id, 2, 3),
            new BisectionMove.Choose(id, 1, true),
            new BisectionMove.Show(id, 2, JobFixture.open(job.proverTrace, rows)),
            new BisectionMove.Claim(id, 3, 1),
            new BisectionMove.Withdraw(id, 4));
    Matcher rule = Pattern.compile("(?m)^bisection\\s*=\\s*((?:[^\n]+\n)+)").matcher(SCHEMA);
    assertThat(rule.find()).isTrue();
    String[] forms = rule.group(1).split("/");
    assertThat(forms).hasSameSizeAs(moves);
    for (int i = 0; i < forms.length; i++) {
      CborReader in = CborReader.of(moves.get(i).encode());
      String inner = forms[i].replaceAll("\\([^)]*\\)", "").strip();
      assertThat(in.array("move", 9)).isEqualTo(inner.split(",").length);
      assertThat(in.unsigned("kind")).isEqualTo(i + 1);
      assertThat(inner).startsWith("[ " + (i + 1) + ",");
    }
  }

  @Test
  void schema_everyMessageType_hasABody() {
    for (MessageType type : MessageType.values()) {
      if (type == MessageType.CALIBRATION) {
        continue; // no message of the network
      }
      String name = type.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
      assertThat(SCHEMA).as(name).containsPattern("(?m)^" + name + "\\s*=");
    }
  }
}
