package io.verillm.stats.permutation;

/** Walks through all splits of a design, the observed one first. */
final class SplitEnumeration {
  private final StratifiedDesign design;
  private final int[][] chosen;
  private final int[] order;

  SplitEnumeration(StratifiedDesign design) {
    this.design = design;
    this.chosen = new int[design.strata()][];
    this.order = design.observedOrder();
    for (int s = 0; s < chosen.length; s++) {
      chosen[s] = new int[design.first(s)];
      reset(s);
    }
  }

  int[] order() {
    return order;
  }

  /** Moves to the next split; false when all were visited. */
  boolean advance() {
    for (int s = 0; s < chosen.length; s++) {
      if (next(s)) {
        write(s);
        return true;
      }
      reset(s);
      write(s);
    }
    return false;
  }

  private void reset(int s) {
    for (int i = 0; i < chosen[s].length; i++) {
      chosen[s][i] = i;
    }
  }

  private boolean next(int s) {
    int[] c = chosen[s];
    int size = design.first(s) + design.second(s);
    for (int i = c.length - 1; i >= 0; i--) {
      if (c[i] < size - c.length + i) {
        c[i]++;
        for (int j = i + 1; j < c.length; j++) {
          c[j] = c[j - 1] + 1;
        }
        return true;
      }
    }
    return false;
  }

  private void write(int s) {
    int offset = design.offset(s);
    int size = design.first(s) + design.second(s);
    int[] c = chosen[s];
    int in = 0;
    int out = c.length;
    for (int i = 0; i < size; i++) {
      if (in < c.length && c[in] == i) {
        order[offset + in] = offset + i;
        in++;
      } else {
        order[offset + out] = offset + i;
        out++;
      }
    }
  }
}
