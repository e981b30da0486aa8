package io.verillm.benchmarks.network;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SigningKey;
import io.verillm.incentives.money.Micros;
import io.verillm.network.committee.Seat;
import io.verillm.network.committee.StakeTable;
import io.verillm.network.committee.Staker;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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

/** Draws a committee by stake, without replacement, from the stakers of an epoch. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(2)
public class CommitteeBenchmark {
  @Param({"1000", "100000"})
  int stakers;

  @Param({"3", "83"})
  int seats;

  private StakeTable table;
  private Digest32 seed = Digest32.sha256();

  /** Makes a table of one node per owner with stakes from 1 to 1000. */
  @Setup
  public void prepare() {
    List<Staker> all = new ArrayList<>();
    for (int i = 0; i < stakers; i++) {
      SigningKey key = SigningKey.fromSeed(ByteBuffer.allocate(32).putInt(i).array());
      all.add(new Staker(key.verifyingKey(), "owner-" + i, Micros.ofUnits(1 + i % 1000)));
    }
    table = StakeTable.of(all);
    if (table.draw(seed, seats, Set.of("owner-0")).size() != seats) {
      throw new IllegalStateException("would time a wrong answer");
    }
  }

  /** One draw; every call has another seed. */
  @Benchmark
  public List<Seat> draw() {
    seed = Digest32.sha256(seed.toByteArray());
    return table.draw(seed, seats, Set.of("owner-0"));
  }
}
