package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.wire.SignedMessage;
import io.verillm.demo.DemoModel;
import io.verillm.exec.ModelFolder;
import io.verillm.stats.calibration.CalibrationProfile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCalibrationTest {
  @TempDir private Path folder;

  @Test
  void signed_everyShippedProfile_isAdmissibleAndOfTheShippedModel() throws Exception {
    assertThat(DemoCalibration.signed()).isNotEmpty();
    assertThat(DemoCalibration.signers()).isNotEmpty();
    for (byte[] bytes : DemoCalibration.signed()) {
      SignedMessage message = SignedMessage.decode(bytes);
      assertThat(message.verify("demo")).isTrue();
      assertThat(message.verify("elsewhere")).isFalse();
      assertThat(ProfileView.isAdmissible(bytes)).isTrue();
      assertThat(CalibrationProfile.decode(message.payload()).model())
          .isEqualTo(
              ModelFolder.open(DemoModel.MAIN.copyTo(folder.resolve("model")))
                  .computeModelDigest());
    }
  }

  @Test
  void copyTo_folder_writesThemAll() throws Exception {
    assertThat(DemoCalibration.copyTo(folder)).hasSameSizeAs(DemoCalibration.signed());
    for (Path file : DemoCalibration.copyTo(folder)) {
      assertThat(DemoCalibration.signed()).contains(Files.readAllBytes(file));
    }
  }
}
