package io.verillm.tensorcommit.curve;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.File;
import java.io.IOException;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * The multi-scalar multiplication inside jblst's shared library, which jblst's Java API does not
 * show, called through JNA.
 *
 * <p>The library reads the points of a table as one run of affine points of {@value #AFFINE_BYTES}
 * bytes, and the scalars as one run of ⌈bits / 8⌉ little-endian bytes each: both are passed as a
 * pointer followed by a null pointer. It checks nothing, so every length is checked here, and
 * points come only from {@link G1Point}s. Thread-safe: every call has its own scratch.
 */
final class NativeMsm {
  private static final int POINT_BYTES = 144;
  private static final int AFFINE_BYTES = 96;

  private NativeMsm() {}

  private static native int blst_p1_deserialize(Pointer affine, byte[] bytes);

  private static native void blst_p1_affine_serialize(byte[] bytes, Pointer affine);

  private static native void blst_p1_serialize(byte[] bytes, Pointer point);

  private static native long blst_p1_sizeof();

  private static native long blst_p1_affine_sizeof();

  private static native long blst_p1s_mult_pippenger_scratch_sizeof(long points);

  private static native void blst_p1s_mult_pippenger(
      Pointer result, Pointer points, long count, Pointer scalars, long bits, Pointer scratch);

  /**
   * Loads the library and looks every function up.
   *
   * @throws IOException if the library is not on the class path
   * @throws LinkageError if JNA or a symbol is missing
   */
  static NativeMsm load() throws IOException {
    File library = Native.extractFromResourcePath(resource(), NativeMsm.class.getClassLoader());
    Native.register(NativeMsm.class, NativeLibrary.getInstance(library.getAbsolutePath()));
    if (blst_p1_sizeof() != POINT_BYTES || blst_p1_affine_sizeof() != AFFINE_BYTES) {
      throw new IOException("blst has points of another size");
    }
    return new NativeMsm();
  }

  private static String resource() throws IOException {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "");
    boolean arm = arch.equals("aarch64") || arch.equals("arm64");
    if (os.contains("linux")) {
      return "/supranational/blst/Linux/" + (arm ? "aarch64" : "amd64") + "/libblst.so";
    }
    if (os.contains("mac")) {
      return "/supranational/blst/Mac/" + (arm ? "aarch64" : "x86_64") + "/libblst.dylib";
    }
    if (os.contains("windows") && !arm) {
      return "/supranational/blst/Windows/amd64/blst.dll";
    }
    throw new IOException("jblst has no library for " + os + " on " + arch);
  }

  Table table(List<G1Point> points) {
    Memory memory = new Memory(Math.max(1L, (long) points.size() * AFFINE_BYTES));
    for (int i = 0; i < points.size(); i++) {
      Pointer target = memory.share((long) i * AFFINE_BYTES, AFFINE_BYTES);
      int code = blst_p1_deserialize(target, points.get(i).affine());
      if (code != 0) {
        throw new IllegalStateException("blst refused a checked point with code " + code);
      }
    }
    return new Table(memory, points.size());
  }

  G1Point msm(Table table, int from, Scalars scalars) {
    int count = scalars.count();
    if (count == 0) {
      return G1Point.INFINITY; // the library writes nothing sensible for no points
    }
    byte[] bytes = scalars.littleEndian();
    long scratchBytes = blst_p1s_mult_pippenger_scratch_sizeof(count);
    byte[] out = new byte[G1Point.AFFINE_BYTES];
    // Closed at once: the scratch is as large as the points, and nothing else would hurry to free
    // it.
    try (Memory call = new Memory(POINT_BYTES + 32 + scratchBytes + bytes.length)) {
      long base = Pointer.nativeValue(call);
      Pointer lists = call.share(POINT_BYTES);
      lists.setLong(0, Pointer.nativeValue(table.memory) + (long) from * AFFINE_BYTES);
      lists.setLong(8, 0);
      lists.setLong(16, base + POINT_BYTES + 32 + scratchBytes);
      lists.setLong(24, 0);
      call.write(POINT_BYTES + 32 + scratchBytes, bytes, 0, bytes.length);
      blst_p1s_mult_pippenger(
          call, lists, count, lists.share(16), scalars.bits(), call.share(POINT_BYTES + 32));
      blst_p1_serialize(out, call);
    } finally {
      Reference.reachabilityFence(table.memory);
    }
    return G1Point.ofTrusted(out);
  }

  /** Points in native memory, freed when the table is unreachable. */
  static final class Table implements PointTable {
    private final Memory memory;
    private final int size;

    private Table(Memory memory, int size) {
      this.memory = memory;
      this.size = size;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public G1Point get(int index) {
      Objects.checkIndex(index, size);
      byte[] out = new byte[G1Point.AFFINE_BYTES];
      blst_p1_affine_serialize(out, memory.share((long) index * AFFINE_BYTES, AFFINE_BYTES));
      return G1Point.ofTrusted(out);
    }
  }
}
