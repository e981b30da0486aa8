package io.verillm.cli;

import io.verillm.stats.compare.MalformedObservationException;
import io.verillm.stats.compare.Observation;
import io.verillm.stats.compare.ObservationReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** A file of observations, one JSON object a line, of one kind. */
record ObservationFile(Path file, List<Observation> observations) {
  private static final String FORMAT =
      "one JSON object a line: \"prompt\" and one of \"tokens\", \"text\", \"logprobs\","
          + " \"embedding\"";

  /** Reads a file; what is wrong with it is a {@link CommandFailure} that names file and line. */
  static ObservationFile read(Path file) throws IOException {
    List<Observation> observations;
    try (Reader reader = Files.newBufferedReader(file)) {
      observations = ObservationReader.readAll(reader);
    } catch (NoSuchFileException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT, "there is no file " + file, "check the path, or collect answers");
    } catch (CharacterCodingException e) {
      throw unfit(file + " is not UTF-8 text");
    } catch (MalformedObservationException e) {
      throw unfit(file + ", " + e.getMessage());
    }
    if (observations.isEmpty()) {
      throw unfit(file + " holds no observation");
    }
    ObservationFile result = new ObservationFile(file, observations);
    result.requireOneKind();
    return result;
  }

  private static CommandFailure unfit(String problem) {
    return new CommandFailure(ExitCode.ENVIRONMENT, problem, FORMAT);
  }

  String kind() {
    return observations.get(0).getClass().getSimpleName();
  }

  /** Returns the number of components of the first embedding, 0 for other kinds. */
  int width() {
    return width(observations.get(0));
  }

  private static int width(Observation observation) {
    return observation instanceof Observation.Embedding e ? e.components().size() : 0;
  }

  private void requireOneKind() {
    for (Observation observation : observations) {
      if (observation.getClass() != observations.get(0).getClass()) {
        throw unfit(file + " mixes " + kind() + " and " + observation.getClass().getSimpleName());
      }
      if (width(observation) != width()) {
        throw unfit(file + " mixes embeddings of different lengths");
      }
    }
  }

  /** Throws {@link CommandFailure} unless both files hold the same kind of observation. */
  void requireComparable(ObservationFile other) {
    if (!kind().equals(other.kind())) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          file + " holds " + kind() + ", " + other.file + " holds " + other.kind(),
          "compare two files of one kind");
    }
    if (width() != other.width()) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          file
              + " and "
              + other.file
              + " hold embeddings of "
              + width()
              + " and "
              + other.width()
              + " components",
          "embed both files with the same model");
    }
  }
}
