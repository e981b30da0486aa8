package io.verillm.core.trace;

import io.verillm.core.tree.ReferenceTree;
import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The token tree as the design says it, leaf by leaf, with no care for speed. */
final class TokenTreeReference {
  private TokenTreeReference() {}

  static List<Digest32> leaves(
      TraceLayout layout, TraceSalts salts, int position, byte[] tokenRows) {
    List<Digest32> leaves = new ArrayList<>();
    int offset = 0;
    for (TraceLayout.Row row : layout.rows()) {
      int rowEnd = offset + row.rowBytes();
      for (int chunk = 0; offset < rowEnd; chunk++) {
        int end = Math.min(offset + layout.profile().chunkBytes(), rowEnd);
        byte[] salt = salts.salt((long) position * layout.leavesPerToken() + leaves.size());
        leaves.add(
            ChunkLeaf.hash(
                Arrays.copyOfRange(tokenRows, offset, end),
                salt,
                row.key(),
                row.dtype(),
                position,
                chunk,
                row.rowBytes()));
        offset = end;
      }
    }
    return leaves;
  }

  static Digest32 root(TraceLayout layout, TraceSalts salts, int position, byte[] tokenRows) {
    return ReferenceTree.root(leaves(layout, salts, position, tokenRows));
  }
}
