package io.verillm.network.message;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;

/** The first field of every payload of this package: key 1 is the version, and it is 1. */
final class Payloads {
  private static final int VERSION = 1;

  private Payloads() {}

  /** Opens a map of {@code entries} fields, the version included. */
  static CborWriter write(int entries) {
    return new CborWriter().map(entries).unsigned(1).unsigned(VERSION);
  }

  /** Opens a map of exactly {@code entries} fields and reads the version. */
  static CborReader read(byte[] payload, String name, int entries)
      throws MalformedMessageException {
    CborReader in = CborReader.of(payload);
    in.mapOf(name, entries);
    in.key(name + ".version", 1);
    if (in.unsigned(name + ".version", 255) != VERSION) {
      throw in.malformed(name + ".version", "unknown version");
    }
    return in;
  }

  /** The payload of a message that names a job and says nothing else. */
  static byte[] aboutJob(Digest32 job) {
    return write(2).unsigned(2).digest(job).toByteArray();
  }

  /** Reads what {@link #aboutJob} wrote. */
  static Digest32 job(byte[] payload, String name) throws MalformedMessageException {
    CborReader in = read(payload, name, 2);
    in.key(name + ".job", 2);
    Digest32 job = in.digest(name + ".job");
    in.end();
    return job;
  }
}
