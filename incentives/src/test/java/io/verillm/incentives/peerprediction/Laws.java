package io.verillm.incentives.peerprediction;

import java.util.ArrayList;
import java.util.List;

/**
 * Reference laws: J is the two-signal example of the correlated-agreement literature, K has two
 * clustered signals.
 */
public final class Laws {
  public static final JointLaw J = JointLaw.of(new double[][] {{.40, .15}, {.15, .30}});
  public static final JointLaw K =
      JointLaw.of(new double[][] {{.20, .12, .02}, {.12, .10, .08}, {.02, .08, .26}});

  private Laws() {}

  /** All C^C deterministic maps. */
  public static List<Channel> allMaps(int signals) {
    List<Channel> maps = new ArrayList<>();
    int count = (int) Math.pow(signals, signals);
    for (int code = 0; code < count; code++) {
      int[] map = new int[signals];
      for (int x = 0, rest = code; x < signals; x++, rest /= signals) {
        map[x] = rest % signals;
      }
      maps.add(Channel.map(map));
    }
    return maps;
  }
}
