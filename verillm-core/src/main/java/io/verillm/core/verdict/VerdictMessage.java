package io.verillm.core.verdict;

import io.verillm.core.challenge.Deviation;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A verdict as its verifier signs it: everything in the findings but the compared rows, which
 * anyone can compute again from the same files.
 *
 * <p>There are no floats in signed bytes: a miss probability is written in millionths, rounded up.
 * A signed verdict proves who judged and what was said, not that the judgement is right.
 */
public final class VerdictMessage {
  private static final int VERSION = 2;
  private static final int WITHOUT_EVIDENCE = 1;
  private static final int MAX_TEXT = 1024;
  private static final int MAX_ITEMS = 64;
  private static final long MILLION = 1_000_000;
  private static final List<String> KINDS =
      List.of("ACCEPTED", "REJECTED", "INCONCLUSIVE", "ABSTAINED");

  private VerdictMessage() {}

  /** Signs a verdict with the verifier's key. */
  public static SignedMessage sign(Verdict verdict, SigningKey verifier, String networkId) {
    return SignedMessage.sign(verifier, MessageType.VERDICT, encode(verdict), networkId);
  }

  /** Returns the payload: a CBOR map, see {@code docs/wire.cddl}. */
  public static byte[] encode(Verdict verdict) {
    Findings findings = verdict.findings();
    CborWriter out = new CborWriter().map(12);
    out.unsigned(1).unsigned(VERSION);
    out.unsigned(2).array(3);
    digest(out, findings.subject().order());
    digest(out, findings.subject().receipt());
    digest(out, findings.subject().challenge());
    out.unsigned(3).unsigned(KINDS.indexOf(verdict.kind()));
    out.unsigned(4).text(verdict.reasonName());
    out.unsigned(5).text(findings.standing().name());
    out.unsigned(6).bool(findings.attributable());
    out.unsigned(7);
    encode(out, findings.coverage());
    out.unsigned(8);
    encode(out, findings.location());
    out.unsigned(9).array(findings.checks().size());
    for (CheckFinding check : findings.checks()) {
      out.array(3).text(check.check().name()).text(check.state().name());
      out.text(shortened(check.statement()));
    }
    out.unsigned(10).array(findings.providers().size());
    findings.providers().forEach(provider -> out.text(shortened(provider)));
    out.unsigned(11);
    if (findings.evidence().isPresent()) {
      EvidenceCodec.encode(out, findings.evidence().get());
    } else {
      out.nul();
    }
    out.unsigned(12).unsigned(findings.evaluatedAtMillis());
    return out.toByteArray();
  }

  /**
   * Reads a payload. The verdict has no compared rows.
   *
   * @throws MalformedMessageException if the bytes are not exactly one canonical verdict
   */
  public static Verdict decode(byte[] payload) throws MalformedMessageException {
    CborReader in = CborReader.of(payload);
    in.mapOf("verdict", 12);
    in.key("verdict.version", 1);
    long version = in.unsigned("verdict.version", VERSION);
    if (version != VERSION && version != WITHOUT_EVIDENCE) {
      throw new MalformedMessageException("verdict.version", in.offset(), "unknown version");
    }
    in.key("verdict.subject", 2);
    in.arrayOf("verdict.subject", 3);
    Subject subject = new Subject(digest(in), digest(in), digest(in));
    in.key("verdict.kind", 3);
    int kind = (int) in.unsigned("verdict.kind", KINDS.size() - 1L);
    in.key("verdict.reason", 4);
    int reasonOffset = in.offset();
    String reason = in.text("verdict.reason", MAX_TEXT);
    in.key("verdict.standing", 5);
    Standing standing = constant(in, "verdict.standing", Standing.class);
    in.key("verdict.attributable", 6);
    boolean attributable = in.bool("verdict.attributable");
    in.key("verdict.coverage", 7);
    Coverage coverage = coverage(in);
    in.key("verdict.location", 8);
    Optional<Location> location = location(in);
    in.key("verdict.checks", 9);
    int checkCount = in.array("verdict.checks", MAX_ITEMS);
    List<CheckFinding> checks = new ArrayList<>();
    for (int i = 0; i < checkCount; i++) {
      in.arrayOf("verdict.check", 3);
      CheckName name = constant(in, "verdict.check.name", CheckName.class);
      CheckFinding.State state = constant(in, "verdict.check.state", CheckFinding.State.class);
      checks.add(new CheckFinding(name, state, in.text("verdict.check.statement", MAX_TEXT)));
    }
    in.key("verdict.providers", 10);
    int providerCount = in.array("verdict.providers", MAX_ITEMS);
    List<String> providers = new ArrayList<>();
    for (int i = 0; i < providerCount; i++) {
      providers.add(in.text("verdict.provider", MAX_TEXT));
    }
    in.key("verdict.evidence", 11);
    int evidenceOffset = in.offset();
    CombinedEvidence evidence = null;
    if (version == WITHOUT_EVIDENCE || in.nextIsNull()) {
      in.nul("verdict.evidence");
    } else {
      evidence = EvidenceCodec.decode(in);
    }
    if (evidence != null && attributable) {
      throw new MalformedMessageException(
          "verdict.evidence", evidenceOffset, "a statistical verdict convicts nobody");
    }
    in.key("verdict.time", 12);
    long time = in.unsigned("verdict.time");
    in.end();
    Findings findings =
        new Findings(
            subject,
            checks,
            coverage,
            location,
            List.of(),
            standing,
            attributable,
            Optional.ofNullable(evidence),
            providers,
            time);
    return verdict(kind, reason, reasonOffset, findings);
  }

