package io.verillm.benchmarks.network;

import io.verillm.core.challenge.RandomnessValue;
import io.verillm.network.beacon.BlsVerifiers;
import io.verillm.network.beacon.BouncyCastleVerifier;
import io.verillm.network.beacon.DrandBeacon;
import java.util.HexFormat;
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

/** Verifies round 1000 of drand's quicknet. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class BeaconBenchmark {
  @Param({"blst", "java"})
  String provider;

  private DrandBeacon beacon;
  private RandomnessValue round;

  /** Checks that the round holds and its neighbour does not. */
  @Setup
  public void prepare() {
    beacon =
        DrandBeacon.quicknet(
            provider.equals("blst")
                ? BlsVerifiers.blst().orElseThrow()
                : new BouncyCastleVerifier());
    byte[] signature =
        HexFormat.of()
            .parseHex(
                "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125"
                    + "e342b73a8dd2bacbe47e4b6b63ed5e39");
    round = beacon.round(1000, signature);
    if (beacon.check(round).isEmpty() || beacon.check(beacon.round(1001, signature)).isPresent()) {
      throw new IllegalStateException("would time a wrong answer");
    }
  }

  /** Hash to the curve and two pairings. */
  @Benchmark
  public boolean verifyRound() {
    return beacon.check(round).isPresent();
  }
}
