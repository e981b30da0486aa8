package io.verillm.cuda;

import io.verillm.core.spi.AcceleratorException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * A queue whose device is the g++ build of the kernels, under sanitizers, in a process that queues
 * of one order share. Closing a queue fails if it left memory allocated.
 */
final class ShimQueue implements DeviceQueue {
  /** In which order the threads of a block and the blocks of a grid run. */
  enum Order {
    FORWARD,
    REVERSE,
    SHUFFLED
  }

  /** The other end of the pipe. */
  private static final class Device {
    final Process process;
    final Path complaints;
    final OutputStream out;
    final DataInputStream in;

    Device(Order order) {
      try {
        complaints = Files.createTempFile("shim", ".txt");
        complaints.toFile().deleteOnExit();
        process =
            new ProcessBuilder(ShimProgram.server().toString(), order.name().toLowerCase())
                .redirectError(complaints.toFile())
                .start();
      } catch (IOException e) {
        throw new AcceleratorException("cannot start the shim", e);
      }
      out = new BufferedOutputStream(process.getOutputStream(), 1 << 16);
      in = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16));
    }

    /** What a sanitizer printed before it ended the process. */
    String complaint() {
      try {
        process.waitFor();
        return Files.readString(complaints);
      } catch (IOException | InterruptedException e) {
        return e.toString();
      }
    }
  }

  private static final Map<Order, Device> DEVICES = new EnumMap<>(Order.class);

  private final Device device;
  private final Object lock = new Object();
  private final int processors;
  private int allocations;

  ShimQueue(Order order) {
    this(order, 4);
  }

  /**
   * Opens a queue.
   *
   * @param processors what the device says it has, which decides how work is cut
   */
  ShimQueue(Order order, int processors) {
    this.processors = processors;
    synchronized (DEVICES) {
      Device known = DEVICES.get(order);
      device = known != null && known.process.isAlive() ? known : new Device(order);
      DEVICES.put(order, device);
    }
  }

  private ByteBuffer request(char kind, int bytes) {
    return ByteBuffer.allocate(1 + bytes).order(ByteOrder.LITTLE_ENDIAN).put((byte) kind);
  }

  private void send(ByteBuffer request, byte[] payload, int offset, int length) {
    try {
      device.out.write(request.array(), 0, request.position());
      device.out.write(payload, offset, length);
      device.out.flush();
      if (device.in.readUnsignedByte() != 0) {
        byte[] message = new byte[Integer.reverseBytes(device.in.readInt())];
        device.in.readFully(message);
        throw new AcceleratorException(new String(message, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new AcceleratorException("the shim ended: " + device.complaint(), e);
    }
  }

  private void send(ByteBuffer request) {
    send(request, new byte[0], 0, 0);
  }

  @Override
  public Object lock() {
    return lock;
  }

  @Override
  public String device() {
    return "g++ shim";
  }

  @Override
  public int processors() {
    return processors;
  }

  @Override
  public long allocate(long bytes) {
    send(request('A', 8).putLong(bytes));
    try {
      allocations++;
      return Long.reverseBytes(device.in.readLong());
    } catch (IOException e) {
      throw new AcceleratorException("the shim ended", e);
    }
  }

  @Override
  public void free(long address) {
    if (address != 0) {
      send(request('F', 8).putLong(address));
      allocations--;
    }
  }

  @Override
  public void upload(long target, ByteBuffer source) {
    byte[] bytes = new byte[source.remaining()];
    source.duplicate().get(bytes);
    send(request('U', 16).putLong(target).putLong(bytes.length), bytes, 0, bytes.length);
  }

  @Override
  public void download(long source, ByteBuffer target) {
    byte[] bytes = new byte[target.remaining()];
    send(request('D', 16).putLong(source).putLong(bytes.length));
    try {
      device.in.readFully(bytes);
    } catch (IOException e) {
      throw new AcceleratorException("the shim ended: " + device.complaint(), e);
    }
    target.put(bytes);
  }

  @Override
  public void copy(long target, long source, long bytes) {
    send(request('C', 24).putLong(target).putLong(source).putLong(bytes));
  }

  @Override
  public void clear(long address, long bytes) {
    send(request('S', 16).putLong(address).putLong(bytes));
  }

  @Override
  public void launch(String kernel, int gridX, int gridY, int threads, long... arguments) {
    byte[] name = kernel.getBytes(StandardCharsets.UTF_8);
    ByteBuffer request = request('L', 4 + name.length + 16 + 8 * arguments.length);
    request.putInt(name.length).put(name).putInt(gridX).putInt(gridY).putInt(threads);
    request.putInt(arguments.length);
    for (long argument : arguments) {
      request.putLong(argument);
    }
    send(request);
  }

  @Override
  public void after(long stream) {}

  @Override
  public void close() {
    if (allocations != 0) {
      throw new IllegalStateException(allocations + " allocations were not freed");
    }
  }
}
