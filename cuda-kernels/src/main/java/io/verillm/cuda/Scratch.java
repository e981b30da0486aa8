package io.verillm.cuda;

/**
 * Memory of a device that grows when more is asked for and is kept otherwise, so that a warm caller
 * allocates nothing. Belongs to whoever holds the queue's lock.
 */
final class Scratch implements AutoCloseable {
  private final DeviceQueue queue;
  private final boolean cleared;
  private long address;
  private long capacity;

  /**
   * Makes an empty one.
   *
   * @param cleared whether new memory starts as zeros
   */
  Scratch(DeviceQueue queue, boolean cleared) {
    this.queue = queue;
    this.cleared = cleared;
  }

  /** At least {@code bytes} bytes; what was in them is lost if they had to grow. */
  long atLeast(long bytes) {
    if (bytes > capacity) {
      close();
      long wanted = Math.max(1 << 16, bytes + bytes / 4);
      address = queue.allocate(wanted);
      capacity = wanted;
      if (cleared) {
        queue.clear(address, wanted);
      }
    }
    return address;
  }

  @Override
  public void close() {
    queue.free(address);
    address = 0;
    capacity = 0;
  }
}
