package io.verillm.cuda;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Looks for the driver's library before anything is loaded: loading the CUDA classes without it
 * costs a quarter of a second to fail. Stateless.
 */
final class DriverLibrary {
  private static final String NAME = "libcuda.so.1";

  /** Where distributions, containers and WSL put it. */
  private static final List<String> USUAL =
      List.of(
          "/usr/lib/x86_64-linux-gnu",
          "/usr/lib/aarch64-linux-gnu",
          "/usr/lib64",
          "/usr/lib",
          "/usr/lib/wsl/lib",
          "/usr/local/nvidia/lib64",
          "/usr/local/cuda/compat",
          "/run/opengl-driver/lib");

  private DriverLibrary() {}

  /** Why there can be no device here, or nothing if loading is worth a try. */
  static Optional<String> whyAbsent() {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    if (system.contains("windows")) {
      return Optional.empty();
    }
    if (!system.contains("linux")) {
      return Optional.of("there is no CUDA driver for " + system);
    }
    return whyAbsent(searched(), Path.of("/dev/nvidiactl"));
  }

  /** As above, for given folders; the driver's control file outweighs a library not found. */
  static Optional<String> whyAbsent(List<Path> folders, Path control) {
    for (Path folder : folders) {
      if (Files.exists(folder.resolve(NAME))) {
        return Optional.empty();
      }
    }
    if (Files.exists(control)) {
      return Optional.empty();
    }
    return Optional.of(
        "no NVIDIA driver: "
            + NAME
            + " is in none of "
            + String.join(", ", folders.stream().map(Path::toString).toList())
            + ", and there is no "
            + control);
  }

  private static List<Path> searched() {
    List<String> names = new ArrayList<>();
    for (String list :
        new String[] {
          System.getenv().getOrDefault("LD_LIBRARY_PATH", ""),
          System.getProperty("java.library.path", "")
        }) {
      names.addAll(List.of(list.split(File.pathSeparator, -1)));
    }
    names.addAll(USUAL);
    return names.stream().filter(name -> !name.isEmpty()).distinct().map(Path::of).toList();
  }
}
