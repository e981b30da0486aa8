package io.verillm.core.verdict;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The messages of one job as bytes, unchecked. Absent ones make a verdict inconclusive.
 *
 * <p>The arrays are not copied; nobody may write to them afterwards.
 */
public final class Submission {
  /** File name of the signed order in a job's folder. */
  public static final String ORDER_FILE = "order.cose";

  /** File name of the signed receipt. */
  public static final String RECEIPT_FILE = "receipt.cose";

  /** File name of the signed ack. */
  public static final String ACK_FILE = "ack.cose";

  /** File name of the signed challenge. */
  public static final String CHALLENGE_FILE = "challenge.cose";

  /** File name of the signed opening. */
  public static final String OPENING_FILE = "opening.cose";

  /** File name of the signed sketches, where the prover shows sketches of cache rows. */
  public static final String SKETCHES_FILE = "sketches.cose";

  /** File name of the signed ack of the sketches. */
  public static final String SKETCH_ACK_FILE = "sketch-ack.cose";

  /** File name of the signed challenge that draws spots among the sketches. */
  public static final String SPOTS_FILE = "spots.cose";

  /** File name of the request's bytes. */
  public static final String REQUEST_FILE = "request.txt";

  private final Optional<byte[]> order;
  private final Optional<byte[]> receipt;
  private final Optional<byte[]> ack;
  private final Optional<byte[]> challenge;
  private final Optional<byte[]> opening;
  private final Optional<byte[]> request;
  private final Optional<byte[]> sketches;
  private final Optional<byte[]> sketchAck;
  private final Optional<byte[]> spots;

  /** Makes a submission from encoded messages. */
  public Submission(
      Optional<byte[]> order,
      Optional<byte[]> receipt,
      Optional<byte[]> ack,
      Optional<byte[]> challenge,
      Optional<byte[]> opening,
      Optional<byte[]> request) {
    this(
        order,
        receipt,
        ack,
        challenge,
        opening,
        request,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private Submission(
      Optional<byte[]> order,
      Optional<byte[]> receipt,
      Optional<byte[]> ack,
      Optional<byte[]> challenge,
      Optional<byte[]> opening,
      Optional<byte[]> request,
      Optional<byte[]> sketches,
      Optional<byte[]> sketchAck,
      Optional<byte[]> spots) {
    this.order = order;
    this.receipt = receipt;
    this.ack = ack;
    this.challenge = challenge;
    this.opening = opening;
    this.request = request;
    this.sketches = sketches;
    this.sketchAck = sketchAck;
    this.spots = spots;
  }

  /**
   * The same job with the second round of a prover that shows sketches; the opening is then that of
   * the spots.
   */
  public Submission withSketches(
      Optional<byte[]> shown, Optional<byte[]> acknowledged, Optional<byte[]> drawn) {
    return new Submission(
        order, receipt, ack, challenge, opening, request, shown, acknowledged, drawn);
  }

  /**
   * Reads a job's folder; a file that is not there is an absent message.
   *
   * @param maxFileBytes larger files are refused before they are read
   * @throws IOException if a file cannot be read or is larger
   */
  public static Submission read(Path folder, long maxFileBytes) throws IOException {
    return new Submission(
        readIfPresent(folder.resolve(ORDER_FILE), maxFileBytes),
        readIfPresent(folder.resolve(RECEIPT_FILE), maxFileBytes),
        readIfPresent(folder.resolve(ACK_FILE), maxFileBytes),
        readIfPresent(folder.resolve(CHALLENGE_FILE), maxFileBytes),
        readIfPresent(folder.resolve(OPENING_FILE), maxFileBytes),
        readIfPresent(folder.resolve(REQUEST_FILE), maxFileBytes),
        readIfPresent(folder.resolve(SKETCHES_FILE), maxFileBytes),
        readIfPresent(folder.resolve(SKETCH_ACK_FILE), maxFileBytes),
        readIfPresent(folder.resolve(SPOTS_FILE), maxFileBytes));
  }

  private static Optional<byte[]> readIfPresent(Path file, long maxFileBytes) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    long size = Files.size(file);
    if (size > maxFileBytes) {
      throw new IOException(file + " has " + size + " bytes, the limit is " + maxFileBytes);
    }
    return Optional.of(Files.readAllBytes(file));
  }

  Optional<byte[]> order() {
    return order;
  }

  Optional<byte[]> receipt() {
    return receipt;
  }

  Optional<byte[]> ack() {
    return ack;
  }

  Optional<byte[]> challenge() {
    return challenge;
  }

  Optional<byte[]> opening() {
    return opening;
  }

  Optional<byte[]> request() {
    return request;
  }

  Optional<byte[]> sketches() {
    return sketches;
  }

  Optional<byte[]> sketchAck() {
    return sketchAck;
  }

  Optional<byte[]> spots() {
    return spots;
  }
}
