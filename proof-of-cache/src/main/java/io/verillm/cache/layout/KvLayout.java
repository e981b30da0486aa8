package io.verillm.cache.layout;

import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/**
 * How one sequence's KV cache lies in memory, as an engine states it. A descriptor is a claim:
 * {@link Builder#build} checks that it contradicts neither itself nor the sizes it names, and
 * {@link KvCache} checks it against the memory. That two axes of equal length were exchanged nobody
 * can see from a descriptor; the rows that come out then match nothing.
 *
 * <p>Immutable and thread-safe.
 */
public final class KvLayout {
  /** Most layers times heads. */
  public static final int MAX_LAYER_HEADS = 1 << 20;

  /** Most blocks of one sequence. */
  public static final int MAX_TABLE = 1 << 24;

  private final String engine;
  private final DType dtype;
  private final HookPoint keyHook;
  private final int layers;
  private final int heads;
  private final int headDim;
  private final int blockSize;
  private final int positions;
  private final int firstValid;
  private final int cachedPrefix;
  private final int reservedBlocks;
  private final int[] blockTable;
  private final BitSet loadedBlocks;
  private final List<KvPool> pools;

  private KvLayout(Builder builder) {
    this.engine = builder.engine;
    this.dtype = builder.dtype;
    this.keyHook = builder.keyHook;
    this.layers = builder.layers;
    this.heads = builder.heads;
    this.headDim = builder.headDim;
    this.blockSize = builder.blockSize;
    this.positions = builder.positions;
    this.firstValid = builder.firstValid;
    this.cachedPrefix = builder.cachedPrefix;
    this.reservedBlocks = builder.reservedBlocks;
    this.blockTable = builder.blockTable.clone();
    this.loadedBlocks = (BitSet) builder.loadedBlocks.clone();
    this.pools = List.copyOf(builder.pools);
  }

  /** Starts a descriptor. */
  public static Builder builder(String engine, DType dtype) {
    return new Builder(engine, dtype);
  }

  /** A builder that starts from this layout, for a sequence that grew. */
  public Builder toBuilder() {
    Builder builder =
        new Builder(engine, dtype)
            .keyHook(keyHook)
            .model(layers, heads, headDim)
            .blocks(blockSize, blockTable)
            .positions(positions)
            .firstValid(firstValid)
            .cachedPrefix(cachedPrefix)
            .reservedBlocks(reservedBlocks);
    loadedBlocks.stream().forEach(builder::loadedBlock);
    pools.forEach(builder::pool);
    return builder;
  }

  /** The engine's name for its arrangement; free text. */
  public String engine() {
    return engine;
  }

  /** Type of the stored elements. */
  public DType dtype() {
    return dtype;
  }

  /** Whether keys were stored after or before the rotary embedding. */
  public HookPoint keyHook() {
    return keyHook;
  }

  /** Layers of the model. */
  public int layers() {
    return layers;
  }

  /** KV heads of the model. */
  public int heads() {
    return heads;
  }

  /** Elements per head. */
  public int headDim() {
    return headDim;
  }

  /** Positions per block. */
  public int blockSize() {
    return blockSize;
  }

  /** Positions of the sequence. */
  public int positions() {
    return positions;
  }

  /** First position whose rows are still there; above 0 for windowed and evicted caches. */
  public int firstValid() {
    return firstValid;
  }

  /** Positions that came from a prefix cache and were not computed for this request. */
  public int cachedPrefix() {
    return cachedPrefix;
  }

  /** Blocks from 0 on that no sequence may use, such as a dump slot. */
  public int reservedBlocks() {
    return reservedBlocks;
  }

  /** A copy of the block of each stretch of {@link #blockSize} positions; −1 where evicted. */
  public int[] blockTable() {
    return blockTable.clone();
  }

  /** The block of a position. */
  int block(int position) {
    return blockTable[position / blockSize];
  }

  /** Blocks that were loaded from elsewhere rather than computed here. */
  public BitSet loadedBlocks() {
    return (BitSet) loadedBlocks.clone();
  }

  /** Whether a position's rows were computed elsewhere; they count as unchecked. */
  public boolean isLoaded(int position) {
    Objects.checkIndex(position, positions);
    int block = block(position);
    return position < cachedPrefix || (block >= 0 && loadedBlocks.get(block));
  }

