package io.verillm.cuda;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A queue whose new memory is filled with a pattern, so that what a kernel leaves out shows. */
final class PoisoningQueue implements DeviceQueue {
  private final DeviceQueue queue;

  PoisoningQueue(DeviceQueue queue) {
    this.queue = queue;
  }

  @Override
  public long allocate(long bytes) {
    long address = queue.allocate(bytes);
    byte[] poison = new byte[(int) Math.min(bytes, 1 << 16)];
    Arrays.fill(poison, (byte) 0xCD);
    for (long at = 0; at < bytes; at += poison.length) {
      queue.upload(
          address + at, ByteBuffer.wrap(poison, 0, (int) Math.min(poison.length, bytes - at)));
    }
    return address;
  }

  @Override
  public Object lock() {
    return queue.lock();
  }

  @Override
  public String device() {
    return queue.device();
  }

  @Override
  public int processors() {
    return queue.processors();
  }

  @Override
  public void free(long address) {
    queue.free(address);
  }

  @Override
  public void upload(long target, ByteBuffer source) {
    queue.upload(target, source);
  }

  @Override
  public void download(long source, ByteBuffer target) {
    queue.download(source, target);
  }

  @Override
  public void copy(long target, long source, long bytes) {
    queue.copy(target, source, bytes);
  }

  @Override
  public void clear(long address, long bytes) {
    queue.clear(address, bytes);
  }

  @Override
  public void launch(String kernel, int gridX, int gridY, int threads, long... arguments) {
    queue.launch(kernel, gridX, gridY, threads, arguments);
  }

  @Override
  public void after(long stream) {
    queue.after(stream);
  }

  @Override
  public void close() {
    queue.close();
  }
}
