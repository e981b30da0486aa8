package io.verillm.testkit.study;

import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.exec.calibration.TrialProver;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A prover's process: reads groups of orders, answers with receipts, reads challenges, answers with
 * openings, until its input ends. It sees what a prover sees and nothing else.
 *
 * <p>Frames are a count, then for each message its length and bytes; integers are big-endian.
 */
public final class ProverService {
  private static final int MAX_FRAMES = 1024;
  private static final int MAX_FRAME = 64 << 20;

  private ProverService() {}

  /**
   * Serves until the input ends.
   *
   * @param model digest that receipts claim
   * @param key the prover's key
   * @param beacon public key of the challenges' randomness
   * @param atOnce most orders in a group
   */
  public static void serve(
      StudyProver prover,
      Digest32 model,
      SigningKey key,
      VerifyingKey beacon,
      int atOnce,
      InputStream from,
      OutputStream to)
      throws IOException, MalformedMessageException {
    DataInputStream in = new DataInputStream(from);
    DataOutputStream out = new DataOutputStream(to);
    try (TrialProver answers =
        new TrialProver(
            key,
            model,
            prover.tokenizer(),
            TraceProfile.standard(DType.F32),
            prover.batches(),
            atOnce)) {
      while (true) {
        List<byte[]> group;
        try {
          group = read(in);
        } catch (EOFException e) {
          return;
        }
        List<JobOrder> orders = new ArrayList<>();
        for (byte[] one : group) {
          orders.add(JobOrder.decode(SignedMessage.decode(one).payload()));
        }
        List<TrialProver.Answered> answered = answers.answer(orders, ignored -> prover.generator());
        write(out, answered.stream().map(one -> one.receipt().encode()).toList());
        List<byte[]> challenges = read(in);
        List<byte[]> openings = new ArrayList<>();
        for (int i = 0; i < challenges.size(); i++) {
          TrialProver.Answered one = answered.get(i);
          openings.add(
              answers.open(
                  one,
                  Receipt.decode(one.receipt().payload()),
                  Challenge.decode(SignedMessage.decode(challenges.get(i)).payload()),
                  new VrfRandomness(beacon)));
        }
        write(out, openings);
      }
    }
  }

  /** Reads a group of frames. */
  public static List<byte[]> read(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > MAX_FRAMES) {
      throw new IOException(count + " frames");
    }
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = in.readInt();
      if (length < 0 || length > MAX_FRAME) {
        throw new IOException("frame of " + length + " bytes");
      }
      byte[] frame = new byte[length];
      in.readFully(frame);
      frames.add(frame);
    }
    return frames;
  }

  /** Writes a group of frames. */
  public static void write(DataOutputStream out, List<byte[]> frames) throws IOException {
    out.writeInt(frames.size());
    for (byte[] frame : frames) {
      out.writeInt(frame.length);
      out.write(frame);
    }
    out.flush();
  }
}
