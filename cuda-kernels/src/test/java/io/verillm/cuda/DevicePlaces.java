package io.verillm.cuda;

import io.verillm.core.spi.BufferView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Copies of rows in memory of a device, as an engine would own them. */
final class DevicePlaces implements AutoCloseable {
  private final DeviceQueue queue;
  private final List<Long> addresses = new ArrayList<>();

  DevicePlaces(DeviceQueue queue) {
    this.queue = queue;
  }

  /** Copies exactly the bytes of the rows, so that a read beyond them is found. */
  BufferView place(ByteBuffer bytes, int rows, int rowBytes, long rowStride) {
    long length = rows == 0 ? 0 : (rows - 1) * rowStride + rowBytes;
    long address = queue.allocate(Math.max(1, length));
    addresses.add(address);
    if (length > 0) {
      queue.upload(address, bytes.slice(bytes.position(), (int) length));
    }
    return BufferView.ofDevice(address, Math.max(1, length), rows, rowBytes, rowStride, 0, this);
  }

  @Override
  public void close() {
    addresses.forEach(queue::free);
  }
}
