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
    root.put("attributable", findings.attributable());
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
