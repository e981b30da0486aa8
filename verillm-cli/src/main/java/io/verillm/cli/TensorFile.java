package io.verillm.cli;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.SafetensorsReader;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.CommittedTensor;
import io.verillm.tensorcommit.TensorCommitmentScheme;
import io.verillm.tensorcommit.TensorSchemes;
import io.verillm.tensorcommit.curve.CurveBackends;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** One tensor of a safetensors file, and the scheme that commits to it. */
final class TensorFile {
  private static final byte[] CONTEXT_TAG =
      "verillm safetensors tensor v1".getBytes(StandardCharsets.US_ASCII);
  private static final int STEPS = 50;

  private final TensorView tensor;
  private final String name;

  private TensorFile(TensorView tensor, String name) {
    this.tensor = tensor;
    this.name = name;
  }

  /** Which tensor and which scheme. */
  static final class Choice {
    @Option(
        names = "--tensor",
        paramLabel = "NAME",
        description = "name of a tensor in a safetensors file")
    private @Nullable String tensor;

    @Option(
        names = "--scheme",
        description = {
          "merkle, kzg or terkle-kzg; for comparison, under a setup whose secret everybody",
          "knows: terkle-grid, multivariate, multilinear"
        })
    private @Nullable String scheme;

    boolean isTensor() {
      return tensor != null;
    }

    /** The name that was given. */
    String tensorName() {
      return Objects.requireNonNull(tensor, "tensor");
    }

    String scheme(String otherwise) {
      String chosen = scheme == null ? otherwise : scheme;
      if (!TensorSchemes.NAMES.contains(chosen)) {
        throw new CommandFailure(
            ExitCode.USAGE,
            "there is no scheme " + chosen,
            "--scheme " + String.join(", or ", TensorSchemes.NAMES));
      }
      return chosen;
    }

    boolean hasScheme() {
      return scheme != null;
    }

    /** Opens the file and finds the tensor. */
    TensorFile open(Path file) throws IOException, MalformedMessageException {
      if (!Files.exists(file)) {
        throw new CommandFailure(
            ExitCode.ENVIRONMENT,
            "there is no file " + file,
            "name a .safetensors file, or a model folder");
      }
      SafetensorsReader reader = SafetensorsReader.open(file);
      String wanted = tensor;
      if (wanted == null || !reader.contains(wanted)) {
        int count = reader.names().size();
        String some = String.join(", ", reader.names().subList(0, Math.min(8, count)));
        throw new CommandFailure(
            ExitCode.USAGE,
            wanted == null
                ? "which of the " + count + " tensors in " + file + "?"
                : file + " has no tensor " + wanted,
            "--tensor with one of: " + some + (count > 8 ? ", and " + (count - 8) + " more" : ""));
      }
      return new TensorFile(reader.tensor(wanted), wanted);
    }
  }

  /** What roots of a tensor of this name are bound to. */
  static Digest32 context(String name) {
    return Digest32.sha256(CONTEXT_TAG, name.getBytes(StandardCharsets.UTF_8));
  }

  Digest32 context() {
    return context(name);
  }

  static TensorCommitmentScheme scheme(String name, Shape shape) {
    return TensorSchemes.of(name, shape, CurveBackends.best(), Ceremony::setup);
  }

  TensorView tensor() {
    return tensor;
  }

  String name() {
    return name;
  }

  /** The file beside {@code file} that holds what belongs to this tensor. */
  Path beside(Path file, String suffix) {
    String plain = name.replaceAll("[^A-Za-z0-9._-]", "_");
    Path base = Files.isDirectory(file) ? file.resolve("model") : file;
    return base.resolveSibling(base.getFileName() + "." + plain + suffix);
  }

  /** Commits to the tensor, in steps along its first axis where that can be watched. */
  CommittedTensor commit(TensorCommitmentScheme scheme, Progress progress) {
    long rows = tensor.shape().dimension(0);
    long step = Math.max(1, (rows + STEPS - 1) / STEPS);
    if (rows <= step || scheme.name().startsWith("multi")) {
      CommittedTensor committed = scheme.commit(tensor, context());
      progress.stepTo(rows);
      return committed;
    }
    CommittedTensor committed = scheme.commit(rows(0, step), context());
    progress.stepTo(step);
    for (long from = step; from < rows; from += step) {
      committed.append(rows(from, Math.min(step, rows - from)));
      progress.stepTo(Math.min(rows, from + step));
    }
    return committed;
  }

  private TensorView rows(long from, long count) {
    long[] dimensions = tensor.shape().toArray();
    long rowBytes = tensor.shape().elements() / dimensions[0] * tensor.dtype().bytes();
    dimensions[0] = count;
    ByteBuffer bytes = tensor.bytes();
    bytes.position(Math.toIntExact(bytes.position() + from * rowBytes));
    bytes.limit(Math.toIntExact(bytes.position() + count * rowBytes));
    return TensorView.of(tensor.dtype(), Shape.of(dimensions), bytes);
  }

  DType dtype() {
    return tensor.dtype();
  }
}
