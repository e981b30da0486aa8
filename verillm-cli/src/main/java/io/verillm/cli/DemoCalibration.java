package io.verillm.cli;

import io.verillm.demo.DemoModel;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** The calibrations that are shipped with the demo model, signed for network {@code demo}. */
final class DemoCalibration {
  private static final List<String> FILES =
      List.of("model/calibration-48.cose", "model/calibration-128.cose");

  private DemoCalibration() {}

  /** The signed profiles. */
  static List<byte[]> signed() throws IOException {
    List<byte[]> found = new ArrayList<>();
    for (String file : FILES) {
      try (InputStream in = DemoModel.class.getResourceAsStream(file)) {
        if (in != null) {
          found.add(in.readAllBytes());
        }
      }
    }
    return found;
  }
}
