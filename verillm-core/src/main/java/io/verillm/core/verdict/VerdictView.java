package io.verillm.core.verdict;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A verdict as JSON, for people and scripts. It is a view and is never signed. */
public final class VerdictView {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private VerdictView() {}

  /** Returns one JSON object with everything that the findings hold. */
  public static ObjectNode of(Verdict verdict) {
    Findings findings = verdict.findings();
    ObjectNode root = JSON.createObjectNode();
    root.put("verdict", verdict.kind());
    root.put("reason", verdict.reasonName());
    root.put("statement", findings.decisive());
    findings.subject().order().ifPresent(id -> root.put("order", id.toString()));
    findings.subject().receipt().ifPresent(id -> root.put("receipt", id.toString()));
    findings.subject().challenge().ifPresent(id -> root.put("challenge", id.toString()));
    findings
        .location()
        .ifPresent(
            at -> {
              at.layer().ifPresent(layer -> root.put("layer", layer));
              root.put("token", at.position());
            });
    root.put("standing", findings.standing().name());
    root.put("basis", findings.basis().name());
    root.put("attributable", findings.attributable());
    findings.evidence().ifPresent(evidence -> root.set("evidence", evidence(evidence)));
    root.set("coverage", coverage(findings.coverage()));
    ArrayNode checks = root.putArray("checks");
    for (CheckFinding check : findings.checks()) {
      checks
          .addObject()
          .put("check", check.check().name())
          .put("state", check.state().name())
          .put("statement", check.statement());
    }
    ArrayNode providers = root.putArray("providers");
    findings.providers().forEach(providers::add);
    findings.calibration().ifPresent(id -> root.put("calibration", id));
    root.put("evaluatedAtMillis", findings.evaluatedAtMillis());
    return root;
  }

  /** Returns combined evidence as one JSON object. */
  public static ObjectNode evidence(CombinedEvidence evidence) {
    ObjectNode node = JSON.createObjectNode();
    node.put("eValue", evidence.eValue());
    node.put("alpha", evidence.alpha());
    node.put("borderline", evidence.borderline());
    ArrayNode parts = node.putArray("parts");
    for (Evidence part : evidence.parts()) {
      parts
          .addObject()
          .put("check", part.check().name())
          .put("statistic", part.statistic())
          .put("value", part.valueMicros() / 1e6)
          .put("low", part.lowMicros() / 1e6)
          .put("high", part.highMicros() / 1e6)
          .put("eValue", part.eValue())
          .put("judged", part.judged())
          .put("tailModel", part.tailModel())
          .put("calibration", part.calibration().toString());
    }
    return node;
  }

  /** Returns a coverage as one JSON object. */
  public static ObjectNode coverage(Coverage coverage) {
    ObjectNode node = JSON.createObjectNode();
    node.put("outputTokens", coverage.outputTokens());
    node.put("tokensReplayed", coverage.tokensReplayed());
    node.put("positions", coverage.positions());
    node.put("positionsOpened", coverage.positionsOpened());
    node.put("positionsLoaded", coverage.positionsLoaded());
    node.put("layers", coverage.layers());
    node.put("rowsOpened", coverage.cellsOpened());
    ObjectNode miss = node.putObject("missProbability");
    coverage.missProbability().entrySet().stream()
        .sorted(java.util.Map.Entry.comparingByKey())
        .forEach(entry -> miss.put(entry.getKey().name(), entry.getValue()));
    return node;
  }
}