  /** The memory the cache consists of. */
  public List<KvPool> pools() {
    return pools;
  }

  /** Elements of a row: all heads of one token in one layer, head by head. */
  public int rowWidth() {
    return heads * headDim;
  }

  /** Whether values are codes times a factor. */
  public boolean isScaled() {
    return pools.get(0).scale().isPresent();
  }

  /**
   * Type in which rows are committed: the stored type, or F32 where codes have factors, because a
   * code alone does not say what was attended to. Both are exact.
   */
  public DType rowDType() {
    return isScaled() ? DType.F32 : dtype;
  }

  /** Whether the layout has the layers and widths of a model. */
  public boolean fits(ModelDimensions dimensions) {
    return dimensions.layers() == layers
        && dimensions.keyWidth() == rowWidth()
        && dimensions.valueWidth() == rowWidth();
  }

  @Override
  public String toString() {
    return engine
        + ": "
        + dtype
        + ", "
        + layers
        + " layers of "
        + heads
        + " × "
        + headDim
        + ", "
        + positions
        + " positions in blocks of "
        + blockSize;
  }

  /** Collects what an engine states. Not thread-safe. */
  public static final class Builder {
    private final String engine;
    private final DType dtype;
    private final List<KvPool> pools = new ArrayList<>();
    private final BitSet loadedBlocks = new BitSet();
    private HookPoint keyHook = HookPoint.AFTER_ROPE;
    private int layers;
    private int heads;
    private int headDim;
    private int blockSize = 1;
    private int positions;
    private int firstValid;
    private int cachedPrefix;
    private int reservedBlocks;
    private int[] blockTable = new int[0];

    private Builder(String engine, DType dtype) {
      this.engine = Objects.requireNonNull(engine, "engine");
      this.dtype = Objects.requireNonNull(dtype, "dtype");
    }

    /** Says whether keys were stored after (the default) or before the rotary embedding. */
    public Builder keyHook(HookPoint value) {
      this.keyHook = Objects.requireNonNull(value, "keyHook");
      return this;
    }

    /** Sets the model's sizes. */
    public Builder model(int layerCount, int headCount, int dimension) {
      this.layers = layerCount;
      this.heads = headCount;
      this.headDim = dimension;
      return this;
    }

    /** Sets positions per block and the block of each stretch of positions. */
    public Builder blocks(int size, int... table) {
      this.blockSize = size;
      this.blockTable = table.clone();
      return this;
    }

    /** Sets the number of positions of the sequence. */
    public Builder positions(int value) {
      this.positions = value;
      return this;
    }

    /** Sets the first position that was not evicted. */
    public Builder firstValid(int value) {
      this.firstValid = value;
      return this;
    }

    /** Sets how many positions came from a prefix cache. */
    public Builder cachedPrefix(int value) {
      this.cachedPrefix = value;
      return this;
    }

    /** Sets how many blocks from 0 on no sequence may use. */
    public Builder reservedBlocks(int value) {
      this.reservedBlocks = value;
      return this;
    }

    /** Marks a block as loaded rather than computed. */
    public Builder loadedBlock(int block) {
      if (block < 0) {
        throw new IllegalArgumentException("block " + block);
      }
      loadedBlocks.set(block);
      return this;
    }

    /** Adds memory. */
    public Builder pool(KvPool pool) {
      pools.add(Objects.requireNonNull(pool, "pool"));
      return this;
    }

    /**
     * Builds the layout.
     *
     * @throws MalformedMessageException if it contradicts itself; the field names the axis
     */
    public KvLayout build() throws MalformedMessageException {
      if (!FloatTensors.isConvertible(dtype)) {
        throw KvAxis.CHANNEL.refuse(dtype + " holds no floating-point elements");
      }
      if (keyHook != HookPoint.AFTER_ROPE && keyHook != HookPoint.BEFORE_ROPE) {
        throw KvAxis.PART.refuse("keys are not cached at " + keyHook);
      }
      KvLayout layout = new KvLayout(this);
      new KvLayoutCheck(layout).check();
      return layout;
    }
  }
}
