package io.verillm.tensorcommit.curve;

/** The contract for the backend {@code java}. */
class JavaCurveTest extends CurveBackendContract {
  @Override
  CurveBackend subject() {
    return CurveBackends.require("java");
  }
}
