package io.verillm.cli;

import io.verillm.demo.DemoModel;
import io.verillm.exec.RandomModel;
import io.verillm.testkit.study.StudyProver;
import java.io.IOException;
import java.nio.file.Path;

/** The model that a study is about. */
enum StudySubject {
  /** The larger shipped model. */
  MAIN,
  /** The smaller shipped one. */
  SIBLING,
  /** Fifty million parameters that nobody trained: its tokens say nothing, its rows do. */
  RANDOM;

  Path copyTo(Path folder) throws IOException {
    return switch (this) {
      case MAIN -> DemoModel.MAIN.copyTo(folder);
      case SIBLING -> DemoModel.SIBLING.copyTo(folder);
      case RANDOM -> RandomModel.fiftyMillion().writeTo(folder);
    };
  }

  /** Whether a prover of this model can be what its name says, and judged by what it shows. */
  boolean studies(StudyProver.Kind kind) {
    boolean bySibling = kind == StudyProver.Kind.SIBLING || kind == StudyProver.Kind.CHEAP_SIBLING;
    return switch (this) {
      case MAIN -> true;
      case SIBLING -> !bySibling;
      case RANDOM -> !bySibling && kind.showsInRows();
    };
  }
}
