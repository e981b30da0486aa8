package io.verillm.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.wire.Digest32;
import io.verillm.demo.DemoModel;
import io.verillm.exec.Models;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SkippedLayerExecutorTest {
  private static final int SKIPPED = 1;

  @TempDir Path scratch;

  /** A prover that leaves a block out still commits to every row that its profile names. */
  @Test
  void decodeStep_profileWithEveryInput_leavesNoRowOut() throws Exception {
    Path folder = DemoModel.MAIN.copyTo(scratch.resolve("model"));
    Path without = AlteredWeights.withoutBlock(folder, scratch.resolve("shortened"), SKIPPED);
    try (Models.LoadedModel model = Models.load(folder);
        Models.LoadedModel shortened = Models.load(without)) {
      ModelExecutor complete = model.executor();
      for (TraceProfile profile :
          List.of(
              TraceProfile.standard(DType.F32),
              TraceProfile.verillm8(DType.F32),
              TraceProfile.dispute(DType.F32))) {
        TraceRecorder recorder =
            new TraceRecorder(
                profile,
                complete.dimensions(),
                new TraceId(Digest32.sha256()),
                JobSecret.copyOf(new byte[JobSecret.LENGTH]),
                new MemoryTrace());
        ModelExecutor skipping = new SkippedLayerExecutor(shortened.executor(), complete, SKIPPED);
        DecodeSession session = skipping.openSession(8, recorder);
        for (int token : new int[] {0, 300, 301}) {
          recorder.feed(token);
          skipping.decodeStep(session, token);
        }
        assertThat(recorder.incomplete()).isZero();
        assertThat(recorder.positions()).isEqualTo(3);
      }
    }
  }
}
