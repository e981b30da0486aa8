package io.verillm.testkit.cache;

import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.testkit.cache.CacheMeasurement.Look;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The measured requests of one prover, in a file that grows by one record per request: a study that
 * was ended early goes on where it stopped, and thresholds, numbers of cells and of tokens are
 * chosen afterwards. One thread, one process.
 *
 * <p>A file begins with 32 bytes that follow from the model, the prover, the number of its first
 * request and {@link #VERSION}; records are big-endian, {@link Look} by {@link Look}, then
 * polynomial and margins.
 */
final class CacheErrorFile implements Closeable {
  /** Of the measurement: raised when a request of the same number would give other errors. */
  static final int VERSION = 1;

  private final FileChannel channel;
  private final CacheRequest.Shape shape;
  private final int recordBytes;
  private int records;

  private CacheErrorFile(FileChannel channel, CacheRequest.Shape shape) {
    this.channel = channel;
    this.shape = shape;
    this.recordBytes = Look.values().length * shape.rows() * Float.BYTES + 3 * Long.BYTES;
  }

  /** Of the requests of a prover from a number on. */
  static Digest32 identity(
      Digest32 model, CacheRequest.Shape shape, String prover, long firstNumber) {
    return Digest32.sha256(
        new CborWriter()
            .array(5)
            .unsigned(VERSION)
            .digest(model)
            .unsigned(shape.tokens())
            .text(prover)
            .unsigned(firstNumber)
            .toByteArray());
  }

  /**
   * Opens or begins a file; a record that was not written to its end is dropped.
   *
   * @throws IOException if there is a file of another identity
   */
  static CacheErrorFile open(Path path, Digest32 identity, CacheRequest.Shape shape)
      throws IOException {
    byte[] name = identity.toByteArray();
    boolean begins = !Files.exists(path) || Files.size(path) < name.length;
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      CacheErrorFile file = new CacheErrorFile(channel, shape);
      if (begins) {
        channel.truncate(0);
        file.write(ByteBuffer.wrap(name));
        return file;
      }
      if (!Digest32.copyOf(file.read(0, name.length).array()).equals(identity)) {
        throw new IOException(path + " holds errors of another model, prover or length");
      }
      file.records = Math.toIntExact((channel.size() - Digest32.LENGTH) / file.recordBytes);
      channel.truncate(file.end());
      return file;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private long end() {
    return Digest32.LENGTH + (long) records * recordBytes;
  }

  /** Requests so far. */
  int records() {
    return records;
  }

  /** Adds the next request. */
  void append(CacheRequest request) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(recordBytes);
    for (Look look : Look.values()) {
      for (float error : request.errors().getOrDefault(look, new float[0])) {
        out.putFloat(error);
      }
    }
    out.putDouble(request.polynomial());
    out.putLong(request.meanRootMicros()).putLong(request.largestMicros());
    if (out.hasRemaining()) {
      throw new IllegalArgumentException("a request of another shape than " + shape);
    }
    channel.position(end());
    write(out.flip());
    records++;
  }

  /** Reads the first requests. */
  List<CacheRequest> read(int count) throws IOException {
    List<CacheRequest> requests = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ByteBuffer in = read(Digest32.LENGTH + (long) i * recordBytes, recordBytes);
      Map<Look, float[]> errors = new EnumMap<>(Look.class);
      for (Look look : Look.values()) {
        float[] rows = new float[shape.rows()];
        in.asFloatBuffer().get(rows);
        in.position(in.position() + rows.length * Float.BYTES);
        errors.put(look, rows);
      }
      requests.add(new CacheRequest(errors, in.getDouble(), in.getLong(), in.getLong()));
    }
    return requests;
  }

  private ByteBuffer read(long from, int bytes) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(bytes);
    while (in.hasRemaining()) {
      if (channel.read(in, from + in.position()) < 0) {
        throw new IOException("the file ends within request " + (from / recordBytes));
      }
    }
    return in.flip();
  }

  private void write(ByteBuffer out) throws IOException {
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
