package io.verillm.core.verdict;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What every verdict carries, whichever way it went.
 *
 * @param subject which messages were judged
 * @param checks what each check did, in the order they ran
 * @param coverage what was looked at
 * @param location where a difference was seen first
 * @param cells how every compared row came out
 * @param standing whom the verdict can convince
 * @param attributable whether the verdict rests only on bytes that the prover signed; a rejection
 *     that is not attributable refuses pay and can never slash. Never true for a statistical one
 * @param evidence what calibrated checks measured; empty if all were exact
 * @param providers names of the executor and the kernels that ran
 * @param evaluatedAtMillis time of the verdict, Unix milliseconds
 */
public record Findings(
    Subject subject,
    List<CheckFinding> checks,
    Coverage coverage,
    Optional<Location> location,
    List<CellDifference> cells,
    Standing standing,
    boolean attributable,
    Optional<CombinedEvidence> evidence,
    List<String> providers,
    long evaluatedAtMillis) {
  /** Copies the lists; refuses a statistical verdict that is held against the prover's key. */
  public Findings {
    Objects.requireNonNull(subject, "subject");
    checks = List.copyOf(checks);
    cells = List.copyOf(cells);
    providers = List.copyOf(providers);
    Objects.requireNonNull(coverage, "coverage");
    Objects.requireNonNull(location, "location");
    Objects.requireNonNull(standing, "standing");
    Objects.requireNonNull(evidence, "evidence");
    if (attributable && evidence.isPresent()) {
      throw new IllegalArgumentException("a statistical verdict convicts nobody");
    }
  }

  /** What the verdict rests on. */
  public Basis basis() {
    return evidence.isPresent() ? Basis.STATISTICAL : Basis.OBJECTIVE;
  }

  /** Ids of the calibrations used, joined by commas; empty for exact comparison. */
  public Optional<String> calibration() {
    return evidence.map(used -> String.join(",", used.calibrations()));
  }

  /** The sentence of the check that decided, or of the last one that ran. */
  public String decisive() {
    for (CheckFinding.State state :
        List.of(CheckFinding.State.FAILED, CheckFinding.State.UNDECIDED)) {
      for (CheckFinding finding : checks) {
        if (finding.state() == state) {
          return finding.statement();
        }
      }
    }
    return checks.isEmpty() ? "nothing was checked" : checks.get(checks.size() - 1).statement();
  }
}
