package io.verillm.benchmarks.cache;

import io.verillm.cache.commit.CommittedCache;
import io.verillm.cache.layout.KvCache;
import io.verillm.cache.layout.KvLayout;
import io.verillm.cache.layout.KvLayouts;
import io.verillm.cache.layout.KvMemory;
import io.verillm.cache.layout.KvPart;
import io.verillm.cache.layout.KvPool;
import io.verillm.cache.layout.VllmOrder;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.TraceId;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One token's cells of an 8B-class cache (32 layers, 8 heads of 128, bfloat16: 64 rows of 2 KiB)
 * read where they lie and hashed; the score is cells (key and value rows of one layer) per second.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class CacheCommitBenchmark {
  private static final int LAYERS = 32;
  private static final int POSITIONS = 512;
  private static final int BLOCK = 16;

  @Param({"huggingface", "LBHNC", "LBNHC", "LHBNC", "BLHNC", "BLNHC", "BHLNC", "sglang", "jlama"})
  String layout;

  private KvCache cache;
  private CommittedCache trace;
  private byte[] rows;
  private int position;

  /** Makes a cache in direct memory. */
  @Setup
  public void prepare() throws MalformedMessageException {
    KvLayouts.Sizes sizes = new KvLayouts.Sizes(DType.BF16, LAYERS, 8, 128, POSITIONS);
    int blocks = POSITIONS / BLOCK;
    int[] table = IntStream.range(0, blocks).map(i -> i * 11 % blocks).toArray();
    KvLayout kv =
        switch (layout) {
          case "huggingface" -> KvLayouts.huggingFace(sizes, 1, 0, POSITIONS);
          case "sglang" ->
              KvLayouts.sglang(
                  sizes,
                  POSITIONS + 1,
                  IntStream.range(0, POSITIONS).map(p -> 1 + p * 37 % POSITIONS).toArray());
          case "jlama" -> KvLayouts.jlama(sizes, 8, 64);
          default -> KvLayouts.vllm(sizes, VllmOrder.valueOf(layout), blocks, BLOCK, table);
        };
    Map<String, KvMemory> memory = new HashMap<>();
    for (KvPool pool : kv.pools()) {
      // Twice the dense size of any pool; the bytes do not matter to a hash.
      int tokens = Math.max(pool.blocks(), 1) * kv.blockSize();
      int bytes = pool.parts().size() * pool.layers().size() * 8 * 128 * 2 * tokens;
      memory.computeIfAbsent(pool.tensor(), name -> KvMemory.of(ByteBuffer.allocateDirect(bytes)));
    }
    cache = KvCache.bind(kv, memory);
    rows = new byte[2 * LAYERS * cache.rowBytes()];
  }

  /** Starts an empty trace. */
  @Setup(Level.Iteration)
  public void begin() {
    trace = newTrace();
    position = 0;
  }

  private CommittedCache newTrace() {
    return new CommittedCache(
        cache,
        new ModelDimensions(LAYERS, 4096, 1024, 1024, 128000, 1 << 17),
        new TraceId(Digest32.sha256()),
        JobSecret.copyOf(new byte[JobSecret.LENGTH]));
  }

  /** Gathers and hashes the cells of one token. */
  @Benchmark
  @OperationsPerInvocation(LAYERS)
  public int commit() {
    if (trace.positions() == POSITIONS) {
      trace = newTrace();
    }
    trace.commit(7);
    return trace.positions();
  }

  /** Gathers them only. */
  @Benchmark
  @OperationsPerInvocation(LAYERS)
  public byte[] gather() {
    position = (position + 1) % POSITIONS;
    for (int layer = 0; layer < LAYERS; layer++) {
      cache.gather(KvPart.KEY, layer, position, rows, 2 * layer * cache.rowBytes());
      cache.gather(KvPart.VALUE, layer, position, rows, (2 * layer + 1) * cache.rowBytes());
    }
    return rows;
  }
}
