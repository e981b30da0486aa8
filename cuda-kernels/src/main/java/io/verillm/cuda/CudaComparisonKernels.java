package io.verillm.cuda;

import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.ComparisonKernels;
import io.verillm.core.spi.KernelArguments;
import io.verillm.core.spi.LargestElements;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.RowDifference;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Differences and summaries of rows on the device; only integers come back. Thread-safe. */
final class CudaComparisonKernels implements ComparisonKernels, AutoCloseable {
  private static final int TASK_INTS = 5;
  private static final int GROUP_BYTES = 16;
  private static final int GROUPS_PER_TASK = 1 << 13;
  private static final int COUNTERS = RowDifference.BUCKETS + 4;
  private static final int SKETCH_TILE = 128;
  private static final int SELECT_THREADS = 256;

  private final DeviceQueue queue;
  private final PackedInput input = new PackedInput();
  private final Scratch inputs;
  private final Scratch copied;
  private final Scratch results;

  CudaComparisonKernels(DeviceQueue queue) {
    this.queue = queue;
    this.inputs = new Scratch(queue, false);
    this.copied = new Scratch(queue, false);
    this.results = new Scratch(queue, false);
  }

  @Override
  public List<RowDifference> rowDifference(
      DType dtype, BufferView claimed, BufferView rerun, int[] segmentEnds) {
    KernelArguments.requireDifference(dtype, claimed, rerun, segmentEnds);
    if (claimed.rows() == 0) {
      return List.of();
    }
    int rows = claimed.rows();
    long[] counters = new long[segmentEnds.length * COUNTERS];
    try {
      synchronized (queue.lock()) {
        long target =
            copied.atLeast(
                DeviceRows.copiedBytes(claimed, rows) + DeviceRows.copiedBytes(rerun, rows));
        DeviceRows left = DeviceRows.place(queue, claimed, 0, rows, null, target);
        DeviceRows right =
            DeviceRows.place(
                queue, rerun, 0, rows, null, target + DeviceRows.copiedBytes(claimed, rows));
        int tasks = putTasks(claimed.rowBytes(), segmentEnds);
        long packed = input.upload(queue, inputs);
        long bytes = (long) counters.length * Long.BYTES;
        long result = results.atLeast(bytes);
        queue.clear(result, bytes);
        queue.launch(
            "row_difference",
            tasks,
            1,
            256,
            packed,
            left.address(),
            left.stride(),
            right.address(),
            right.stride(),
            claimed.rowBytes(),
            dtype.code(),
            result);
        downloadLongs(result, counters);
      }
    } finally {
      Reference.reachabilityFence(claimed);
      Reference.reachabilityFence(rerun);
    }
    return differences(dtype, claimed.rowBytes(), segmentEnds, counters);
  }

  /** Cuts segments into tasks of like size: whole rows, or parts of one row. */
  private int putTasks(int rowBytes, int[] segmentEnds) {
    int groupsPerRow = (rowBytes - 1) / GROUP_BYTES + 1;
    int rowsPerTask = Math.max(1, GROUPS_PER_TASK / groupsPerRow);
    int partsPerRow = (groupsPerRow - 1) / GROUPS_PER_TASK + 1;
    int rows = segmentEnds[segmentEnds.length - 1];
    int most =
        partsPerRow > 1
            ? Math.multiplyExact(rows, partsPerRow)
            : rows / rowsPerTask + segmentEnds.length;
    input.reset(Math.multiplyExact(most, TASK_INTS * Integer.BYTES));
    ByteBuffer out = input.bytes();
    int first = 0;
    for (int segment = 0; segment < segmentEnds.length; segment++) {
      for (int row = first; row < segmentEnds[segment]; row += rowsPerTask) {
        int count = Math.min(rowsPerTask, segmentEnds[segment] - row);
        for (int group = 0; group < groupsPerRow; group += GROUPS_PER_TASK) {
          int groups = Math.min(GROUPS_PER_TASK, groupsPerRow - group);
          out.putInt(segment).putInt(row).putInt(group).putInt(groups).putInt(groups * count);
        }
      }
      first = segmentEnds[segment];
    }
    return out.position() / (TASK_INTS * Integer.BYTES);
  }

