package io.verillm.core.tree;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.List;

/** The wire form that all proofs share: an array of 32-byte strings. */
final class ProofNodes {
  private ProofNodes() {}

  static void write(CborWriter out, List<Digest32> nodes) {
    out.array(nodes.size());
    for (Digest32 node : nodes) {
      out.digest(node);
    }
  }

  static List<Digest32> read(CborReader in, String field, int max)
      throws MalformedMessageException {
    int count = in.array(field, max);
    List<Digest32> nodes = new ArrayList<>(Math.min(count, 1024));
    for (int i = 0; i < count; i++) {
      nodes.add(in.digest(field));
    }
    return nodes;
  }
}
