package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.AtomicFile;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.CommittedTensor;
import io.verillm.tensorcommit.Region;
import io.verillm.tensorcommit.TensorCommitmentScheme;
import io.verillm.tensorcommit.TensorCommitmentScheme.Claim;
import io.verillm.tensorcommit.TensorCommitmentScheme.OpenRequest;
import io.verillm.tensorcommit.TensorOpening;
import io.verillm.tensorcommit.TensorRoot;
import io.verillm.tensorcommit.TensorStatement;
import io.verillm.tensorcommit.TensorVerdict;
import io.verillm.tensorcommit.curve.CurveBackends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Opening a region of a committed tensor, and checking that. */
final class TensorQuestion {
  private static final long MAX_ROOT_BYTES = 4096;

  @Option(
      names = "--at",
      paramLabel = "REGION",
      description = "with --tensor: one item per axis, such as 7,0:16 or 7,:")
  private @Nullable String at;

  @Option(
      names = "--nonce",
      paramLabel = "HEX",
      description = "with --tensor: 32 bytes that the verifier drew after it had the commitment")
  private @Nullable String nonce;

  private Digest32 nonce() {
    if (nonce == null) {
      return TensorStatement.NONE;
    }
    try {
      return Digest32.parse(nonce);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "--nonce is not 64 hexadecimal digits", "openssl rand -hex 32");
    }
  }

  private Region region(Shape shape) {
    if (at == null) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "which region of the tensor of shape " + shape + "?",
          "--at " + "0,".repeat(shape.rank() - 1) + ": for its first row");
    }
    return Region.parse(at, shape);
  }

  /** Opens a region and writes the opening. */
  void open(
      CommandSpec spec,
      OutputOption output,
      TensorFile.Choice choice,
      Path file,
      @Nullable Path out)
      throws IOException, MalformedMessageException {
    TensorFile chosen = choice.open(file);
    Region region = region(chosen.tensor().shape());
    TensorCommitmentScheme scheme =
        TensorFile.scheme(choice.scheme("kzg"), chosen.tensor().shape());
    CommittedTensor committed;
    try (Progress progress =
        output.progress(spec, "committing", chosen.tensor().shape().dimension(0))) {
      committed = chosen.commit(scheme, progress);
    }
    TensorOpening opening = scheme.open(List.of(new OpenRequest(committed, region)), nonce());
    byte[] bytes = opening.encode();
    Path target = out == null ? chosen.beside(file, ".opening") : out;
    AtomicFile.write(target, bytes);
    if (output.json()) {
      output.print(
          spec,
          Json.object()
              .put("opening", target.toString())
              .put("tensor", chosen.name())
              .put("region", region.toString())
              .put("elements", region.elements())
              .put("scheme", scheme.name())
              .put("bytes", bytes.length)
              .put("proofBytes", opening.proofBytes())
              .put("replayable", nonce == null));
      return;
    }
    output.say(
        spec,
        target
            + ": "
            + region.elements()
            + " elements at "
            + region
            + ", proof of "
            + opening.proofBytes()
            + " bytes");
    if (nonce == null) {
      output.say(spec, "  without --nonce it answers no verifier in particular");
    }
    output.say(
        spec,
        "  next: verillm verify "
            + chosen.beside(file, ".root")
            + " --tensor "
            + chosen.name()
            + " --opening "
            + target
            + " --at "
            + at);
  }

  /**
   * Checks an opening against a commitment.
   *
   * @param against file whose tensor of the name must have the opened elements, or null
   * @param insecure accept under a setup whose secret is known
   * @return the exit code
   */
  int verify(
      CommandSpec spec,
      OutputOption output,
      TensorFile.Choice choice,
      Path commitment,
      Path openingFile,
      @Nullable Path against,
      boolean insecure)
      throws IOException, MalformedMessageException {
    TensorRoot root = TensorRoot.decode(read(commitment, MAX_ROOT_BYTES));
    TensorStatement statement = root.statement();
    Region region = region(statement.shape());
    TensorOpening opening =
        TensorOpening.decode(read(openingFile, TensorOpening.MAX_BYTES), CurveBackends.best());
    String tensor = choice.tensorName();
    ObjectNode line = Json.object();
    line.put("commitment", commitment.toString());
    line.put("tensor", tensor);
    line.put("scheme", statement.scheme());
    line.put("region", region.toString());
    String problem = null;
    if (!statement.context().equals(TensorFile.context(tensor))) {
      problem = "the commitment is not one to a tensor of the name " + tensor;
    } else if (choice.hasScheme() && !choice.scheme("").equals(statement.scheme())) {
      problem = "the commitment is of the scheme " + statement.scheme();
    }
    boolean insecureSetup = false;
    String said = "";
    if (problem == null) {
      TensorCommitmentScheme scheme;
      try {
        scheme = TensorFile.scheme(statement.scheme(), statement.shape());
      } catch (IllegalArgumentException e) {
        throw new CommandFailure(
            ExitCode.ENVIRONMENT,
            commitment + ": " + e.getMessage(),
            "a newer verillm may know it; verillm commit writes what this one knows");
      }
      TensorVerdict verdict = scheme.verify(List.of(new Claim(root, region)), nonce(), opening);
      line.put("outcome", verdict.outcome().name());
      insecureSetup = verdict.insecureSetup();
      said = verdict.statement();
      if (!verdict.verified()) {
        problem = said;
      } else if (against != null && !holds(choice, against, region, opening)) {
        problem = "the opened elements are not those of " + tensor + " in " + against;
      }
    }
    line.put("verified", problem == null);
    line.put("insecureSetup", insecureSetup);
    line.put("statement", problem == null ? said : problem);
    int code =
        problem != null
            ? ExitCode.REJECTED
            : insecureSetup && !insecure ? ExitCode.UNDECIDED : ExitCode.ACCEPTED;
    if (output.json()) {
      output.print(spec, line);
    } else {
      String word =
          code == ExitCode.ACCEPTED
              ? "VERIFIED"
              : code == ExitCode.REJECTED ? "NOT VERIFIED" : "UNDECIDED";
      output.say(spec, commitment + ": " + word + " at " + region);
      output.say(spec, "  " + (problem == null ? said : problem));
      if (code == ExitCode.UNDECIDED) {
        output.say(spec, "  --insecure takes it for what it is");
      }
    }
    return code;
  }

  private static boolean holds(
      TensorFile.Choice choice, Path file, Region region, TensorOpening opening)
      throws IOException, MalformedMessageException {
    TensorFile other = choice.open(file);
    TensorView tensor = other.tensor();
    if (!region.isIn(tensor.shape())) {
      return false;
    }
    return Arrays.equals(region.read(tensor), opening.opened().get(0).toByteArray());
  }

  private static byte[] read(Path file, long most) throws IOException {
    if (!Files.exists(file)) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "there is no file " + file,
          "verillm commit and verillm open write such files");
    }
    long size = Files.size(file);
    if (size > most) {
      throw new IOException(file + " has " + size + " bytes, the limit is " + most);
    }
    return Files.readAllBytes(file);
  }
}
