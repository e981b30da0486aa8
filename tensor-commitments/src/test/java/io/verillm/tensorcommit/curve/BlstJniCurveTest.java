package io.verillm.tensorcommit.curve;

/** The contract for the backend {@code blst-jni}. */
class BlstJniCurveTest extends CurveBackendContract {
  @Override
  CurveBackend subject() {
    return CurveBackends.require("blst-jni");
  }
}
