package io.verillm.examples.training;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/**
 * What general compressors need for the held-out text, in bits per byte.
 *
 * <p>"Primed" is the growth of the file when the text is appended to the training text: what the
 * compressor needs once it has seen what the model has seen.
 */
final class CompressionBaselines {

  // Holds both texts whole; the preset's 64 MiB would find nothing more and take 700 MiB of memory.
  private static final int XZ_DICTIONARY = 8 << 20;

  /** Compresses to a size in bytes. */
  private interface Compressor {
    int size(byte[] data) throws IOException;
  }

  private CompressionBaselines() {}

  /** Returns the cost with gzip at its highest level, without priming. */
  static double gzip(byte[] text) throws IOException {
    return 8.0 * gzipSize(text) / text.length;
  }

  /** Returns the cost with gzip after the training text, of which its window keeps 32 KiB. */
  static double gzipPrimed(byte[] training, byte[] text) throws IOException {
    return primed(CompressionBaselines::gzipSize, training, text);
  }

  /** Returns the cost with xz at its highest preset, without priming. */
  static double xz(byte[] text) throws IOException {
    return 8.0 * xzSize(text) / text.length;
  }

  /** Returns the cost with xz after the training text. */
  static double xzPrimed(byte[] training, byte[] text) throws IOException {
    return primed(CompressionBaselines::xzSize, training, text);
  }

  private static double primed(Compressor compressor, byte[] training, byte[] text)
      throws IOException {
    byte[] both = java.util.Arrays.copyOf(training, training.length + text.length);
    System.arraycopy(text, 0, both, training.length, text.length);
    return 8.0 * (compressor.size(both) - compressor.size(training)) / text.length;
  }

  private static int gzipSize(byte[] data) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new BestGzip(packed)) {
      out.write(data);
    }
    return packed.size();
  }

  private static int xzSize(byte[] data) throws IOException {
    LZMA2Options options = new LZMA2Options(LZMA2Options.PRESET_MAX);
    options.setDictSize(XZ_DICTIONARY);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new XZOutputStream(packed, options)) {
      out.write(data);
    }
    return packed.size();
  }

  private static final class BestGzip extends GZIPOutputStream {
    private BestGzip(OutputStream out) throws IOException {
      super(out);
      def.setLevel(Deflater.BEST_COMPRESSION);
    }
  }
}
