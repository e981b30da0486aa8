package io.verillm.cuda;

import static io.verillm.cuda.CudaDriver.check;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.global.cudart;

/**
 * A program that times kernels by events on the device and prints a table beside the predictions.
 * The kernels must have been checked before: see {@link DeviceCheck}.
 *
 * <p>Argument: megabytes of rows. Each figure is the median of {@value #REPEATS} launches after a
 * warm-up, with the smallest and the largest.
 */
final class DeviceTimes {
  private static final int REPEATS = 21;
  private static final int ROW = 8192;
  private static final int LEAVES_PER_ROW = ROW / 1024;

  private final CudaDriver driver;
  private final DriverQueue queue;
  private final CUevent_st from = new CUevent_st();
  private final CUevent_st to = new CUevent_st();

  private DeviceTimes(CudaDriver driver) {
    this.driver = driver;
    this.queue = (DriverQueue) driver.openQueue(false);
    driver.inContext(
        () -> {
          check(cudart.cuEventCreate(from, 0), "making an event");
          check(cudart.cuEventCreate(to, 0), "making an event");
          return this;
        });
  }

  public static void main(String[] arguments) {
    if (DriverLibrary.whyAbsent().isPresent()) {
      System.err.println("no device to time: " + DriverLibrary.whyAbsent().get());
      System.exit(4);
    }
    DeviceTimes times = new DeviceTimes(CudaDriver.open());
    System.out.println("device: " + times.queue.device());
    System.out.println("| test | median (smallest to largest) | rate | predicted for an H200 |");
    System.out.println("| --- | --- | --- | --- |");
    long bytes = Long.parseLong(arguments[0]) << 20;
    times.commitments(bytes);
    times.differences(bytes);
    times.product(arguments.length > 1 ? Integer.parseInt(arguments[1]) : 4096);
    times.queue.close();
    System.exit(0);
  }

  private double[] millis(Runnable work) {
    double[] all = new double[REPEATS];
    for (int i = -3; i < REPEATS; i++) {
      float[] elapsed = new float[1];
      driver.inContext(
          () -> {
            check(cudart.cuEventRecord(from, queue.stream()), "recording an event");
            work.run();
            check(cudart.cuEventRecord(to, queue.stream()), "recording an event");
            check(cudart.cuEventSynchronize(to), "waiting for the device");
            check(cudart.cuEventElapsedTime(elapsed, from, to), "asking for a time");
            return this;
          });
      if (i >= 0) {
        all[i] = elapsed[0];
      }
    }
    Arrays.sort(all);
    return all;
  }

  private void print(String test, double[] millis, double perMilli, String unit, String predicted) {
    double median = millis[REPEATS / 2];
    System.out.printf(
        Locale.ROOT,
        "| %s | %.4f ms (%.4f to %.4f) | %.1f %s | %s |%n",
        test,
        median,
        millis[0],
        millis[REPEATS - 1],
        perMilli / median,
        unit,
        predicted);
  }

  /** Random bytes, because zeros run faster on some devices. */
  private long random(long bytes) {
    long address = queue.allocate(bytes);
    byte[] some = new byte[(int) Math.min(bytes, 1 << 22)];
    Random random = new Random(5);
    for (long at = 0; at < bytes; at += some.length) {
      random.nextBytes(some);
      queue.upload(address + at, ByteBuffer.wrap(some, 0, (int) Math.min(some.length, bytes - at)));
    }
    return address;
  }

  private void commitments(long bytes) {
    long rows = random(bytes);
    int count = (int) (bytes / ROW);
    long salts = random((long) count * LEAVES_PER_ROW * 16);
    // tokens of 32 rows: 256 leaves of 1 KiB, one block each
    commit(
        "tree, 1 KiB leaves, " + (bytes >> 20) + " MB",
        rows,
        32,
        count / 32,
        salts,
        256,
        "550 to 620 GB/s");
    commit("one token's commitment, 256 KiB", rows, 32, 1, salts, 32, "45 to 65 µs");
    queue.free(salts);
    queue.free(rows);
  }

