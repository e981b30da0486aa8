package io.verillm.cli;

import io.verillm.core.wire.AtomicFile;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.demo.DemoModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The calibrations that are shipped with the demo model, signed for network {@code demo}. Their
 * signer is trusted because the jar is.
 */
final class DemoCalibration {
  private static final List<String> FILES =
      List.of("calibration-bf16-48.cose", "calibration-fp32-128.cose");

  private DemoCalibration() {}

  /** The signed profiles. */
  static List<byte[]> signed() throws IOException {
    List<byte[]> found = new ArrayList<>();
    for (String file : FILES) {
      try (InputStream in = DemoModel.class.getResourceAsStream("model/" + file)) {
        if (in != null) {
          found.add(in.readAllBytes());
        }
      }
    }
    return found;
  }

  /** Whose profiles they are. */
  static List<VerifyingKey> signers() throws IOException, MalformedMessageException {
    List<VerifyingKey> keys = new ArrayList<>();
    for (byte[] message : signed()) {
      VerifyingKey signer = SignedMessage.decode(message).signer();
      if (!keys.contains(signer)) {
        keys.add(signer);
      }
    }
    return keys;
  }

  /** Writes the admissible ones into a folder and returns the files. */
  static List<Path> copyTo(Path folder) throws IOException, MalformedMessageException {
    List<Path> files = new ArrayList<>();
    for (byte[] message : signed()) {
      if (ProfileView.isAdmissible(message)) {
        Path file = folder.resolve("calibration-" + (files.size() + 1) + ".cose");
        AtomicFile.write(file, message);
        files.add(file);
      }
    }
    return files;
  }
}
