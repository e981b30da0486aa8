package io.verillm.tensorcommit.selection;

import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;

/**
 * Measured detection power per layer as a text file, one line per layer in any order:
 *
 * <pre>
 *   # layer, share of deviations in it that a check of it found
 *   0,0.93
 *   1,1
 * </pre>
 *
 * <p>Empty lines and lines that begin with {@code #} are comments. It is a measurement of one
 * model, one class and one deviation; it says nothing about others.
 */
public final class DetectionPower {
  private static final int MOST_CHARACTERS = 1 << 20;

  private DetectionPower() {}

  /**
   * Reads a file's text.
   *
   * @param layers number of layers; each must be named once
   * @return shares in [0, 1] by layer
   * @throws MalformedMessageException if a line is none of the above, a layer is named twice or not
   *     at all, or a share is out of range; the offset is the line's number from 0
   */
  public static double[] parse(String text, int layers) throws MalformedMessageException {
    if (text.length() > MOST_CHARACTERS) {
      throw new MalformedMessageException("power", 0, "above " + MOST_CHARACTERS + " characters");
    }
    double[] power = new double[layers];
    Arrays.fill(power, -1);
    String[] lines = text.split("\r?\n", -1);
    for (int at = 0; at < lines.length; at++) {
      String line = lines[at].strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int comma = line.indexOf(',');
      int layer;
      double share;
      try {
        layer = Integer.parseInt(line.substring(0, Math.max(0, comma)).strip());
        share = Double.parseDouble(line.substring(comma + 1).strip());
      } catch (NumberFormatException e) {
        throw new MalformedMessageException("power", at, "'" + line + "' is not layer,share");
      }
      if (layer < 0 || layer >= layers || !(share >= 0 && share <= 1) || power[layer] >= 0) {
        throw new MalformedMessageException(
            "power", at, "'" + line + "' is out of range or its layer was there before");
      }
      power[layer] = share;
    }
    for (int layer = 0; layer < layers; layer++) {
      if (power[layer] < 0) {
        throw new MalformedMessageException(
            "power", lines.length, "layer " + layer + " is missing");
      }
    }
    return power;
  }
}
