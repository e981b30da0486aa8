package io.verillm.core.trace;

import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tree.MerkleTree;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The parts of a {@code .vtrace} file, in order:
 *
 * <pre>
 *   8 bytes   "VTRACE1\n"
 *   4 bytes   length of the header, big-endian
 *             header: CBOR map {1: version, 2: trace id, 3: profile as a byte string,
 *               4: [layers, hidden, key width, value width, vocabulary, positions], 5: secret}
 *             rows of every position that has a token root, each exactly bytesPerToken bytes
 *             footer: CBOR map {1: [position entry, …], 2: root of the log}
 *   8 bytes   length of the footer, big-endian
 *   32 bytes  SHA-256 of header and footer
 *   8 bytes   "VTRACED\n"
 * </pre>
 *
 * <p>The rows are guarded by the token roots in the footer, which every opening recomputes.
 */
final class TraceFileFormat {
  static final byte[] START = "VTRACE1\n".getBytes(StandardCharsets.US_ASCII);
  static final byte[] END = "VTRACED\n".getBytes(StandardCharsets.US_ASCII);
  static final int HEADER_OFFSET = START.length + Integer.BYTES;
  static final int TRAILER_BYTES = Long.BYTES + Digest32.LENGTH + END.length;
  static final int MAX_HEADER = 1 << 20;

  private static final int VERSION = 1;

  private TraceFileFormat() {}

  /** What the header says. */
  record Header(TraceId id, TraceLayout layout, JobSecret secret) {
    byte[] encode() {
      CborWriter out = new CborWriter();
      out.map(5).unsigned(1).unsigned(VERSION).unsigned(2).digest(id.digest());
      out.unsigned(3).bytes(layout.profile().encode());
      ModelDimensions sizes = layout.dimensions();
      out.unsigned(4).array(6).unsigned(sizes.layers()).unsigned(sizes.hidden());
      out.unsigned(sizes.keyWidth()).unsigned(sizes.valueWidth());
      out.unsigned(sizes.vocabulary()).unsigned(sizes.maxPositions());
      out.unsigned(5).bytes(secret.toByteArray());
      return out.toByteArray();
    }

    static Header decode(byte[] bytes) throws MalformedMessageException {
      CborReader in = CborReader.of(bytes);
      in.mapOf("trace-file.header", 5);
      in.key("trace-file.version", 1);
      if (in.unsigned("trace-file.version", 255) != VERSION) {
        throw new MalformedMessageException("trace-file.version", in.offset(), "not version 1");
      }
      in.key("trace-file.trace-id", 2);
      TraceId id = new TraceId(in.digest("trace-file.trace-id"));
      in.key("trace-file.profile", 3);
      TraceProfile profile = TraceProfile.decode(in.bytes("trace-file.profile", MAX_HEADER));
      in.key("trace-file.dimensions", 4);
      in.arrayOf("trace-file.dimensions", 6);
      int[] sizes = new int[6];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = (int) in.unsigned("trace-file.dimensions", Integer.MAX_VALUE);
      }
      in.key("trace-file.secret", 5);
      JobSecret secret = JobSecret.copyOf(in.bytesExactly("trace-file.secret", JobSecret.LENGTH));
      in.end();
      try {
        ModelDimensions dimensions =
            new ModelDimensions(sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5]);
        return new Header(id, TraceLayout.of(profile, dimensions), secret);
      } catch (IllegalArgumentException e) {
        throw new MalformedMessageException("trace-file.header", 0, String.valueOf(e.getMessage()));
      }
    }
  }

  /** What the footer says. */
  record Footer(List<PositionEntry> entries, Digest32 root) {
    byte[] encode() {
      CborWriter out = new CborWriter();
      out.map(2).unsigned(1).array(entries.size());
      for (PositionEntry entry : entries) {
        entry.write(out);
      }
      out.unsigned(2).digest(root);
      return out.toByteArray();
    }

    static Footer decode(byte[] bytes, Header header) throws MalformedMessageException {
      CborReader in = CborReader.of(bytes);
      in.mapOf("trace-file.footer", 2);
      in.key("trace-file.entries", 1);
      int count = in.array("trace-file.entries", MerkleTree.MAX_LEAVES - 1);
      List<PositionEntry> entries = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        long start = in.offset();
        PositionEntry entry = PositionEntry.read(in);
        boolean unfed = entry.tokenRoot() == null && !entry.loaded();
        if (entry.position() != i
            || entry.tokenId() >= header.layout().dimensions().vocabulary()
            || (unfed && i != count - 1)) {
          throw new MalformedMessageException(
              "trace-file.entries", start, "not the entry of position " + i + ": " + entry);
        }
        entries.add(entry);
      }
      in.key("trace-file.root", 2);
      long start = in.offset();
      Digest32 root = in.digest("trace-file.root");
      in.end();
      if (!root.equals(logRoot(header.id(), entries))) {
        throw new MalformedMessageException(
            "trace-file.root", start, "the entries lead to another root");
      }
      return new Footer(entries, root);
    }
  }

  static Digest32 logRoot(TraceId id, List<PositionEntry> entries) {
    MerkleTree log = new MerkleTree();
    log.append(TraceLog.leafZeroHash(id));
    for (PositionEntry entry : entries) {
      log.append(entry.leafHash());
    }
    return log.root();
  }
}
