package io.verillm.examples.training;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * The King James text in two disjoint parts: what the model learns from and what it is judged on.
 *
 * <p>Both parts have one verse per line and an empty line between chapters, in pure ASCII. A
 * chapter whose number within its book leaves 10 when divided by 20 is held out (57 of 1,189). The
 * book repeats itself (Kings and Chronicles, the Gospels), so the held-out part is easier than
 * foreign text would be, for the model and for every baseline that sees the training part.
 *
 * @param training chapters the tokenizer, the models and the baselines may see
 * @param heldOut chapters nothing is fitted to
 */
public record KjvText(String training, String heldOut) {

  /** SHA-256 of the training part's bytes. */
  public static final String TRAINING_SHA256 =
      "c5bffe2b7f057279310cd0b909316fb57f27c634d9aae6330a429c028aabbd9a";

  /** SHA-256 of the held-out part's bytes. */
  public static final String HELD_OUT_SHA256 =
      "179b998f2a0f6376161519bd2c3b71c36636a21352ddd4c676cebcf49c2900e0";

  static final String TRAINING_RESOURCE = "kjv-training.txt.gz";
  static final String HELD_OUT_RESOURCE = "kjv-held-out.txt.gz";

  private static final Pattern VERSE = Pattern.compile("(\\d?[A-Za-z]+)(\\d+):\\d+ (.*)");
  private static final int SPLIT_MODULUS = 20;
  private static final int HELD_OUT_REMAINDER = 10;

  /**
   * Returns the text that ships with this module, checked against its hashes.
   *
   * @throws IOException if a resource cannot be read
   * @throws IllegalStateException if a resource is not the published text
   */
  public static KjvText load() throws IOException {
    KjvText text = new KjvText(resource(TRAINING_RESOURCE), resource(HELD_OUT_RESOURCE));
    text.requirePublished();
    return text;
  }

  /**
   * Splits what the Debian reader prints for the whole book ({@code bible -f gen1:1-rev22:21}).
   *
   * @param readerOutput one verse a line, each with a prefix such as {@code 1Ki10:1} and a space
   * @throws IllegalArgumentException if a line has no such prefix
   */
  public static KjvText fromReaderOutput(String readerOutput) {
    StringBuilder training = new StringBuilder();
    StringBuilder heldOut = new StringBuilder();
    String previous = "";
    for (String line : (Iterable<String>) readerOutput.lines()::iterator) {
      Matcher verse = VERSE.matcher(line);
      if (!verse.matches()) {
        throw new IllegalArgumentException("no book, chapter and verse in front of: " + line);
      }
      int chapterNumber = Integer.parseInt(verse.group(2));
      String chapter = verse.group(1) + chapterNumber;
      StringBuilder part = chapterNumber % SPLIT_MODULUS == HELD_OUT_REMAINDER ? heldOut : training;
      if (!chapter.equals(previous) && part.length() > 0) {
        part.append('\n');
      }
      part.append(verse.group(3)).append('\n');
      previous = chapter;
    }
    return new KjvText(training.toString(), heldOut.toString());
  }

  /**
   * Returns the chapters of one part, verses joined by line feeds and none at the end.
   *
   * <p>Each becomes one document of the model. The two line feeds (one at the end of the file) that
   * are missing after it are what the end-of-text token stands for.
   */
  public static List<String> chapters(String part) {
    List<String> chapters = new ArrayList<>();
    for (String chapter : part.split("\n\n", -1)) {
      chapters.add(chapter.endsWith("\n") ? chapter.substring(0, chapter.length() - 1) : chapter);
    }
    return chapters;
  }

  void requirePublished() {
    requireHash("training", training, TRAINING_SHA256);
    requireHash("held-out", heldOut, HELD_OUT_SHA256);
  }

  private static void requireHash(String name, String part, String expected) {
    String actual = Hashes.sha256(part.getBytes(US_ASCII));
    if (!actual.equals(expected)) {
      throw new IllegalStateException(
          name + " text has SHA-256 " + actual + ", published is " + expected);
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream packed = KjvText.class.getResourceAsStream(name)) {
      if (packed == null) {
        throw new IOException("resource " + name + " is missing");
      }
      try (InputStream in = new GZIPInputStream(packed)) {
        return new String(in.readAllBytes(), US_ASCII);
      }
    }
  }
}