  private static Verdict verdict(int kind, String reason, int offset, Findings findings)
      throws MalformedMessageException {
    try {
      return switch (KINDS.get(kind)) {
        case "REJECTED" -> new Verdict.Rejected(Reason.valueOf(reason), findings);
        case "INCONCLUSIVE" -> new Verdict.Inconclusive(Shortfall.valueOf(reason), findings);
        case "ABSTAINED" -> new Verdict.Abstained(Cause.valueOf(reason), findings);
        default -> {
          if (!reason.isEmpty()) {
            throw new IllegalArgumentException(reason);
          }
          yield new Verdict.Accepted(findings);
        }
      };
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException("verdict.reason", offset, "unknown: " + reason);
    }
  }

  private static void encode(CborWriter out, Coverage coverage) {
    out.array(8);
    out.unsigned(coverage.outputTokens()).unsigned(coverage.tokensReplayed());
    out.unsigned(coverage.positions()).unsigned(coverage.positionsOpened());
    out.unsigned(coverage.positionsLoaded()).unsigned(coverage.layers());
    out.unsigned(coverage.cellsOpened());
    if (coverage.missProbability().isEmpty()) {
      out.array(0);
      return;
    }
    out.array(Deviation.values().length);
    for (Deviation deviation : Deviation.values()) {
      double miss = coverage.missProbability().getOrDefault(deviation, 1.0);
      out.unsigned(
          // The shortest decimal, so that what was read encodes to the same bytes again.
          BigDecimal.valueOf(miss)
              .multiply(BigDecimal.valueOf(MILLION))
              .setScale(0, RoundingMode.CEILING)
              .longValueExact());
    }
  }

  private static Coverage coverage(CborReader in) throws MalformedMessageException {
    in.arrayOf("verdict.coverage", 8);
    int[] counts = new int[7];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = (int) in.unsigned("verdict.coverage", Integer.MAX_VALUE);
    }
    int offset = in.offset();
    int misses = in.array("verdict.coverage.miss", Deviation.values().length);
    if (misses != 0 && misses != Deviation.values().length) {
      throw new MalformedMessageException("verdict.coverage.miss", offset, "incomplete");
    }
    Map<Deviation, Double> miss = new EnumMap<>(Deviation.class);
    if (misses != 0) {
      for (Deviation deviation : Deviation.values()) {
        miss.put(deviation, in.unsigned("verdict.coverage.miss", MILLION) / (double) MILLION);
      }
    }
    return new Coverage(
        counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6], miss);
  }

  private static void encode(CborWriter out, Optional<Location> location) {
    if (location.isEmpty()) {
      out.nul();
      return;
    }
    out.array(2);
    if (location.get().layer().isPresent()) {
      out.unsigned(location.get().layer().getAsInt());
    } else {
      out.nul();
    }
    out.unsigned(location.get().position());
  }

  private static Optional<Location> location(CborReader in) throws MalformedMessageException {
    if (in.nextIsNull()) {
      in.nul("verdict.location");
      return Optional.empty();
    }
    in.arrayOf("verdict.location", 2);
    OptionalInt layer = OptionalInt.empty();
    if (in.nextIsNull()) {
      in.nul("verdict.location.layer");
    } else {
      layer = OptionalInt.of((int) in.unsigned("verdict.location.layer", 0xFFFF));
    }
    return Optional.of(
        new Location(layer, (int) in.unsigned("verdict.location.position", Integer.MAX_VALUE)));
  }

  private static void digest(CborWriter out, Optional<Digest32> digest) {
    if (digest.isPresent()) {
      out.digest(digest.get());
    } else {
      out.nul();
    }
  }

  private static Optional<Digest32> digest(CborReader in) throws MalformedMessageException {
    if (in.nextIsNull()) {
      in.nul("verdict.subject");
      return Optional.empty();
    }
    return Optional.of(in.digest("verdict.subject"));
  }

  private static <T extends Enum<T>> T constant(CborReader in, String field, Class<T> type)
      throws MalformedMessageException {
    int offset = in.offset();
    String name = in.text(field, MAX_TEXT);
    try {
      return Enum.valueOf(type, name);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(field, offset, "unknown: " + name);
    }
  }

  private static String shortened(String text) {
    String known = text;
    while (known.getBytes(StandardCharsets.UTF_8).length > MAX_TEXT) {
      known = known.substring(0, known.length() * 3 / 4);
    }
    return known;
  }
}
