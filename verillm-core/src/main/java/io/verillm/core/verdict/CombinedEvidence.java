package io.verillm.core.verdict;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The evidence of one request: the arithmetic mean of its checks' e-values.
 *
 * <p>The checks look at the same prefill and share a calibration, so they depend on each other. The
 * mean of e-values is an e-value under any dependence; their product is not, and slashes honest
 * nodes (Vovk and Wang 2021, section 3). The mean is always over the three slots; a check that did
 * not report counts 0, so that leaving one out never raises it.
 *
 * <p>A rejection says that an honest run of the declared class gives such evidence in at most a
 * share α of requests, not what else was run.
 *
 * @param parts at most one per slot
 * @param alpha largest share of honest requests that may be rejected
 * @param borderline largest share of honest requests that may be left undecided, at least alpha
 */
public record CombinedEvidence(List<Evidence> parts, double alpha, double borderline) {
  /** The checks that can give evidence. */
  public static final Set<CheckName> SLOTS =
      Set.copyOf(EnumSet.of(CheckName.ACTIVATIONS, CheckName.CACHE, CheckName.TOKENS));

  /** Copies the list; refuses none, two of one check, and levels out of range. */
  public CombinedEvidence {
    parts = List.copyOf(parts);
    Set<CheckName> distinct = parts.stream().map(Evidence::check).collect(Collectors.toSet());
    if (parts.isEmpty() || distinct.size() != parts.size()) {
      throw new IllegalArgumentException("one piece of evidence per check, at least one: " + parts);
    }
    if (!(alpha > 0 && alpha <= borderline && borderline <= 0.5)) {
      throw new IllegalArgumentException("levels " + alpha + " and " + borderline);
    }
  }

  /** The mean over the slots. */
  public double eValue() {
    double sum = 0;
    for (Evidence part : parts) {
      sum += part.eValue() / SLOTS.size();
    }
    return sum;
  }

  /** Whether the evidence reaches 1/α. */
  public boolean rejects() {
    return reaches(alpha);
  }

  /** Whether it reaches 1/borderline and not 1/α: too much to accept, too little to reject. */
  public boolean isBorderline() {
    return !rejects() && reaches(borderline);
  }

  /**
   * Whether this request enters a node's record as an exceedance: it reaches 1/borderline. Across
   * requests only the count of exceedances is evidence, never a product of e-values, because all of
   * them share a calibration.
   */
  public boolean exceeds() {
    return reaches(borderline);
  }

  private boolean reaches(double level) {
    return eValue() * level >= 1 - 1e-12; // one statistic exactly at its threshold counts
  }

  /** The check whose evidence is largest; the first of equal ones. */
  public Evidence loudest() {
    return parts.stream()
        .max(
            Comparator.comparingDouble(Evidence::eValue)
                .thenComparing(Evidence::check, Comparator.reverseOrder()))
        .orElseThrow();
  }

  /** Ids of the calibrations, each once. */
  public List<String> calibrations() {
    return parts.stream().map(part -> part.calibration().toString()).distinct().toList();
  }
}
