package io.verillm.tensorcommit.curve;

/** The contract for the backend {@code blst}. */
class BlstCurveTest extends CurveBackendContract {
  @Override
  CurveBackend subject() {
    return CurveBackends.require("blst");
  }
}
