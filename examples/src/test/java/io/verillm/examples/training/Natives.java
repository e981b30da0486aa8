package io.verillm.examples.training;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** Skips tests of the trainer where libtorch is not on the class path: without profile train. */
final class Natives {

  private Natives() {}

  static void assumePresent() {
    String folder = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "/";
    boolean present = Natives.class.getResource(folder + System.mapLibraryName("torch")) != null;
    assumeTrue(present, "libtorch is not on the class path; it comes with -Ptrain");
    torch.set_num_threads(1);
  }
}
