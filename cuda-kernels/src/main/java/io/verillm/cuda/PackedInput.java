package io.verillm.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What a launch reads besides the rows, packed so that it crosses to the device in one copy. */
final class PackedInput {
  private static final int ALIGNMENT = 16;

  private ByteBuffer bytes = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);

  /** Starts again, for at most {@code capacity} bytes. */
  void reset(int capacity) {
    int padded = capacity + 8 * ALIGNMENT;
    if (bytes.capacity() < padded) {
      bytes = ByteBuffer.allocate(padded + padded / 4).order(ByteOrder.LITTLE_ENDIAN);
    }
    bytes.clear();
  }

  /** Offset of what is put next, a multiple of 16. */
  int next() {
    bytes.position((bytes.position() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    return bytes.position();
  }

  /** The buffer to put into, little-endian. */
  ByteBuffer bytes() {
    return bytes;
  }

  /** Copies all of it; returns where it is on the device. */
  long upload(DeviceQueue queue, Scratch scratch) {
    int length = next();
    long address = scratch.atLeast(length);
    queue.upload(address, bytes.duplicate().flip());
    return address;
  }
}
