package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.core.spi.KernelProvider;
import io.verillm.core.spi.KernelSelection;
import io.verillm.demo.DemoModel;
import io.verillm.exec.torch.Libtorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says what this machine can do, and how to mend what it cannot. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = "Checks Java, memory, folders, the tokenizer library and the demo model.")
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OutputOption output;

  /** One line of the report. */
  private record Line(String what, boolean fine, boolean optional, String found, String advice) {
    Line(String what, boolean fine, String found, String advice) {
      this(what, fine, false, found, advice);
    }

    String mark() {
      return fine ? "ok    " : optional ? "--    " : "FAIL  ";
    }
  }

  @Override
  public Integer call() {
    List<Line> lines = new ArrayList<>();
    int feature = Runtime.version().feature();
    lines.add(
        new Line("Java", feature >= 17, Runtime.version().toString(), "install a JDK 17 or newer"));
    long heap = Runtime.getRuntime().maxMemory() >> 20;
    lines.add(new Line("heap", heap >= 512, heap + " MiB", "run java with -Xmx1g or more"));
    lines.add(
        new Line(
            "processors",
            true,
            Runtime.getRuntime().availableProcessors() + " x " + System.getProperty("os.arch"),
            ""));
    lines.add(temporaryFolder());
    lines.add(demoModel());
    lines.add(libtorch());
    lines.add(cuda());
    boolean fine = lines.stream().allMatch(line -> line.fine() || line.optional());
    if (output.json()) {
      ObjectNode root = Json.object();
      root.put("fine", fine);
      ArrayNode list = root.putArray("checks");
      for (Line line : lines) {
        list.addObject()
            .put("check", line.what())
            .put("fine", line.fine())
            .put("optional", line.optional())
            .put("found", line.found())
            .put("advice", line.fine() ? "" : line.advice());
      }
      output.print(spec, root);
    } else {
      for (Line line : lines) {
        output.say(spec, line.mark() + line.what() + ": " + line.found());
        if (!line.fine()) {
          output.say(spec, "      next: " + line.advice());
        }
      }
    }
    return fine ? ExitCode.ACCEPTED : ExitCode.ENVIRONMENT;
  }

  private static Line temporaryFolder() {
    String what = "temporary folder";
    String advice = "point java.io.tmpdir at a folder that can be written";
    try {
      Path probe = Files.createTempFile("verillm", ".probe");
      Files.delete(probe);
      return new Line(what, true, String.valueOf(probe.getParent()), advice);
    } catch (IOException e) {
      return new Line(what, false, String.valueOf(e.getMessage()), advice);
    }
  }

  /** Optional: everything works without it, slower. */
  private static Line libtorch() {
    String what = "libtorch";
    if (Libtorch.probe() instanceof Libtorch.Probe.Usable found) {
      return new Line(
          what,
          true,
          true,
          found.version()
              + ", "
              + found.capability()
              + ", "
              + found.blas()
              + (found.cuda() ? ", CUDA" : ", no CUDA"),
          "");
    }
    Libtorch.Probe.Unusable missing = (Libtorch.Probe.Unusable) Libtorch.probe();
    return new Line(
        what,
        false,
        true,
        missing.why() + " (optional)",
        "in a checkout: mvn -Plibtorch -DskipTests -pl verillm-cli -am package; elsewhere "
            + missing.advice());
  }

  /** Optional too: the same bits as plain Java, on a device. */
  private static Line cuda() {
    String what = "CUDA kernels";
    KernelProvider.Probe probe = KernelSelection.load().probe("cuda");
    if (probe instanceof KernelProvider.Probe.Usable usable) {
      return new Line(what, true, true, usable.kernels().toString(), "");
    }
    return new Line(
        what,
        false,
        true,
        ((KernelProvider.Probe.Unusable) probe).why() + " (optional)",
        "install NVIDIA's driver and the CUDA 13 runtime (libcudart.so.13), then in a checkout:"
            + " mvn -Pcuda-bindings -DskipTests -pl verillm-cli -am package; elsewhere add"
            + " org.bytedeco:cuda with its natives to the class path");
  }

  /** Loads model and tokenizer and runs one token, which also probes the native tokenizer. */
  private static Line demoModel() {
    String what = "demo model";
    String advice =
        "build again with mvn package; the tokenizer needs a 64-bit Linux, macOS or" + " Windows";
    try {
      Path copy = Files.createTempDirectory("verillm-doctor");
      try (LoadedModel model = LoadedModel.load(DemoModel.MAIN.copyTo(copy), "canonical")) {
        int tokens = model.tokenizer().encode("In the beginning", false).length;
        return new Line(
            what,
            tokens > 0,
            model.executor().modelDigest().shortHex()
                + ", "
                + model.executor().dimensions().layers()
                + " layers, "
                + model.executor().describe(),
            advice);
      } finally {
        Folders.delete(copy);
      }
    } catch (IOException | RuntimeException | LinkageError e) {
      return new Line(what, false, e.toString(), advice);
    }
  }
}
