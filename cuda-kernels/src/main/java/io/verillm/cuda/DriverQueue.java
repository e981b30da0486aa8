package io.verillm.cuda;

import static io.verillm.cuda.CudaDriver.check;

import java.nio.ByteBuffer;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * A stream of the driver that waits for no other one unless told to. Bytes cross through two halves
 * of pinned memory: one is filled while the other is on its way.
 */
final class DriverQueue implements DeviceQueue {
  private static final int HALF = 4 << 20;
  private static final int MOST_PARAMETERS = 16;

  private final CudaDriver driver;
  private final Object lock = new Object();
  private final CUstream_st stream = new CUstream_st();
  private final CUevent_st elsewhere = new CUevent_st();
  private final CUevent_st[] sent = {new CUevent_st(), new CUevent_st()};
  private final BytePointer pinned = new BytePointer();
  private final ByteBuffer[] halves = new ByteBuffer[2];
  private final LongPointer slots = new LongPointer(MOST_PARAMETERS);
  private final PointerPointer<Pointer> parameters = new PointerPointer<>(MOST_PARAMETERS);
  private int half;
  private boolean closed;

  /** Called with the context current. */
  DriverQueue(CudaDriver driver, boolean background) {
    this.driver = driver;
    int[] least = new int[1];
    int[] greatest = new int[1];
    check(cudart.cuCtxGetStreamPriorityRange(least, greatest), "asking for priorities");
    check(
        cudart.cuStreamCreateWithPriority(
            stream, cudart.CU_STREAM_NON_BLOCKING, background ? least[0] : 0),
        "opening a stream");
    for (CUevent_st event : new CUevent_st[] {elsewhere, sent[0], sent[1]}) {
      check(cudart.cuEventCreate(event, cudart.CU_EVENT_DISABLE_TIMING), "making an event");
    }
    check(cudart.cuMemAllocHost(pinned, 2L * HALF), "allocating pinned memory");
    ByteBuffer both = pinned.capacity(2L * HALF).asByteBuffer();
    halves[0] = both.slice(0, HALF);
    halves[1] = both.slice(HALF, HALF);
    // the driver takes an array of pointers to argument values, not the values
    for (int i = 0; i < MOST_PARAMETERS; i++) {
      parameters.put(i, slots.getPointer(i));
    }
  }

  /** Names a stream or a place in memory by its address. */
  private static final class Address extends Pointer {
    Address(long value) {
      super((Pointer) null);
      address = value;
    }
  }

  private interface Step {
    void run();
  }

  private void inContext(Step step) {
    if (closed) {
      throw new IllegalStateException("queue is closed");
    }
    driver.inContext(
        () -> {
          step.run();
          return this;
        });
  }

  /** The driver's name of it. */
  CUstream_st stream() {
    return stream;
  }

  @Override
  public Object lock() {
    return lock;
  }

  @Override
  public String device() {
    return driver.name();
  }

  @Override
  public int processors() {
    return driver.processors();
  }

  @Override
  public long allocate(long bytes) {
    long[] address = new long[1];
    inContext(() -> check(cudart.cuMemAlloc(address, bytes), "allocating " + bytes + " bytes"));
    return address[0];
  }

  @Override
  public void free(long address) {
    if (address != 0) {
      inContext(
          () -> {
            synchronize();
            check(cudart.cuMemFree(address), "freeing memory");
          });
    }
  }

  private void synchronize() {
    check(cudart.cuStreamSynchronize(stream), "waiting for the device");
  }

  @Override
  public void upload(long target, ByteBuffer source) {
    ByteBuffer rest = source.duplicate();
    inContext(
        () -> {
          for (long at = target; rest.hasRemaining(); ) {
            int length = Math.min(HALF, rest.remaining());
            check(cudart.cuEventSynchronize(sent[half]), "waiting for a copy");
            halves[half].clear().put(rest.slice().limit(length));
            rest.position(rest.position() + length);
            check(
                cudart.cuMemcpyHtoDAsync(at, pinned.getPointer((long) half * HALF), length, stream),
                "copying to the device");
            check(cudart.cuEventRecord(sent[half], stream), "recording an event");
            at += length;
            half = 1 - half;
          }
        });
  }

  @Override
  public void download(long source, ByteBuffer target) {
    inContext(
        () -> {
          for (long at = source; target.hasRemaining(); ) {
            int length = Math.min(HALF, target.remaining());
            check(
                cudart.cuMemcpyDtoHAsync(pinned.getPointer(0), at, length, stream),
                "copying from the device");
            synchronize();
            target.put(halves[0].clear().limit(length));
            at += length;
          }
        });
  }

  @Override
  public void copy(long target, long source, long bytes) {
    inContext(
        () ->
            check(
                cudart.cuMemcpyDtoDAsync(target, source, bytes, stream), "copying on the device"));
  }

  @Override
  public void clear(long address, long bytes) {
    inContext(
        () -> check(cudart.cuMemsetD8Async(address, (byte) 0, bytes, stream), "clearing memory"));
  }

  @Override
  public void launch(String kernel, int gridX, int gridY, int threads, long... arguments) {
    inContext(
        () -> {
          CUfunc_st function = driver.function(kernel);
          for (int i = 0; i < arguments.length; i++) {
            slots.put(i, arguments[i]);
          }
          check(
              cudart.cuLaunchKernel(
                  function,
                  gridX,
                  gridY,
                  1,
                  threads,
                  1,
                  1,
                  0,
                  stream,
                  parameters,
                  (PointerPointer<?>) null),
              "launching " + kernel);
        });
  }

  @Override
  public void after(long other) {
    inContext(
        () -> {
          check(
              cudart.cuEventRecord(elsewhere, new CUstream_st(new Address(other))),
              "recording an event in the engine's stream");
          check(cudart.cuStreamWaitEvent(stream, elsewhere, 0), "waiting for the engine's stream");
        });
  }

  @Override
  public void close() {
    if (!closed) {
      inContext(
          () -> {
            synchronize();
            check(cudart.cuMemFreeHost(pinned), "freeing pinned memory");
            for (CUevent_st event : new CUevent_st[] {elsewhere, sent[0], sent[1]}) {
              check(cudart.cuEventDestroy(event), "freeing an event");
            }
            check(cudart.cuStreamDestroy(stream), "closing a stream");
          });
      closed = true;
      slots.close();
      parameters.close();
    }
  }
}
