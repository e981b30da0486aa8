package io.verillm.cli;

import io.verillm.core.wire.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Flips one byte of a file, to see what a verifier says. */
@Command(
    name = "tamper",
    mixinStandardHelpOptions = true,
    description = "Flips one bit of one byte in a copy of a file, or in place with --in-place.")
final class TamperCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "receipt.cose, opening.cose, trace.vtrace, …")
  private Path file;

  @Option(names = "--byte", required = true, description = "offset; negative counts from the end")
  private long offset;

  @Option(names = "--bit", defaultValue = "0", description = "bit to flip, 0 to 7; default 0")
  private int bit;

  @Option(names = "--out", description = "file to write; default FILE.tampered")
  private @Nullable Path out;

  @Option(names = "--in-place", description = "overwrite FILE itself")
  private boolean inPlace;

  @Mixin private OutputOption output;

  @Override
  public Integer call() throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    long at = offset < 0 ? bytes.length + offset : offset;
    if (at < 0 || at >= bytes.length) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "offset " + offset + " is not in " + file + ", which has " + bytes.length + " bytes",
          "choose an offset below " + bytes.length);
    }
    if (bit < 0 || bit > 7) {
      throw new CommandFailure(ExitCode.USAGE, "bit " + bit + " is not in 0..7", "--bit 0");
    }
    bytes[(int) at] ^= (byte) (1 << bit);
    Path chosen = out;
    Path target = inPlace ? file : chosen != null ? chosen : Path.of(file + ".tampered");
    AtomicFile.write(target, bytes);
    if (output.json()) {
      output.print(spec, Json.object().put("file", target.toString()).put("offset", at));
    } else {
      output.say(spec, target + ": bit " + bit + " of byte " + at + " flipped");
    }
    return ExitCode.ACCEPTED;
  }
}
