package io.verillm.cuda;

import io.verillm.core.spi.BufferView;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Where a kernel finds the rows of a view: in place, or copied to the device. */
record DeviceRows(long address, long stride) {
  /** Device bytes that rows of a view need if they are copied. */
  static long copiedBytes(BufferView view, int rows) {
    return view.kind() == BufferView.Kind.DEVICE ? 0 : align((long) rows * view.rowBytes());
  }

  private static long align(long bytes) {
    return (bytes + 255) & ~255L;
  }

  /**
   * Makes rows readable. Device rows stay where they are and are read after what their stream holds
   * by now; host rows are packed at {@code target}.
   *
   * @param first first row to copy, where the rows are on the host
   * @param count how many
   * @param indices if given, rows {@code indices[first]} and so on are copied instead
   */
  static DeviceRows place(
      DeviceQueue queue,
      BufferView view,
      int first,
      int count,
      int @Nullable [] indices,
      long target) {
    if (view.kind() == BufferView.Kind.DEVICE) {
      queue.after(view.stream());
      return new DeviceRows(view.address(), view.rowStride());
    }
    int rowBytes = view.rowBytes();
    if (indices == null && view.rowStride() == rowBytes && count > 0) {
      queue.upload(target, view.rows(first, count));
    } else {
      // in pieces, so that a large view does not need its size again on the host
      int atOnce = Math.max(1, (4 << 20) / rowBytes);
      ByteBuffer packed = ByteBuffer.allocate(Math.min(atOnce, Math.max(count, 1)) * rowBytes);
      for (int done = 0; done < count; ) {
        packed.clear();
        int until = Math.min(count, done + atOnce);
        long at = target + (long) done * rowBytes;
        for (; done < until; done++) {
          packed.put(view.row(indices == null ? first + done : indices[first + done]));
        }
        queue.upload(at, packed.flip());
      }
    }
    return new DeviceRows(target, rowBytes);
  }
}
