package io.verillm.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Compiles the kernel files with g++, once per run of the tests. */
public final class ShimProgram {
  private static final List<String> KERNELS =
      List.of(
          "types.cuh",
          "sha256.cuh",
          "canonical.cuh",
          "commit.cu",
          "gather.cu",
          "difference.cu",
          "sketch.cu",
          "canonical.cu",
          "gemm.cu");
  private static final List<String> SHIM =
      List.of("shim.h", "runtime.h", "runtime.cpp", "server.cpp", "fake_driver.cpp", "broken.cu");

  /** Finds mistakes of memory and undefined behaviour, and ends the program at the first. */
  private static final List<String> SANITIZERS =
      List.of(
          "-fsanitize=address,undefined",
          "-fno-sanitize-recover=all",
          "-fsanitize-sections=shim_shared");

  private static final Object LOCK = new Object();
  private static Optional<Path> server = Optional.empty();
  private static Optional<Path> driver = Optional.empty();

  private ShimProgram() {}

  /** Whether g++ can be run. */
  public static boolean isCompilerPresent() {
    return canRun("g++", "--version");
  }

  static boolean canRun(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The device at the end of a pipe. */
  static Path server() {
    synchronized (LOCK) {
      if (server.isEmpty()) {
        server = Optional.of(compileServer());
      }
      return server.get();
    }
  }

  private static Path compileServer() {
    Path folder = sources();
    Path program = folder.resolve("server");
    List<String> command = new ArrayList<>(List.of("g++", "-std=c++17", "-O1", "-g"));
    command.addAll(SANITIZERS);
    command.addAll(
        List.of(
            "-DVERILLM_SHIM",
            "-DVERILLM_SHIM_BROKEN",
            "-ffp-contract=off",
            "-fno-strict-aliasing",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-Wno-unknown-pragmas",
            "-I" + folder.resolve("shim"),
            folder.resolve("shim/runtime.cpp").toString(),
            folder.resolve("shim/server.cpp").toString(),
            "-o",
            program.toString()));
    run(folder, command);
    return program;
  }

  /** A folder with libraries that stand in for NVIDIA's driver and CUDA runtime. */
  public static Path fakeDriver() {
    synchronized (LOCK) {
      if (driver.isEmpty()) {
        driver = Optional.of(compileDriver());
      }
      return driver.get();
    }
  }

  private static Path compileDriver() {
    Path sources = sources();
    try {
      Path folder = Files.createDirectories(sources.resolve("driver"));
      run(
          sources,
          List.of(
              "g++",
              "-std=c++17",
              "-O2",
              "-DVERILLM_SHIM",
              "-ffp-contract=off",
              "-fno-strict-aliasing",
              "-Wall",
              "-Wextra",
              "-Werror",
              "-Wno-unknown-pragmas",
              "-fPIC",
              "-shared",
              "-Wl,-soname,libcuda.so.1",
              "-Ishim",
              "shim/runtime.cpp",
              "shim/fake_driver.cpp",
              "-o",
              "driver/libcuda.so.1"));
      // JavaCPP's library names the runtime's version; none of its functions is called
      emptyLibrary(folder, "libcudart.so.13");
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A folder with libraries of the driver's and the runtime's names and nothing in them, so that
   * JavaCPP's can be loaded beside them. NVRTC asks a driver that it finds for functions that no
   * header shows, and takes this one for none.
   */
  static Path emptyDriver() {
    try {
      Path folder = Files.createDirectories(sources().resolve("empty-driver"));
      emptyLibrary(folder, "libcuda.so.1");
      emptyLibrary(folder, "libcudart.so.13");
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void emptyLibrary(Path folder, String name) throws IOException {
    Files.writeString(folder.resolve("empty.cpp"), "extern \"C\" void verillm_nothing() {}\n");
    Files.writeString(folder.resolve("versions"), name + " { global: *; };\n");
    run(
        folder,
        List.of(
            "g++",
            "-shared",
            "-fPIC",
            "-Wl,-soname," + name,
            "-Wl,--version-script=versions",
            "empty.cpp",
            "-o",
            name));
  }

  /** A folder with copies of the kernel files and of the shim. */
  static Path sources() {
    try {
      Path folder = Files.createDirectories(Path.of("target", "shim-program")).toAbsolutePath();
      for (String name : KERNELS) {
        copy("kernels/" + name, folder);
      }
      for (String name : SHIM) {
        copy("shim/" + name, folder);
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(String resource, Path folder) throws IOException {
    Path target = folder.resolve(resource);
    Files.createDirectories(target.getParent());
    try (InputStream in = ShimProgram.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("no resource " + resource);
      }
      Files.write(target, in.readAllBytes());
    }
  }

  /** Runs a command to its end and returns what it printed. */
  static String run(Path folder, List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + " failed:\n" + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
