package io.verillm.core.verdict;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.wire.Digest32;
import java.util.List;

/**
 * The dear part of a verification: running the model again. One implementation gives several
 * results, because one prefill serves them all.
 *
 * <p>A failure to run is a {@link CheckResult.Unavailable} or an exception, never a {@link
 * CheckResult.Failed}.
 */
@CheckReturnValue
public interface ReplayCheck {
  /** Digest of the model that is loaded. */
  Digest32 modelDigest();

  /** Sizes of the model that is loaded. */
  ModelDimensions dimensions();

  /** Runs the model on what was committed and compares. */
  Replay replay(ReplaySubject subject);

  /**
   * What a replay gives.
   *
   * @param results one per check that was run
   * @param cells how every compared row came out
   * @param tokensReplayed output tokens whose choice was replayed
   * @param providers names of what ran
   */
  record Replay(
      List<CheckResult> results,
      List<CellDifference> cells,
      int tokensReplayed,
      List<String> providers) {
    /** Copies the lists. */
    public Replay {
      results = List.copyOf(results);
      cells = List.copyOf(cells);
      providers = List.copyOf(providers);
    }
  }
}
