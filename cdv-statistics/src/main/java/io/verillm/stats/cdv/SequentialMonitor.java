package io.verillm.stats.cdv;

import io.verillm.stats.multiplicity.EBenjaminiHochberg;
import io.verillm.stats.sequential.GridEProcess;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The e-process of every node, and e-BH over all nodes known so far.
 *
 * <p>Anytime-valid: looking after every epoch costs nothing. Nodes that were not observed keep what
 * they have. One object belongs to one thread.
 */
public final class SequentialMonitor {
  private final GridEProcess pattern;
  private final Map<String, GridEProcess> evidence = new LinkedHashMap<>();

  /** Starts without evidence against flag rates of at most {@code tolerated}, in (0, 1). */
  public SequentialMonitor(double tolerated) {
    pattern = new GridEProcess(tolerated);
  }

  /** Takes one flag, or one quiet observation, of {@code node} into account. */
  public void observe(String node, boolean flagged) {
    evidence.computeIfAbsent(node, name -> pattern.fresh()).update(flagged);
  }

  /** Returns ln E of a node; 0 if it was never observed. */
  public double logE(String node) {
    GridEProcess process = evidence.get(node);
    return process == null ? 0 : process.logE();
  }

  /**
   * Returns for every known node whether e-BH at false discovery rate {@code q} selects it; valid
   * however the nodes depend on each other.
   */
  public Map<String, Boolean> selected(double q) {
    double[] e = evidence.values().stream().mapToDouble(GridEProcess::e).toArray();
    Map<String, Boolean> selected = new LinkedHashMap<>();
    if (e.length > 0) {
      boolean[] rejected = EBenjaminiHochberg.rejected(e, q);
      int i = 0;
      for (String node : evidence.keySet()) {
        selected.put(Objects.requireNonNull(node), rejected[i++]);
      }
    }
    return selected;
  }
}