  private static List<RowDifference> differences(
      DType dtype, int rowBytes, int[] segmentEnds, long[] counters) {
    List<RowDifference> differences = new ArrayList<>(segmentEnds.length);
    int first = 0;
    for (int segment = 0; segment < segmentEnds.length; segment++) {
      int at = segment * COUNTERS;
      long[] histogram = new long[RowDifference.BUCKETS];
      System.arraycopy(counters, at, histogram, 0, histogram.length);
      int counts = at + RowDifference.BUCKETS;
      differences.add(
          RowDifference.ofCounts(
              (long) (segmentEnds[segment] - first) * (rowBytes / dtype.bytes()),
              counters[counts],
              counters[counts + 1],
              counters[counts + 2],
              counters[counts + 3],
              histogram));
      first = segmentEnds[segment];
    }
    return List.copyOf(differences);
  }

  @Override
  public long[] sketch(DType dtype, BufferView rows, long key, int outputs) {
    int width = KernelArguments.requireSketch(dtype, rows, outputs);
    long[] sketches = new long[rows.rows() * outputs];
    if (sketches.length == 0) {
      return sketches;
    }
    try {
      synchronized (queue.lock()) {
        DeviceRows placed = place(rows);
        long result = results.atLeast((long) sketches.length * Long.BYTES);
        queue.launch(
            "sketch_rows",
            Math.multiplyExact(rows.rows(), (outputs + SKETCH_TILE - 1) / SKETCH_TILE),
            1,
            SKETCH_TILE,
            placed.address(),
            placed.stride(),
            width,
            dtype.code(),
            key & 0xFFFFFFFFL,
            key >>> 32,
            outputs,
            result);
        downloadLongs(result, sketches);
      }
    } finally {
      Reference.reachabilityFence(rows);
    }
    return sketches;
  }

  @Override
  public LargestElements largest(DType dtype, BufferView rows, int count) {
    int width = KernelArguments.requireLargest(dtype, rows, count);
    int[] places = new int[rows.rows() * count];
    int[] bits = new int[places.length];
    if (places.length > 0) {
      try {
        synchronized (queue.lock()) {
          DeviceRows placed = place(rows);
          long bytes = (long) places.length * Integer.BYTES;
          long result = results.atLeast(2 * bytes);
          queue.launch(
              "largest_elements",
              rows.rows(),
              1,
              SELECT_THREADS,
              placed.address(),
              placed.stride(),
              width,
              dtype.bytes(),
              count,
              result,
              result + bytes);
          downloadInts(result, places);
          downloadInts(result + bytes, bits);
        }
      } finally {
        Reference.reachabilityFence(rows);
      }
    }
    return new LargestElements(rows.rows(), count, places, bits);
  }

  private DeviceRows place(BufferView rows) {
    long target = copied.atLeast(DeviceRows.copiedBytes(rows, rows.rows()));
    return DeviceRows.place(queue, rows, 0, rows.rows(), null, target);
  }

  private void downloadLongs(long source, long[] target) {
    ByteBuffer bytes =
        ByteBuffer.allocate(target.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    queue.download(source, bytes);
    bytes.clear();
    bytes.asLongBuffer().get(target);
  }

  private void downloadInts(long source, int[] target) {
    ByteBuffer bytes =
        ByteBuffer.allocate(target.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    queue.download(source, bytes);
    bytes.clear();
    bytes.asIntBuffer().get(target);
  }

  @Override
  public void close() {
    synchronized (queue.lock()) {
      inputs.close();
      copied.close();
      results.close();
    }
  }
}
