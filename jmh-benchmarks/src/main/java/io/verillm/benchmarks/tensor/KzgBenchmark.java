package io.verillm.benchmarks.tensor;

import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.CurveBackends;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.curve.Scalars;
import io.verillm.tensorcommit.vector.CellClaim;
import io.verillm.tensorcommit.vector.Cells;
import io.verillm.tensorcommit.vector.KzgScheme;
import io.verillm.tensorcommit.vector.KzgSetup;
import io.verillm.tensorcommit.vector.Transcript;
import io.verillm.tensorcommit.vector.VectorOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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

/** One row of 4096 cells: commit, open, verify, change; and a proof over 32 rows. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class KzgBenchmark {
  @Param({"blst", "blst-jni", "java"})
  String backend;

  private KzgScheme scheme;
  private Scalars bits16;
  private Scalars bits8;
  private Cells cells;
  private Fr z;
  private G1Point commitment;
  private KzgScheme.PointOpening opening;
  private List<Cells> rows;
  private List<G1Point> commitments;
  private List<CellClaim> claims;
  private List<G1Point> proof;

  /** Loads the setup, and checks that the proofs hold. */
  @Setup
  public void prepare() {
    CurveBackend curve = CurveBackends.require(backend);
    scheme = KzgSetup.ethereum(curve).scheme(4096);
    Random random = new Random(1);
    byte[] narrow = new byte[4096];
    random.nextBytes(narrow);
    bits8 = new Scalars(narrow, 4096, 8);
    cells = row(random);
    bits16 = cells.toScalars();
    z = Fr.of(123456789);
    commitment = scheme.commit(bits16);
    opening = scheme.open(cells, z);
    rows = new ArrayList<>();
    commitments = new ArrayList<>();
    claims = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      Cells row = row(random);
      rows.add(row);
      commitments.add(scheme.commit(row.toScalars()));
      claims.add(new CellClaim(i, 100 * i, row.get(100 * i)));
    }
    proof = prove32Rows();
    if (verify() != VectorOutcome.VERIFIED || verify32Rows() != VectorOutcome.VERIFIED) {
      throw new IllegalStateException("would time a wrong answer");
    }
  }

  private static Cells row(Random random) {
    return Cells.of(random.longs(4096, 0, 65536).toArray());
  }

  /** Commits to 4096 values of 16 bits. */
  @Benchmark
  public G1Point commit16() {
    return scheme.commit(bits16);
  }

  /** Commits to 4096 values of 8 bits. */
  @Benchmark
  public G1Point commit8() {
    return scheme.commit(bits8);
  }

  /** Opens at a point outside the domain. */
  @Benchmark
  public KzgScheme.PointOpening open() {
    return scheme.open(cells, z);
  }

  /** Checks one opening. */
  @Benchmark
  public VectorOutcome verify() {
    return scheme.verify(commitment, z, opening);
  }

  /** Makes one proof about 32 rows, 32 claims. */
  @Benchmark
  public List<G1Point> prove32Rows() {
    return scheme.prove(rows, commitments, claims, new Transcript("benchmark"));
  }

  /** Checks one proof about 32 rows, 32 claims; points already decoded. */
  @Benchmark
  public VectorOutcome verify32Rows() {
    return scheme.verify(commitments, claims, proof, new Transcript("benchmark"));
  }

  /** Changes one value by a 16-bit difference. */
  @Benchmark
  public G1Point update() {
    return scheme.moved(commitment, 77, 40503);
  }
}
