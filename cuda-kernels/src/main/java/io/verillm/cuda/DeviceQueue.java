package io.verillm.cuda;

import java.nio.ByteBuffer;

/**
 * Work for one device, done in the order in which it is queued, beside whatever else the device
 * does. Not thread-safe: a caller holds {@link #lock} while it queues what belongs together.
 *
 * <p>Every method throws {@link io.verillm.core.spi.AcceleratorException} if the device fails.
 */
interface DeviceQueue extends AutoCloseable {
  /** Guards the order of what is queued. */
  Object lock();

  /** The device in words, such as {@code NVIDIA H200 (sm_90)}. */
  String device();

  /** Processors of the device that run blocks. */
  int processors();

  /** Allocates memory, aligned to 256 bytes; its content is undefined. */
  long allocate(long bytes);

  /** Frees memory once everything queued is done; harmless for 0. */
  void free(long address);

  /** Copies the bytes between position and limit, which the caller may change afterwards. */
  void upload(long target, ByteBuffer source);

  /** Fills a buffer from its position to its limit; waits for everything queued. */
  void download(long source, ByteBuffer target);

  /** Copies within the device; the ranges must not overlap. */
  void copy(long target, long source, long bytes);

  /** Writes zeros. */
  void clear(long address, long bytes);

  /**
   * Runs a kernel.
   *
   * @param gridY at most 65535
   * @param arguments one per parameter; 32-bit parameters take the low half, floats their bits
   */
  void launch(String kernel, int gridX, int gridY, int threads, long... arguments);

  /** Lets what is queued from now on wait for what is in {@code stream} by now. */
  void after(long stream);

  @Override
  void close();
}
