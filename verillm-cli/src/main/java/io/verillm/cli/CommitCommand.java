package io.verillm.cli;

import io.verillm.core.wire.AtomicFile;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.CommittedTensor;
import io.verillm.tensorcommit.SchemeCost;
import io.verillm.tensorcommit.TensorCommitmentScheme;
import io.verillm.tensorcommit.TensorRoot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Commits to a tensor of a file. */
@Command(
    name = "commit",
    mixinStandardHelpOptions = true,
    description = {
      "Commits to one tensor of a safetensors file; the commitment is a file of about 150 bytes.",
      "It binds elements to places. It does not prove that a model computed them."
    })
final class CommitCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "safetensors file or model folder")
  private Path file;

  @Mixin private TensorFile.Choice choice;
  @Mixin private OutputOption output;

  @Option(names = "--out", description = "default: FILE.NAME.root")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException, MalformedMessageException {
    TensorFile chosen = choice.open(file);
    String name = choice.scheme("kzg");
    TensorCommitmentScheme scheme = TensorFile.scheme(name, chosen.tensor().shape());
    SchemeCost cost = scheme.cost(chosen.dtype(), chosen.tensor().shape());
    CommittedTensor committed;
    try (Progress progress =
        output.progress(spec, "committing", chosen.tensor().shape().dimension(0))) {
      committed = chosen.commit(scheme, progress);
    }
    TensorRoot root = committed.root();
    Path target = out == null ? chosen.beside(file, ".root") : out;
    AtomicFile.write(target, root.encode());
    if (output.json()) {
      output.print(
          spec,
          Json.object()
              .put("commitment", target.toString())
              .put("tensor", chosen.name())
              .put("dtype", chosen.dtype().safetensorsName())
              .put("shape", chosen.tensor().shape().toString())
              .put("scheme", name)
              .put("setup", scheme.setupId().toString())
              .put("root", HexFormat.of().formatHex(root.root()))
              .put("commitPoints", cost.commitPoints())
              .put("entryProofBytes", cost.entryProofBytes())
              .put("entryPairings", cost.entryPairings()));
    } else {
      output.say(
          spec, target + ": " + name + " root over " + chosen.dtype() + chosen.tensor().shape());
      output.say(spec, "  root " + HexFormat.of().formatHex(root.root()));
      output.say(spec, "  the proof of one entry takes " + cost.entryProofBytes() + " bytes");
      output.say(
          spec,
          "  next: verillm open "
              + file
              + " --tensor "
              + chosen.name()
              + " --scheme "
              + name
              + " --at "
              + "0,".repeat(chosen.tensor().shape().rank() - 1)
              + ":");
    }
    return ExitCode.ACCEPTED;
  }
}
