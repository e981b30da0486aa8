package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.exec.ModelFolder;
import io.verillm.exec.RandomModel;
import io.verillm.stats.calibration.CalibrationProfile;
import io.verillm.testkit.study.StudyClass;
import io.verillm.testkit.study.StudyProver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudySubjectTest {
  @TempDir Path folder;

  private static Set<StudyProver.Kind> studied(StudySubject subject) {
    Set<StudyProver.Kind> kinds = EnumSet.allOf(StudyProver.Kind.class);
    kinds.removeIf(kind -> !subject.studies(kind));
    return kinds;
  }

  @Test
  void studies_eachSubject_leavesOutWhatItCannotShow() {
    assertThat(studied(StudySubject.MAIN)).hasSize(StudyProver.Kind.values().length);
    assertThat(EnumSet.complementOf(EnumSet.copyOf(studied(StudySubject.SIBLING))))
        .containsExactlyInAnyOrder(StudyProver.Kind.SIBLING, StudyProver.Kind.CHEAP_SIBLING);
    assertThat(studied(StudySubject.RANDOM))
        .contains(StudyProver.Kind.HONEST, StudyProver.Kind.INT4, StudyProver.Kind.TRUNCATED_CACHE)
        .doesNotContain(
            StudyProver.Kind.SIBLING,
            StudyProver.Kind.CHEAP_INT4,
            StudyProver.Kind.CHEAP_SIBLING,
            StudyProver.Kind.WRONG_SEED,
            StudyProver.Kind.TOP_K,
            StudyProver.Kind.COOLER,
            StudyProver.Kind.WARMER,
            StudyProver.Kind.ALTERED_TOKEN);
  }

  @Test
  void random_sizes_areFiftyMillionAtLeast() throws Exception {
    ModelFolder model = ModelFolder.open(StudySubject.RANDOM.copyTo(folder.resolve("model")));
    assertThat(Files.size(folder.resolve("model/model.safetensors")))
        .isGreaterThan(4 * 50_000_000L);
    assertThat(model.config().dimensions().layers()).isEqualTo(6);
  }

  /** The path of the random model on a smaller one: untrained weights, judged by their rows. */
  @Test
  void judge_untrainedModel_tellsFourBitsByActivations() throws Exception {
    Path model =
        RandomModel.of("llama").sizes(3, 64, 128).vocabulary(512).writeTo(folder.resolve("small"));
    try (Study study = new Study(StudyClass.FP32, model, model, folder.resolve("scratch"), 24)) {
      CalibrationProfile profile = study.calibrate(600, Optional.empty(), ignored -> {});
      StudySummary honest = judge(study, profile, StudyProver.Kind.HONEST, 16);
      assertThat(honest.detected()).isZero();
      assertThat(honest.accepted()).isEqualTo(16);
      StudySummary int4 = judge(study, profile, StudyProver.Kind.INT4, 6);
      assertThat(int4.byActivations()).isEqualTo(6);
    }
  }

  private static StudySummary judge(
      Study study, CalibrationProfile profile, StudyProver.Kind kind, int requests)
      throws Exception {
    return StudySummary.of(kind, 24, study.judge(kind, profile, requests, ignored -> {}));
  }
}
