package io.verillm.cli;

import io.verillm.tensorcommit.curve.CurveBackends;
import io.verillm.tensorcommit.vector.KzgSetup;

/** The Ethereum ceremony's setup, loaded and checked once, where it is needed at all. */
final class Ceremony {
  private Ceremony() {}

  private static final class Loaded {
    static final KzgSetup SETUP = KzgSetup.ethereum(CurveBackends.best());
  }

  static KzgSetup setup() {
    return Loaded.SETUP;
  }
}
