package io.verillm.tensorcommit.vector;

import io.verillm.tensorcommit.curve.CurveBackends;

/** The setup, loaded once for all tests. */
public final class EthereumSetup {
  private static final class Holder {
    static final KzgSetup SETUP = KzgSetup.ethereum(CurveBackends.best());
  }

  private EthereumSetup() {}

  public static KzgSetup get() {
    return Holder.SETUP;
  }
}