  private void commit(
      String test, long rows, int rowsPerToken, int tokens, long salts, int threads, String goal) {
    int leaves = rowsPerToken * LEAVES_PER_ROW;
    int groups = (leaves + threads - 1) / threads;
    ByteBuffer table = ByteBuffer.allocate(32 * rowsPerToken).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < rowsPerToken; i++) {
      table.putLong(rows + (long) i * tokens * ROW).putLong(ROW).putInt(ROW);
      table.putInt(i * LEAVES_PER_ROW).putInt(0).putInt(i);
    }
    long packed = queue.allocate(table.capacity());
    queue.upload(packed, table.flip());
    long roots = queue.allocate(32L * tokens);
    long scratch = queue.allocate(32L * tokens * groups);
    long finished = queue.allocate(4L * tokens);
    queue.clear(finished, 4L * tokens);
    double[] millis =
        millis(
            () ->
                queue.launch(
                    "commit_tokens",
                    tokens * groups,
                    1,
                    threads,
                    packed,
                    rowsPerToken,
                    leaves,
                    groups,
                    1024,
                    0,
                    1,
                    0,
                    salts,
                    scratch,
                    finished,
                    roots));
    print(test, millis, (double) tokens * rowsPerToken * ROW / 1e6, "GB/s", goal);
    for (long address : new long[] {packed, roots, scratch, finished}) {
      queue.free(address);
    }
  }

  private void differences(long bytes) {
    long half = bytes / 2;
    int rows = (int) (half / ROW);
    long x = random(half);
    long y = queue.allocate(half);
    long counters = queue.allocate(37 * 8);
    queue.clear(counters, 37 * 8);
    int rowsPerTask = 16;
    int tasks = rows / rowsPerTask;
    ByteBuffer table = ByteBuffer.allocate(20 * tasks).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < tasks; i++) {
      table.putInt(0).putInt(i * rowsPerTask).putInt(0).putInt(ROW / 16);
      table.putInt(ROW / 16 * rowsPerTask);
    }
    long packed = queue.allocate(table.capacity());
    queue.upload(packed, table.flip());
    queue.copy(y, x, half);
    // bytes cannot be flipped here: what differs is a copy shifted by one row
    for (boolean equal : new boolean[] {true, false}) {
      if (!equal && rows > rowsPerTask) {
        queue.copy(y, x + ROW, half - ROW);
      }
      double[] millis =
          millis(
              () ->
                  queue.launch(
                      "row_difference", tasks, 1, 256, packed, x, ROW, y, ROW, ROW, 3, counters));
      print(
          equal ? "statistics, all equal" : "statistics, all different",
          millis,
          2.0 * tasks * rowsPerTask * ROW / 1e6,
          "GB/s",
          equal ? "4+ TB/s" : "2.5 to 3.0 TB/s");
    }
    for (long address : new long[] {x, y, counters, packed}) {
      queue.free(address);
    }
  }

  private void product(int n) {
    long bytes = 4L * n * n;
    long x = queue.allocate(bytes);
    long w = queue.allocate(bytes);
    long y = queue.allocate(bytes);
    byte[] row = new byte[4 * n];
    Random random = new Random(6);
    for (int r = 0; r < n; r++) {
      ByteBuffer floats = ByteBuffer.wrap(row).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < n; i++) {
        floats.putFloat((float) random.nextGaussian());
      }
      queue.upload(x + (long) r * row.length, ByteBuffer.wrap(row));
      queue.upload(w + (long) r * row.length, ByteBuffer.wrap(row));
    }
    int blocks = (n + 127) / 128;
    double[] millis =
        millis(() -> queue.launch("gemm_tiles", blocks, blocks, 256, x, w, 0, y, n, n, n));
    print(
        "canonical product, " + n + "³", millis, 2.0 * n * n * n / 1e9, "TFLOP/s", "≥ 20 TFLOP/s");
    for (long address : new long[] {x, w, y}) {
      queue.free(address);
    }
  }
}
