package io.verillm.benchmarks.network;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.slashing.CommitteeReading;
import io.verillm.incentives.slashing.PriceOfSilence;
import io.verillm.network.evidence.EvidenceFold;
import io.verillm.network.evidence.EvidenceInput;
import io.verillm.network.evidence.EvidenceState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Folds a million committee readings of a thousand nodes, three members each, one in 200 bad. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(value = 1, jvmArgsAppend = "-Xmx1900m")
public class FoldBenchmark {
  private static final int NODES = 1000;

  @Param("1000000")
  int readings;

  /** How many readings a call of the fold takes; all at once, in a hundred calls, one by one. */
  @Param({"1000000", "10000", "1"})
  int batch;

  private EvidenceFold fold;
  private List<EvidenceInput> inputs;

  /** Makes the readings. */
  @Setup
  public void prepare() {
    fold =
        EvidenceFold.of(
            io.verillm.network.evidence.EvidenceTerms.ofHonestRuns(
                20, 100_000, new PriceOfSilence(Rational.of(1, 10), Rational.of(2, 3))));
    inputs = new ArrayList<>(readings);
    List<CommitteeReading.Member> good = members(false);
    List<CommitteeReading.Member> bad = members(true);
    for (int i = 0; i < readings; i++) {
      String node = "node-" + i % NODES;
      inputs.add(
          new EvidenceInput.Audit(
              new CommitteeReading(
                  node,
                  node,
                  Digest32.sha256(ByteBuffer.allocate(4).putInt(i).array()),
                  5,
                  7,
                  i % 199 == 0 ? bad : good)));
    }
  }

  private static List<CommitteeReading.Member> members(boolean exceeded) {
    List<CommitteeReading.Member> members = new ArrayList<>();
    for (int i = 0; i < CommitteeReading.FEWEST_MEMBERS; i++) {
      members.add(new CommitteeReading.Member("member-" + i, exceeded));
    }
    return members;
  }

  /** Folds all of them into an empty state. */
  @Benchmark
  public EvidenceState foldAll() {
    EvidenceState state = fold.start(0);
    for (int from = 0; from < readings; from += batch) {
      state = fold.foldAll(state, inputs.subList(from, Math.min(readings, from + batch))).state();
    }
    if (state.evidence().get("node-0").audits() != readings / NODES) {
      throw new IllegalStateException("would time a wrong answer");
    }
    return state;
  }
}
