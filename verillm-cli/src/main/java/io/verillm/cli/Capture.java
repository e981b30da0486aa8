package io.verillm.cli;

import io.verillm.core.order.JobOrder;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.Submission;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What a prover commits for every token. */
enum Capture {
  /** Keys, values and the last block's output. */
  DEFAULT,
  /** Keys and values. */
  KV;

  /** Types in which rows are committed. */
  static final List<DType> TYPES = List.of(DType.F32, DType.BF16);

  static Capture of(String name) {
    for (Capture one : values()) {
      if (one.name().toLowerCase(Locale.ROOT).equals(name)) {
        return one;
      }
    }
    throw new CommandFailure(
        ExitCode.USAGE, "--capture " + name + " is not known", "give default or kv");
  }

  TraceProfile profile(DType dtype) {
    return this == KV ? TraceProfile.keysAndValues(dtype) : TraceProfile.standard(dtype);
  }

  private boolean has(Digest32 profile) {
    return TYPES.stream().anyMatch(dtype -> profile(dtype).digest().equals(profile));
  }

  /** Whether the order in a job folder asks for keys and values only; false if none is readable. */
  static boolean isKv(Path job) throws IOException {
    Path file = job.resolve(Submission.ORDER_FILE);
    if (!Files.exists(file)) {
      return false;
    }
    try {
      return KV.has(
          JobOrder.decode(SignedMessage.decode(Files.readAllBytes(file)).payload()).profile());
    } catch (MalformedMessageException e) {
      return false; // what is wrong with it, the verifier says
    }
  }
}
