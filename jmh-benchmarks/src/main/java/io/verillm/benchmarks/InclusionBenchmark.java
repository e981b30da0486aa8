package io.verillm.benchmarks;

import io.verillm.core.tree.InclusionProof;
import io.verillm.core.tree.MerkleHash;
import io.verillm.core.tree.MerkleTree;
import io.verillm.core.tree.ProofOutcome;
import io.verillm.core.wire.Digest32;
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

/** Hashing one leaf of 1 KiB and walking its path. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class InclusionBenchmark {
  @Param({"1", "1000", "1048576"})
  int leaves;

  private byte[] leaf;
  private InclusionProof proof;
  private Digest32 root;

  /** Builds the tree and checks that the proof holds. */
  @Setup
  public void prepare() {
    leaf = new byte[1024];
    MerkleTree tree = new MerkleTree();
    Digest32 hash = MerkleHash.leaf(leaf);
    for (int i = 0; i < leaves; i++) {
      tree.append(hash);
    }
    proof = tree.inclusion(leaves / 2, leaves);
    root = tree.root();
    if (verify() != ProofOutcome.VERIFIED) {
      throw new IllegalStateException("would time a wrong answer");
    }
  }

  /** Hashes the leaf and verifies its path. */
  @Benchmark
  public ProofOutcome verify() {
    return proof.verify(leaves / 2, leaves, MerkleHash.leaf(leaf), root);
  }
}
