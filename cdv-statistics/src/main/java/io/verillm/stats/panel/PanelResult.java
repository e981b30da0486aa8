package io.verillm.stats.panel;

import java.util.List;

/**
 * The fused evidence of one comparison.
 *
 * <p>It says that the two sides differ in something that was observed. It names no cause and, for
 * distributions that are merely formatted differently, no fault.
 *
 * @param members the tests that ran, at least one
 * @param eValue mean of their e-values, valid under any dependence between them
 * @param alpha level the panel was aimed at
 */
public record PanelResult(List<PanelMember> members, double eValue, double alpha) {
  /** Copies the list. */
  public PanelResult {
    members = List.copyOf(members);
  }

  /** Returns whether the evidence reaches 1/α. */
  public boolean rejects() {
    return eValue >= (1 - 1e-12) / alpha;
  }
}
