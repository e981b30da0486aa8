package io.verillm.cuda;

import io.verillm.core.spi.AcceleratorException;
import io.verillm.core.wire.AtomicFile;
import io.verillm.core.wire.Digest32;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiles kernel files for an architecture that the shipped binaries leave out, with the NVRTC
 * that the user's toolkit or class path brings. Results are kept on disk by the hash of what went
 * in; several processes may compile the same at once, each writes a file of its own and renames it.
 * Thread-safe.
 */
final class RuntimeCompiler {
  private static final Logger LOG = LoggerFactory.getLogger(RuntimeCompiler.class);

  /** SHA-256 of the binary in front of it, so that a damaged file is compiled again. */
  private static final int CHECKSUM = Digest32.LENGTH;

  private RuntimeCompiler() {}

  /**
   * Returns a cubin.
   *
   * @param file name of a kernel file
   * @param architecture such as 75
   * @throws AcceleratorException if it does not compile
   * @throws LinkageError if there is no NVRTC
   */
  static byte[] compile(String file, int architecture) {
    int[] major = new int[1];
    int[] minor = new int[1];
    check(nvrtc.nvrtcVersion(major, minor), "asking for NVRTC's version");
    String compiler = "nvrtc-" + major[0] + "." + minor[0];
    Path cached = cacheFolder().resolve(key(file, architecture, compiler) + ".cubin");
    return cached(cached, () -> compileNow(file, architecture));
  }

  /** Makes a binary. */
  interface Compilation {
    byte[] run();
  }

  /** What the file holds if it is whole; else what the compilation gives, which is then kept. */
  static byte[] cached(Path file, Compilation compilation) {
    try {
      byte[] kept = Files.readAllBytes(file);
      if (kept.length > CHECKSUM) {
        byte[] binary = Arrays.copyOfRange(kept, CHECKSUM, kept.length);
        if (Digest32.sha256(binary).equals(Digest32.copyOf(Arrays.copyOf(kept, CHECKSUM)))) {
          return binary;
        }
      }
      LOG.warn("{} is damaged and is compiled again", file);
    } catch (NoSuchFileException e) {
      LOG.debug("{} is compiled for the first time", file);
    } catch (IOException e) {
      LOG.warn("{} cannot be read and is compiled again: {}", file, e.toString());
    }
    byte[] binary = compilation.run();
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      ByteArrayOutputStream kept = new ByteArrayOutputStream();
      kept.writeBytes(Digest32.sha256(binary).toByteArray());
      kept.writeBytes(binary);
      AtomicFile.write(file, kept.toByteArray());
    } catch (IOException e) {
      LOG.warn("{} cannot be kept: {}", file, e.toString());
    }
    return binary;
  }

  private static Path cacheFolder() {
    String configured = System.getenv("XDG_CACHE_HOME");
    Path base =
        configured != null && !configured.isEmpty()
            ? Path.of(configured)
            : Path.of(System.getProperty("user.home", "."), ".cache");
    return base.resolve("verillm").resolve("kernels");
  }

  /** Names what goes in: sources, architecture, compiler. */
  static String key(String file, int architecture, String compiler) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String header : KernelFiles.HEADERS) {
      all.writeBytes(KernelFiles.source(header));
    }
    all.writeBytes(KernelFiles.source(file + ".cu"));
    all.writeBytes((compiler + " sm_" + architecture).getBytes(StandardCharsets.UTF_8));
    return file
        + "-sm_"
        + architecture
        + "-"
        + HexFormat.of().formatHex(Digest32.sha256(all.toByteArray()).toByteArray());
  }

  /** As {@link #compile}, without what is kept on disk. */
  static byte[] compileNow(String file, int architecture) {
    List<String> headers = KernelFiles.HEADERS;
    _nvrtcProgram program = new _nvrtcProgram();
    try (PointerPointer<BytePointer> texts = new PointerPointer<>(headers.size());
        PointerPointer<BytePointer> names = new PointerPointer<>(headers.size());
        BytePointer source = text(file + ".cu");
        BytePointer name = new BytePointer(file + ".cu");
        BytePointer target = new BytePointer("--gpu-architecture=sm_" + architecture);
        BytePointer language = new BytePointer("--std=c++17");
        PointerPointer<BytePointer> options = new PointerPointer<>(target, language)) {
      BytePointer[] kept = new BytePointer[2 * headers.size()];
      for (int i = 0; i < headers.size(); i++) {
        kept[2 * i] = text(headers.get(i));
        kept[2 * i + 1] = new BytePointer(headers.get(i));
        texts.put(i, kept[2 * i]);
        names.put(i, kept[2 * i + 1]);
      }
      check(
          nvrtc.nvrtcCreateProgram(program, source, name, headers.size(), texts, names),
          "taking " + file);
      try {
        int status = nvrtc.nvrtcCompileProgram(program, 2, options);
        if (status != 0) {
          throw new AcceleratorException(file + " does not compile here: " + log(program));
        }
        try (SizeTPointer size = new SizeTPointer(1)) {
          check(nvrtc.nvrtcGetCUBINSize(program, size), "asking for a binary's size");
          byte[] binary = new byte[Math.toIntExact(size.get())];
          check(nvrtc.nvrtcGetCUBIN(program, binary), "asking for a binary");
          return binary;
        }
      } finally {
        nvrtc.nvrtcDestroyProgram(program);
        for (BytePointer each : kept) {
          each.close();
        }
      }
    }
  }

  private static BytePointer text(String name) {
    return new BytePointer(new String(KernelFiles.source(name), StandardCharsets.UTF_8));
  }

  private static String log(_nvrtcProgram program) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      if (nvrtc.nvrtcGetProgramLogSize(program, size) != 0) {
        return "no log";
      }
      byte[] log = new byte[Math.toIntExact(size.get())];
      nvrtc.nvrtcGetProgramLog(program, log);
      return new String(log, StandardCharsets.UTF_8);
    }
  }

  private static void check(int status, String what) {
    if (status != 0) {
      throw new AcceleratorException(
          what + " failed: " + nvrtc.nvrtcGetErrorString(status).getString());
    }
  }
}
